"""What drivers put on the wire, byte by byte: each datagram that passes a relay between the two is read and written
again by our encoders, and read by Wireshark's dissector, which others wrote. spec: 04 §2"""
from __future__ import annotations

import itertools
import json
import pathlib
import shutil
import subprocess
import tempfile

from peers import check
from scenario import Cell, await_event, await_state, await_true, expect_equal
from tap import DATA, ERROR, RESOLUTION, Neighbor, Tap, type_of, write_pcap
from udp import IMPATIENT, NAMES, SMALL_TERMS, scenario

BY_BOTH = {"DATA", "SETUP", "SM", "RES of oneself", "RES of a neighbor"}
BY_PUBLISHER = {"PAD", "heartbeat", "heartbeat of a stream that has ended", "RTTM answer",
                "SETUP that waits for a response"}
BY_SUBSCRIBER = {"SM that asks for a SETUP", "SM with a group tag", "SM of one that leaves", "NAK", "RTTM question",
                 "ERR", "ERR with a group tag", "RSP_SETUP"}
# What the dissector knows of each frame; the rest is younger than it.
DISSECTED = ["data.frame_length", "data.flags", "data.term_offset", "data.session_id", "data.stream_id", "data.term_id",
             "pad.frame_length", "pad.flags", "pad.term_offset", "pad.session_id", "pad.stream_id", "pad.term_id",
             "heartbeat.frame_length", "heartbeat.flags", "heartbeat.term_offset", "heartbeat.session_id",
             "heartbeat.stream_id", "heartbeat.term_id",
             "nak.session_id", "nak.stream_id", "nak.term_id", "nak.term_offset", "nak.length",
             "sm.flags", "sm.session_id", "sm.stream_id", "sm.consumption_term_id", "sm.consumption_term_offset",
             "sm.receiver_window", "sm.receiver_id",
             "setup.flags", "setup.term_offset", "setup.session_id", "setup.stream_id", "setup.initial_term_id",
             "setup.active_term_id", "setup.term_length", "setup.mtu", "setup.ttl",
             "rtt.flags", "rtt.session_id", "rtt.stream_id", "rtt.echo_timestamp", "rtt.reception_delta",
             "rtt.receiver_id"]
HAS_GROUP_TAG = 0x08
DISSECTED_TYPES = {0, 1, 2, 3, 5, 6}


# So that a receiver asks how long frames take, as the Java driver spells it, and as the C driver and ours do.
MEASURED = {"aeron.CubicCongestionControl.measureRtt": "true", "aeron.cubiccongestioncontrol.measurertt": "true"}


# spec: 04-C1
@scenario(pairs="own", **NAMES, **IMPATIENT, **MEASURED)
def frames(cell: Cell) -> dict:
    """Ours and the reference's frames mean the same to our encoders, and ours to a dissector."""
    seen = stream_with_loss(cell, "") + stream_with_loss(cell, "|gtag=77") + answers(cell) + names(cell)
    readings = read(cell, [datagram for _, datagram in seen])
    drivers = dict(zip(("publisher", "subscriber"), (stage.driver_kind for stage in cell.venue.stages)))
    differences = {f"{reading['kind']} of {drivers[side]}: {datagram.hex()}, ours {reading['again']} {reading['fault']}"
                   for (side, datagram), reading in zip(seen, readings)
                   if reading["fault"] or bytes.fromhex(reading["again"]) !=
                   (datagram if drivers[side] == "cpperon" else without_leftovers(datagram))}
    check(not differences, "\n".join(sorted(differences)[:5]))

    kinds: dict[str, set[str]] = {"publisher": set(), "subscriber": set()}
    for (side, _), reading in zip(seen, readings):
        kinds[side].add(reading["kind"])
    for side, own in (("publisher", BY_PUBLISHER), ("subscriber", BY_SUBSCRIBER)):
        missing = (BY_BOTH | own) - kinds[side]
        check(not missing, f"never seen from the {side}'s driver: {sorted(missing)}")
    dissect([datagram for _, datagram in seen], readings)
    by_driver: dict[str, set[str]] = {}
    for side, driver in drivers.items():
        by_driver.setdefault(driver, set()).update(kinds[side])
    return {"frames": {driver: sorted(found) for driver, found in by_driver.items()}}


def stream_with_loss(cell: Cell, rest: str) -> list[tuple[str, bytes]]:
    """Of which every tenth datagram with data is lost; rejected, and then ended by the one side or the other."""
    port, tapped = cell.port(), cell.port()
    counter = itertools.count()
    channel = f"aeron:udp?endpoint=localhost:{tapped}{SMALL_TERMS}"
    with Tap(tapped, port, "publisher", "subscriber",
             lambda datagram: type_of(datagram) == DATA and len(datagram) > 32 and next(counter) % 10 == 9) as tap:
        publication = cell.connect(channel, subscription_channel=f"aeron:udp?endpoint=localhost:{port}|cc=cubic{rest}")
        cell.transfer(300, "1000,64,1376,3000")
        cell.publisher.do("claim", on="p", length=200)
        cell.publisher.do("abort", on="p")
        cell.transfer(20, "1000", first=300)
        cell.subscriber.do("reject", on="s", reason="too old")
        await_event(cell.publisher, "publication-error", session=publication["session"])
        await_state(cell.publisher, "disconnected", "p")
        await_event(cell.subscriber, "unavailable", session=publication["session"])
        await_state(cell.publisher, "connected", "p")
        await_state(cell.subscriber, "images", "s", count=1)
        cell.transfer(20, "1000", first=320)
        if rest:
            cell.publisher.do("close", on="p")
            await_event(cell.subscriber, "unavailable", session=publication["session"])
            cell.subscriber.do("close", on="s")
        else:
            cell.subscriber.do("close", on="s")
            await_state(cell.publisher, "disconnected", "p")
            cell.publisher.do("close", on="p")
    cell.stream = cell.venue.stream()
    return tap.seen


def answers(cell: Cell) -> list[tuple[str, bytes]]:
    """One asks, the other answers, both through relays."""
    client, server, responses = cell.publisher, cell.subscriber, cell.venue.stream()
    port, tapped, control, tapped_control = (cell.port() for _ in range(4))
    with (Tap(tapped, port, "publisher", "subscriber") as requests_tap,
          Tap(tapped_control, control, "publisher", "subscriber") as responses_tap):
        subscription = client.do("add-subscription", **{"as": "answers"}, stream=responses,
                                 channel=f"aeron:udp?control-mode=response|control=localhost:{tapped_control}")
        cell.subscribe(channel=f"aeron:udp?endpoint=localhost:{port}")
        cell.publish(channel=f"aeron:udp?endpoint=localhost:{tapped}{SMALL_TERMS}"
                             f"|response-correlation-id={subscription['registration']}", kind="exclusive")
        await_state(server, "images", "s", count=1)
        (image,) = server.do("images", on="s")["images"]
        server.do("add-publication", **{"as": "answer"}, stream=responses,
                  channel=f"aeron:udp?control-mode=response|control=localhost:{control}{SMALL_TERMS}"
                          f"|response-correlation-id={image['correlation']}")
        for peer, name in ((client, "p"), (client, "answers"), (server, "answer")):
            await_state(peer, "connected", name)
        cell.transfer(20, "100,3000")
        sent = server.do("send", on="answer", publisher=2, messages=20, lengths="100,3000")
        received = client.do("receive", on="answers", messages=20)
        expect_equal("checksum of the answers", received["publishers"]["2"]["checksum"], sent["checksum"])
        for peer, name in ((client, "p"), (client, "answers"), (server, "s"), (server, "answer")):
            peer.do("close", on=name)
    return requests_tap.seen + responses_tap.seen


def names(cell: Cell) -> list[tuple[str, bytes]]:
    """What the drivers' resolvers tell a third one: of themselves, and of each other."""
    resolvers = {int(stage.settings["aeron.driver.resolver.interface"].split(":")[1]): side
                 for side, stage in (("publisher", cell.venue.publisher_stage),
                                     ("subscriber", cell.venue.subscriber_stage))}
    with Neighbor(cell.port(), resolvers) as neighbor:
        def heard_all() -> bool:
            neighbor.listen(0.1)
            kinds = {(side, bool(datagram[9] & 0x80)) for side, datagram in neighbor.seen}  # flags of the first entry
            return len(kinds) == 4
        await_true("both drivers speak of themselves and of each other", heard_all)
        return neighbor.seen


def without_leftovers(datagram: bytes) -> bytes:
    """What means nothing, as we send it. Drivers of the reference leave what lies in their memory behind each name of
    a resolution frame; and of an error frame that has no group tag, the Java driver sends 0 as one, C and ours -1."""
    cleared = bytearray(datagram)
    if type_of(datagram) == ERROR and not datagram[5] & HAS_GROUP_TAG:
        cleared[24:32] = b"\xff" * 8
    offset = 8
    while type_of(datagram) == RESOLUTION and offset < len(datagram):
        name = offset + (14 if datagram[offset] == 1 else 26)
        end = name + int.from_bytes(datagram[name - 2:name], "little")
        offset = end + -end % 8
        cleared[end:offset] = bytes(offset - end)
    return bytes(cleared)


def read(cell: Cell, datagrams: list[bytes]) -> list[dict]:
    """What our decoders make of it."""
    outcome = subprocess.run([cell.stage.kit.bin / "interop_frames"], capture_output=True, text=True, timeout=60,
                             input="".join(f"{datagram.hex()}\n" for datagram in datagrams))
    expect_equal(f"exit status of interop_frames ({outcome.stderr.strip()[-300:]})", outcome.returncode, 0)
    readings = [json.loads(line) for line in outcome.stdout.splitlines()]
    expect_equal("readings", len(readings), len(datagrams))
    return readings


def dissect(datagrams: list[bytes], readings: list[dict]) -> None:
    """The dissector must see in each field what we see; where there is no tshark, nobody looks."""
    if shutil.which("tshark") is None:
        return
    known = [(datagram, reading) for datagram, reading in zip(datagrams, readings)
             if type_of(datagram) in DISSECTED_TYPES]
    port = 24_325
    with tempfile.TemporaryDirectory() as folder:
        capture = pathlib.Path(folder) / "frames.pcap"
        write_pcap(capture, port, [datagram for datagram, _ in known])
        command = ["tshark", "-r", str(capture), "-d", f"udp.port=={port},aeron", "-o", "aeron.sequence_analysis:FALSE",
                   "-T", "fields", "-E", "separator=/t", *(word for name in DISSECTED for word in ("-e", f"aeron.{name}")),
                   "-e", "_ws.malformed"]
        outcome = subprocess.run(command, capture_output=True, text=True, timeout=120)
    rows = [line.split("\t") for line in outcome.stdout.splitlines()]
    expect_equal("datagrams that were dissected", len(rows), len(known))
    for (datagram, reading), row in zip(known, rows):
        check(row[-1] == "", f"the dissector takes for malformed: {datagram.hex()}")
        found = {name: [int(value, 0) for value in column.split(",")]
                 for name, column in zip(DISSECTED, row) if column}
        expected: dict[str, list[int]] = {}
        for frame in reading["frames"]:
            for name, value in frame.items():
                expected.setdefault(name, []).append(value)
        expect_equal(f"what the dissector sees in {reading['kind']} {datagram[:64].hex()}", found, expected)
