"""What scenarios over UDP have in common. In each, the publisher and the subscriber have a driver of their own; it is
played with all pairs of drivers that have ours in them. spec: 04, 05"""
from __future__ import annotations

from scenario import Cell, Play, Scenario

VENUES = ["cpperon+java", "java+cpperon", "cpperon+c", "c+cpperon", "java+java"]
SCENARIOS: dict[str, Scenario] = {}
SETTINGS = {"aeron.rcv.status.message.timeout": "50ms"}
# An image whose frames stay away, or that was rejected, goes and comes back sooner than by default. For scenarios that
# are about that alone: where the machine pauses as long, what a subscriber has not read yet goes with the image.
IMPATIENT = {"aeron.image.liveness.timeout": "2s"}
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


def scenario(pairs: str = "crossed", venues: list[str] = VENUES, **settings: str):
    """`pairs`: own (each side has the client of its driver) or crossed (and also that of the other driver)."""
    def register(play: Play) -> Play:
        name = "udp-" + play.__name__.replace("_", "-")
        SCENARIOS[name] = Scenario(name, play, venues, pairs, {**SETTINGS, **settings})
        return play
    return register


def unicast(cell: Cell, rest: str = "") -> str:
    return f"aeron:udp?endpoint=localhost:{cell.port()}{rest}"


def multicast(cell: Cell, rest: str = "") -> str:
    return f"aeron:udp?endpoint={GROUP}:{cell.port()}|interface=localhost{rest}"
