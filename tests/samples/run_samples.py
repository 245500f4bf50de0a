#!/usr/bin/env python3
"""Runs the samples as a newcomer does, and checks what they print and how they end. Each case stands alone: processes,
directories and ports of its own, which go with it.

    run_samples.py --bin build/release/bin            all cases
    run_samples.py --bin build/release/bin files      one of them
    run_samples.py --list                             their names

Exit status: 0 all passed, 1 something failed."""
from __future__ import annotations

import pathlib
import random
import re
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from stage import Stage, check, main, wait_until  # noqa: E402

SAMPLES = pathlib.Path(__file__).resolve().parents[2] / "samples"
# What each sample must refuse, and what it must say then.
NO_STREAM = (["--stream", "abc"], ["--stream", "'abc' is not allowed", "from -2147483648 to 2147483647"])
NO_CHANNEL = (["-c", "aeron:tcp?endpoint=x:1"], ["--channel", "'aeron:tcp?endpoint=x:1' is no channel", "aeron:ipc"])
NO_COUNT = (["-m", "5x"], ["--messages", "'5x' is not allowed", "k, m or g"])
NO_LIMIT = (["-f", "0"], ["--fragment-limit", "'0' is not allowed", "from 1 to"])
SHORT = (["-L", "7"], ["--length", "'7' is not allowed", "from 8 to"])
NO_LINGER = (["--linger", "5"], ["--linger", "'5' is not allowed", "ns, us, ms or s"])
NO_INTERVAL = (["-i", "1h"], ["--interval", "'1h' is not allowed", "500ms"])
REFUSED = {
    "basic_publisher": [NO_STREAM, NO_CHANNEL, NO_COUNT, NO_LINGER, NO_INTERVAL],
    "basic_subscriber": [NO_STREAM, NO_CHANNEL],
    "driver_stats": [(["-t", "soon"], ["--timeout", "'soon' is not allowed"])],
    "embedded_ping_pong": [NO_STREAM, NO_CHANNEL, NO_COUNT, NO_LIMIT],
    "embedded_stream": [NO_CHANNEL, SHORT, (["--seconds", "0"], ["'0' is not allowed", "from 1 to 3600"])],
    "file_receiver": [NO_STREAM, NO_CHANNEL, (["/no/such/folder"], ["folder", "/no/such/folder"])],
    "file_sender": [(["/no/such/file"], ["file", "/no/such/file"]), ([], ["file is required"])],
    "multi_destination_subscription": [NO_STREAM, NO_CHANNEL],
    "non_blocking_publisher": [NO_STREAM, NO_CHANNEL, NO_COUNT],
    "ping": [NO_STREAM, NO_CHANNEL, NO_COUNT, NO_LIMIT, SHORT],
    "pong": [NO_STREAM, NO_CHANNEL, NO_LIMIT],
    "rate_subscriber": [NO_STREAM, NO_CHANNEL, NO_LIMIT],
    "response_client": [NO_STREAM, NO_CHANNEL, NO_COUNT, (["-d", "x"], ["--response-control", "'x' is no channel"])],
    "response_server": [NO_STREAM, NO_CHANNEL, (["-r", "1.5"], ["--response-stream", "'1.5' is not allowed"])],
    "streaming_publisher": [NO_STREAM, NO_CHANNEL, NO_COUNT, SHORT, NO_LINGER],
    "throughput": [NO_STREAM, NO_CHANNEL, NO_COUNT, NO_LIMIT, NO_LINGER],
    "time_stamps": [NO_STREAM, NO_CHANNEL, NO_COUNT, (["-c", "aeron:ipc"], ["'aeron:ipc' is not sent", "UDP"])],
}


def command_lines(stage: Stage) -> None:
    """Every sample explains itself, and says what is wrong with a wrong value."""
    check(set(REFUSED) == {path.stem for path in SAMPLES.glob("*.cpp")}, "the samples and the table differ")
    for name, refused in REFUSED.items():
        text = stage.start(name, "--help").finish()
        check("Usage:" in text and "--help" in text, f"{name} --help printed {text}")
        check(name in stage.start(name, "-v").finish(), f"{name} -v does not print its name")
        for arguments, complaints in [*refused, (["--nonsense"], ["--help"])]:
            program = stage.start(name, *arguments)
            program.finish(2)
            for complaint in complaints:
                check(complaint in program.errors, f"'{complaint}' is missing in {program}")


def without_driver(stage: Stage) -> None:
    """A client says where it looked for a driver."""
    program = stage.start("basic_publisher", "-p", stage.directory, AERON_DRIVER_TIMEOUT="100")
    program.finish(1)
    check(str(stage.directory) in program.errors, f"the directory is missing in {program}")
    program = stage.start("non_blocking_publisher", "-p", stage.directory, AERON_DRIVER_TIMEOUT="100")
    program.finish(1)
    check("error 1000 (driver_timeout)" in program.errors, f"the error is missing in {program}")
    program = stage.start("driver_stats", "-p", stage.directory, "-t", "0ms")
    program.finish(1)
    check(str(stage.directory) in program.errors, f"the directory is missing in {program}")


def driver_ends(stage: Stage) -> None:
    """A sample that has lost its driver says so, and does not go on as if nobody had sent anything."""
    driver = stage.start_driver()
    clients = [stage.start_client("basic_subscriber", "-c", "aeron:ipc"),
               stage.start_client("file_receiver", "-c", "aeron:ipc", stage.scratch)]
    for client in clients:
        client.wait_for("^channel status 1$")
    driver.process.terminate()
    for client in clients:
        client.finish(1)
        check("the client has ended" in client.errors, f"unexpected: {client}")


def basic(stage: Stage) -> None:
    """All messages that were taken arrive."""
    channel = stage.udp()
    subscriber = stage.start_client("basic_subscriber", "-c", channel, "-s", 7)
    subscriber.wait_for("^channel status 1$")
    publisher = stage.start_client("basic_publisher", "-c", channel, "-s", 7, "-m", "1m", "-i", "1ms")
    subscriber.wait_for("^available image: .* stream 7, .* MTU ")
    subscriber.wait_for("<<Hello World! ")
    sent = publisher.interrupt()
    check("Done sending." in sent and "the publication is connected now" in sent, f"unexpected: {publisher}")
    taken = re.findall(r"offering (\d+)/1048576 - taken", sent)
    subscriber.wait_for(f"<<Hello World! {taken[-1]}>>")
    subscriber.wait_for("^unavailable image: .* stream 7")
    received = re.findall(r"<<Hello World! (\d+)>>", subscriber.interrupt())
    check(received == taken, f"{len(taken)} messages were taken, but {len(received)} received, or others")


def streaming(stage: Stage) -> None:
    """Random lengths by offer, then claims; the subscriber counts them all."""
    channel = stage.udp()
    subscriber = stage.start_client("rate_subscriber", "-c", channel)
    subscriber.wait_for("^channel status 1$")
    text = stage.start_client("streaming_publisher", "-c", channel, "-m", "20k", "-L", "4k", "-r", "-P").finish()
    check(re.search(r"^Total: \d+ ms, .* messages/s, .* 20480 messages and ", text, re.MULTILINE), f"unexpected: {text}")
    check("Publisher back pressure ratio" in text, f"no back pressure ratio in {text}")
    subscriber.wait_for(" 20480 messages and ")
    stage.start_client("streaming_publisher", "-c", channel, "-m", "20k", "-x", "-l", "1ms").finish()
    subscriber.wait_for(" 40960 messages and ")
    check("Total: " in subscriber.interrupt(), f"no total in {subscriber}")
    too_long = stage.start_client("streaming_publisher", "-c", channel, "-L", "8k", "-x")
    too_long.finish(1)
    check("--length is 8192" in too_long.errors, f"unexpected: {too_long}")


def ping_pong(stage: Stage) -> None:
    channels = ["-c", stage.udp(), "-C", stage.udp()]
    pong = stage.start_client("pong", *channels)
    pong.wait_for("^Pongs go")
    text = stage.start_client("ping", *channels, "-m", 100, "-w", 10, "-L", "2k").finish()
    check("Warmed up with 10 messages" in text, f"unexpected: {text}")
    check(re.search(r"^ +[\d.]+ +1\.0000000000 +100$", text, re.MULTILINE), f"unexpected: {text}")
    check("100 round trips" in text, f"unexpected: {text}")
    pong.interrupt()


def embedded_ping_pong(stage: Stage) -> None:
    for channels in (["-c", stage.udp(), "-C", stage.udp()], ["-c", "aeron:ipc", "-C", "aeron:ipc", "-L", "4k"]):
        text = stage.start("embedded_ping_pong", *channels, "-m", 50, "-w", 10).finish()
        check("50 round trips" in text and "round trips/s" in text, f"unexpected: {text}")


def embedded_stream(stage: Stage) -> None:
    for channel in ("aeron:ipc", stage.udp()):
        text = stage.start("embedded_stream", "-c", channel, "--seconds", 1, "--round-trips", 20).finish()
        check(" 0 lost or out of order" in text and "percentile" in text, f"unexpected: {text}")


def throughput(stage: Stage) -> None:
    for arguments in (["-c", stage.udp(), "-P"], ["-c", "aeron:ipc", "-L", "3000"]):
        text = stage.start("throughput", *arguments, "-m", "20k").finish()
        check(re.search(r"^Total: .* 20480 messages and ", text, re.MULTILINE), f"unexpected: {text}")
        check("Execute again?" in text, f"unexpected: {text}")


def exclusive_throughput(stage: Stage) -> None:
    for channel in (stage.udp(), "aeron:ipc"):
        text = stage.start("throughput", "-x", "-c", channel, "-m", "20k").finish()
        check(re.search(r"^Total: .* 20480 messages and ", text, re.MULTILINE), f"unexpected: {text}")


def multi_destination(stage: Stage) -> None:
    """Two publishers on two addresses, one subscription."""
    channels = [stage.udp(), stage.udp()]
    subscriber = stage.start_client("multi_destination_subscription", "-c", channels[0], "-c", channels[1])
    for channel in channels:
        subscriber.wait_for(f"^receiving from {re.escape(channel)}$")
    publishers = [stage.start_client("basic_publisher", "-c", channel, "-i", "1ms") for channel in channels]
    wait_until(lambda: len(set(re.findall(r"session (-?\d+), from 127\.0\.0\.1:\d+: <<Hello World!",
                                          subscriber.output))) == 2, f"messages of both at {subscriber}")
    for publisher in publishers:
        publisher.interrupt()
    check("removed 2 destinations" in subscriber.interrupt(), f"unexpected: {subscriber}")


# spec: 07-C57
def responses(stage: Stage) -> None:
    """Each client gets the answers to its own requests, once."""
    channels = ["-c", stage.udp(), "-d", f"aeron:udp?control=localhost:{stage.port()}"]
    server = stage.start_client("response_server", *channels)
    server.wait_for("^Requests come")
    clients = [stage.start_client("response_client", *channels, "-i", "2ms", "-l", "1s") for _ in range(2)]
    for client in clients:
        client.wait_for("^answer: stream 10001, .*<<Hello World! ")
    server.wait_for("(?s)client .* came from 127.0.0.1.*client .* came from 127.0.0.1")
    for client in clients:
        text = client.interrupt()
        taken = re.findall(r"offering (\d+)/10000000 - taken", text)
        answers = re.findall(r"answer: .*<<Hello World! (\d+)>>", text)
        check(answers == taken[:len(answers)], f"answers {answers} do not belong to {taken}")
    server.wait_for("(?s)client .* went.*client .* went")
    server.interrupt()


# spec: 07-C80
def files(stage: Stage) -> None:
    """10 MiB, and a file without a byte, over UDP and IPC."""
    seed = random.SystemRandom().getrandbits(32)
    contents = {"large.bin": random.Random(seed).randbytes(10 << 20), "empty.bin": b""}
    for number, channel in enumerate([stage.udp(), "aeron:ipc"]):
        folder = stage.scratch / f"received-{number}"
        folder.mkdir()
        receiver = stage.start_client("file_receiver", "-c", channel, "-n", len(contents), folder)
        receiver.wait_for("^channel status 1$")
        for name, content in contents.items():
            path = stage.scratch / name
            path.write_bytes(content)
            stage.start_client("file_sender", "-c", channel, path).finish()
        receiver.finish()
        for name, content in contents.items():
            check((folder / name).read_bytes() == content, f"{name} is another one over {channel}, seed {seed}")
        check({path.name for path in folder.iterdir()} == set(contents), "more than the files was left behind")


def files_that_cannot_be_received(stage: Stage) -> None:
    """What is no file, and a file whose place is taken by a folder, do not stop the receiver."""
    folder = stage.scratch / "received"
    (folder / "taken").mkdir(parents=True)
    receiver = stage.start_client("file_receiver", "-c", "aeron:ipc", "-n", 1, folder)
    receiver.wait_for("^channel status 1$")
    stage.start_client("basic_publisher", "-c", "aeron:ipc", "-m", 3, "-i", "1ms").finish()
    for name in ("taken", "free"):
        (stage.scratch / name).write_text(name)
        stage.start_client("file_sender", "-c", "aeron:ipc", stage.scratch / name).finish()
    receiver.finish()
    check("not a message of a file transfer" in receiver.errors, f"the texts are not refused by {receiver}")
    check("cannot give '" in receiver.errors and "5 of 5 bytes" in receiver.errors, f"unexpected: {receiver}")
    check({path.name for path in folder.iterdir()} == {"taken", "free"}, "something else was left behind")


def non_blocking(stage: Stage) -> None:
    channel = stage.udp()
    subscriber = stage.start_client("basic_subscriber", "-c", channel)
    subscriber.wait_for("^channel status 1$")
    text = stage.start_client("non_blocking_publisher", "-c", channel, "-m", 3).finish()
    check("message 3/3 was taken" in text and "the loop went round" in text, f"unexpected: {text}")
    subscriber.wait_for("<<Hello World! 3>>")
    subscriber.interrupt()
    wrong = stage.start_client("non_blocking_publisher", "-c", "aeron:udp?endpoint=localhost")
    wrong.finish(1)
    check("error" in wrong.errors and "localhost" in wrong.errors, f"unexpected: {wrong}")


def driver_stats(stage: Stage) -> None:
    driver = stage.start_driver()
    subscriber = stage.start_client("basic_subscriber", "-c", "aeron:ipc")
    subscriber.wait_for("^channel status 1$")
    wrong = stage.start_client("basic_publisher", "-c", "aeron:udp?endpoint=localhost")
    wrong.finish(1)
    def read() -> str:
        return stage.start("driver_stats", "-p", stage.directory).finish()
    wait_until(lambda: "name=basic subscriber" in read(), "the client's name")  # which its first keepalive writes
    text = read()
    for part in (r"cnc\.dat: version 0\.2\.0, pid \d+, started 20\d\d-", "the driver is alive",
                 r"^ +0: +\d+ - Bytes sent", r"^\d+ bytes were sent$",
                 r"^\*\*\*\n1 observations from 20.*\n(.*\n)*1 distinct errors$", "^0 streams lost data$"):
        check(re.search(part, text, re.MULTILINE), f"'{part}' is missing in {text}")
    subscriber.interrupt()
    driver.process.terminate()
    driver.finish(signal.SIGTERM)  # its exit status is the signal's number
    check("the driver was shut down" in read(), "it looks alive")


def time_stamps(stage: Stage) -> None:
    text = stage.start("time_stamps", "-c", stage.udp(), "-m", 5).finish()
    lines = re.findall(r"^offered to sent [\d.]+ us, to arrived (.*), to received (.*), to polled [\d.]+ us; in all "
                       r"[\d.]+ us$", text, re.MULTILINE)
    check(len(lines) == 5, f"unexpected: {text}")


CASES = {case.__name__: case for case in
         (command_lines, without_driver, driver_ends, basic, streaming, ping_pong, embedded_ping_pong, embedded_stream,
          throughput, exclusive_throughput, multi_destination, responses, files,
          files_that_cannot_be_received, non_blocking, driver_stats, time_stamps)}


if __name__ == "__main__":
    sys.exit(main(__doc__, CASES))
