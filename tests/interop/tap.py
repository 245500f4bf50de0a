"""Between two drivers: a relay of datagrams that keeps what it passes on, and loses some where the test says so; and an
ear for what drivers tell each other by themselves. Sockets on loopback, no privileges."""
from __future__ import annotations

import pathlib
import selectors
import socket
import struct
import threading
from typing import Callable

LOOPBACK = "127.0.0.1"
MAX_DATAGRAM = 65_536
DATA, ERROR, RESOLUTION = 1, 4, 7


def bound(port: int) -> socket.socket:
    """On loopback; 0: any port."""
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    one.bind((LOOPBACK, port))
    return one


def type_of(datagram: bytes) -> int:
    return struct.unpack_from("<H", datagram, 6)[0]


class Tap:
    """Who sends to `port` reaches `target`, and what `target` answers finds back. `caller` and `answerer` name the two
    sides in what is kept."""

    def __init__(self, port: int, target: int, caller: str, answerer: str,
                 loses: Callable[[bytes], bool] = lambda datagram: False) -> None:
        self.seen: list[tuple[str, bytes]] = []
        self._target = (LOOPBACK, target)
        self._names = caller, answerer
        self._loses = loses
        self._front = bound(port)
        self._callers: dict[tuple[str, int], socket.socket] = {}
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._front, selectors.EVENT_READ, None)
        self._wake, self._end = socket.socketpair()
        self._selector.register(self._end, selectors.EVENT_READ, "end")
        self._thread = threading.Thread(target=self._relay, daemon=True)
        self._thread.start()

    def _relay(self) -> None:
        while True:
            for key, _ in self._selector.select():
                if key.data == "end":
                    return
                try:
                    datagram, source = key.fileobj.recvfrom(MAX_DATAGRAM)
                    if key.data is None:
                        self._pass_on(datagram, source)
                    else:
                        self.seen.append((self._names[1], datagram))
                        self._front.sendto(datagram, key.data)
                except ConnectionRefusedError:
                    pass  # the other end has closed its socket; the next datagram is another story

    def _pass_on(self, datagram: bytes, source: tuple[str, int]) -> None:
        self.seen.append((self._names[0], datagram))
        if self._loses(datagram):
            return
        if source not in self._callers:
            self._callers[source] = bound(0)
            self._selector.register(self._callers[source], selectors.EVENT_READ, source)
        self._callers[source].sendto(datagram, self._target)

    def __enter__(self) -> Tap:
        return self

    def __exit__(self, *_: object) -> None:
        self._wake.send(b"x")
        self._thread.join()
        for one in (self._front, self._wake, self._end, *self._callers.values()):
            one.close()
        self._selector.close()


class Neighbor:
    """Makes itself known to the name resolvers of drivers, who then tell it what they know."""

    def __init__(self, port: int, resolvers: dict[int, str]) -> None:
        self.seen: list[tuple[str, bytes]] = []
        self._resolvers = resolvers
        self._socket = bound(port)
        name = b"ear"
        entry = struct.pack("<BBHi4sh", 1, 0x80, port, 0, socket.inet_aton(LOOPBACK), len(name)) + name
        entry += bytes(-len(entry) % 8)
        self._introduction = struct.pack("<iBBH", 8 + len(entry), 0, 0, RESOLUTION) + entry

    def listen(self, seconds: float) -> None:
        for port in self._resolvers:
            self._socket.sendto(self._introduction, (LOOPBACK, port))
        self._socket.settimeout(seconds)
        try:
            datagram, (_, port) = self._socket.recvfrom(MAX_DATAGRAM)
            self.seen.append((self._resolvers[port], datagram))
        except TimeoutError:
            pass

    def __enter__(self) -> Neighbor:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()


def write_pcap(path: pathlib.Path, port: int, datagrams: list[bytes]) -> None:
    """As UDP over IPv4 to that port, one per millisecond; checksums are left out."""
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262_144, 228))  # 228: what follows are IPv4 packets
        for number, datagram in enumerate(datagrams):
            length = 28 + len(datagram)
            address = socket.inet_aton(LOOPBACK)
            packet = struct.pack(">BBHHHBBH4s4s", 0x45, 0, length, 0, 0, 64, 17, 0, address, address)
            packet += struct.pack(">HHHH", 40_000, port, 8 + len(datagram), 0) + datagram
            file.write(struct.pack("<IIII", number // 1_000, number % 1_000 * 1_000, length, length) + packet)
