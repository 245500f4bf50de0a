"""Programs of cpperon as a user runs them, for suites of cases that stand alone: processes, directories and ports of
their own, which go with the case. Used by the tests of samples and of the tools."""
from __future__ import annotations

import argparse
import contextlib
import os
import pathlib
import random
import re
import signal
import socket
import subprocess
import tempfile
import time
import traceback
from collections.abc import Callable

SKIPPED: list[str] = []  # the cases of this run that were
SKIP_STATUS = 77
PATIENCE_S = 60  # of each wait; on a busy machine with sanitizers, too
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("AERON_", "CPPERON_"))}


class Failure(AssertionError):
    """A program did not do what it should."""


class Skip(Exception):
    """This machine lacks what a case needs; the text says what."""


def check(condition: object, what: str) -> None:
    if not condition:
        raise Failure(what)


def wait_until(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        check(time.monotonic() < deadline, f"waited {PATIENCE_S} s for {what}")
        time.sleep(0.01)


class Program:
    """One run of a program. Killed with the case at the latest."""

    def __init__(self, stage: Stage, name: str, command: list[str], environment: dict[str, str]) -> None:
        self.name = name
        self._output = stage.scratch / f"{len(stage.programs)}-{name}.out"
        self._errors = self._output.with_suffix(".err")
        with open(self._output, "wb") as output, open(self._errors, "wb") as errors:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=errors,
                                            env={**ENVIRONMENT, **environment})
        stage.programs.append(self)

    @property
    def output(self) -> str:
        return self._output.read_text(errors="replace")

    @property
    def errors(self) -> str:
        return self._errors.read_text(errors="replace")

    def __str__(self) -> str:
        return f"{self.name}: exit status {self.process.poll()}, output:\n{self.output}{self.errors}"

    def wait_for(self, pattern: str) -> None:
        """Until the output has a match; a program that ends before will never have one."""
        def has_it() -> bool:
            has_ended = self.process.poll() is not None
            if re.search(pattern, self.output, re.MULTILINE):
                return True
            check(not has_ended, f"'{pattern}' did not come from {self}")
            return False
        try:
            wait_until(has_it, f"'{pattern}'")
        except Failure as failure:
            raise Failure(f"{failure} from {self}") from None

    def finish(self, status: int = 0) -> str:
        """Waits for the end. What the program printed."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(PATIENCE_S)
        check(self.process.poll() == status, f"exit status {status} is expected of {self}")
        return self.output

    def interrupt(self) -> str:
        """As Ctrl-C does, which is a regular end."""
        self.process.send_signal(signal.SIGINT)
        return self.finish()


class Stage:
    """Programs, files and ports of one case."""

    def __init__(self, bin_folder: pathlib.Path) -> None:
        self.bin = bin_folder
        self.programs: list[Program] = []
        self._scratch = tempfile.TemporaryDirectory(prefix="cpperon-stage-", dir="/dev/shm")
        self.scratch = pathlib.Path(self._scratch.name)
        self.directory = self.scratch / "driver"
        self._leases: list[socket.socket] = []

    def start(self, name: str, *arguments: object, **environment: str) -> Program:
        return Program(self, name, [str(self.bin / name), *map(str, arguments)], environment)

    def start_driver(self, *arguments: str) -> Program:
        driver = self.start("cpperond", f"-Daeron.dir={self.directory}", "-Daeron.threading.mode=SHARED",
                            "-Daeron.term.buffer.length=1m", "-Daeron.term.buffer.sparse.file=true", *arguments)
        wait_until((self.directory / "cnc.dat").exists, "the driver's files")
        return driver

    def start_client(self, name: str, *arguments: object) -> Program:
        """A program that is a client of the driver of this stage, which is started with the first one."""
        if not self.directory.exists():
            self.start_driver()
        return self.start(name, "-p", self.directory, *arguments)

    def port(self) -> int:
        """Free for UDP, and nobody else's as long as this case runs: a bound TCP socket of this number says so, to the
        system tests too."""
        numbers = list(range(20_000, 30_000))
        random.shuffle(numbers)
        for number in numbers:
            lease = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            try:
                lease.bind(("", number))
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                    probe.bind(("", number))
            except OSError:
                lease.close()
                continue
            self._leases.append(lease)
            return number
        raise Failure("no port is left")

    def udp(self) -> str:
        return f"aeron:udp?endpoint=localhost:{self.port()}"

    def close(self) -> None:
        for program in reversed(self.programs):
            if program.process.poll() is None:
                program.process.kill()
            program.process.wait()
        for lease in self._leases:
            lease.close()
        self._scratch.cleanup()


def run(name: str, case: Callable[[Stage], None], bin_folder: pathlib.Path) -> bool:
    start = time.monotonic()
    stage = Stage(bin_folder)
    try:
        case(stage)
        outcome = "passed"
    except Skip as reason:
        print(f"{name} is left out: {reason}")
        outcome = "skipped"
    except Exception:  # a mistake in the case must not pass for success
        traceback.print_exc()
        outcome = "failed"
    finally:
        stage.close()
    print(f"{outcome} {name:24} {time.monotonic() - start:6.2f} s", flush=True)
    if outcome == "skipped":
        SKIPPED.append(name)
    return outcome != "failed"


def main(description: str | None, cases: dict[str, Callable[[Stage], None]]) -> int:
    """The command line of a suite; the exit status."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, default=pathlib.Path("build/release/bin"))
    parser.add_argument("--list", action="store_true")
    parser.add_argument("cases", nargs="*", metavar="case")
    arguments = parser.parse_args()
    unknown = set(arguments.cases) - set(cases)
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are: {', '.join(cases)}")
    if arguments.list:
        print("\n".join(cases))
        return 0
    names = arguments.cases or list(cases)
    if not all([run(name, cases[name], arguments.bin.resolve()) for name in names]):
        return 1
    return SKIP_STATUS if SKIPPED == names else 0
