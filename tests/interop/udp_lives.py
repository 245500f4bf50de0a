"""How streams over UDP begin late, end, are ended, and outlive those who have to do with them."""
from __future__ import annotations

import signal

from peers import check
from scenario import SHORT_TIMEOUTS, Cell, await_event, await_state, expect_arrival, expect_equal, system_counter
from udp import IMPATIENT, SMALL_TERMS, scenario, unicast


@scenario()
def end_of_stream(cell: Cell) -> None:
    """A subscriber reads everything, then sees the end and where it is."""
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


@scenario(pairs="own", **IMPATIENT)
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
    cell.restart(cell.venue.subscriber_stage)
    cell.subscribe(channel=channel)
    await_state(cell.subscriber, "images", "s", count=1)
    (image,) = cell.subscriber.do("images", on="s")["images"]
    expect_equal("position at which it joins", image["join"], sent["position"])
    await_state(cell.publisher, "connected", "p")
    cell.transfer(100, "1000", first=100)


@scenario(pairs="own", **IMPATIENT)
def restarted_sender(cell: Cell) -> None:
    """The publisher's driver dies, and the image with it, without an end; a stream of a new one arrives."""
    channel = unicast(cell, SMALL_TERMS)
    publication = cell.connect(channel)
    cell.transfer(100, "100")
    cell.restart(cell.venue.publisher_stage)
    gone = await_event(cell.subscriber, "unavailable", session=publication["session"])
    check(not gone["ended"] and not gone["revoked"], f"the image has ended: {gone}")
    cell.publish(channel=channel)
    await_state(cell.publisher, "connected", "p")
    await_state(cell.subscriber, "images", "s", count=1)
    cell.transfer(100, "1000")


# spec: 03-C80
@scenario(pairs="own", **SHORT_TIMEOUTS)
def killed_with_claim(cell: Cell) -> None:
    """A client dies holding a claim: what the other publisher of the log sent behind it arrives once it is unblocked."""
    channel = unicast(cell, SMALL_TERMS)
    victim, survivor = cell.venue.publisher_stage.new_peer(cell.publisher_kind), cell.neighbor
    cell.subscribe(channel=channel)
    for peer in (survivor, victim):
        cell.publish(peer, "p", channel)
        await_state(peer, "connected", "p")
    await_state(cell.subscriber, "images", "s", count=1)
    before = victim.do("send", on="p", publisher=1, messages=10, lengths="100")
    victim.do("claim", on="p", length=200)
    behind = survivor.do("send", on="p", publisher=2, messages=10, lengths="100")
    victim.kill()
    received = cell.subscriber.do("receive", on="s", messages=20, timeout=15_000)
    expect_arrival(received, {1: before, 2: behind})
    expect_equal("position", received["position"], behind["position"])


@scenario()
def revoke(cell: Cell) -> None:
    """A publication is revoked: its image goes at once, and says why."""
    publication = cell.connect(unicast(cell, SMALL_TERMS), "exclusive")
    cell.transfer(10, "100")
    cell.publisher.do("send", on="p", messages=5, first=10, lengths="100")
    cell.publisher.do("revoke", on="p")
    gone = await_event(cell.subscriber, "unavailable", session=publication["session"])
    check(gone["revoked"], f"the image is not revoked: {gone}")


@scenario(**IMPATIENT)
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
    # Where a receiver has no group, the Java driver tells what it was sent all the same, and it sends 0.
    drivers = {stage.driver_kind for stage in cell.venue.stages}
    expect_equal("group tag", error["group_tag"], 0 if drivers == {"java"} else -1)
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
def rejects_that_are_refused(cell: Cell) -> None:
    """A spy's image is nobody's to reject; a reason has at most 1,023 bytes."""
    channel = unicast(cell, SMALL_TERMS)
    cell.connect(channel)
    cell.subscribe(cell.neighbor, "spy", f"aeron-spy:{channel}")
    await_state(cell.neighbor, "images", "spy", count=1)
    for peer, name, reason in ((cell.neighbor, "spy", "not ours"), (cell.subscriber, "s", "x" * 1_024)):
        peer.start("reject", on=name, reason=reason)
        code = peer.finish().get("error", {"code": 0})["code"]
        # 11: the driver refuses; 2000: the client itself does. The C client does not wait for an answer.
        check(code in ((0,) if peer.kind == "c" else (11, 2_000)), f"code of a reject that must be refused: {code}")
    cell.transfer(10, "100", readers=[(cell.subscriber, "s"), (cell.neighbor, "spy")])


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
