"""Cases of the commands that look at a driver, and of the command line as a whole."""
from __future__ import annotations

import json
import signal

from stage import Stage, check


def command_line(stage: Stage) -> None:
    """The program explains itself, and says what is wrong."""
    text = stage.start("cpperon", "--help").finish()
    check("driver" in text and "version" in text, f"--help printed {text}")
    check(json.loads(stage.start("cpperon", "version", "--json").finish())["version"], "there is no version")
    for arguments in ([], ["--nonsense"], ["nonsense"], ["driver", "--nonsense"], ["driver", "-t", "soon"]):
        program = stage.start("cpperon", *arguments)
        program.finish(status=2)
        check("--help" in program.errors, f"{arguments} printed {program.errors}")


def driver(stage: Stage) -> None:
    """Who runs in a directory: nobody, a driver that lives, one that was closed."""
    absent = stage.start("cpperon", "driver", "-d", stage.directory, "-t", 0)
    absent.finish(status=1)
    check(str(stage.directory) in absent.errors, f"unexpected: {absent.errors}")

    process = stage.start_driver()
    text = stage.start("cpperon", "driver", "-d", stage.directory).finish()
    check("alive" in text and str(process.process.pid) in text, f"unexpected: {text}")
    found = json.loads(stage.start("cpperon", "driver", "-d", stage.directory, "--json").finish())
    check(found["pid"] == process.process.pid and found["state"] == "alive", f"unexpected: {found}")

    process.process.send_signal(signal.SIGTERM)
    process.finish(status=signal.SIGTERM)
    closed = json.loads(stage.start("cpperon", "driver", "-d", stage.directory, "--json").finish(status=1))
    check(closed["state"] == "closed" and closed["heartbeat_age_ms"] is None, f"unexpected: {closed}")


CASES = {case.__name__: case for case in (command_line, driver)}
