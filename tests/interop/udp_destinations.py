"""One publication for several receivers, several sources for one subscription, and answers to the one who asked."""
from __future__ import annotations

import re

from peers import Peer, check
from scenario import Cell, await_event, await_state, await_value, counters, expect_arrival, expect_equal
from udp import IMPATIENT, RECEIVERS, SMALL_TERMS, multicast, scenario, unicast


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
@scenario(**IMPATIENT)
def manual_destinations(cell: Cell) -> None:
    """Sent to where destinations were added, and no longer where they were removed, by address or by id."""
    first, second = (f"aeron:udp?endpoint=localhost:{cell.port()}" for _ in range(2))
    other = cell.neighbor
    cell.subscribe(channel=first)
    cell.subscribe(other, "s", second)
    control = f"control-mode=manual|control=localhost:{cell.port()}"
    publication = cell.publish(channel=f"aeron:udp?{control}|fc=min,t:500ms{SMALL_TERMS}", kind="exclusive")
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
    # Within a window: the other receiver counts until it has noticed.
    cell.transfer(10, "1000", first=200, readers=[(other, "s")])
    left = [cell.subscriber]
    # The reference's C client names the publication where the destination belongs: nothing is removed.
    if cell.publisher_kind != "c":
        cell.publisher.do("remove-destination", on="p", id=second_id)
        left.append(other)
    for peer in left:
        gone = await_event(peer, "unavailable", session=publication["session"])
        check(not gone["ended"], f"the stream ended for a destination that was removed: {gone}")
        expect_equal("messages behind what was removed", peer.do("images", on="s")["images"], [])


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


def receiver_count(cell: Cell, publication: dict) -> int:
    return sum(one["value"] for one in counters(cell.publisher, RECEIVERS)
               if one["registration"] == publication["registration"])


def expect_not_connected(cell: Cell, when: str) -> None:
    refused = cell.publisher.try_to("send", on="p", messages=1, timeout=300)
    check("-1" in refused["text"] or "not_connected" in refused["text"], f"an offer {when}: {refused}")


@scenario()
def min_flow_control(cell: Cell) -> None:
    """Connected when there are enough receivers; the slowest sets the pace."""
    channel = multicast(cell, SMALL_TERMS)
    publication = cell.publish(channel=channel + "|fc=min,g:/2")
    cell.subscribe(channel=channel)
    await_state(cell.subscriber, "images", "s", count=1)
    await_value("receivers", lambda: receiver_count(cell, publication), 1)
    expect_not_connected(cell, "with one receiver of two")
    cell.subscribe(cell.neighbor, "s", channel)
    await_state(cell.publisher, "connected", "p")
    await_value("receivers", lambda: receiver_count(cell, publication), 2)
    held_up_by(cell, cell.neighbor, other=cell.subscriber)


def held_up_by(cell: Cell, slow: Peer, other: Peer) -> None:
    """One receiver reads and the other does not: the publisher gets no further than a window and a term."""
    other.start("receive", on="s", messages=200, timeout=20_000)
    cell.publisher.start("send", on="p", messages=200, lengths="1000", timeout=700)
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
    expect_not_connected(cell, "without a tagged receiver")
    expect_equal("receivers", receiver_count(cell, publication), 0)
    cell.subscribe(channel=channel + "|gtag=101")
    await_state(cell.publisher, "connected", "p")
    await_value("receivers", lambda: receiver_count(cell, publication), 1)
    cell.transfer(500, "1000,64,1376,3000")


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
