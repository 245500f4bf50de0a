"""Cases of the commands that look at a driver, and of the command line as a whole."""
from __future__ import annotations

import json
import re
import signal
import struct

from golden import golden
from stage import Stage, check, wait_until


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
    check(found["pid"] == process.process.pid and found["state"] == "alive" and found["clients"] == 0
          and found["software"].startswith("version="), f"unexpected: {found}")

    process.process.send_signal(signal.SIGTERM)
    process.finish(status=signal.SIGTERM)
    closed = json.loads(stage.start("cpperon", "driver", "-d", stage.directory, "--json").finish(status=1))
    check(closed["state"] == "closed" and closed["heartbeat_age_ms"] is None, f"unexpected: {closed}")
    pid = stage.start("cpperon", "driver", "--pid", "-d", stage.directory).finish(status=1)
    check(pid == f"{process.process.pid}\n", f"unexpected: {pid}")


REFUSED_PUBLICATION = ("streaming_publisher", "-c", "aeron:udp?endpoint=localhost:1|mtu=1000")
EVERY_LOOK = (["stat", "--once"], ["stat", "--once", "--streams"], ["streams"], ["backlog"], ["errors"], ["loss"],
              ["driver"])


def unusable_directories(stage: Stage) -> None:
    """Each command says what is wrong with a directory that no driver has made usable."""
    folder = stage.scratch / "files"
    folder.mkdir()
    cnc = folder / "cnc.dat"
    whole = golden("cnc.dat")
    for content, words in ((None, "does not exist; start a media driver"), (b"", "has 0 bytes"),
                           (b"\0" * len(whole), "its driver is starting or died while it did"),
                           (whole[:8192], "is truncated: it has 8192 bytes"),
                           (b"\0\0\1\0" + whole[4:], "has CnC version 1.0.0")):
        cnc.unlink(missing_ok=True)
        if content is not None:
            cnc.write_bytes(content)
        for command in EVERY_LOOK:
            program = stage.start("cpperon", *command, "-d", folder, "-t", 0)
            program.finish(status=1)
            check(program.errors.startswith("cpperon: ") and str(folder) in program.errors
                  and words in program.errors and program.output == "", f"unexpected of {command}: {program}")


# spec: 07-C63, 06-C63
def reference_files(stage: Stage) -> None:
    """Files that reference drivers left are read, without a right to write them, and are the same afterwards."""
    for prefix in ("", "java-"):
        folder = stage.scratch / f"{prefix}files"
        folder.mkdir()
        for name in ("cnc.dat", "loss-report.dat"):
            (folder / name).write_bytes(golden(prefix + name))
            (folder / name).chmod(0o444)
        folder.chmod(0o555)
        before = {path.name: path.read_bytes() for path in folder.iterdir()}
        for command in EVERY_LOOK:
            status = 1 if command == ["driver"] else 0  # it is dead
            stage.start("cpperon", *command, "-d", folder).finish(status)
            json.loads(stage.start("cpperon", *command, "--json", "-d", folder).finish(status))
        check(before == {path.name: path.read_bytes() for path in folder.iterdir()}, "the files were written to")
        folder.chmod(0o755)
    text = stage.start("cpperon", "driver", "-d", stage.scratch / "java-files").finish(status=1)
    check("dead" in text and "12937" in text, f"unexpected: {text}")


def errors_of_a_driver(stage: Stage) -> None:
    """The errors of a driver that lives, those of a time, and those of a file."""
    process = stage.start_driver()
    stage.start_client(*REFUSED_PUBLICATION).finish(status=1)
    text = stage.start("cpperon", "errors", "-d", stage.directory).finish()
    check(re.fullmatch(r"\*\*\*\n1 observations from .* to .* for:\n(?s:.*)mtu(?s:.*)\n1 distinct errors observed\.\n", text)
          is not None, f"unexpected: {text}")
    found = json.loads(stage.start("cpperon", "errors", "-d", stage.directory, "--json", "--since", "1h").finish())
    check(len(found["errors"]) == 1 and "mtu" in found["errors"][0]["text"], f"unexpected: {found}")
    later = stage.start("cpperon", "errors", "-d", stage.directory, "--since", "2100-01-01").finish()
    check(later == "\n0 distinct errors observed.\n", f"unexpected: {later}")
    refused = stage.start("cpperon", "errors", "-d", stage.directory, "--since", "soon")
    refused.finish(status=1)
    check("'soon' is no moment" in refused.errors, f"unexpected: {refused}")

    process.process.kill()
    content = (stage.directory / "cnc.dat").read_bytes()
    log = content[content.index(b"\1\0\0\0" + struct.pack("<q", found["errors"][0]["last_ms"])) - 4:]
    (stage.scratch / "saved").write_bytes(b"head" + log[:4096])
    saved = stage.start("cpperon", "errors", "-f", stage.scratch / "saved", "-o", 4)
    check(saved.finish() == text, f"unexpected: {saved}")
    beyond = stage.start("cpperon", "errors", "-f", stage.scratch / "saved", "-o", 9999)
    beyond.finish(status=1)
    check("offset 9999 is beyond the end" in beyond.errors, f"unexpected: {beyond}")


def log_of_a_publication(stage: Stage) -> None:
    """A log that is in use, frame by frame."""
    subscriber = stage.start_client("rate_subscriber", "-c", "aeron:ipc?term-length=64k")
    subscriber.wait_for("^channel status|^Subscribed")
    publisher = stage.start_client("streaming_publisher", "-c", "aeron:ipc?term-length=64k", "-m", 3, "-L", 40,
                                   "-l", "60s")
    publisher.wait_for("^Total|^Lingering|messages")
    (path,) = (stage.directory / "publications").iterdir()
    text = stage.start("cpperon", "log", path, "-l", 8).finish()
    check(re.search(r"Partition 0: term -?\d+, tail at 288\n(  \d+: data, 72 bytes, flags begin\|end, .*\n +0000 .*\n){3}"
                    r"  288: 65248 bytes are empty\n", text) is not None, f"unexpected: {text}")
    head, *pieces = map(json.loads, stage.start("cpperon", "log", path, "--json").finish().splitlines())
    check(head["type"] == "concurrent publication" and head["producer_position"] == 288, f"unexpected: {head}")
    check([piece.get("position") for piece in pieces[:3]] == [0, 96, 192] and len(pieces[0]["payload"]) == 80,
          f"unexpected: {pieces}")
    check("Partition 2" in stage.start("cpperon", "log", path, "--no-frames").finish(), "there are no partitions")
    stage.start("cpperon", "log", stage.directory / "cnc.dat").finish(status=1)


def terminate(stage: Stage) -> None:
    """A driver ends where it may be ended; where it denies that, or is gone, the command says so."""
    allowing = stage.start("cpperond", f"-Daeron.dir={stage.directory}", "-Daeron.driver.termination.validator=allow")
    wait_until((stage.directory / "cnc.dat").exists, "the driver's files")
    ending = stage.start("cpperon", "terminate", "-d", stage.directory)
    check("has ended" in ending.finish(), f"unexpected: {ending}")
    allowing.finish()
    gone = stage.start("cpperon", "terminate", "-d", stage.directory)
    gone.finish(status=1)
    check("is closed" in gone.errors, f"unexpected: {gone}")

    stage.start_driver()
    wait_until(lambda: stage.start("cpperon", "driver", "-d", stage.directory).process.wait() == 0, "a driver")
    denied = stage.start("cpperon", "terminate", "-d", stage.directory, "-t", 100, "--token", "please", "--json")
    check(json.loads(denied.finish(status=1))["has_ended"] is False, f"unexpected: {denied}")
    text = stage.start("cpperon", "terminate", "-d", stage.directory, "-t", 0).finish(status=1)
    check("aeron.driver.termination.validator=allow" in text, f"unexpected: {text}")


def config(stage: Stage) -> None:
    """The settings of this environment: environment, then definitions, then files; and what no driver would take."""
    (stage.scratch / "some.properties").write_text("aeron.mtu.length=8k\n")
    program = stage.start("cpperon", "config", "--json", "-Daeron.dir=/x", "-Daeron.mtu.length=4k",
                          stage.scratch / "some.properties", AERON_THREADING_MODE="SHARED")
    settings = json.loads(program.finish())
    check([settings["settings"][name]["value"] for name in ("aeron.dir", "aeron.mtu.length", "aeron.threading.mode")]
          == ["/x", 8192, "SHARED"], f"unexpected: {settings}")
    refused = stage.start("cpperon", "config", "-Daeron.timer.interval=20s")
    check("\naeron.timer.interval=20000000000\n" in refused.finish(status=1), f"unexpected: {refused}")
    check("aeron.timer.interval" in refused.errors, f"unexpected: {refused}")


def start(stage: Stage) -> None:
    """`cpperon driver start` is cpperond."""
    process = stage.start("cpperon", "driver", "start", f"-Daeron.dir={stage.directory}", "-Daeron.threading.mode=SHARED")
    wait_until((stage.directory / "cnc.dat").exists, "the driver's files")
    found = json.loads(stage.start("cpperon", "driver", "-d", stage.directory, "-t", 10_000, "--json").finish())
    check(found["pid"] == process.process.pid, f"unexpected: {found}")
    process.process.send_signal(signal.SIGTERM)
    process.finish(status=signal.SIGTERM)
    check("--help-settings" in stage.start("cpperon", "driver", "start", "--help").finish(), "that is not cpperond's help")
    refused = stage.start("cpperon", "driver", "start", "-Daeron.timer.interval=20s")
    refused.finish(status=1)
    check("aeron.timer.interval" in refused.errors, f"unexpected: {refused}")


CASES = {case.__name__: case for case in (command_line, driver, unusable_directories, reference_files,
                                          errors_of_a_driver, log_of_a_publication, terminate, config, start)}
