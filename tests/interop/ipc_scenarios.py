"""What two clients and a driver must achieve together over IPC. Each scenario is written once; the runner plays it with
every pair of clients on every driver."""
from __future__ import annotations

import re
import signal

from monitoring import expect_one_view
from peers import Peer, check
from scenario import (FRAGMENTED, LONG_RUN_MESSAGES, MEGABYTE, SHORT_TIMEOUTS, SMALL, Cell, Play, Scenario, await_event,
                      await_state, await_true, expect_arrival, expect_codes, expect_equal, system_counter)

VENUES = ["cpperon", "java", "c"]
SMALL_TERMS = "aeron:ipc?term-length=64k"
PUBLICATION_LIMIT = 1  # a type of counters. spec: 06 §19.1
SCENARIOS: dict[str, Scenario] = {}


def scenario(pairs: str = "both", **settings: str):
    """`pairs`: both (publisher x subscriber) or one (each kind of client with itself); `settings`: of the driver."""
    def register(play: Play) -> Play:
        name = "ipc-" + play.__name__.replace("_", "-")
        SCENARIOS[name] = Scenario(name, play, VENUES, pairs, settings)
        return play
    return register


def both_kinds(cell: Cell, channel: str, messages: int, lengths: str, method: str = "offer") -> dict:
    for kind in ("shared", "exclusive"):
        publication = cell.connect(channel, kind)
        sent = cell.transfer(messages, lengths, method)
        cell.publisher.do("close", on="p")
        for event in ("available", "unavailable"):
            await_event(cell.subscriber, event, session=publication["session"])
        cell.subscriber.do("close", on="s")
        cell.stream = cell.venue.stream()
    return sent


@scenario()
def small_messages(cell: Cell) -> None:
    """Messages of up to one frame, by shared and exclusive publications."""
    both_kinds(cell, "aeron:ipc", 2_000, SMALL)


@scenario()
def fragmented_messages(cell: Cell) -> None:
    """Messages of several frames, in terms of 64 KiB."""
    both_kinds(cell, SMALL_TERMS, 300, FRAGMENTED)


@scenario()
def huge_messages(cell: Cell) -> None:
    """Messages of 16 MiB."""
    publication = cell.connect("aeron:ipc?term-length=128m", "exclusive")
    expect_equal("max_message", publication["max_message"], 16 * MEGABYTE)
    cell.transfer(3, str(16 * MEGABYTE))


@scenario()
def claims(cell: Cell) -> None:
    """Messages that are written in place."""
    both_kinds(cell, SMALL_TERMS, 2_000, SMALL, "claim")


@scenario()
def vectored_offers(cell: Cell) -> None:
    """Messages of several parts."""
    both_kinds(cell, SMALL_TERMS, 500, f"8,100,1376,{FRAGMENTED}", "vector")


@scenario()
def term_wrap(cell: Cell) -> None:
    """More than 40 terms of 64 KiB, one after the other."""
    sent = both_kinds(cell, SMALL_TERMS, 6_000, "1000,64,1376,40")
    check(sent["position"] > 40 * 65_536, f"fewer than 40 terms were used: position {sent['position']}")


# spec: 03-C79
@scenario(aeron_file_page_size="2m")
def gigabyte_terms(cell: Cell) -> None:
    """Terms of 1 GiB, on pages of 2 MiB."""
    both_kinds(cell, "aeron:ipc?term-length=1g", 300, FRAGMENTED)


@scenario()
def ten_million_messages(cell: Cell) -> None:
    """Each arrives once, in order; checksums agree."""
    cell.connect("aeron:ipc?term-length=1m", "exclusive")
    cell.transfer(LONG_RUN_MESSAGES, "32,40,64", timeout=300_000)


# spec: 03-C77
@scenario()
def concurrent_publishers(cell: Cell) -> None:
    """Publishers of two clients share one log; a subscriber of each client reads all of it."""
    first, second = cell.publisher, cell.subscriber
    channel = SMALL_TERMS
    cell.subscribe(first, "s", channel)
    cell.subscribe(second, "s", channel)
    sessions = [cell.publish(peer, "p", channel)["session"] for peer in (first, second)]
    check(sessions[0] == sessions[1], f"shared publications have different sessions: {sessions}")
    reader = cell.stage.pooled_peer(cell.subscriber_kind, "reader")
    other_reader = cell.stage.pooled_peer(cell.publisher_kind, "other reader")
    cell.peers += [reader, other_reader]
    for peer in (first, second):
        peer.do("close", on="s")
    for peer in (reader, other_reader):
        cell.subscribe(peer, "s", channel)
        await_state(peer, "images", "s", count=1)
    for peer in (first, second):
        await_state(peer, "connected", "p")
    for peer in (reader, other_reader):
        peer.start("receive", on="s", messages=20_000, timeout=20_000)
    for number, peer in enumerate((first, second), 1):
        peer.start("send", on="p", publisher=number, messages=10_000, lengths="40,100,3000,8", timeout=20_000)
    sent = {number: peer.result() for number, peer in enumerate((first, second), 1)}
    for peer in (reader, other_reader):
        expect_arrival(peer.result(), sent)


FRAME_OF_100 = 160  # what a message of 100 bytes takes in the log


def join(cell: Cell, peer: Peer, name: str, position: int) -> int:
    """Subscribes when everything up to `position` was consumed; how many messages of 100 bytes are delivered again. A
    subscriber joins where the driver's conductor last saw the others, which may be a moment ago, with every driver."""
    cell.subscribe(peer, name, SMALL_TERMS)
    return rejoin(peer, name, position)


def rejoin(peer: Peer, name: str, position: int) -> int:
    """The same for a subscription that gets its image anew."""
    await_state(peer, "images", name, count=1)
    (image,) = peer.do("images", on=name)["images"]
    check(0 <= image["join"] <= position, f"joined at {image['join']}, the stream is at {position}")
    expect_equal("position of the late joiner", image["position"], image["join"])
    return (position - image["join"]) // FRAME_OF_100


def expect_rest(received: dict, messages: int, position: int) -> None:
    expect_equal("messages of the late joiner", received["messages"], messages)
    expect_equal("position behind its last message", received["position"], position)
    check(received["publishers"]["1"]["in_order"], f"out of order, or a wrong reserved value: {received}")


@scenario()
def late_joiner(cell: Cell) -> None:
    """A second subscriber begins where the first one is."""
    cell.connect(SMALL_TERMS)
    sent = cell.transfer(1_000, "100")
    late = cell.stage.pooled_peer(cell.subscriber_kind, "reader")
    cell.peers.append(late)
    repeated = join(cell, late, "late", sent["position"])
    late.start("receive", on="late", messages=500 + repeated, timeout=10_000)
    more = cell.transfer(500, "100", first=1_000)
    expect_rest(late.result(), 500 + repeated, more["position"])


@scenario()
def end_of_stream(cell: Cell) -> None:
    """A subscriber reads everything, then sees the end and where it is."""
    publication = cell.connect(SMALL_TERMS)
    sent = cell.transfer(100, "100")
    (image,) = cell.subscriber.do("images", on="s")["images"]
    check(not image["ended"], f"the image ended before its publication: {image}")
    more = cell.publisher.do("send", on="p", messages=50, first=100, lengths="200")
    cell.publisher.do("close", on="p")
    received = cell.subscriber.do("receive", on="s", messages=0, timeout=10_000)
    expect_arrival(received, {1: more})
    gone = await_event(cell.subscriber, "unavailable", session=publication["session"])
    expect_equal("last position", gone["position"], more["position"])
    expect_equal("end of stream position", gone["end"], more["position"])
    check(gone["ended"] and not gone["revoked"], f"the image did not end as it should: {gone}")
    check(more["position"] > sent["position"], "positions do not grow")


def limit_of(peer: Peer, registration: int) -> int:
    found = peer.do("read-counters", type=PUBLICATION_LIMIT)["counters"]
    return next(one["value"] for one in found if one["registration"] == registration)


@scenario()
def abandoned_subscriber(cell: Cell) -> None:
    """A publication sees its last subscriber leave, and the next one come."""
    publication = cell.connect(SMALL_TERMS)
    sent = cell.transfer(10, "100")
    cell.subscriber.do("close", on="s")
    await_state(cell.publisher, "disconnected", "p")
    # A little later than that: until then, the clients of the reference go on.
    await_true("a limit that is not beyond what was sent",
               lambda: limit_of(cell.publisher, publication["registration"]) <= sent["position"])
    refused = cell.publisher.try_to("send", on="p", messages=1, timeout=200)
    check("-1" in refused["text"] or "not_connected" in refused["text"], f"an offer without subscriber: {refused}")
    repeated = join(cell, cell.subscriber, "s", sent["position"])
    await_state(cell.publisher, "connected", "p")
    cell.publisher.start("send", on="p", messages=10, first=10, lengths="100")
    received = cell.subscriber.do("receive", on="s", messages=10 + repeated)
    expect_rest(received, 10 + repeated, cell.publisher.result()["position"])


@scenario()
def revoke(cell: Cell) -> None:
    """A publication is revoked: its image goes at once, and says why."""
    publication = cell.connect(SMALL_TERMS, "exclusive")
    cell.transfer(10, "100")
    cell.publisher.do("send", on="p", messages=5, first=10, lengths="100")
    cell.publisher.do("revoke", on="p")
    gone = await_event(cell.subscriber, "unavailable", session=publication["session"])
    check(gone["revoked"], f"the image is not revoked: {gone}")


# spec: 02-C7
@scenario(aeron_image_liveness_timeout="1000ms")
def reject(cell: Cell) -> None:
    """An image that is rejected goes away, and comes back after a while; its publisher is told why, and so is the
    operator."""
    publication = cell.connect(SMALL_TERMS)
    rejected, errors = system_counter(cell.publisher, 42), system_counter(cell.publisher, 15)
    sent = cell.transfer(10, "100")
    # With the reference, reasons of fewer than 4 bytes are lost between C and others, on either way. Not with ours.
    reason = "" if cell.stage.driver_kind == "cpperon" else "odd!"
    cell.subscriber.do("reject", on="s", reason=reason)
    facts = {"stream": cell.stream, "code": 13, "text": reason, "receiver": -1, "group_tag": -1, "destination": -1}
    error = await_event(cell.publisher, "publication-error", session=publication["session"])
    expect_equal("registration", error["registration"], publication["registration"])
    for name, value in facts.items():
        expect_equal(f"{name} of the publication error", error[name], value)
    await_event(cell.subscriber, "unavailable", session=publication["session"])
    await_state(cell.publisher, "disconnected", "p")
    await_state(cell.publisher, "connected", "p")
    repeated = rejoin(cell.subscriber, "s", sent["position"])
    cell.publisher.start("send", on="p", messages=10, first=10, lengths="100")
    received = cell.subscriber.do("receive", on="s", messages=10 + repeated)
    expect_rest(received, 10 + repeated, cell.publisher.result()["position"])
    expect_equal("images rejected", system_counter(cell.publisher, 42), rejected + 1)
    expect_equal("errors", system_counter(cell.publisher, 15), errors + 1)


@scenario()
def response_channel(cell: Cell) -> None:
    """One asks, the other answers on a stream for the asking one alone. spec: 05 §13.2"""
    client, server, responses = cell.publisher, cell.subscriber, cell.venue.stream()
    answers = client.do("add-subscription", **{"as": "answers"}, channel="aeron:ipc?control-mode=response", stream=responses)
    cell.subscribe(channel=SMALL_TERMS)
    channel = f"{SMALL_TERMS}|response-correlation-id={answers['registration']}"
    requests = cell.publish(channel=channel, kind="exclusive")
    await_state(server, "images", "s", count=1)
    (image,) = server.do("images", on="s")["images"]
    expect_equal("correlation id of the request image", image["correlation"], requests["registration"])
    channel = f"{SMALL_TERMS}|control-mode=response|response-correlation-id={image['correlation']}"
    server.do("add-publication", **{"as": "answer"}, channel=channel, stream=responses, kind="exclusive")
    await_state(client, "images", "answers", count=1)
    await_state(server, "connected", "answer")
    cell.transfer(50, "100,3000")
    sent = server.do("send", on="answer", publisher=2, messages=20, lengths="100,3000")
    expect_arrival(client.do("receive", on="answers", messages=20), {2: sent})


@scenario()
def stream_counters(cell: Cell) -> None:
    """The counters of a stream: label, key, and whose they are."""
    publication = cell.connect(SMALL_TERMS)
    subscription = cell.subscribe(name="other", channel=SMALL_TERMS)
    await_state(cell.subscriber, "images", "other", count=1)
    registration, session = publication["registration"], publication["session"]
    about = f"{session} {cell.stream} {SMALL_TERMS}"
    publisher_key, subscriber_key = ((one.to_bytes(8, "little") + session.to_bytes(4, "little", signed=True)
                                      + cell.stream.to_bytes(4, "little") + len(SMALL_TERMS).to_bytes(4, "little")
                                      + SMALL_TERMS.encode()).ljust(112, b"\0").hex()
                                     for one in (registration, subscription["registration"]))
    for type_id, label, owner, key, reference in (
            (1, f"pub-lmt: {registration} {about}", registration, publisher_key, 0),
            (12, f"pub-pos (concurrent): {registration} {about}", registration, publisher_key, 0),
            (4, f"sub-pos: {subscription['registration']} {about} @0", subscription["registration"], subscriber_key,
             registration)):
        found = cell.publisher.do("read-counters", type=type_id, key_length=112)["counters"]
        (seen,) = [one for one in found if one["registration"] == owner]
        expect_equal("label", seen["label"], label)
        expect_equal(f"key of '{label}'", seen["key"], key)
        expect_equal(f"reference of '{label}'", seen["reference"], reference)


@scenario()
def counters(cell: Cell) -> None:
    """A counter of one client is seen by the other: label, key, value, owner, coming and going."""
    type_id = 10_000 + cell.stream
    for writer, reader in ((cell.publisher, cell.subscriber), (cell.subscriber, cell.publisher)):
        reader.do("reset")
        key = "0102030405060708090a0b0c0d0e0f10"
        added = writer.do("add-counter", **{"as": "c"}, type=type_id, label="orders: taken", key=key)
        announced = await_event(reader, "counter-available", registration=added["registration"])
        expect_equal("announced id", announced["id"], added["id"])
        writer.do("set-counter", on="c", value=-77)
        (seen,) = reader.do("read-counters", type=type_id)["counters"]
        for name, value in {"id": added["id"], "value": -77, "label": "orders: taken", "key": key,
                            "registration": added["registration"], "reference": 0}.items():
            expect_equal(f"{name} of the counter", seen[name], value)
        writer.do("close", on="c")
        await_event(reader, "counter-unavailable", registration=added["registration"])
        expect_equal("counters left", reader.do("read-counters", type=type_id)["counters"], [])


@scenario()
def static_counter(cell: Cell) -> None:
    """A static counter is found by the other client with its first label, and outlives its maker's handle."""
    type_id = 20_000 + cell.stream
    mine = cell.publisher.do("add-counter", **{"as": "c"}, type=type_id, label="first", key="07", registration=4242)
    same = cell.subscriber.do("add-counter", **{"as": "c"}, type=type_id, label="second", key="08", registration=4242)
    expect_equal("id", same["id"], mine["id"])
    cell.publisher.do("close", on="c")
    (seen,) = cell.subscriber.do("read-counters", type=type_id, key_length=2)["counters"]
    for name, value in {"id": mine["id"], "label": "first", "key": "0700", "registration": 4242, "owner": -1}.items():
        expect_equal(f"{name} of the counter", seen[name], value)
    owned = cell.publisher.do("add-counter", **{"as": "d"}, type=type_id + 1, label="owned")
    clash = cell.subscriber.try_to("add-counter", **{"as": "d"}, type=type_id + 1, label="static",
                                   registration=owned["registration"])
    expect_equal("code of a static counter that hits an owned one", clash["code"], 11)


# spec: 03-C80
@scenario(**SHORT_TIMEOUTS)
def killed_with_claim(cell: Cell) -> None:
    """A client dies holding a claim: what the other publisher of the log sent behind it arrives once it is unblocked."""
    survivor = cell.subscriber
    victim = cell.stage.new_peer(cell.publisher_kind)
    reader = cell.stage.pooled_peer(cell.subscriber_kind, "reader")
    cell.peers.append(reader)
    cell.subscribe(reader, "s", SMALL_TERMS)
    for peer in (survivor, victim):
        cell.publish(peer, "p", SMALL_TERMS)
        await_state(peer, "connected", "p")
    await_state(reader, "images", "s", count=1)
    before = victim.do("send", on="p", publisher=1, messages=10, lengths="100")
    victim.do("claim", on="p", length=200)
    behind = survivor.do("send", on="p", publisher=2, messages=10, lengths="100")
    victim.kill()
    received = reader.do("receive", on="s", messages=20, timeout=15_000)
    expect_arrival(received, {1: before, 2: behind})
    expect_equal("position", received["position"], behind["position"])


@scenario(pairs="one", **SHORT_TIMEOUTS)
def client_timeout(cell: Cell) -> None:
    """A client that stops showing life loses its resources, and learns of it when it runs again."""
    sleeper = cell.stage.new_peer(cell.publisher_kind)
    cell.subscribe(channel=SMALL_TERMS)
    publication = cell.publish(sleeper, "p", SMALL_TERMS)
    await_state(cell.subscriber, "images", "s", count=1)
    sleeper.send_signal(signal.SIGSTOP)
    try:
        gone = await_event(cell.subscriber, "unavailable", 15_000, session=publication["session"])
    finally:
        sleeper.send_signal(signal.SIGCONT)
    check(not gone["revoked"], f"the image was revoked: {gone}")
    await_state(sleeper, "client-closed")
    error = sleeper.do("await-event", kind="error")
    # Told by the driver, found out by its own clock, or by its heartbeat counter being gone, whichever it sees first.
    found_out = error["code"] in (1000, 1001, 1002) or "heartbeat timestamp counter" in error["text"]
    check(found_out, f"error of a client that was timed out: {error}")
    await_state(sleeper, "closed", "p")
    sleeper.do("close")
    sleeper.do("await-event", kind="closed")  # Java: already with the error; others: with the close
    sleeper.kill()


@scenario(pairs="one")
def driver_restart(cell: Cell) -> None:
    """Clients notice that their driver was killed; a new one on the same directory serves new clients."""
    stage = cell.stage
    orphan = stage.new_peer(cell.publisher_kind, driver_timeout=1_000)
    cell.publish(orphan, "p")
    stage.driver.kill()
    error = orphan.do("await-event", kind="error", timeout=10_000)
    expect_equal("code", error["code"], 1000)
    await_state(orphan, "client-closed")
    orphan.kill()
    for peer in [peer for peer in stage.peers if peer.is_alive]:
        stage.retire(peer)
    stage.start_driver()
    cell.connect(SMALL_TERMS)
    cell.transfer(100, SMALL)


# Commands that drivers refuse, with the codes of the C driver, which ours follows, and of the Java driver; 0: accepted.
# A log of session 77 with 64 KiB terms and an MTU of 1408 is there already. spec: 02 §5, 05 §11
POSITION = "init-term-id=1|term-id=1|term-offset="
WRONG_COMMANDS: list[tuple[str, str, str, int, int]] = [
    ("add-publication", "shared", "", 1, 1),
    ("add-publication", "shared", "aeron", 1, 1),
    ("add-publication", "shared", "aeron:tcp?endpoint=localhost:40123", 1, 1),
    ("add-publication", "shared", "aeron:ipc?mtu", 0, 1),
    ("add-publication", "shared", "aeron:ipc?=1408", 1, 1),
    ("add-publication", "shared", "aeron:ipc?mtu=abc", 11, 11),
    ("add-publication", "shared", "aeron:ipc?mtu=16", 11, 11),
    ("add-publication", "shared", "aeron:ipc?mtu=1409", 11, 11),
    ("add-publication", "shared", "aeron:ipc?mtu=65536", 11, 11),
    ("add-publication", "shared", "aeron:ipc?term-length=100000", 11, 11),
    ("add-publication", "shared", "aeron:ipc?term-length=32k", 11, 11),
    ("add-publication", "shared", "aeron:ipc?term-length=2g", 11, 11),
    ("add-publication", "shared", "aeron:ipc?linger=soon", 11, 11),
    ("add-publication", "shared", "aeron:ipc?session-id=none", 11, 1),
    ("add-publication", "exclusive", "aeron:ipc?term-id=1", 11, 1),
    ("add-publication", "exclusive", "aeron:ipc?" + POSITION + "7", 11, 1),
    ("add-publication", "exclusive", "aeron:ipc?term-length=64k|" + POSITION + "131072", 11, 1),
    ("add-publication", "shared", "aeron:ipc?session-id=77|mtu=4096", 11, 11),
    ("add-publication", "shared", "aeron:ipc?session-id=77|term-length=1m", 11, 11),
    ("add-publication", "shared", "aeron:ipc?session-id=78", 11, 11),
    ("add-publication", "exclusive", "aeron:ipc?session-id=77", 1, 1),
    ("add-subscription", "", "", 1, 1),
    ("add-subscription", "", "aeron:ipc?reliable", 0, 1),
    ("add-subscription", "", "aeron:ipc?tether=perhaps", 11, 0),
    ("add-subscription", "", "aeron:ipc?session-id=x", 11, 11),
]


@scenario(pairs="one")
def wrong_commands(cell: Cell) -> None:
    """Wrong commands are refused, with the same codes as by the C driver."""
    cell.publish(name="there", channel="aeron:ipc?session-id=77|term-length=64k|mtu=1408")
    expect_codes(cell, WRONG_COMMANDS)


# spec: 01-C25
@scenario(pairs="one")
def monitoring(cell: Cell) -> None:
    """The reference's monitoring programs read the driver's CnC file, and so does our reader."""
    publication = cell.connect(SMALL_TERMS)
    cell.transfer(10, "100")
    what = f"{publication['session']} {cell.stream} {re.escape(SMALL_TERMS)}"
    by_publisher = f"{publication['registration']} {what}"
    cell.publisher.try_to("add-publication", **{"as": "wrong"}, channel="aeron:ipc?term-length=100000")
    printed = expect_one_view(cell.stage, publication["session"], cell.stream)
    for program, pattern in (("AeronStat", r"\b0: .* - Bytes sent"),
                             ("AeronStat", r"15: .* - Errors: version=\S+ commit=\S+"),
                             ("AeronStat", r"26: .* - Conductor max cycle time doing its work in ns: SHARED"),
                             ("AeronStat", rf"- pub-lmt: {by_publisher}"),
                             ("AeronStat", rf"1,600 - pub-pos \(concurrent\): {by_publisher}"),
                             ("AeronStat", rf"1,600 - sub-pos: \d+ {what} @0"),
                             ("AeronStat", rf"- client-heartbeat: id=\d+ name={cell.publisher_kind} publisher"),
                             ("ErrorStat", r"[1-9]\d* observations? from .*(?s:.*)power of (2|two)"),
                             ("LossStat", "OBSERVATION_COUNT")):
        check(re.search(pattern, printed[program]) is not None, f"{program} does not show '{pattern}':\n{printed[program]}")
