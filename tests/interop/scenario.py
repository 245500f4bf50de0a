"""What scenarios are made of: a cell with its clients, and the questions that are asked again and again."""
from __future__ import annotations

import dataclasses
import os
import struct
import subprocess
import time
from typing import Callable, Optional

from peers import Peer, Stage, Venue, check

SMALL = "8,9,31,32,33,100,1000,1376"
FRAGMENTED = "1377,3000,8192"
MEGABYTE = 1024 * 1024
LONG_RUN_MESSAGES = int(os.environ.get("INTEROP_MESSAGES", "10000000"))
# Of drivers that shall soon find out that a client is gone.
SHORT_TIMEOUTS = {"aeron_client_liveness_timeout": "1000ms", "aeron_publication_unblock_timeout": "1500ms"}


# What a scenario returns goes to the report.
Play = Callable[["Cell"], Optional[dict]]


@dataclasses.dataclass
class Scenario:
    name: str
    play: Play
    venues: list[str]         # names of the drivers, or pairs of drivers, on which it is played
    pairs: str                # which clients play it together; see `pairs_of` in run.py
    settings: dict[str, str]  # of the drivers


class Cell:
    """One pair of clients at one venue, playing one scenario on a stream of its own."""

    def __init__(self, venue: Venue, publisher_kind: str, subscriber_kind: str) -> None:
        self.venue = venue
        self.publisher_kind = publisher_kind
        self.subscriber_kind = subscriber_kind
        self.stream = venue.stream()
        self.peers: list[Peer] = []

    @property
    def stage(self) -> Stage:
        return self.venue.publisher_stage

    def peer(self, stage: Stage, kind: str, part: str) -> Peer:
        """The client that plays this part; its resources are closed behind the scenario."""
        peer = stage.pooled_peer(kind, part)
        if peer not in self.peers:
            self.peers.append(peer)
        return peer

    @property
    def publisher(self) -> Peer:
        return self.peer(self.venue.publisher_stage, self.publisher_kind, "publisher")

    @property
    def subscriber(self) -> Peer:
        return self.peer(self.venue.subscriber_stage, self.subscriber_kind, "subscriber")

    @property
    def neighbor(self) -> Peer:
        """A client as the subscriber's, on the driver of the publisher."""
        return self.peer(self.venue.publisher_stage, self.subscriber_kind, "neighbor")

    def port(self) -> int:
        """One that this venue has for itself as long as it is there."""
        return self.venue.lease_port()

    def restart(self, stage: Stage) -> None:
        """Kills the driver there and gives up its clients; a new one takes its place."""
        stage.driver.kill()
        self.peers = [peer for peer in self.peers if peer not in stage.peers]
        for peer in [peer for peer in stage.peers if peer.is_alive]:
            stage.retire(peer)
        stage.start_driver()

    def publish(self, peer: Peer | None = None, name: str = "p", channel: str = "aeron:ipc", kind: str = "shared") -> dict:
        return (peer or self.publisher).do("add-publication", **{"as": name}, channel=channel, stream=self.stream, kind=kind)

    def subscribe(self, peer: Peer | None = None, name: str = "s", channel: str = "aeron:ipc") -> dict:
        return (peer or self.subscriber).do("add-subscription", **{"as": name}, channel=channel, stream=self.stream)

    def connect(self, channel: str = "aeron:ipc", kind: str = "shared", subscription_channel: str | None = None) -> dict:
        """A subscription and a publication that see each other."""
        self.subscribe(channel=subscription_channel or channel)
        publication = self.publish(channel=channel, kind=kind)
        await_state(self.publisher, "connected", "p")
        await_state(self.subscriber, "connected", "s")
        return publication

    def transfer(self, messages: int, lengths: str, method: str = "offer", timeout: int = 20_000, first: int = 0,
                 readers: list[tuple[Peer, str]] | None = None) -> dict:
        """Sends, and receives at the same time; the same must arrive at all readers, in order. What the sender reported."""
        readers = readers or [(self.subscriber, "s")]
        for peer, name in readers:
            peer.start("receive", on=name, messages=messages, timeout=timeout)
        self.publisher.start("send", on="p", messages=messages, lengths=lengths, method=method, timeout=timeout,
                             first=first)
        # All answers are taken before one is judged: what a reader saw explains why a sender got stuck.
        sent, *received = [peer.finish(timeout / 1_000 + 40) for peer in [self.publisher, *[peer for peer, _ in readers]]]
        errors = [answer["error"] for answer in (sent, *received) if "error" in answer]
        check(not errors, "; ".join(f"{error['text']} ({error['code']})" for error in errors))
        for one in received:
            expect_arrival(one, {1: sent})
        return sent


def content(publisher: int, index: int, length: int) -> bytes:
    """Of a message as all clients send it; the length is a multiple of 8."""
    first = publisher << 32 | index
    words = [first] + [first * 0x9E3779B97F4A7C15 + i * 0xBF58476D1CE4E5B9 for i in range(1, length // 8)]
    return b"".join(struct.pack("<Q", word & 0xFFFF_FFFF_FFFF_FFFF) for word in words)


def await_state(peer: Peer, state: str, name: str = "", **options) -> None:
    peer.do("await", on=name, **{"is": state}, **options)


def await_value(what: str, read: Callable[[], int], expected: int) -> None:
    deadline = time.monotonic() + 10
    while (found := read()) != expected:
        check(time.monotonic() < deadline, f"{what}: {found}, expected {expected}")
        time.sleep(0.005)


def await_true(what: str, holds: Callable[[], bool]) -> None:
    await_value(what, lambda: int(holds()), 1)


def await_event(peer: Peer, kind: str, timeout: int = 10_000, **facts) -> dict:
    """The event with these facts; others of its kind, which belong to scenarios before, are dropped."""
    while True:
        event = peer.do("await-event", kind=kind, timeout=timeout)
        if all(event[name] == value for name, value in facts.items()):
            return event


def counters(peer: Peer, type_id: int, **options) -> list[dict]:
    return peer.do("read-counters", type=type_id, **options)["counters"]


def system_counter(peer: Peer, counter_id: int) -> int:
    """The value of one of the driver's own counters. spec: 06 §18"""
    return next(one["value"] for one in counters(peer, 0) if one["id"] == counter_id)


def expect_equal(what: str, found, expected) -> None:
    check(found == expected, f"{what}: {found!r}, expected {expected!r}")


def expect_arrival(received: dict, sent: dict[int, dict]) -> None:
    """`sent`: by publisher. Counts, checksums and the order of each publisher's messages must agree."""
    for publisher, facts in sent.items():
        arrived = received["publishers"].get(str(publisher))
        check(arrived is not None, f"nothing arrived from publisher {publisher}: {received}")
        expect_equal(f"messages of publisher {publisher}", arrived["messages"], facts["messages"])
        expect_equal(f"checksum of publisher {publisher}", arrived["checksum"], facts["checksum"])
        check(arrived["in_order"], f"messages of publisher {publisher} are out of order, or a reserved value is wrong")
    if len(sent) == 1:
        expect_equal("position behind the last message", received["position"], next(iter(sent.values()))["position"])


def expect_codes(cell: Cell, commands: list[tuple[str, str, str, int, int]]) -> None:
    """Each command (verb, kind, channel) is refused with the code of the C driver, which ours follows, or with that of
    the Java driver; 0: accepted."""
    differences = []
    for verb, kind, channel, c_code, java_code in commands:
        expected = java_code if cell.stage.driver_kind == "java" else c_code
        cell.publisher.start(verb, **{"as": "wrong"}, stream=cell.stream, channel=channel, kind=kind)
        answer = cell.publisher.finish()
        found = answer.get("error", {"code": 0, "text": "accepted"})
        if found["code"] != expected:
            differences.append(f"{verb} {kind} '{channel}': {found['code']} '{found['text']}', expected {expected}")
        if "error" not in answer:
            cell.publisher.do("close", on="wrong")
    check(not differences, "\n".join(differences))


def run_sample(stage: Stage, name: str, *arguments: str) -> str:
    """What a monitoring program of the Java artefact says of a driver."""
    command = stage.kit.sample_command(name, stage.directory, *arguments)
    outcome = subprocess.run(command, capture_output=True, text=True, timeout=30)
    expect_equal(f"exit status of {name} ({outcome.stderr.strip()[-300:]})", outcome.returncode, 0)
    return outcome.stdout
