"""Cases of `cpperon stat`: lines, JSON, and the screen that is redrawn."""
from __future__ import annotations

import json
import os
import pathlib
import re
import signal

from golden import golden
from pseudo_terminal import ENTER, HOME, LEAVE, OnTerminal
from stage import Program, Stage, check, wait_until

LINE = r" *\d+: +-?[\d,]+ - \S.*"  # of the reference's tool
LINE_WITH_RATE = r" *\d+: +-?[\d,]+ .{15} - \S.*"


def json_lines(program: Program) -> list[dict]:
    """The objects that it printed so far, each on a line that is complete."""
    return [json.loads(line) for line in program.output.split("\n")[:-1]]


def stat(stage: Stage) -> None:
    """Lines as the reference's tool prints them, filtered, sorted, and with rates from the second look on."""
    stage.start_driver()
    heading, rule, *lines = stage.start("cpperon", "stat", "--once", "-d", stage.directory).finish().splitlines()
    check(re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}[+-]\d{4} - Aeron Stat \(CnC v0\.2\.0\), pid \d+, "
                       r"heartbeat age -?\d+ms", heading) is not None, f"unexpected: {heading}")
    check(rule == "=" * 70 and len(lines) == 46, f"unexpected: {rule}, {len(lines)} lines")
    check(all(re.fullmatch(LINE, line) for line in lines), f"unexpected: {lines}")

    text = stage.start("cpperon", "stat", "-w", "false", "-d", stage.directory, "--label", "^Bytes", "--sort", "label",
                       "--top", 2).finish()
    check(re.findall(r" - (.*)", text)[1:] == ["Bytes currently mapped", "Bytes received"], f"unexpected: {text}")
    refused = stage.start("cpperon", "stat", "-d", stage.directory, "--label", "(")
    refused.finish(status=2)
    check("'(' is no regular expression" in refused.errors, f"unexpected: {refused}")

    twice = stage.start("cpperon", "stat", "-d", stage.directory, "-u", 20, "-n", 2).finish().splitlines()
    check(len(twice) == 96 and all(re.fullmatch(LINE_WITH_RATE, line) for line in twice[50:]), f"unexpected: {twice}")

    found = json.loads(stage.start("cpperon", "stat", "--once", "--json", "-d", stage.directory, "--type", 0,
                                   "--identity", 34).finish())
    check([counter["id"] for counter in found["counters"]] == [34] and found["interval_s"] is None
          and found["driver"]["state"] == "alive", f"unexpected: {found}")

    endless = stage.start("cpperon", "stat", "-d", stage.directory, "-u", 20)
    endless.wait_for("(?s)(Aeron Stat.*){3}")
    endless.interrupt()


def streams_with_traffic(stage: Stage) -> None:
    """What the counters of a stream say together, while messages flow: over UDP with loss on purpose, and within the
    machine. Nothing of it can be written to by who looks."""
    driver = stage.start("cpperond", f"-Daeron.dir={stage.directory}", "-Daeron.threading.mode=SHARED",
                         "-Daeron.term.buffer.length=64k", "-Daeron.ipc.term.buffer.length=64k",
                         "-Daeron.udp.channel.incoming.interceptors=loss",
                         "-Daeron.udp.channel.transport.bindings.loss.args=rate=0.05|seed=7|recv-msg-mask=0x2")
    wait_until((stage.directory / "cnc.dat").exists, "the driver's files")
    udp = stage.udp()
    for channel, stream in ((udp, 1001), ("aeron:ipc", 1002)):
        subscriber = stage.start_client("rate_subscriber", "-c", channel, "-s", stream)
        subscriber.wait_for("^channel status 1$" if channel == udp else "^Subscribed|^channel status")
        stage.start_client("streaming_publisher", "-c", channel, "-s", stream, "-L", 1000, "-m", 1_000_000_000)

    watch = stage.start("cpperon", "stat", "--streams", "--json", "-u", 100, "-d", stage.directory)

    def streams_at_work() -> list[dict] | None:
        for look in json_lines(watch):
            if (len(look["streams"]) == 2 and all(party.get("bytes_per_second", 0) > 0 for stream in look["streams"]
                                                  for party in stream["parties"])
                    and any(party.get("bytes_lost", 0) > 0 for stream in look["streams"]
                            for party in stream["parties"])):
                return look["streams"]
        return None
    wait_until(streams_at_work, f"traffic in {watch}")
    maps = pathlib.Path(f"/proc/{watch.process.pid}/maps").read_text()
    mapped = [line for line in maps.splitlines() if str(stage.directory) in line]
    check(mapped and all(" r--s " in line for line in mapped), f"unexpected: {mapped}")
    watch.interrupt()

    by_stream = {stream["stream_id"]: stream for stream in streams_at_work() or []}
    parties = {stream_id: {party["role"]: party for party in stream["parties"]}
               for stream_id, stream in by_stream.items()}
    check(list(parties[1001]) == ["publisher", "sender", "receiver", "subscriber"], f"unexpected: {parties[1001]}")
    check(parties[1001]["sender"]["naks"] > 0 and parties[1001]["receiver"]["naks"] > 0, f"unexpected: {parties[1001]}")
    check(by_stream[1001]["channel"] == udp, f"unexpected: {by_stream[1001]}")
    check(list(parties[1002]) == ["publisher", "subscriber"], f"unexpected: {parties[1002]}")
    for role in ("publisher", "sender"):
        check(0 <= parties[1001][role]["window_left"] <= 128 << 10, f"unexpected: {parties[1001]}")
    check(0 <= parties[1002]["subscriber"]["behind"] <= 64 << 10, f"unexpected: {parties[1002]}")

    table = stage.start("cpperon", "stat", "--streams", "--stream", 1001, "-u", 100, "-n", 2, "-d", stage.directory)
    check(re.search(r"(?s)BYTES LOST\nstream 1001, session -?\d+, aeron:udp.*?  publisher +\d+ +[\d,]+ +\d+\.\d\d ",
                    table.finish()) is not None and "stream 1002" not in table.output, f"unexpected: {table}")
    text = stage.start("cpperon", "streams", "-d", stage.directory).finish()
    check(re.search(r"^sessionId=-?\d+ streamId=1002 channel=aeron:ipc : pub-pos \(concurrent\):\d+:\d+ pub-lmt:\d+:\d+ "
                    r"sub-pos:\d+:\d+$", text, re.MULTILINE) is not None, f"unexpected: {text}")
    text = stage.start("cpperon", "backlog", "-d", stage.directory).finish()
    check(re.search(r"streamId=1002 channel=aeron:ipc : \n┌─for publisher .*\n├─no sender\n└─subscriber \d+ has \d+ backlog",
                    text) is not None, f"unexpected: {text}")
    text = stage.start("cpperon", "loss", "-d", stage.directory).finish()
    check(re.search(rf"^\d+,\d+,.*,1001,{re.escape(udp)},127\.0\.0\.1:\d+\n1 entries read$", text, re.MULTILINE)
          is not None, f"unexpected: {text}")
    driver.process.send_signal(signal.SIGTERM)


def lives_of_a_driver(stage: Stage) -> None:
    """A watched driver is closed, another comes, that one is killed and replaced: all of it is told."""
    first = stage.start_driver()
    watch = stage.start("cpperon", "stat", "--json", "-u", 50, "-d", stage.directory)
    wait_until(lambda: json_lines(watch), "the first look")
    first.process.send_signal(signal.SIGTERM)
    first.finish(status=signal.SIGTERM)
    wait_until(lambda: json_lines(watch)[-1]["driver"]["state"] == "closed", "the news of the end")
    wait_until(lambda: "the driver was closed; waiting for another" in watch.errors, "the line that tells it")

    second = stage.start_driver()
    wait_until(lambda: json_lines(watch)[-1]["driver"]["pid"] == second.process.pid, "the second driver")
    check(f"another driver came, pid {second.process.pid} after {first.process.pid}" in watch.errors, f"unexpected: {watch}")
    second.process.kill()
    third = stage.start("cpperond", f"-Daeron.dir={stage.directory}", "-Daeron.dir.delete.on.start=true")
    wait_until(lambda: json_lines(watch)[-1]["driver"]["pid"] == third.process.pid, "the third driver")
    looks = json_lines(watch)
    changes = [later for earlier, later in zip(looks, looks[1:]) if earlier["driver"]["pid"] != later["driver"]["pid"]]
    check(len(changes) == 2 and all(look["interval_s"] is None for look in changes), "a rate goes over two drivers")
    watch.interrupt()


def screen(stage: Stage) -> None:
    """On a terminal the page is redrawn, fits the window, obeys keys, and leaves everything as it was."""
    subscriber = stage.start_client("rate_subscriber", "-c", "aeron:ipc")
    subscriber.wait_for("^channel status|^Subscribed")
    stage.start_client("streaming_publisher", "-c", "aeron:ipc", "-m", 1_000_000_000)
    command = ("cpperon", "stat", "-u", 50, "-d", stage.directory)
    with OnTerminal(stage, *command, lines=24, columns=80) as terminal:
        page = terminal.wait_for_page("lines 1-22 of 5")  # the clients came
        check(terminal.drawn.startswith(ENTER) and not terminal.reads_lines(), "the screen was not taken")
        check("\x1b[1m" in page and "Aeron Stat" in page, f"unexpected: {page!r}")
        terminal.press("\x1b[B\x1b[6~")
        terminal.wait_for_page("lines 24-45 of 5")
        terminal.press("\x1b[H" + "ss")
        terminal.wait_for_page("\\A.*\r\n\x1b\\[32m.*/s - (pub|sub)-.*\r\n(?s:.*)s sort: rate")
        terminal.press("t")
        check("POSITION" in terminal.wait_for_page("t counters"), "there is no table of streams")
        terminal.press("t")

        terminal.resize(10, 40)
        page = terminal.wait_for_page("lines 1-8 of 5")
        lines = [re.sub("\x1b\\[[\\d;]*[a-zA-Z]", "", line) for line in page.split("\r\n")]
        check(len(lines) == 10 and max(map(len, lines)) == 40, f"unexpected: {lines}")

        terminal.press("\x1a")  # Ctrl-Z
        terminal.wait_until_stopped()
        check(terminal.drawn.endswith(LEAVE) and terminal.reads_lines(), "the screen was not given back for a shell")
        terminal.go_on()
        terminal.wait_for_page("q quit")
        check(terminal.drawn.count(ENTER) == 2 and not terminal.reads_lines(), "the screen was not taken again")

        terminal.press("\x03")  # Ctrl-C
        check(terminal.finish() == 0, "Ctrl-C is no regular end")
        check(terminal.drawn.endswith(LEAVE) and terminal.reads_lines(), "the screen was not given back")
    with OnTerminal(stage, *command, lines=24, columns=80, NO_COLOR="1") as terminal:
        terminal.wait_for(lambda: len(terminal.pages()) > 2, "some pages")
        terminal.press("q")
        check(terminal.finish() == 0 and HOME in terminal.drawn, "q did not end it")
        check(re.search("\x1b\\[\\d*m", terminal.drawn) is None, "there are colours")
    with OnTerminal(stage, "cpperon", "stat", "--once", "-d", stage.directory, lines=24, columns=80) as terminal:
        check(terminal.finish() == 0 and "\x1b" not in terminal.drawn and "Bytes sent" in terminal.drawn,
              "a single look takes the screen")


def cut_files(stage: Stage) -> None:
    """A file that is cut short while it is watched is told of by name, with an error, and the terminal is given back."""
    cnc = stage.directory / "cnc.dat"
    stage.directory.mkdir()
    whole = golden("cnc.dat")
    cnc.write_bytes(whole)
    words = f"cpperon: the file {cnc} lost its end while it was in use"
    watch = stage.start("cpperon", "stat", "--json", "-u", 20, "-d", stage.directory)
    wait_until(lambda: json_lines(watch), "the first look")
    os.truncate(cnc, 8192)
    watch.finish(status=1)
    check(watch.errors.startswith(words), f"unexpected: {watch}")

    cnc.write_bytes(whole)
    with OnTerminal(stage, "cpperon", "stat", "-u", 20, "-d", stage.directory, lines=24, columns=80) as terminal:
        terminal.wait_for_page("Aeron Stat")
        os.truncate(cnc, 8192)
        check(terminal.finish() == 1, "that is no success")
        check(words in terminal.drawn.split(LEAVE)[-1] and terminal.reads_lines(), f"unexpected: {terminal.drawn[-500:]!r}")


CASES = {case.__name__: case for case in (stat, streams_with_traffic, lives_of_a_driver, screen, cut_files)}
