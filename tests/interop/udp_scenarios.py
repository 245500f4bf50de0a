"""What clients achieve together over UDP, through two drivers: the publisher's and the subscriber's. Each scenario is
written once; the runner plays it with all pairs of drivers that have ours in them. spec: 04, 05"""
from __future__ import annotations

import re
import signal
import time
from typing import Callable

from peers import Peer, Skip, check, has_ipv6
from scenario import (FRAGMENTED, MEGABYTE, SMALL, Cell, Scenario, await_event, await_state, counters, expect_arrival,
                      expect_codes, expect_equal, run_sample, system_counter)

PAIRINGS = ["cpperon+java", "java+cpperon", "cpperon+c", "c+cpperon", "java+java"]
SCENARIOS: dict[str, Scenario] = {}
# An image that has ended, or whose frames stay away, goes sooner than by default.
SETTINGS = {"aeron.image.liveness.timeout": "1000ms", "aeron.rcv.status.message.timeout": "50ms"}
SMALL_TERMS = "|term-length=64k"
GROUP = "224.20.30.39"
# Types of counters: receivers of a publication, neighbors of a driver that resolves names, its sockets. spec: 06 §19.1
RECEIVERS = 17
NEIGHBORS = 15
SOCKETS = 14

# Loss, as each kind of driver spells it: of received data, and of everything that is received.
# spec: 06 §21
DATA_LOSS = {"aeron.udp.channel.incoming.interceptors": "loss",
             "aeron.udp.channel.transport.bindings.loss.args": "rate=0.1|seed=7|recv-msg-mask=0x2",
             "aeron.ReceiveChannelEndpoint.supplier": "io.aeron.driver.ext.DebugReceiveChannelEndpointSupplier",
             "aeron.debug.receive.data.loss.rate": "0.1", "aeron.debug.receive.data.loss.seed": "7"}
LOSS = {**DATA_LOSS, "aeron.udp.channel.transport.bindings.loss.args": "rate=0.1|seed=8|recv-msg-mask=0xffff",
        "aeron.SendChannelEndpoint.supplier": "io.aeron.driver.ext.DebugSendChannelEndpointSupplier",
        "aeron.debug.receive.control.loss.rate": "0.1", "aeron.debug.receive.control.loss.seed": "8",
        "aeron.debug.send.control.loss.rate": "0.1", "aeron.debug.send.control.loss.seed": "9"}
NAMES = {"aeron.name.resolver.supplier": "driver", "aeron.driver.resolver.name": "{side}",
         "aeron.driver.resolver.interface": "127.0.0.1:{port}",
         "aeron.driver.resolver.bootstrap.neighbor": "127.0.0.1:{other_port}"}


def scenario(pairs: str = "crossed", **settings: str):
    """`pairs`: own (each side has the client of its driver) or crossed (and also that of the other driver)."""
    def register(play: Callable[[Cell], None]) -> Callable[[Cell], None]:
        name = "udp-" + play.__name__.replace("_", "-")
        SCENARIOS[name] = Scenario(name, play, PAIRINGS, pairs, {**SETTINGS, **settings})
        return play
    return register


def unicast(cell: Cell, rest: str = "") -> str:
    return f"aeron:udp?endpoint=localhost:{cell.port()}{rest}"


def multicast(cell: Cell, rest: str = "") -> str:
    return f"aeron:udp?endpoint={GROUP}:{cell.port()}|interface=localhost{rest}"


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
    both_kinds(cell, "", 2_000, SMALL)


@scenario()
def fragmented_messages(cell: Cell) -> None:
    both_kinds(cell, SMALL_TERMS, 300, FRAGMENTED)


@scenario()
def huge_messages(cell: Cell) -> None:
    publication = cell.connect(unicast(cell, "|term-length=128m"), "exclusive")
    expect_equal("max_message", publication["max_message"], 16 * MEGABYTE)
    cell.transfer(2, str(16 * MEGABYTE))


@scenario()
def claims(cell: Cell) -> None:
    both_kinds(cell, SMALL_TERMS, 2_000, SMALL, "claim")


@scenario()
def vectored_offers(cell: Cell) -> None:
    both_kinds(cell, SMALL_TERMS, 500, f"8,100,1376,{FRAGMENTED}", "vector")


@scenario()
def term_wrap(cell: Cell) -> None:
    sent = both_kinds(cell, SMALL_TERMS, 3_000, "1000,64,1376,40")
    check(sent["position"] > 20 * 65_536, f"fewer than 20 terms were used: position {sent['position']}")


@scenario()
def ipv6(cell: Cell) -> None:
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


def receiver_count(cell: Cell, publication: dict) -> int:
    return sum(one["value"] for one in counters(cell.publisher, RECEIVERS)
               if one["registration"] == publication["registration"])


def await_value(what: str, read: Callable[[], int], expected: int) -> None:
    deadline = time.monotonic() + 10
    while (found := read()) != expected:
        check(time.monotonic() < deadline, f"{what}: {found}, expected {expected}")
        time.sleep(0.005)


# spec: 02-C36
@scenario()
def dynamic_destinations(cell: Cell) -> None:
    """Receivers of two drivers come by themselves; one that comes late joins where the stream is, and one that leaves
    is no longer waited for."""
    control = f"control=localhost:{cell.port()}"
    channel = f"aeron:udp?endpoint=localhost:0|{control}"
    late = cell.neighbor
    cell.connect(f"aeron:udp?{control}|control-mode=dynamic|fc=min{SMALL_TERMS}", subscription_channel=channel)
    sent = cell.transfer(300, "1000,64,1376,3000")
    cell.subscribe(late, "s", channel)
    await_state(late, "images", "s", count=1)
    (image,) = late.do("images", on="s")["images"]
    expect_equal("position at which the second receiver joins", image["join"], sent["position"])
    cell.transfer(300, "1000,64,1376,3000", first=300, readers=[(cell.subscriber, "s"), (late, "s")])
    cell.subscriber.do("close", on="s")
    cell.transfer(300, "1000,64,1376,3000", first=600, readers=[(late, "s")])


# spec: 02-C36
@scenario()
def manual_destinations(cell: Cell) -> None:
    """Sent to where destinations were added, and no longer where they were removed, by address or by id."""
    first, second = (f"aeron:udp?endpoint=localhost:{cell.port()}" for _ in range(2))
    other = cell.neighbor
    cell.subscribe(channel=first)
    cell.subscribe(other, "s", second)
    publication = cell.publish(channel=f"aeron:udp?control-mode=manual|control=localhost:{cell.port()}|fc=min,t:500ms{SMALL_TERMS}",
                               kind="exclusive")
    cell.publisher.do("add-destination", on="p", channel=first)
    await_state(cell.subscriber, "images", "s", count=1)
    await_state(cell.publisher, "connected", "p")
    sent = cell.transfer(100, "1000,64,1376,3000")
    second_id = cell.publisher.do("add-destination", on="p", channel=second, with_id=True)["destination"]
    await_state(other, "images", "s", count=1)
    (image,) = other.do("images", on="s")["images"]
    expect_equal("position at which the second destination joins", image["join"], sent["position"])
    cell.transfer(100, "1000,64,1376,3000", first=100, readers=[(cell.subscriber, "s"), (other, "s")])

    cell.publisher.do("remove-destination", on="p", channel=first)
    gone = await_event(cell.subscriber, "unavailable", session=publication["session"])
    check(not gone["ended"], f"the stream ended for a destination that was removed: {gone}")
    cell.transfer(100, "1000,64,1376,3000", first=200, readers=[(other, "s")])
    # The reference's C client names the publication where the destination belongs: nothing is removed.
    if cell.publisher_kind != "c":
        cell.publisher.do("remove-destination", on="p", id=second_id)
        await_event(other, "unavailable", session=publication["session"])


# spec: 02-C36
@scenario()
def multi_destination_subscription(cell: Cell) -> None:
    """One subscription receives from several endpoints: each message of a stream that comes twice arrives once, and the
    stream goes on with one of the two."""
    first, second, third = (f"aeron:udp?endpoint=localhost:{cell.port()}" for _ in range(3))
    cell.subscribe(channel="aeron:udp?control-mode=manual")
    for destination in (first, second, third):
        cell.subscriber.do("add-destination", on="s", channel=destination)
    cell.publish(channel=f"aeron:udp?control-mode=manual|control=localhost:{cell.port()}{SMALL_TERMS}", kind="exclusive")
    for destination in (first, second):
        cell.publisher.do("add-destination", on="p", channel=destination)
    await_state(cell.publisher, "connected", "p")
    await_state(cell.subscriber, "images", "s", count=1)
    cell.transfer(300, "1000,64,1376,3000")
    cell.subscriber.do("remove-destination", on="s", channel=first)
    cell.transfer(300, "1000,64,1376,3000", first=300)
    cell.publish(name="q", channel=third, kind="exclusive")
    await_state(cell.publisher, "connected", "q")
    await_state(cell.subscriber, "images", "s", count=2)
    other = cell.publisher.do("send", on="q", publisher=2, messages=20, lengths="1000")
    received = cell.subscriber.do("receive", on="s", messages=20)
    expect_equal("checksum of the other stream", received["publishers"]["2"]["checksum"], other["checksum"])


# spec: 02-C36
@scenario()
def local_destinations(cell: Cell) -> None:
    """A subscription of several destinations may have a spy and an IPC log among them."""
    channel = unicast(cell, SMALL_TERMS)
    reader = cell.neighbor
    cell.connect(channel)
    cell.subscribe(reader, "m", "aeron:udp?control-mode=manual")
    for destination, count in ((f"aeron-spy:{channel}", 1), ("aeron:ipc", 2)):
        if count == 2:
            cell.publish(name="i", channel="aeron:ipc?term-length=64k")
        reader.do("add-destination", on="m", channel=destination)
        await_state(reader, "images", "m", count=count)
    sent = cell.publisher.do("send", on="p", messages=10, lengths="100,3000")
    by_ipc = cell.publisher.do("send", on="i", publisher=2, messages=10, lengths="100,3000")
    expect_arrival(reader.do("receive", on="m", messages=20), {1: sent, 2: by_ipc})
    expect_arrival(cell.subscriber.do("receive", on="s", messages=10), {1: sent})
    refused = reader.try_to("remove-destination", on="m", channel="aeron:ipc?alias=other")
    expect_equal("code of removing a destination by another text", refused["code"], 2)
    reader.do("remove-destination", on="m", channel="aeron:ipc")
    await_state(reader, "images", "m", count=1)


# spec: 03-C78
@scenario()
def multicast_group(cell: Cell) -> None:
    """Receivers of both drivers."""
    channel = multicast(cell)
    cell.subscribe(cell.neighbor, "s", channel)
    cell.connect(channel + f"{SMALL_TERMS}|fc=min", subscription_channel=channel)
    await_state(cell.neighbor, "images", "s", count=1)
    cell.transfer(500, "1000,64,1376,3000", readers=[(cell.subscriber, "s"), (cell.neighbor, "s")])


@scenario()
def min_flow_control(cell: Cell) -> None:
    """Connected when there are enough receivers; the slowest sets the pace."""
    channel = multicast(cell, SMALL_TERMS)
    publication = cell.publish(channel=channel + "|fc=min,g:/2")
    cell.subscribe(channel=channel)
    await_state(cell.subscriber, "images", "s", count=1)
    await_value("receivers", lambda: receiver_count(cell, publication), 1)
    refused = cell.publisher.try_to("send", on="p", messages=1, timeout=300)
    check("-1" in refused["text"] or "not_connected" in refused["text"], f"an offer with one receiver of two: {refused}")
    cell.subscribe(cell.neighbor, "s", channel)
    await_state(cell.publisher, "connected", "p")
    await_value("receivers", lambda: receiver_count(cell, publication), 2)
    held_up_by(cell, cell.neighbor, other=cell.subscriber)


def held_up_by(cell: Cell, slow: Peer, other: Peer) -> None:
    """One receiver reads and the other does not: the publisher gets no further than a window and a term."""
    other.start("receive", on="s", messages=200, timeout=20_000)
    cell.publisher.start("send", on="p", messages=200, lengths="1000", timeout=1_500)
    refused = cell.publisher.finish().get("error", {"text": "sent everything"})
    check("-2" in refused["text"] or "back_pressured" in refused["text"], f"offers with a receiver that reads nothing: "
                                                                          f"{refused}")
    taken = int(re.search(r"message (\d+)", refused["text"]).group(1))
    check(0 < taken < 140, f"{taken} messages were taken with a receiver that reads nothing")
    slow.start("receive", on="s", messages=200, timeout=20_000)
    rest = cell.publisher.do("send", on="p", first=taken, messages=200 - taken, lengths="1000")
    for peer in (slow, other):
        received = peer.result()
        expect_equal("messages", received["messages"], 200)
        check(received["publishers"]["1"]["in_order"], "messages are out of order")
        expect_equal("position", received["position"], rest["position"])


@scenario()
def tagged_flow_control(cell: Cell) -> None:
    """Only receivers with the tag count, and set the pace."""
    channel = multicast(cell, SMALL_TERMS)
    publication = cell.publish(channel=channel + "|fc=tagged,g:101/1")
    cell.subscribe(cell.neighbor, "s", channel)
    await_state(cell.neighbor, "images", "s", count=1)
    refused = cell.publisher.try_to("send", on="p", messages=1, timeout=300)
    check("-1" in refused["text"] or "not_connected" in refused["text"], f"an offer without a tagged receiver: {refused}")
    expect_equal("receivers", receiver_count(cell, publication), 0)
    cell.subscribe(channel=channel + "|gtag=101")
    await_state(cell.publisher, "connected", "p")
    await_value("receivers", lambda: receiver_count(cell, publication), 1)
    cell.transfer(500, "1000,64,1376,3000")


@scenario()
def stream_parameters(cell: Cell) -> None:
    """What the publisher's channel says arrives with the image: session, frame and term length, and where it begins."""
    channel = unicast(cell)
    position = 7 * 262_144 + 4_096
    publication = cell.connect(f"{channel}|session-id=-77|mtu=8k|term-length=256k|init-term-id=-3|term-id=4|term-offset=4096",
                               "exclusive", subscription_channel=f"{channel}|session-id=-77")
    expect_equal("position of the publication", publication["position"], position)
    (image,) = cell.subscriber.do("images", on="s")["images"]
    sender = next(one["label"].split()[-1] for one in counters(cell.publisher, SOCKETS)
                  if one["registration"] == publication["registration"])
    for name, value in {"session": -77, "mtu": 8_192, "term_length": 262_144, "initial_term_id": -3, "join": position,
                        "position": position, "source": sender}.items():
        expect_equal(f"{name} of the image", image[name], value)
    cell.transfer(500, "8160,1000,64,9000")


@scenario()
def end_of_stream(cell: Cell) -> None:
    publication = cell.connect(unicast(cell, SMALL_TERMS))
    cell.transfer(100, "100")
    more = cell.publisher.do("send", on="p", messages=20, first=100, lengths="200")
    cell.publisher.do("close", on="p")
    received = cell.subscriber.do("receive", on="s", messages=0, timeout=10_000)
    expect_arrival(received, {1: more})
    gone = await_event(cell.subscriber, "unavailable", session=publication["session"])
    expect_equal("last position", gone["position"], more["position"])
    expect_equal("end of stream position", gone["end"], more["position"])
    check(gone["ended"] and not gone["revoked"], f"the image did not end as it should: {gone}")


@scenario()
def departing_subscriber(cell: Cell) -> None:
    """A publication sees its last subscriber leave, and the next one join where the stream is."""
    channel = unicast(cell, SMALL_TERMS)
    cell.connect(channel)
    sent = cell.transfer(10, "100")
    cell.subscriber.do("close", on="s")
    await_state(cell.publisher, "disconnected", "p")
    cell.subscribe(name="t", channel=channel)
    await_state(cell.publisher, "connected", "p")
    await_state(cell.subscriber, "images", "t", count=1)
    (image,) = cell.subscriber.do("images", on="t")["images"]
    expect_equal("position at which the next one joins", image["join"], sent["position"])
    cell.transfer(10, "100", first=10, readers=[(cell.subscriber, "t")])


FRAME_OF_100 = 160  # what a message of 100 bytes takes in the log


@scenario()
def late_joiner(cell: Cell) -> None:
    """On the driver that receives already, a subscriber joins the image where its conductor last saw the others."""
    channel = unicast(cell, SMALL_TERMS)
    cell.connect(channel)
    sent = cell.transfer(100, "100")
    cell.subscribe(name="t", channel=channel)
    await_state(cell.subscriber, "images", "t", count=1)
    (image,) = cell.subscriber.do("images", on="t")["images"]
    check(0 <= image["join"] <= sent["position"], f"joined at {image['join']}, the stream is at {sent['position']}")
    repeated = (sent["position"] - image["join"]) // FRAME_OF_100
    more = cell.publisher.do("send", on="p", first=100, messages=50, lengths="100")
    expect_arrival(cell.subscriber.do("receive", on="s", messages=50), {1: more})
    received = cell.subscriber.do("receive", on="t", messages=50 + repeated)
    expect_equal("position", received["position"], more["position"])
    check(received["publishers"]["1"]["in_order"], "messages are out of order")


@scenario(pairs="own")
def silent_driver(cell: Cell) -> None:
    """The publisher's driver is not heard of for a while: the image goes, without an end, and comes back later, unless
    the subscription does not want that."""
    faithless = unicast(cell, SMALL_TERMS)
    cell.subscribe(name="t", channel=faithless + "|rejoin=false")
    cell.publish(name="q", channel=faithless)
    await_state(cell.subscriber, "images", "t", count=1)
    publication = cell.connect(unicast(cell, SMALL_TERMS))
    sent = cell.transfer(100, "100")
    driver = cell.venue.publisher_stage.driver
    driver.send_signal(signal.SIGSTOP)
    try:
        gone = await_event(cell.subscriber, "unavailable", session=publication["session"])
    finally:
        driver.send_signal(signal.SIGCONT)
    check(not gone["ended"] and not gone["revoked"], f"the image has ended: {gone}")
    await_state(cell.subscriber, "images", "s", count=1)
    (image,) = cell.subscriber.do("images", on="s")["images"]
    expect_equal("position at which it comes back", image["join"], sent["position"])
    await_state(cell.publisher, "connected", "p")
    cell.transfer(100, "1000", first=100)
    expect_equal("images without rejoining", cell.subscriber.do("images", on="t")["images"], [])


@scenario(pairs="own")
def untethered_subscriber(cell: Cell) -> None:
    """One that does not keep up loses its image, so that the others go on, and gets it back after a rest."""
    channel = unicast(cell, SMALL_TERMS)
    # The time-outs are those of the image, which has them from its first subscription.
    cell.connect(channel, subscription_channel=f"{channel}|untethered-window-limit-timeout=300ms"
                                               "|untethered-linger-timeout=100ms|untethered-resting-timeout=500ms")
    cell.subscribe(name="slow", channel=f"{channel}|tether=false")
    await_state(cell.subscriber, "images", "slow", count=1)
    cell.transfer(500, "1000")
    await_event(cell.subscriber, "unavailable", subscription="slow")
    await_state(cell.subscriber, "images", "slow", count=1)
    cell.subscriber.start("receive", on="slow", messages=20)
    sent = cell.publisher.do("send", on="p", messages=20, lengths="1000")
    received = cell.subscriber.result()
    expect_equal("position of the one that was slow", received["position"], sent["position"])


@scenario(pairs="own")
def restarted_receiver(cell: Cell) -> None:
    """The subscriber's driver dies; a new one joins the stream where it is."""
    channel = unicast(cell, SMALL_TERMS)
    cell.connect(channel)
    sent = cell.transfer(100, "100")
    stage = cell.venue.subscriber_stage
    stage.driver.kill()
    for peer in [peer for peer in stage.peers if peer.is_alive]:
        stage.retire(peer)
    cell.peers = [cell.publisher]
    stage.start_driver()
    cell.subscribe(channel=channel)
    await_state(cell.subscriber, "images", "s", count=1)
    (image,) = cell.subscriber.do("images", on="s")["images"]
    expect_equal("position at which it joins", image["join"], sent["position"])
    await_state(cell.publisher, "connected", "p")
    cell.transfer(100, "1000", first=100)


@scenario()
def revoke(cell: Cell) -> None:
    publication = cell.connect(unicast(cell, SMALL_TERMS), "exclusive")
    cell.transfer(10, "100")
    cell.publisher.do("send", on="p", messages=5, first=10, lengths="100")
    cell.publisher.do("revoke", on="p")
    gone = await_event(cell.subscriber, "unavailable", session=publication["session"])
    check(gone["revoked"], f"the image is not revoked: {gone}")


@scenario()
def reject(cell: Cell) -> None:
    """An image that is rejected goes away, and comes back after a while; its publisher is told why."""
    rejected, frames = system_counter(cell.subscriber, 42), system_counter(cell.publisher, 38)
    publication = cell.connect(unicast(cell, SMALL_TERMS))
    sent = cell.transfer(10, "100")
    reason = "too old: 17 > 16"
    cell.subscriber.do("reject", on="s", reason=reason)
    error = await_event(cell.publisher, "publication-error", session=publication["session"])
    for name, value in {"registration": publication["registration"], "stream": cell.stream, "code": 13, "text": reason,
                        "destination": -1}.items():
        expect_equal(f"{name} of the publication error", error[name], value)
    check(error["receiver"] != -1, "the receiver is not named")
    # Where a receiver has no group, the Java driver says 0.
    expect_equal("group tag", error["group_tag"], 0 if cell.stage.driver_kind == "java" else -1)
    await_state(cell.publisher, "disconnected", "p")
    await_event(cell.subscriber, "unavailable", session=publication["session"])
    await_state(cell.publisher, "connected", "p")
    await_state(cell.subscriber, "images", "s", count=1)
    (image,) = cell.subscriber.do("images", on="s")["images"]
    expect_equal("position at which it comes back", image["join"], sent["position"])
    cell.transfer(10, "100", first=10)
    expect_equal("images rejected", system_counter(cell.subscriber, 42), rejected + 1)
    check(system_counter(cell.publisher, 38) > frames, "no error frame was counted")


@scenario()
def reject_of_a_destination(cell: Cell) -> None:
    """The publisher is told which of its destinations it was, and whose group."""
    destination = f"aeron:udp?endpoint=localhost:{cell.port()}"
    cell.subscribe(channel=destination + "|gtag=77")
    publication = cell.publish(channel=f"aeron:udp?control-mode=manual|control=localhost:{cell.port()}{SMALL_TERMS}")
    added = cell.publisher.do("add-destination", on="p", channel=destination, with_id=True)
    await_state(cell.publisher, "connected", "p")
    await_state(cell.subscriber, "images", "s", count=1)
    cell.subscriber.do("reject", on="s", reason="not for us")
    error = await_event(cell.publisher, "publication-error", session=publication["session"])
    for name, value in {"code": 13, "text": "not for us", "group_tag": 77, "destination": added["destination"]}.items():
        expect_equal(f"{name} of the publication error", error[name], value)


# spec: 07-C57
@scenario()
def response_channel(cell: Cell) -> None:
    """Two clients ask one server; each gets its own answers. The server is on the subscriber's side."""
    requests, responses = cell.stream, cell.venue.stream()
    request_channel = unicast(cell, SMALL_TERMS)
    response_channel = f"aeron:udp?control-mode=response|control=localhost:{cell.port()}"
    server = cell.subscriber
    cell.subscribe(channel=request_channel)
    clients = [cell.publisher, cell.neighbor]
    for number, client in enumerate(clients, 1):
        answers = client.do("add-subscription", **{"as": "answers"}, channel=response_channel, stream=responses)
        client.do("add-publication", **{"as": "requests"}, stream=requests, kind="exclusive",
                  channel=f"{request_channel}|response-correlation-id={answers['registration']}")
        image = await_event(server, "available")
        name = f"answers to {number}"
        channel = f"{response_channel}|response-correlation-id={image['correlation']}{SMALL_TERMS}"
        server.do("add-publication", **{"as": name}, channel=channel, stream=responses,
                  kind="shared" if number == 1 else "exclusive")
        await_state(client, "connected", "requests")
        await_state(client, "images", "answers", count=1)
        await_state(server, "connected", name)
    sent = {number: client.do("send", on="requests", publisher=number, messages=20, lengths="100,3000")
            for number, client in enumerate(clients, 1)}
    expect_arrival(server.do("receive", on="s", messages=40), sent)
    for number, client in enumerate(clients, 1):
        answers = server.do("send", on=f"answers to {number}", publisher=number, messages=30, lengths="100,3000")
        expect_arrival(client.do("receive", on="answers", messages=30), {number: answers})
    for number, client in enumerate(clients, 1):
        (image,) = client.do("images", on="answers")["images"]
        server.do("close", on=f"answers to {number}")
        await_event(client, "unavailable", session=image["session"])


def stream_key(registration: int, session: int, stream: int, channel: str) -> str:
    key = registration.to_bytes(8, "little") + session.to_bytes(4, "little", signed=True) + stream.to_bytes(4, "little")
    return (key + len(channel).to_bytes(4, "little") + channel.encode()[:92]).ljust(112, b"\0").hex()


def expect_counter(peer: Peer, type_id: int, registration: int, **facts) -> None:
    found = [one for one in counters(peer, type_id, key_length=112) if one["registration"] == registration]
    check(len(found) == 1, f"counters of type {type_id} and registration {registration}: {found}")
    for name, value in facts.items():
        expect_equal(f"{name} of counter {type_id} '{found[0]['label']}'", found[0][name], value)


# spec: 06 §19.3
@scenario(pairs="own")
def stream_counters(cell: Cell) -> None:
    """The counters of a stream on both drivers: label, key, whose they are."""
    channel = multicast(cell, SMALL_TERMS)
    publication = cell.connect(channel + "|fc=min", subscription_channel=channel + "|cc=cubic")
    (image,) = cell.subscriber.do("images", on="s")["images"]
    session, registration, image_id = publication["session"], publication["registration"], image["correlation"]
    client = max(one["registration"] for one in counters(cell.publisher, 11)
                 if f"name={cell.publisher_kind} publisher" in one["label"])

    about = f"{session} {cell.stream} {channel}|fc=min"
    key = stream_key(registration, session, cell.stream, channel + "|fc=min")
    for type_id, name, owner in ((17, "fc-receivers", -1), (12, "pub-pos (concurrent)", client), (1, "pub-lmt", client),
                                 (2, "snd-pos", client), (9, "snd-lmt", client), (13, "snd-bpe", client),
                                 (19, "snd-naks-received", client)):
        expect_counter(cell.publisher, type_id, registration, label=f"{name}: {registration} {about}", key=key,
                       reference=0, owner=owner)

    about = f"{session} {cell.stream} {channel}|cc=cubic"
    key = stream_key(image_id, session, cell.stream, channel + "|cc=cubic")
    for type_id, name in ((3, "rcv-hwm"), (5, "rcv-pos"), (20, "rcv-naks-sent")):
        expect_counter(cell.subscriber, type_id, image_id, label=f"{name}: {image_id} {about}", key=key, reference=0)
    rates = [one["label"] for one in counters(cell.subscriber, 10) if one["registration"] == image_id]
    expect_equal("counters of congestion control", sorted(rates),
                 [f"rcv-cc-cubic-{what}: {image_id} {about}" for what in ("rtt", "wnd")])
    subscription = next(one["registration"] for one in counters(cell.subscriber, 4) if one["reference"] == image_id)
    expect_counter(cell.subscriber, 4, subscription, label=f"sub-pos: {subscription} {about} @0", reference=image_id,
                   key=stream_key(subscription, session, cell.stream, channel + "|cc=cubic"))


# Channels that drivers refuse, with the codes of the C driver, which ours follows, and of the Java driver; 0: accepted.
# What differs is what 05 §11 says of them. spec: 05 §5.6, §9, §11, §18.2, §18.3
WRONG_CHANNELS: list[tuple[str, str, str, int, int]] = [
    ("add-publication", "shared", "aeron:udp", 1, 1),
    ("add-publication", "shared", "aeron:udp?mtu=1408", 1, 1),
    ("add-publication", "shared", "aeron:udp?endpoint=localhost", 11, 1),
    ("add-publication", "shared", "aeron:udp?endpoint=localhost:70000", 11, 1),
    ("add-publication", "shared", "aeron:udp?endpoint=localhost:port", 11, 1),
    ("add-publication", "shared", "aeron:udp?endpoint=localhost:0", 11, 11),
    ("add-publication", "shared", "aeron:udp?control=localhost:{0}", 11, 11),
    ("add-publication", "shared", "aeron:udp?control-mode=dynamic", 1, 1),
    ("add-publication", "shared", "aeron:udp?control-mode=response|control=localhost:{0}", 11, 11),
    ("add-publication", "shared", "aeron:udp?control-mode=response|control=localhost:{0}|response-correlation-id=77", 11, 11),
    ("add-publication", "shared", "aeron:udp?endpoint=localhost:{0}|response-correlation-id=77", 11, 11),
    ("add-publication", "shared", "aeron:udp?endpoint=224.20.30.40:{0}|interface=localhost", 11, 1),
    ("add-publication", "shared", "aeron:udp?endpoint=224.20.30.39:{0}|interface=192.0.2.77", 11, 1),
    ("add-publication", "shared", "aeron:udp?endpoint=224.20.30.39:{0}|interface=localhost|fc=fast", 11, 11),
    ("add-publication", "shared", "aeron:udp?endpoint=224.20.30.39:{0}|interface=localhost|fc=min,x:1", 11, 11),
    ("add-publication", "shared", "aeron:udp?endpoint=nobody.invalid:{0}", 9, 1),
    ("add-publication", "shared", "aeron:udp?endpoint=localhost:{0}|mtu=65536", 11, 11),
    ("add-publication", "shared", "aeron:udp?endpoint=localhost:{0}|mtu=32k|so-sndbuf=16k", 11, 11),
    ("add-publication", "shared", "aeron:udp?endpoint=localhost:{0}|term-length=100000", 11, 11),
    ("add-publication", "shared", "aeron:udp?endpoint=localhost:{0}|pub-wnd=1", 11, 1),
    ("add-publication", "shared", "aeron:udp?endpoint=localhost:{0}|linger=soon", 11, 11),
    ("add-publication", "shared", "aeron:udp?endpoint=localhost:{0}|session-id=none", 11, 1),
    ("add-publication", "shared", "aeron:udp?endpoint=localhost:{0}|session-id=tag:99", 11, 1),
    ("add-publication", "shared", "aeron:udp?tags=99", 11, 1),
    ("add-publication", "exclusive", "aeron:udp?endpoint=localhost:{0}|term-id=1", 11, 1),
    ("add-publication", "exclusive", "aeron:udp?endpoint=localhost:{1}|session-id=77", 1, 1),
    ("add-publication", "shared", "aeron:udp?endpoint=localhost:{1}|session-id=78", 11, 11),
    ("add-publication", "shared", "aeron:udp?endpoint=localhost:{1}|mtu=4096", 11, 11),
    ("add-subscription", "", "aeron:udp", 1, 1),
    ("add-subscription", "", "aeron:udp?endpoint=localhost:0|control=localhost:0", 11, 11),
    ("add-subscription", "", "aeron:udp?endpoint=nobody.invalid:{0}", 9, 1),
    ("add-subscription", "", "aeron:udp?endpoint=localhost:{0}|rcv-wnd=much", 11, 1),
    ("add-subscription", "", "aeron:udp?endpoint=localhost:{0}|session-id=x", 11, 11),
    ("add-subscription", "", "aeron:udp?endpoint=localhost:{2}|reliable=false", 11, 1),
    ("add-subscription", "", "aeron:udp?endpoint=localhost:{2}|so-rcvbuf=64k", 11, 1),
    ("add-subscription", "", "aeron:udp?endpoint=localhost:{taken}", 11, 11),
    ("add-subscription", "", "aeron-spy:aeron:udp", 1, 1),
]


@scenario(pairs="own")
def wrong_channels(cell: Cell) -> None:
    ports = [cell.port() for _ in range(3)]
    cell.publish(name="there", channel=f"aeron:udp?endpoint=localhost:{ports[1]}|session-id=77|mtu=1408")
    cell.subscribe(cell.publisher, "there too", f"aeron:udp?endpoint=localhost:{ports[2]}")
    cell.subscribe(channel=f"aeron:udp?endpoint=localhost:{(taken := cell.port())}")
    expect_codes(cell, [(verb, kind, channel.format(*ports, taken=taken), *codes)
                        for verb, kind, channel, *codes in WRONG_CHANNELS])


# As above, of destinations: on what, and with which channel.
WRONG_DESTINATIONS: list[tuple[str, str, int, int]] = [
    ("unicast", "aeron:udp?endpoint=localhost:1", 11, 1),
    ("manual", "aeron-spy:aeron:udp?endpoint=localhost:1", 1, 1),
    ("manual", "aeron:ipc", 11, 1),
    ("manual", "aeron:udp?endpoint=localhost:0", 11, 1),
    ("manual", "aeron:udp?endpoint=localhost:1|mtu=1408", 1, 1),
    ("manual", "aeron:udp?endpoint=localhost:1|control-mode=response", 1, 1),
    ("manual", "aeron:udp?endpoint=nobody.invalid:1", 0, 0),
    ("receiving", "aeron:udp?endpoint=localhost:1", 1, 2),
    ("several", "aeron:udp?endpoint=nobody.invalid:1", 9, 1),
    ("several", "aeron:udp?endpoint=localhost:{taken}", 11, 11),
    ("several", "aeron:udp?endpoint=localhost:1|rcv-wnd=64k", 1, 1),
]


@scenario(pairs="own")
def wrong_destinations(cell: Cell) -> None:
    peer = cell.publisher
    cell.publish(name="unicast", channel=unicast(cell))
    cell.publish(name="manual", channel="aeron:udp?control-mode=manual")
    cell.subscribe(peer, "receiving", unicast(cell))
    cell.subscribe(peer, "several", "aeron:udp?control-mode=manual")
    cell.subscribe(channel=f"aeron:udp?endpoint=localhost:{(taken := cell.port())}")
    differences = []
    for name, channel, c_code, java_code in WRONG_DESTINATIONS:
        expected = java_code if cell.stage.driver_kind == "java" else c_code
        peer.start("add-destination", on=name, channel=channel.format(taken=taken))
        found = peer.finish().get("error", {"code": 0, "text": "accepted"})
        if found["code"] != expected:
            differences.append(f"{name} '{channel}': {found['code']} '{found['text']}', expected {expected}")
    check(not differences, "\n".join(differences))


@scenario(pairs="own", **DATA_LOSS)
def loss_of_data(cell: Cell) -> None:
    """Every tenth datagram with data is lost on arrival; what is reliable arrives nevertheless."""
    naks, retransmits = system_counter(cell.subscriber, 5), system_counter(cell.publisher, 11)
    for channel in (unicast(cell, SMALL_TERMS), multicast(cell, SMALL_TERMS)):
        cell.connect(channel)
        cell.transfer(500, "1000,64,1376,3000", timeout=30_000)
        for peer, name in ((cell.publisher, "p"), (cell.subscriber, "s")):
            peer.do("close", on=name)
    check(system_counter(cell.subscriber, 5) > naks, "no NAK was sent")
    check(system_counter(cell.publisher, 11) > retransmits, "nothing was sent again")


# Ours, on files of the reference, are in cpperon/shm with its golden files.
# spec: 06-C63
@scenario(pairs="own", **DATA_LOSS)
def monitoring(cell: Cell) -> None:
    """The reference's monitoring programs read the files of our driver; of the Java driver only where it is alone."""
    is_control = cell.publisher_kind == cell.subscriber_kind
    channel = unicast(cell, SMALL_TERMS)
    publication = cell.connect(channel)
    sent = cell.transfer(200, "1000")
    cell.publisher.try_to("add-publication", **{"as": "wrong"}, channel=f"{channel}|mtu=4096", stream=cell.stream)
    session = publication["session"]
    what = f"{publication['registration']} {session} {cell.stream} {re.escape(channel)}"
    position = f"{sent['position']:,}"
    publisher, subscriber = cell.venue.publisher_stage, cell.venue.subscriber_stage
    for stage, program, arguments, patterns in (
            (publisher, "AeronStat", ["watch=false"],
             [rf"{position} - snd-pos: {what}", rf"- snd-naks-received: {what}", r"- snd-channel: aeron:udp"]),
            (publisher, "ErrorStat", [], [r"[1-9]\d* observations? from .*(?s:.*)different"]),
            (publisher, "StreamStat", [], [rf"sessionId={session} streamId={cell.stream} .*pub-lmt"]),
            (publisher, "BacklogStat", [], [rf"sessionId={session} streamId={cell.stream} "]),
            (publisher, "DriverTool", ["pid"], [rf"\b{publisher.driver.process.pid}\b"]),
            (subscriber, "AeronStat", ["watch=false"],
             [rf"{position} - rcv-hwm: \d+ {session}", rf"{position} - rcv-pos: \d+ {session}",
              rf"{position} - sub-pos: \d+ {session}", r"- rcv-channel: aeron:udp"]),
            (subscriber, "LossStat", [],
             [rf"[1-9]\d*,[1-9]\d*,.*,{session},{cell.stream},.*{re.escape(channel)}"])):
        if stage.driver_kind != "cpperon" and not is_control:
            continue
        text = run_sample(stage, program, *arguments)
        for pattern in patterns:
            check(re.search(pattern, text) is not None, f"{program} does not show '{pattern}':\n{text}")


@scenario(pairs="own", **DATA_LOSS)
def unreliable_stream(cell: Cell) -> None:
    """Gaps become padding, and nothing is asked for again."""
    channel = unicast(cell, SMALL_TERMS)
    naks, fills = system_counter(cell.subscriber, 5), system_counter(cell.subscriber, 23)
    cell.connect(channel, subscription_channel=channel + "|reliable=false")
    cell.subscriber.start("receive", on="s", messages=0, timeout=20_000)
    sent = cell.publisher.do("send", on="p", messages=500, lengths="1000")
    cell.publisher.do("close", on="p")
    received = cell.subscriber.result()
    check(100 < received["messages"] < sent["messages"], f"{received['messages']} messages arrived")
    expect_equal("NAKs sent", system_counter(cell.subscriber, 5), naks)
    check(system_counter(cell.subscriber, 23) > fills, "no gap was filled")


@scenario(pairs="own", **LOSS)
def loss_of_everything(cell: Cell) -> None:
    """Every tenth datagram of any kind is lost on arrival, on both sides."""
    for channel in (unicast(cell, SMALL_TERMS), multicast(cell, SMALL_TERMS)):
        cell.connect(channel)
        cell.transfer(500, "1000,64,1376,3000", timeout=30_000)
        for peer, name in ((cell.publisher, "p"), (cell.subscriber, "s")):
            peer.do("close", on=name)


@scenario(pairs="own", **NAMES)
def names_of_drivers(cell: Cell) -> None:
    """Drivers tell each other their names; a channel may use them instead of hosts."""
    port = cell.port()
    cell.subscribe(channel=f"aeron:udp?endpoint=localhost:{port}")
    for peer in (cell.publisher, cell.subscriber):
        await_value("neighbors", lambda: sum(one["value"] for one in counters(peer, NEIGHBORS)), 1)
    cell.publish(channel=f"aeron:udp?endpoint=subscriber:{port}")
    await_state(cell.publisher, "connected", "p")
    cell.transfer(100, "1000")
    control = f"control=publisher:{cell.port()}"
    cell.publish(name="q", channel=f"aeron:udp?{control}|control-mode=dynamic")
    cell.subscribe(name="t", channel=f"aeron:udp?endpoint=localhost:0|{control}")
    await_state(cell.publisher, "connected", "q")
    await_state(cell.subscriber, "images", "t", count=1)
    refused = cell.publisher.try_to("add-publication", **{"as": "wrong"}, channel="aeron:udp?endpoint=nobody.invalid:1")
    check(refused["code"] in (1, 9), f"an unknown name: {refused}")
