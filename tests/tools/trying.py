"""Cases of the commands that try things out: round trips, throughput, the machine."""
from __future__ import annotations

import json
import re
import signal
import xml.etree.ElementTree

from stage import Program, Stage, check, wait_until

NO_STREAM = (["-s", "abc"], ["--stream", "'abc' is not allowed", "from -2147483648 to 2147483647"])
NO_CHANNEL = (["-c", "aeron:tcp?endpoint=x:1"], ["'aeron:tcp?endpoint=x:1' is no channel", "aeron:ipc"])
NO_LENGTH = (["-L", "23"], ["--length", "'23' is not allowed", "from 24 to 16777216"])
NO_RATE = (["-r", "0"], ["--rate", "'0' is not allowed", "from 1 to"])
NO_IDLE = (["-i", "doze"], ["--idle", "'doze' is not allowed", "yield"])
NO_DURATION = (["-T", "5"], ["--duration", "'5' is not allowed", "ns, us, ms or s"])
NO_SETTINGS = (["-Da=b"], ["-D", "--embedded"])
REFUSED = {
    "ping": [NO_STREAM, NO_CHANNEL, NO_LENGTH, NO_RATE, NO_IDLE, NO_DURATION, NO_SETTINGS,
             (["-m", "1.5"], ["--messages", "'1.5' is not allowed"]), (["--pong-cpu", "1"], ["--with-pong"])],
    "pong": [(["-t", "-1"], ["--timeout", "0 to 3600000"]), NO_STREAM, NO_CHANNEL, NO_IDLE, (["-n", "0"], ["--count", "from 1 to"])],
    "throughput": [NO_STREAM, NO_CHANNEL, NO_LENGTH, NO_RATE, NO_DURATION, (["-L", "64-32"], ["'64-32'", "smaller one"]),
                   (["--publish", "--subscribe"], ["--publish", "--subscribe"])],
    "doctor": [(["--directory", "x"], ["--directory"])],
}


def streams(stage: Stage, transport: str) -> list[str]:
    """Options of a pair of streams."""
    if transport == "ipc":
        return ["-c", "aeron:ipc", "-s", "5", "-C", "aeron:ipc", "-S", "6"]
    return ["-c", stage.udp(), "-C", stage.udp()]


def series_of(path: object) -> set[str]:
    """The texts of a picture, its legend among them; that it is well-formed too."""
    root = xml.etree.ElementTree.parse(str(path)).getroot()
    check(root.tag.endswith("svg"), f"{path} is {root.tag}")
    return {"".join(element.itertext()).strip() for element in root.iter() if element.tag.endswith("text")}


def refused_options(stage: Stage) -> None:
    """What is wrong with an option is said, and what is allowed."""
    for command, refused in REFUSED.items():
        for arguments, complaints in refused:
            program = stage.start("cpperon", command, *arguments)
            program.finish(status=2)
            for complaint in complaints:
                check(complaint in program.errors, f"'{complaint}' is missing in {program}")


def ping_pong(stage: Stage) -> None:
    """Round trips between two processes; each ping is answered once."""
    stage.start_driver()
    for transport in ("udp", "ipc"):
        pair = streams(stage, transport)
        pong = stage.start("cpperon", "pong", "-d", stage.directory, *pair, "-n", 300, "--json")
        ping = stage.start("cpperon", "ping", "-d", stage.directory, *pair, "-w", "0s", "-m", 300, "-L", 2000, "--json")
        found = json.loads(ping.finish())
        check(found["sent"] == found["received"] == 300 and found["end"] == "complete", f"unexpected: {found}")
        check(found["message_length"] == 2000 and found["ping"]["channel"] == pair[1], f"unexpected: {found}")
        latency = found["latency_ns"]
        percentiles = [entry["latency"] for entry in latency["percentiles"]]
        check(latency["count"] == 300 and percentiles == sorted(percentiles), f"unexpected: {latency}")
        check(0 < latency["min"] == percentiles[0] <= latency["mean"] <= latency["max"], f"unexpected: {latency}")
        check(json.loads(pong.finish()) == {"answered": 300, "dropped": 0}, f"unexpected: {pong}")


def ping_at_a_rate(stage: Stage) -> None:
    """With its own driver and pong, at a fixed rate, with a picture of both ways to count."""
    picture = stage.scratch / "percentiles.svg"
    ping = stage.start("cpperon", "ping", "--embedded", "--with-pong", *streams(stage, "ipc"), "-w", "20ms", "-r", "1k",
                       "-m", 200, "--plot", picture)
    text = ping.finish()
    for expected in ("200 round trips of 32 bytes, at 1,000 per second", "from when due", "from when sent", "99 %",
                     "maximum"):
        check(expected in text, f"'{expected}' is missing in {ping}")
    texts = series_of(picture)
    check({"from when due", "from when sent", "99"} <= texts and any("aeron:ipc" in text for text in texts),
          f"the picture has {texts}")


def ping_ends_early(stage: Stage) -> None:
    """Ctrl-C keeps what was measured; a pong that goes away ends it with an error, and the results so far."""
    pair = streams(stage, "ipc")
    stage.start_driver()
    lonely = stage.start("cpperon", "ping", "-d", stage.directory, *pair, "--wait", "100ms")
    lonely.finish(status=1)
    check("nobody answers pings on aeron:ipc, stream 5" in lonely.errors, f"unexpected: {lonely}")

    pong = stage.start("cpperon", "pong", "-d", stage.directory, *pair)
    ping = stage.start("cpperon", "ping", "-d", stage.directory, *pair, "-w", "0s", "-T", "1000s", "--progress")
    wait_until(lambda: "round trips" in ping.errors, "the line of progress")
    text = ping.interrupt()
    check("Stopped before it was done" in text and "50 %" in text, f"unexpected: {ping}")

    ping = stage.start("cpperon", "ping", "-d", stage.directory, *pair, "-w", "0s", "-T", "1000s", "--progress",
                       "--wait", "500ms", "--json")
    wait_until(lambda: "round trips" in ping.errors, "the line of progress")
    check("answered" in pong.interrupt(), f"unexpected: {pong}")
    found = json.loads(ping.finish(status=1))
    check(found["end"] == "unanswered" and found["received"] > 0, f"unexpected: {found}")
    check("no pong came any more" in ping.errors, f"unexpected: {ping}")


def throughput(stage: Stage) -> None:
    """All that is published arrives: with both ends in one process, and in two."""
    picture = stage.scratch / "rate.svg"
    both = stage.start("cpperon", "throughput", "--embedded", "-c", "aeron:ipc", "-T", "300ms", "-r", "20k", "-L",
                       "64-4k", "--plot", picture, "--json")
    found = json.loads(both.finish())
    publisher, subscriber = found["publisher"], found["subscriber"]
    check(publisher["messages"] == subscriber["messages"] > 0 and subscriber["missing"] == 0, f"unexpected: {found}")
    check(publisher["bytes"] == subscriber["bytes"] >= 64 * publisher["messages"], f"unexpected: {found}")
    check({"messages_per_s", "bytes_per_s", "elapsed_ns", "back_pressured", "is_exclusive"} <= publisher.keys()
          and found["driver"].keys() >= {"naks_sent", "retransmits_sent"}, f"unexpected: {found}")
    texts = series_of(picture)
    check({"published", "received", "time [s]"} <= texts, f"the picture has {texts}")

    stage.start_driver()
    channel = stage.udp()
    receiver = stage.start("cpperon", "throughput", "--subscribe", "-d", stage.directory, "-c", channel, "-m", 5000)
    sender = stage.start("cpperon", "throughput", "--publish", "-x", "-d", stage.directory, "-c", channel, "-m", 5000)
    check("an exclusive publication, messages of 32 bytes" in sender.finish(), f"unexpected: {sender}")
    text = receiver.finish()
    check("messages          5,000 in" in text and "missing           0" in text, f"unexpected: {receiver}")


def throughput_is_interrupted(stage: Stage) -> None:
    """Ctrl-C keeps the results so far."""
    program = stage.start("cpperon", "throughput", "--embedded", "-c", "aeron:ipc", "-r", "1k", "-T", "1000s",
                          "--progress")
    wait_until(lambda: "published" in program.errors, "the line of progress")
    check("Stopped before it was done" in program.interrupt(), f"unexpected: {program}")


def driver_dies(stage: Stage) -> None:
    """What was measured until then is printed; it is said that the driver went away; the exit status tells it too."""
    driver = stage.start_driver()
    pair = streams(stage, "ipc")
    def start(command: str, *arguments: object) -> Program:
        return stage.start("cpperon", command, "-d", stage.directory, *arguments, AERON_DRIVER_TIMEOUT="3000")
    pong = start("pong", *pair, "--json")
    endless = ("-T", "1000s", "--progress")
    measuring = [start("ping", *pair, "-w", "0s", "--json", "--wait", "1000s", *endless),
                 start("ping", *pair, "-w", "0s", "--wait", "2500ms", *endless),
                 start("throughput", "-c", "aeron:ipc", "-s", 7, "-r", "10k", "--json", *endless),
                 start("throughput", "-c", stage.udp(), "-r", "10k", *endless)]
    for program in measuring:
        wait_until(lambda: re.search(r"[1-9]\S* round trips|received [1-9]", program.errors), f"the line of progress of {program}")

    driver.process.kill()

    found = [program.finish(status=1) for program in [*measuring, pong]]
    for program in [*measuring, pong]:
        check(f"cpperon: the driver in '{stage.directory}' went away" in program.errors, f"unexpected: {program}")
    ping, throughput = json.loads(found[0]), json.loads(found[2])
    check(ping["end"] == "driver_gone" and ping["received"] == ping["latency_ns"]["count"] > 0, f"unexpected: {ping}")
    check(throughput["end"] == "driver_gone" and throughput["subscriber"]["messages"] > 0, f"unexpected: {throughput}")
    check("The driver went away before it was done." in found[1] and "50 %" in found[1], f"unexpected: {found[1]}")
    check("The driver went away before it was done." in found[3] and "missing" in found[3], f"unexpected: {found[3]}")
    check(json.loads(found[4])["answered"] >= ping["received"], f"unexpected: {found[4]}")


def plots_need_gnuplot(stage: Stage) -> None:
    """Said before anything is measured: that gnuplot is missing, that the file cannot be written."""
    arguments = ["throughput", "--embedded", "-c", "aeron:ipc", "--plot"]
    program = stage.start("cpperon", *arguments, stage.scratch / "p.svg", PATH=str(stage.scratch))
    program.finish(status=1)
    check("--plot needs gnuplot" in program.errors and "apt install" in program.errors, f"unexpected: {program}")
    program = stage.start("cpperon", *arguments, "/no/such/folder/p.svg")
    program.finish(status=1)
    check("/no/such/folder/p.svg" in program.errors, f"unexpected: {program}")


def doctor(stage: Stage) -> None:
    """The machine is judged by the settings that are given; the exit status says whether there is a problem."""
    driver = stage.start_driver()
    driver.process.terminate()
    driver.finish(status=signal.SIGTERM)
    settings = stage.scratch / "driver.properties"
    settings.write_text("aeron.sender.idle.strategy=spin\naeron.sender.cpu.affinity=255\n")
    program = stage.start("cpperon", "doctor", f"-Daeron.dir={stage.directory}", settings, "--json")
    found = json.loads(program.finish(status=1))
    findings = {finding["check"]: finding for finding in found["findings"]}
    check(found["has_problem"], f"unexpected: {program}")
    check(findings["affinity"]["verdict"] == "problem" and "255" in findings["affinity"]["reason"],
          f"unexpected: {findings['affinity']}")
    check(f"{stage.directory} (closed" in findings["leftovers"]["measured"], f"unexpected: {findings['leftovers']}")
    check(str(stage.scratch) in findings["storage"]["measured"], f"unexpected: {findings['storage']}")
    check({"receive buffer", "UDP offload", "processors", "time source", "swap"} <= findings.keys(),
          f"there are {findings.keys()}")

    program = stage.start("cpperon", "doctor", "-Daeron.mtu.length=1")
    program.finish(status=1)
    check("aeron.mtu.length" in program.output and "1 problem" in program.output, f"unexpected: {program}")


CASES = {case.__name__: case for case in (refused_options, ping_pong, ping_at_a_rate, ping_ends_early, throughput,
                                          throughput_is_interrupted, driver_dies, plots_need_gnuplot, doctor)}
