#!/usr/bin/env python3
"""Writes inputs for the fuzz programs to start from, and per program a list of them for libFuzzer's -seed_inputs=@list.

    make_seeds.py <folder>

The bytes follow the specification, not our own encoder: 01 §3 to §8 for shared memory, 02 §3 and §4 for messages,
03 §3 and §5 for logs, 04 §2 for datagrams.
"""
import pathlib
import struct
import sys

RING_CAPACITY = 1024
BROADCAST_CAPACITY = 1024
COUNTERS = 4
ERROR_LOG_LENGTH = 256


def padded(data: bytes, length: int) -> bytes:
    assert len(data) <= length
    return data + bytes(length - len(data))


def aligned(data: bytes, alignment: int = 8) -> bytes:
    return padded(data, -(-len(data) // alignment) * alignment)


def text(characters: str) -> bytes:
    """A text as commands and events hold it: its length, its characters."""
    return struct.pack("<i", len(characters)) + characters.encode()


def record(type_id: int, payload: bytes) -> bytes:
    """As in the ring and the broadcast buffer."""
    return aligned(struct.pack("<ii", 8 + len(payload), type_id) + payload)


def add_publication(channel: str) -> bytes:
    return struct.pack("<qqi", 7, 8, 1001) + text(channel)


def command_messages() -> list[bytes]:
    channel = "aeron:ipc?alias=x"
    messages = {
        0x01: add_publication(channel),
        0x02: struct.pack("<qqqQ", 7, 9, 8, 1),
        0x04: struct.pack("<qqqi", 7, 10, -1, 1001) + text(channel),
        0x07: struct.pack("<qqq", 7, 11, 8) + text("aeron:udp?endpoint=localhost:24325"),
        0x09: struct.pack("<qqi", 7, 12, 1101) + aligned(text("a key"), 4) + text("a label"),
        0x0E: struct.pack("<qq", 7, 13) + text("a token"),
        0x0F01: struct.pack("<qi", 8, 11) + text("what went wrong"),
        0x0F02: struct.pack("<qiiqi", 8, 5, 1001, 10, 3) + aligned(text("/dev/shm/8.logbuffer"), 4) + text("aeron:ipc"),
        0x0F03: struct.pack("<qqiiii", 8, 8, 5, 1001, 3, -1) + text("/dev/shm/8.logbuffer"),
        0x0F08: struct.pack("<qi", 12, 47),
    }
    return [struct.pack("<H", type_id) + payload for type_id, payload in messages.items()]


def cnc_file() -> bytes:
    values_length = COUNTERS * 128
    header = struct.pack(
        "<6iqqqi", 0 << 16 | 2 << 8 | 0, RING_CAPACITY + 768, BROADCAST_CAPACITY + 128, 4 * values_length,
        values_length, ERROR_LOG_LENGTH, 10_000_000_000, 1_700_000_000_000, 4242, 4096)
    command = record(0x01, add_publication("aeron:ipc"))
    ring = padded(command, RING_CAPACITY) + padded(
        bytes(128) + padded(struct.pack("<q", len(command)), 128 + 256) + struct.pack("<q", 9), 768)
    event = record(0x0F07, struct.pack("<qi", 10, -1))
    broadcast = padded(event, BROADCAST_CAPACITY) + padded(struct.pack("<qqq", len(event), len(event), 0), 128)
    metadata = padded(padded(struct.pack("<iiq", 1, 11, 0), 128) + text("client-heartbeat: id=1"), 512)
    values = padded(struct.pack("<qqqq", 1_700_000_000_000, 1, 1, 0), 128)
    error = b"(11) GENERIC_ERROR: what went wrong"
    error_log = struct.pack("<iiqq", 24 + len(error), 1, 1_700_000_000_001, 1_700_000_000_000) + error
    return (padded(header, 128) + ring + broadcast + padded(metadata, 4 * values_length) +
            padded(values, values_length) + padded(error_log, ERROR_LOG_LENGTH))


def log_file() -> bytes:
    """The metadata of a log of 64 KiB terms, a position, and the frames at the start of its first term."""
    initial_term_id, session_id, stream_id = 7, 5, 1001

    def frame(offset: int, frame_type: int, flags: int, payload: bytes) -> bytes:
        header = struct.pack("<ibBhiiiiq", 32 + len(payload), 0, flags, frame_type, offset, session_id, stream_id,
                             initial_term_id, 0)
        return aligned(header + payload, 32)

    frames = b""
    for frame_type, flags, payload in [(1, 0xC0, b"whole"), (1, 0x80, bytes(1376)), (1, 0x00, bytes(1376)),
                                       (1, 0x40, b"end"), (0, 0xC0, bytes(64)), (1, 0xC0, b"")]:
        frames += frame(len(frames), frame_type, flags, payload)
    tails = struct.pack("<qqqi", initial_term_id << 32 | len(frames), (initial_term_id - 2) << 32,
                        (initial_term_id - 1) << 32, 0)
    life = struct.pack("<qii", 2**63 - 1, 1, 0)
    constants = struct.pack("<q14i", 4242, initial_term_id, 32, 1408, 65536, 4096, 32768, 0, 0, 0, 0, 0, 0, 0, 0)
    default_header = struct.pack("<ibBhiiiiq", 0, 0, 0xC0, 1, 0, session_id, stream_id, 0, 0)
    metadata = (padded(tails, 128) + padded(life, 128) + constants + padded(default_header, 128) +
                struct.pack("<qqqqq", -1, -1, 5 * 10**9, 5 * 10**9, 10**10))
    return padded(metadata, 512) + struct.pack("<q", 0) + frames


def datagrams() -> list[bytes]:
    """One of each type, after the byte that chooses the term length."""
    session_id, stream_id, term_id, receiver_id = 5, 1001, -7, 0x0A0B0C0D0E0F1011

    def control(frame_type: int, flags: int, fields: bytes) -> bytes:
        return struct.pack("<iBBH", 8 + len(fields), 0, flags, frame_type) + fields

    def data(offset: int, frame_length: int, frame_type: int, payload_length: int) -> bytes:
        return struct.pack("<iBBHiiiiq", frame_length, 0, 0xC0, frame_type, offset, session_id, stream_id, term_id,
                           0) + bytes(payload_length)

    def entry(res_type: int, address: bytes, name: bytes) -> bytes:
        return aligned(struct.pack("<BBHi", res_type, 0x80, 8050, 0) + address + struct.pack("<h", len(name)) + name)

    status = struct.pack("<iiiiiq", session_id, stream_id, term_id, 4096, 32768, receiver_id)
    frames = [
        data(0, 100, 1, 96) + data(128, 300, 1, 288),
        data(0, 64, 1, 32) + data(64, 192, 0, 0),
        data(4096, 0, 1, 0),
        control(2, 0, struct.pack("<iiiii", session_id, stream_id, term_id, 4096, 1408)),
        control(3, 0, status),
        control(3, 0x40, status + struct.pack("<q", 123)),
        control(4, 8, struct.pack("<iiqqii", session_id, stream_id, receiver_id, 123, 13, 8) + b"rejected"),
        control(5, 0xC0, struct.pack("<iiiiiiii", 4096, session_id, stream_id, term_id, term_id, 65536, 1408, 4)),
        control(6, 0x80, struct.pack("<iiqqq", session_id, stream_id, 10**9, 0, receiver_id)),
        control(7, 0, entry(1, bytes([10, 1, 2, 3]), b"driver-A") + entry(2, bytes(15) + b"\1", b"drv-B")),
        control(11, 0, struct.pack("<iii", session_id, stream_id, 6)),
    ]
    return [b"\0" + frame for frame in frames]


def receiver_steps() -> bytes:
    """Each datagram as a run of its own, with time, consumption and gaps in between; then several frames as one run."""
    steps = b""
    for number, datagram in enumerate(datagrams()):
        run = datagram[1:]
        steps += struct.pack("<BHB", number % 8, len(run), 0) + run
    return steps + struct.pack("<BHB", 0, 64, 4) + 2 * struct.pack("<iBBHiiiiq", 0, 0, 0xE0, 1, 64, 5, 1001, -7, 0)


SEEDS = {
    "channel_uri_fuzz": [
        b"aeron:ipc?session-id=7|term-length=64k|mtu=1408|init-term-id=1|term-id=2|term-offset=64|alias=x",
        b"aeron:udp?endpoint=[::1]:40123|interface=localhost/8|control=224.20.30.39:40124|control-mode=dynamic|ttl=4",
        b"aeron-spy:aeron:udp?endpoint=localhost:40123|tags=1,2|fc=tagged,g:123/2,t:5s|linger=10ms|ssc=true",
        b"aeron:udp?endpoint=h:0|so-sndbuf=2m|so-rcvbuf=2m|rcv-wnd=1m|cc=cubic|nak-delay=5ms|gtag=-1|pub-wnd=32k",
    ],
    "cnc_file_fuzz": [cnc_file()],
    "command_fuzz": command_messages(),
    "log_file_fuzz": [log_file()],
    "receiver_fuzz": [receiver_steps()],
    "ring_fuzz": [bytes([5, 0, 9, 2, 30, 5, 3, 4, 12, 3, 8, 6, 40, 7, 0, 0xFF]) +
                  record(0x01, add_publication("aeron:ipc"))],
    "wire_fuzz": datagrams(),
}


def main(folder: pathlib.Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for program, inputs in SEEDS.items():
        names = []
        for number, data in enumerate(inputs):
            path = folder / f"{program}-{number}"
            path.write_bytes(data)
            names.append(str(path))
        (folder / f"{program}.list").write_text(",".join(names))


main(pathlib.Path(sys.argv[1]).absolute())
