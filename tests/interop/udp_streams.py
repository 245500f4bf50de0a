"""Streams over UDP: all kinds of messages, and what is shared between those who send and read them."""
from __future__ import annotations

import re
import time

from peers import Skip, check, has_ipv6
from scenario import (FRAGMENTED, LONG_RUN_MESSAGES, MEGABYTE, SMALL, Cell, await_event, await_state, content, counters,
                      expect_arrival, expect_equal)
from udp import SMALL_TERMS, SOCKETS, scenario, unicast


def both_kinds(cell: Cell, rest: str, messages: int, lengths: str, method: str = "offer") -> dict:
    for kind in ("shared", "exclusive"):
        publication = cell.connect(unicast(cell, rest), kind)
        sent = cell.transfer(messages, lengths, method)
        cell.publisher.do("close", on="p")
        for event in ("available", "unavailable"):
            await_event(cell.subscriber, event, session=publication["session"])
        cell.subscriber.do("close", on="s")
        cell.stream = cell.venue.stream()
    return sent


# spec: 02-C36, 03-C78
@scenario()
def small_messages(cell: Cell) -> None:
    """Messages of up to one frame, by shared and exclusive publications."""
    both_kinds(cell, "", 2_000, SMALL)


@scenario()
def fragmented_messages(cell: Cell) -> None:
    """Messages of several frames, in terms of 64 KiB."""
    both_kinds(cell, SMALL_TERMS, 300, FRAGMENTED)


@scenario()
def huge_messages(cell: Cell) -> None:
    """Messages of 16 MiB."""
    publication = cell.connect(unicast(cell, "|term-length=128m"), "exclusive")
    expect_equal("max_message", publication["max_message"], 16 * MEGABYTE)
    cell.transfer(2, str(16 * MEGABYTE))


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
    """More than 20 terms of 64 KiB, one after the other."""
    sent = both_kinds(cell, SMALL_TERMS, 3_000, "1000,64,1376,40")
    check(sent["position"] > 20 * 65_536, f"fewer than 20 terms were used: position {sent['position']}")


@scenario(pairs="own")
def ten_million_messages(cell: Cell) -> None:
    """Each arrives once, in order; checksums agree."""
    cell.connect(unicast(cell, "|term-length=1m"), "exclusive")
    cell.transfer(LONG_RUN_MESSAGES, "32,40,64", timeout=300_000)


@scenario()
def ipv6(cell: Cell) -> None:
    """A stream over IPv6, and how its source is named."""
    if not has_ipv6():
        raise Skip("there is no IPv6")
    cell.connect(f"aeron:udp?endpoint=[::1]:{cell.port()}{SMALL_TERMS}")
    cell.transfer(300, "1000,64,1376,3000")
    (image,) = cell.subscriber.do("images", on="s")["images"]
    host = "0:0:0:0:0:0:0:1" if cell.venue.subscriber_stage.driver_kind == "java" else r"\[::1\]"
    check(re.fullmatch(rf"{host}:\d+", image["source"]) is not None, f"source of the image: {image['source']}")


@scenario()
def cubic_congestion_control(cell: Cell) -> None:
    """The window is the receiver's own affair; it asks the sender for the time that a frame takes."""
    channel = unicast(cell)
    cell.connect(channel, subscription_channel=channel + "|cc=cubic")
    cell.transfer(1_000, "1000,64,1376,40")


@scenario()
def concurrent_publications(cell: Cell) -> None:
    """Streams of two sessions and of both directions share the endpoints."""
    there, back = unicast(cell), unicast(cell)
    cell.subscribe(channel=there)
    cell.subscribe(cell.publisher, "back", channel=back)
    for name in ("p", "q"):
        cell.publish(name=name, channel=there, kind="exclusive")
    cell.publish(cell.subscriber, "back-p", channel=back)
    await_state(cell.subscriber, "images", "s", count=2)
    await_state(cell.publisher, "images", "back", count=1)
    for name in ("p", "q"):
        await_state(cell.publisher, "connected", name)
    cell.subscriber.do("send", on="back-p", publisher=3, messages=50, lengths="1000")
    sent = {number: cell.publisher.do("send", on=name, publisher=number, messages=20, lengths="1000")
            for number, name in ((1, "p"), (2, "q"))}
    expect_arrival(cell.subscriber.do("receive", on="s", messages=40), sent)
    expect_equal("messages on the way back", cell.publisher.do("receive", on="back", messages=50)["messages"], 50)


# spec: 03-C77
@scenario(pairs="own")
def concurrent_publishers(cell: Cell) -> None:
    """Publishers of two clients share one log; all of it arrives."""
    channel = unicast(cell, SMALL_TERMS)
    first = cell.connect(channel)
    second = cell.publish(cell.neighbor, "p", channel)
    expect_equal("session of the second publisher", second["session"], first["session"])
    await_state(cell.neighbor, "connected", "p")
    cell.subscriber.start("receive", on="s", messages=20_000, timeout=20_000)
    publishers = {1: cell.publisher, 2: cell.neighbor}
    for number, peer in publishers.items():
        peer.start("send", on="p", publisher=number, messages=10_000, lengths="40,100,3000,8", timeout=20_000)
    sent = {number: peer.result() for number, peer in publishers.items()}
    expect_arrival(cell.subscriber.result(), sent)


# What the lines 02-C10 to 02-C30 say and other scenarios do not show, as far as a client sees it.
# spec: 02-C35
@scenario()
def shared_and_exclusive(cell: Cell) -> None:
    """Equal adds share a session, each with its own handle; an exclusive one has another."""
    channel = unicast(cell, SMALL_TERMS)
    first = cell.connect(channel)
    second = cell.publish(name="q", channel=channel)
    for name in ("session", "original", "initial_term_id"):
        expect_equal(f"{name} of the second publication", second[name], first[name])
    check(second["registration"] != first["registration"] == first["original"], f"ids: {first}, {second}")
    for parameter in ("term-length=128k", "mtu=4096", f"session-id={first['session'] + 1}"):
        refused = cell.publisher.try_to("add-publication", **{"as": "r"}, stream=cell.stream,
                                        channel=f"{channel.replace(SMALL_TERMS, '')}|{parameter}")
        expect_equal(f"code of a shared publication with {parameter}", refused["code"], 11)
    exclusive = cell.publish(name="x", channel=channel, kind="exclusive")
    check(exclusive["session"] != first["session"], "an exclusive publication shares its session")
    await_state(cell.subscriber, "images", "s", count=2)
    images = {one["session"]: one for one in cell.subscriber.do("images", on="s")["images"]}
    expect_equal("sessions of the images", sorted(images), sorted([first["session"], exclusive["session"]]))

    drawn = [cell.publisher.do("next-session", stream=cell.stream)["session"] for _ in range(2)]
    check(len({*drawn, *images}) == 4 and not any(-1 <= one <= 1_000 for one in drawn), f"session ids: {drawn}, {images}")
    cell.publisher.do("close", on="q")
    cell.transfer(100, "1000")
    cell.publisher.do("close", on="p")
    await_event(cell.subscriber, "unavailable", session=first["session"])
    again = cell.publish(channel=f"{channel}|session-id={drawn[0]}")
    expect_equal("session that was asked for", again["session"], drawn[0])


# spec: 02-C36, 03-C78
@scenario()
def spies(cell: Cell) -> None:
    """A spy reads beside a receiver; with `ssc` it is enough by itself."""
    channel = unicast(cell, SMALL_TERMS)
    spy = cell.neighbor
    cell.connect(channel, "exclusive")
    cell.subscribe(spy, "spy", f"aeron-spy:{channel}")
    await_state(spy, "images", "spy", count=1)
    cell.transfer(300, "1000,64,1376,3000", readers=[(cell.subscriber, "s"), (spy, "spy")])
    cell.publisher.do("close", on="p")
    gone = await_event(spy, "unavailable")
    check(gone["ended"], f"the spy's image did not end: {gone}")

    alone = unicast(cell, SMALL_TERMS + "|ssc=true")
    cell.subscribe(spy, "alone", f"aeron-spy:{alone}")
    cell.publish(channel=alone)
    await_state(cell.publisher, "connected", "p")
    await_state(spy, "images", "alone", count=1)
    cell.transfer(300, "1000,64,1376,3000", readers=[(spy, "alone")])


@scenario()
def stream_parameters(cell: Cell) -> None:
    """What the publisher's channel says arrives with the image: session, frame and term length, and where it begins."""
    channel = unicast(cell)
    position = 7 * 262_144 + 4_096
    publication = cell.connect(f"{channel}|session-id=-77|mtu=8k|term-length=256k"
                               "|init-term-id=-3|term-id=4|term-offset=4096", "exclusive",
                               subscription_channel=f"{channel}|session-id=-77")
    expect_equal("position of the publication", publication["position"], position)
    (image,) = cell.subscriber.do("images", on="s")["images"]
    sender = next(one["label"].split()[-1] for one in counters(cell.publisher, SOCKETS)
                  if one["registration"] == publication["registration"])
    for name, value in {"session": -77, "mtu": 8_192, "term_length": 262_144, "initial_term_id": -3, "join": position,
                        "position": position, "source": sender}.items():
        expect_equal(f"{name} of the image", image[name], value)
    cell.transfer(500, "8160,1000,64,9000")


CLOCKS_AGREE_NS = 5_000_000  # two clocks of one machine; that of the Java driver is an estimate


def stamped(cell: Cell, index: int, length: int) -> tuple[bytes, int, range]:
    """One message through both drivers: what arrives, its reserved value, and between which times it was on its way."""
    start = time.time_ns()
    cell.publisher.do("send", on="p", first=index, lengths=str(length))
    (message,) = cell.subscriber.do("read", on="s")["messages"]
    end = time.time_ns()
    return bytes.fromhex(message["hex"]), message["reserved"], range(start - CLOCKS_AGREE_NS, end + CLOCKS_AGREE_NS)


# spec: 04 §12
@scenario(pairs="own")
def time_stamps(cell: Cell) -> None:
    """The sender, the receiver and the socket say in a message, or in its header, when they had it."""
    # The Java driver has no time stamps of the socket. spec: 05 §9
    has_media = cell.venue.subscriber_stage.driver_kind != "java"
    channel = unicast(cell)
    media = "|media-rcv-ts-offset=24" if has_media else ""
    cell.connect(channel + "|channel-snd-ts-offset=8",
                 subscription_channel=f"{channel}|channel-rcv-ts-offset=16{media}")
    for index, length in enumerate((64, 32, 24, 16, 8)):
        found, reserved, on_its_way = stamped(cell, index, length)
        offsets = [offset for offset in ((8, 24, 16) if has_media else (8, 16)) if offset + 8 <= length]
        times = [int.from_bytes(found[offset:offset + 8], "little") for offset in offsets]
        check(all(time in on_its_way for time in times), f"time stamps {times} of a message in {on_its_way}")
        for earlier, later in zip(times, times[1:]):
            check(earlier <= later + CLOCKS_AGREE_NS, f"time stamps out of order: {times}")
        expected = bytearray(content(1, index, length))
        for offset in offsets:
            expected[offset:offset + 8] = found[offset:offset + 8]
        expect_equal("message but for its time stamps", found.hex(), expected.hex())
        expect_equal("reserved value", reserved, index)
    for side, key in ((0, "channel-snd"), (1, "channel-rcv"), (1, "media-rcv"))[:3 if has_media else 2]:
        for peer, name in ((cell.publisher, "p"), (cell.subscriber, "s")):
            peer.do("close", on=name)
        cell.stream = cell.venue.stream()
        channel = unicast(cell)
        channels = [channel, channel]
        channels[side] += f"|{key}-ts-offset=reserved"
        cell.connect(channels[0], subscription_channel=channels[1])
        found, reserved, on_its_way = stamped(cell, 0, 64)
        check(reserved in on_its_way, f"{key}-ts-offset=reserved: {reserved}, a message in {on_its_way}")
        expect_equal("message with a time stamp in its header", found.hex(), content(1, 0, 64).hex())
