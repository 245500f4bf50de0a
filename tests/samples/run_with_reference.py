#!/usr/bin/env python3
"""Runs our samples with those of the reference at the other end, on our driver, and our tools on its driver. The Java
artefact is that of the interoperation suite; where it cannot be had, one line says so.

    run_with_reference.py --bin build/release/bin --build build/interop

Exit status: 0 passed, 1 failed, 77 skipped."""
from __future__ import annotations

import argparse
import pathlib
import random
import re
import sys

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "interop"), str(TESTS / "support")]

from peers import Kit, Peer, Skip  # noqa: E402
from stage import Program, Stage, check, run, wait_until  # noqa: E402


class Reference:
    """Starts samples of the Java client on the driver of a stage."""

    def __init__(self, kit: Kit, stage: Stage) -> None:
        self.stage = stage
        self.kit = kit

    def start(self, name: str, *arguments: object, **settings: object) -> Program:
        definitions = [f"-Daeron.sample.{key.replace('_', '.')}={value}" for key, value in settings.items()]
        java, *rest = self.kit.sample_command(name, self.stage.directory, *map(str, arguments))
        return Program(self.stage, name, [java, *definitions, "-Daeron.sample.embeddedMediaDriver=false",
                                          f"-Djava.io.tmpdir={self.stage.scratch}", *rest], {})


# spec: 07-C80
def files(reference: Reference) -> None:
    """10 MiB from the reference's sender, and to its receiver, which brings a driver of its own."""
    stage = reference.stage
    content = random.randbytes(10 << 20)
    (stage.scratch / "large.bin").write_bytes(content)
    folder = stage.scratch / "received"
    folder.mkdir()

    channel = stage.udp()
    receiver = stage.start_client("file_receiver", "-c", channel, "-n", 1, folder)
    receiver.wait_for("^channel status 1$")
    reference.start("FileSender", stage.scratch / "large.bin", channel=channel).finish()
    receiver.finish()
    check((folder / "large.bin").read_bytes() == content, "another file came from the reference")

    other = Stage(stage.bin)
    try:
        channel = stage.udp()
        Reference(reference.kit, other).start("FileReceiver", channel=channel).wait_for("^Receiving from")
        stage.start_client("file_sender", "-c", channel, stage.scratch / "large.bin").finish()
        received = other.scratch / "large.bin"  # it stores files in the folder for temporary ones
        wait_until(lambda: received.exists() and received.read_bytes() == content, "the file at the reference")
    finally:
        other.close()


def ping_pong(reference: Reference) -> None:
    """Our ping with the reference's pong, and the other way round."""
    stage = reference.stage
    ping_channel, pong_channel = stage.udp(), stage.udp()
    stage.start_driver()
    pong = reference.start("Pong", ping_channel=ping_channel, pong_channel=pong_channel)
    pong.wait_for("Publishing Pong|Subscribing Ping")
    text = stage.start_client("ping", "-c", ping_channel, "-C", pong_channel, "-m", 100, "-w", 10).finish()
    check("100 round trips" in text, f"unexpected: {text}")

    ping_channel, pong_channel = stage.udp(), stage.udp()
    stage.start_client("pong", "-c", ping_channel, "-C", pong_channel).wait_for("^Pongs go")
    ping = reference.start("Ping", ping_channel=ping_channel, pong_channel=pong_channel, messages=100,
                           warmup_messages=10, warmup_iterations=1)
    ping.wait_for(r"Total count +=  +100\]")


# spec: 07-C57
def responses(reference: Reference) -> None:
    """The reference's Java and C clients ask our server, and answer our client."""
    stage = reference.stage
    stage.start_driver()
    for kind in ("java", "c"):
        try:
            peer = Peer(reference.kit, kind, stage.scratch / f"{kind}.log")
        except Skip as reason:
            print(f"skipped: responses with the {kind} client: {reason}")
            continue
        try:
            peer.do("connect", dir=stage.directory)
            ask_our_server(stage, peer)
            answer_our_client(stage, peer)
        finally:
            peer.kill()


def ask_our_server(stage: Stage, peer: Peer) -> None:
    channel, control = stage.udp(), f"aeron:udp?control=localhost:{stage.port()}"
    server = stage.start_client("response_server", "-c", channel, "-d", control)
    server.wait_for("^Requests come")
    answers = peer.do("add-subscription", **{"as": "answers"}, channel=f"{control}|control-mode=response", stream=10_001)
    peer.do("add-publication", **{"as": "requests"}, stream=10_000, kind="exclusive",
            channel=f"{channel}|response-correlation-id={answers['registration']}")
    for state, resource in (("connected", "requests"), ("images", "answers")):
        peer.do("await", on=resource, **{"is": state}, count=1)
    peer.do("send", on="requests", messages=20, lengths="100,3000")
    peer.do("receive", on="answers", messages=20)
    peer.do("reset")
    server.wait_for("^client .* went$")
    server.interrupt()


def answer_our_client(stage: Stage, peer: Peer) -> None:
    channel, control = stage.udp(), f"aeron:udp?control=localhost:{stage.port()}"
    peer.do("add-subscription", **{"as": "requests"}, channel=channel, stream=10_000)
    client = stage.start_client("response_client", "-c", channel, "-d", control, "-i", "2ms")
    peer.do("await", on="requests", **{"is": "images"}, count=1)
    (image,) = peer.do("images", on="requests")["images"]
    peer.do("add-publication", **{"as": "answer"}, stream=10_001, kind="exclusive",
            channel=f"{control}|control-mode=response|response-correlation-id={image['correlation']}")
    peer.do("await", on="answer", **{"is": "connected"})
    peer.do("send", on="answer", messages=5, lengths="100")
    client.wait_for("(?s)(answer: stream 10001, session .*? 100 bytes.*?){5}")
    client.interrupt()


# spec: 07-C63, 06-C63
def tools(reference: Reference) -> None:
    """Our commands say of the Java driver what its own tools say, and end it."""
    stage = reference.stage
    command = reference.kit.driver_command("java", {
        "aeron.dir": stage.directory, "aeron.threading.mode": "SHARED", "aeron.term.buffer.sparse.file": "true",
        "aeron.driver.termination.validator": "io.aeron.driver.DefaultAllowTerminationValidator"})
    driver = Program(stage, "java-driver", command, {})

    def cpperon(*arguments: str) -> str:
        return stage.start("cpperon", *arguments, "-d", stage.directory, "-t", 60_000).finish()
    check(cpperon("driver", "--pid") == f"{driver.process.pid}\n", "there is another driver")
    channel = stage.udp()
    stage.start_client("rate_subscriber", "-c", channel).wait_for("^channel status 1$")
    stage.start_client("streaming_publisher", "-c", channel, "-m", 1000, "-l", "60s").wait_for("^Total: ")

    def lines_of(text: str) -> list[str]:
        return re.findall(r"^(?:sessionId=.*| *\d+: +[\d,]+ - (?:pub|snd|rcv|sub)-.*)$", text, re.MULTILINE)
    for ours, theirs in (["streams"], ["StreamStat"]), (["stat", "--once"], ["AeronStat", "watch=false"]):
        # What was sent is received a moment later.
        wait_until(lambda: (expected := lines_of(reference.start(*theirs).finish()))
                   and lines_of(cpperon(*ours)) == expected, f"{ours} as {theirs} has it")
    check("has ended" in cpperon("terminate"), "the driver is there")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, default=pathlib.Path("build/release/bin"))
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build/interop"))
    arguments = parser.parse_args()
    kit = Kit(arguments.bin.resolve(), arguments.build.resolve())
    try:
        kit.java_class_path()
    except Skip as reason:
        print(f"skipped: {reason}")
        return 77
    cases = [files, ping_pong, responses, tools]
    return 0 if all([run(case.__name__, lambda stage, case=case: case(Reference(kit, stage)), arguments.bin.resolve())
                     for case in cases]) else 1


if __name__ == "__main__":
    sys.exit(main())
