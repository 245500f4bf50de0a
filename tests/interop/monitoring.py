"""What operators see of a driver, as those who look at its files without a client see it: our reader, and the reference's
programs. All must see the same. A further program that reads these files is one more function here. spec: 07 §A.3"""
from __future__ import annotations

import re

from peers import Peer, Stage, check
from scenario import expect_equal, run_sample


def our_view(stage: Stage) -> dict:
    """What `CncFile` reads: `pid`, `active`, `counters`, `errors`, `losses`."""
    reader = Peer(stage.kit, "cpperon", stage.logs / "peer-cpperon.log")
    try:
        return reader.do("inspect", dir=stage.directory)
    finally:
        reader.kill()


def expect_one_view(stage: Stage, session: int, stream: int) -> dict[str, str]:
    """Of the driver itself, of the counters of this stream and those of the driver, and of all errors and losses. What
    the reference's programs print, by name."""
    before = our_view(stage)
    printed = {"AeronStat": run_sample(stage, "AeronStat", "watch=false"),
               "DriverTool": run_sample(stage, "DriverTool", "pid"),
               "ErrorStat": run_sample(stage, "ErrorStat"),
               "LossStat": run_sample(stage, "LossStat")}
    after = our_view(stage)
    check(after["active"], f"our reader does not see that the {stage.driver_kind} driver is alive")
    expect_equal("process id", after["pid"], stage.driver.process.pid)
    expect_equal("process id for DriverTool", printed["DriverTool"].split()[-1], str(after["pid"]))
    compare_counters(before["counters"], printed["AeronStat"], after["counters"], f"{session} {stream} ")
    expect_equal("errors", [(error["count"], first_line(error["text"])) for error in after["errors"]],
                 errors_of(printed["ErrorStat"]))
    expect_equal("losses", [",".join(str(loss[name]) for name in ("count", "bytes", "session", "stream", "channel", "source"))
                            for loss in after["losses"]], losses_of(printed["LossStat"]))
    return printed


def compare_counters(before: list[dict], stat: str, after: list[dict], mine: str) -> None:
    """Those that were the same before and after must be the same in between."""
    then = {one["id"]: one for one in before}
    seen = {int(number): (int(value.replace(",", "")), label)
            for number, value, label in re.findall(r"^ *(\d+): +(-?[\d,]+) - (.*)$", stat, re.MULTILINE)}
    steady = [one for one in after if then.get(one["id"]) == one]
    check(any(mine in one["label"] for one in steady), f"none of the steady counters is of '{mine}': {steady}")
    for one in steady:
        expect_equal(f"counter {one['id']}", seen.get(one["id"]), (one["value"], one["label"].rstrip()))


def first_line(text: str) -> str:
    return text.strip().partition("\n")[0].rstrip()


def errors_of(text: str) -> list[tuple[int, str]]:
    """Count and first line of each error that ErrorStat prints."""
    found = re.findall(r"^(\d+) observations? from .* for:\n *(.*)$", text, re.MULTILINE)
    return [(int(count), line.strip()) for count, line in found]


def losses_of(text: str) -> list[str]:
    """The lines of LossStat without their times."""
    rows = [line.split(",", 4) for line in text.splitlines() if re.match(r"\d+,\d+,", line)]
    return [",".join((row[0], row[1], row[4])) for row in rows]
