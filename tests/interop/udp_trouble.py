"""What goes wrong over UDP: datagrams that are lost, channels that are refused; and what operators see of it all."""
from __future__ import annotations

import re

from ipc_scenarios import WRONG_COMMANDS
from monitoring import expect_one_view
from peers import Peer, Stage, check
from scenario import Cell, await_state, await_true, counters, expect_codes, expect_equal, run_sample, system_counter
from tap import bound
from udp import DATA_LOSS, IMPATIENT, LOSS, NAMES, NEIGHBORS, SMALL_TERMS, multicast, scenario, unicast


def stream_key(registration: int, session: int, stream: int, channel: str) -> str:
    key = registration.to_bytes(8, "little") + session.to_bytes(4, "little", signed=True) + stream.to_bytes(4, "little")
    return (key + len(channel).to_bytes(4, "little") + channel.encode()[:92]).ljust(112, b"\0").hex()


def expect_counter(peer: Peer, type_id: int, registration: int, **facts) -> None:
    found = [one for one in counters(peer, type_id, key_length=112) if one["registration"] == registration]
    check(len(found) == 1, f"counters of type {type_id} and registration {registration}: {found}")
    for name, value in facts.items():
        expect_equal(f"{name} of counter {type_id} '{found[0]['label']}'", found[0][name], value)


def client_of(peer: Peer, name: str) -> int:
    """The id of the last client with this name, which it adds to the label with its first sign of life."""
    ids: list[int] = []

    def found() -> bool:
        ids[:] = [one["registration"] for one in counters(peer, 11) if f"name={name}" in one["label"]]
        return bool(ids)
    await_true(f"a client with the name {name}", found)
    return max(ids)


# spec: 06 §19.3
@scenario(pairs="own")
def stream_counters(cell: Cell) -> None:
    """The counters of a stream on both drivers: label, key, whose they are."""
    channel = multicast(cell, SMALL_TERMS)
    publication = cell.connect(channel + "|fc=min", subscription_channel=channel + "|cc=cubic")
    (image,) = cell.subscriber.do("images", on="s")["images"]
    session, registration, image_id = publication["session"], publication["registration"], image["correlation"]
    client = client_of(cell.publisher, f"{cell.publisher_kind} publisher")

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
# What differs is what 05 §11 says of them. Not here: a value that is empty at the end of the text, which ours takes for
# absent, as the C driver did before 1.54, and which that refuses since. spec: 05 §5.6, §9, §11, §18.2, §18.3
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
    ("add-publication", "shared", "aeron:udp?endpoint=224.20.30.39:{0}|interface=localhost|fc=min,x:1", 11, 0),
    ("add-publication", "shared", "aeron:udp?endpoint=nobody.invalid:{0}", 9, 1),
    ("add-publication", "shared", "aeron:udp?endpoint=localhost:{0}|mtu=65536", 11, 11),
    ("add-publication", "shared", "aeron:udp?endpoint=localhost:{0}|mtu=32k|so-sndbuf=16k", 11, 11),
    ("add-publication", "shared", "aeron:udp?endpoint=localhost:{0}|term-length=100000", 11, 11),
    ("add-publication", "shared", "aeron:udp?endpoint=localhost:{0}|mtu=8224|term-length=64k", 0, 1),
    ("add-publication", "shared", "aeron:udp?endpoint=localhost:{0}|pub-wnd=1", 11, 1),
    ("add-publication", "shared", "aeron:udp?endpoint=localhost:{0}|max-resend=0", 11, 1),
    ("add-publication", "shared", "aeron:udp?endpoint=localhost:{0}|eos=perhaps", 11, 0),
    ("add-publication", "shared", "aeron:udp?endpoint=localhost:{0}|tags=1,b", 11, 1),
    ("add-publication", "shared", "aeron:udp?endpoint=localhost:{0}|control-mode=static", 0, 0),
    ("add-publication", "shared", "aeron:udp?endpoint=localhost:{0}|channel-snd-ts-offset=0|channel-rcv-ts-offset=4", 11, 0),
    ("add-publication", "shared", "aeron:udp?endpoint=localhost:{0}||mtu=1408", 1, 1),
    ("add-publication", "shared", "aeron:udp?endpoint=localhost:{0}|junk", 0, 1),
    ("add-publication", "shared", "aeron:udp?endpoint=[::1]:{0}|interface=localhost", 11, 11),
    ("add-publication", "shared", "aeron:udp?endpoint=127.0.0.1:{0}|control=[::1]:0", 11, 11),
    ("add-publication", "shared", "aeron-spy:aeron:udp?endpoint=localhost:{0}", 1, 0),
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
    ("add-subscription", "", "aeron:udp?endpoint=localhost:{0}|tether=x", 11, 0),
    ("add-subscription", "", "aeron:udp?endpoint=localhost:{0}|rcv-wnd=64m", 11, 11),
    ("add-subscription", "", "aeron:udp?endpoint=localhost:{0}|so-rcvbuf=1", 11, 11),
    ("add-subscription", "", "aeron:udp?control-mode=manual|so-rcvbuf=64k", 11, 11),
    ("add-subscription", "", "aeron:udp?endpoint=192.0.2.1:{0}", 11, 11),
    ("add-subscription", "", "aeron:udp?endpoint=localhost:{0}|media-rcv-ts-offset=0|channel-rcv-ts-offset=4", 11, 1),
    ("add-subscription", "", "aeron:udp?endpoint=localhost:{2}|reliable=false", 11, 1),
    ("add-subscription", "", "aeron:udp?endpoint=localhost:{2}|so-rcvbuf=64k", 11, 1),
    ("add-subscription", "", "aeron:udp?endpoint=localhost:{taken}", 11, 11),
    ("add-subscription", "", "aeron-spy:aeron:udp", 1, 1),
]


@scenario(pairs="own")
def wrong_channels(cell: Cell) -> None:
    """Wrong channels are refused, with the same codes as by the C driver."""
    publication, subscription, taken = (cell.port() for _ in range(3))
    cell.publish(name="there", channel=f"aeron:udp?endpoint=localhost:{publication}|session-id=77|mtu=1408")
    cell.subscribe(cell.publisher, "there too", f"aeron:udp?endpoint=localhost:{subscription}")
    cell.subscribe(channel=f"aeron:udp?endpoint=localhost:{taken}")
    expect_codes(cell, [(verb, kind, channel.format(cell.port(), publication, subscription, taken=taken), *codes)
                        for verb, kind, channel, *codes in WRONG_CHANNELS])


def words_of(text: str) -> set[str]:
    """But for channels as a whole, which not every text repeats."""
    return set(re.findall(r"[a-z0-9-]{3,}", re.sub(r"(\S*[cC]hannel=|from URI: )\S*", "", text).lower()))


def own_words(text: str) -> str:
    """Of an error of the C client, what the driver says first; of ours, what the driver says."""
    frames = [line for line in re.findall(r"^\[.*?\] (.+)$", text, re.MULTILINE)
              if "registration error" not in line and not re.match(r"\(-?\d+\)", line)]
    return frames[0] if frames else text.split("): ", 1)[-1]


def what_is_said(cell: Cell, peer: Peer) -> list[tuple[str, int, str]]:
    """Of all wrong channels: the command, the code and the text, with words for what is not always the same."""
    publication, subscription, taken = (cell.port() for _ in range(3))
    peer.do("add-publication", **{"as": "ipc"}, stream=cell.stream, channel="aeron:ipc?session-id=77|term-length=64k|mtu=1408")
    cell.publish(peer, "there", f"aeron:udp?endpoint=localhost:{publication}|session-id=77|mtu=1408")
    cell.subscribe(peer, "there too", f"aeron:udp?endpoint=localhost:{subscription}")
    said = []
    with bound(taken):
        for verb, kind, channel, *_ in [*WRONG_COMMANDS, *WRONG_CHANNELS]:
            any_port = cell.port()
            channel = channel.format(any_port, publication, subscription, taken=taken)
            peer.start(verb, **{"as": "wrong"}, stream=cell.stream, channel=channel, kind=kind)
            answer = peer.finish()
            error = answer.get("error", {"code": 0, "text": ""})
            if not error["code"]:
                peer.do("close", on="wrong")
            command, text = f"{verb} {kind} {channel}".replace("  ", " "), own_words(error["text"])
            for value, word in ((publication, "port 1"), (subscription, "port 2"), (taken, "taken port"),
                                (any_port, "port"), (cell.stream, "stream")):
                command, text = (one.replace(str(value), f"{{{word}}}") for one in (command, text))
            said.append((command, error["code"], text))
    return said


@scenario(pairs="own", venues=["cpperon+c"])
def error_texts(cell: Cell) -> dict:
    """With the same code, our driver says in most of the C driver's words what is wrong with a command."""
    texts, differences = [], []
    for (command, code, ours), (_, c_code, theirs) in zip(what_is_said(cell, cell.publisher),
                                                          what_is_said(cell, cell.subscriber)):
        if code == 0 and c_code == 0:
            continue
        missing = words_of(theirs) - words_of(ours)
        if code != c_code or len(missing) > 0.3 * len(words_of(theirs)):
            differences.append(f"{command}: {code} '{ours}', the C driver says {c_code} '{theirs}'")
        texts.append([f"`{command}`", str(code), ours, theirs])
    check(not differences, "\n".join(differences))
    return {"texts": texts}


# As above, of adding and removing destinations: on what, and with which channel.
WRONG_DESTINATIONS: list[tuple[str, str, str, int, int]] = [
    ("add", "unicast", "aeron:udp?endpoint=localhost:1", 11, 1),
    ("add", "manual", "aeron-spy:aeron:udp?endpoint=localhost:1", 1, 1),
    ("add", "manual", "aeron:ipc", 11, 1),
    ("add", "manual", "aeron:udp?endpoint=localhost:0", 11, 1),
    ("add", "manual", "aeron:udp?endpoint=localhost:1|mtu=1408", 1, 1),
    ("add", "manual", "aeron:udp?endpoint=localhost:1|control-mode=response", 1, 1),
    ("add", "manual", "aeron:udp?endpoint=nobody.invalid:1", 0, 0),
    ("add", "receiving", "aeron:udp?endpoint=localhost:1", 1, 2),
    ("add", "several", "aeron:udp?endpoint=nobody.invalid:1", 9, 1),
    ("add", "several", "aeron:udp?endpoint=localhost:{taken}", 11, 11),
    ("add", "several", "aeron:udp?endpoint=localhost:1|rcv-wnd=64k", 1, 1),
    ("remove", "unicast", "aeron:udp?endpoint=localhost:1", 11, 1),
    ("remove", "manual", "aeron:udp?endpoint=localhost:1", 0, 0),
    ("remove", "receiving", "aeron:udp?endpoint=localhost:1", 1, 1),
    ("remove", "receiving", "aeron:ipc", 2, 2),
    ("remove", "receiving", "aeron-spy:aeron:udp?endpoint=localhost:1", 2, 2),
    ("remove", "several", "aeron:udp?endpoint=localhost:1", 0, 0),
    ("remove", "several", "aeron:ipc", 2, 2),
]


@scenario(pairs="own")
def wrong_destinations(cell: Cell) -> None:
    """The same of destinations that are added and removed."""
    peer = cell.publisher
    cell.publish(name="unicast", channel=unicast(cell))
    cell.publish(name="manual", channel="aeron:udp?control-mode=manual")
    cell.subscribe(peer, "receiving", unicast(cell))
    cell.subscribe(peer, "several", "aeron:udp?control-mode=manual")
    cell.subscribe(channel=f"aeron:udp?endpoint=localhost:{(taken := cell.port())}")
    differences = []
    for verb, name, channel, c_code, java_code in WRONG_DESTINATIONS:
        expected = java_code if cell.stage.driver_kind == "java" else c_code
        peer.start(f"{verb}-destination", on=name, channel=channel.format(taken=taken))
        found = peer.finish().get("error", {"code": 0, "text": "accepted"})
        if found["code"] != expected:
            differences.append(f"{verb} {name} '{channel}': {found['code']} '{found['text']}', expected {expected}")
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


# spec: 06-C63
@scenario(pairs="own", **DATA_LOSS)
def monitoring(cell: Cell) -> None:
    """The reference's monitoring programs read the files of our driver, and our reader those of any."""
    is_control = cell.publisher_kind == cell.subscriber_kind
    channel = unicast(cell, SMALL_TERMS)
    publication = cell.connect(channel)
    sent = cell.transfer(200, "1000")
    cell.publisher.try_to("add-publication", **{"as": "wrong"}, channel=f"{channel}|mtu=4096", stream=cell.stream)
    session = publication["session"]
    what = f"{publication['registration']} {session} {cell.stream} {re.escape(channel)}"
    position = f"{sent['position']:,}"
    publisher, subscriber = cell.venue.publisher_stage, cell.venue.subscriber_stage
    for stage, patterns in (
            (publisher,
             {"AeronStat": [rf"{position} - snd-pos: {what}", rf"- snd-naks-received: {what}",
                            r"- snd-channel: aeron:udp"],
              "ErrorStat": [r"[1-9]\d* observations? from .*(?s:.*)different"],
              "StreamStat": [rf"sessionId={session} streamId={cell.stream} .*pub-lmt"],
              "BacklogStat": [rf"sessionId={session} streamId={cell.stream} "]}),
            (subscriber,
             {"AeronStat": [rf"{position} - rcv-hwm: \d+ {session}", rf"{position} - rcv-pos: \d+ {session}",
                            rf"{position} - sub-pos: \d+ {session}", r"- rcv-channel: aeron:udp"],
              "LossStat": [rf"[1-9]\d*,[1-9]\d*,.*,{session},{cell.stream},.*{re.escape(channel)}"]})):
        printed = expect_one_view(stage, session, cell.stream)
        if stage.driver_kind != "cpperon" and not is_control:  # what the reference says of itself varies
            continue
        for program, expected in patterns.items():
            text = printed.get(program) or run_sample(stage, program)
            for pattern in expected:
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


def await_neighbors(cell: Cell) -> None:
    """Until the drivers have heard of each other."""
    for peer in (cell.publisher, cell.subscriber):
        await_true("a neighbor", lambda: any(one["value"] > 0 for one in counters(peer, NEIGHBORS)))


@scenario(pairs="own", **NAMES)
def names_of_drivers(cell: Cell) -> None:
    """Drivers tell each other their names; a channel may use them instead of hosts."""
    port = cell.port()
    cell.subscribe(channel=f"aeron:udp?endpoint=localhost:{port}")
    await_neighbors(cell)
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


RE_RESOLUTIONS = 25  # a counter of the driver. spec: 06 §18


# spec: 06-C58
@scenario(pairs="own", **NAMES, **IMPATIENT, **{"aeron.driver.reresolution.check.interval": "500ms"})
def re_resolution(cell: Cell) -> None:
    """A driver comes back under its name at another address: the other one notices that nothing is heard from the old
    one, asks again, and goes on with the new one. First the receiver moves, then the sender."""
    port, control = cell.port(), cell.port()
    cell.subscribe(channel=f"aeron:udp?endpoint=127.0.0.1:{port}")
    await_neighbors(cell)
    cell.publish(channel=f"aeron:udp?endpoint=subscriber:{port}{SMALL_TERMS}")
    await_state(cell.publisher, "connected", "p")
    sent = cell.transfer(100, "1000")

    changes = system_counter(cell.publisher, RE_RESOLUTIONS)
    move(cell, cell.venue.subscriber_stage)
    cell.subscribe(channel=f"aeron:udp?endpoint=127.0.0.2:{port}")
    await_state(cell.publisher, "connected", "p", timeout=20_000)
    await_state(cell.subscriber, "images", "s", count=1)
    (image,) = cell.subscriber.do("images", on="s")["images"]
    expect_equal("position at which the moved receiver joins", image["join"], sent["position"])
    cell.transfer(100, "1000", first=100)
    expect_equal("changed addresses", system_counter(cell.publisher, RE_RESOLUTIONS), changes + 1)

    cell.subscriber.do("close", on="s")
    await_neighbors(cell)
    dynamic = "control-mode=dynamic" + SMALL_TERMS
    cell.subscribe(channel=f"aeron:udp?endpoint=127.0.0.2:0|control=publisher:{control}")
    cell.publish(name="q", channel=f"aeron:udp?control=127.0.0.1:{control}|{dynamic}")
    await_state(cell.subscriber, "images", "s", count=1)
    changes = system_counter(cell.subscriber, RE_RESOLUTIONS)
    move(cell, cell.venue.publisher_stage)
    cell.publish(channel=f"aeron:udp?control=127.0.0.2:{control}|{dynamic}")
    await_state(cell.publisher, "connected", "p", timeout=20_000)
    await_state(cell.subscriber, "images", "s", count=1)
    cell.transfer(100, "1000")
    expect_equal("changed addresses", system_counter(cell.subscriber, RE_RESOLUTIONS), changes + 1)


def move(cell: Cell, stage: Stage) -> None:
    """The driver's name goes to another address of this machine."""
    _, port = stage.settings["aeron.driver.resolver.interface"].split(":")
    stage.settings["aeron.driver.resolver.interface"] = f"127.0.0.2:{port}"
    for other in cell.venue.stages:
        if other is not stage:  # for the time when it is started again
            other.settings["aeron.driver.resolver.bootstrap.neighbor"] = f"127.0.0.2:{port}"
    cell.restart(stage)
