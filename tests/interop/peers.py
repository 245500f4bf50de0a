"""The processes of the interoperation suite: clients ("peers") and drivers of three implementations, and how they are
built. Every wait has a deadline; a process ends with the test at the latest."""
from __future__ import annotations

import json
import os
import pathlib
import queue
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
JAVA_ARTEFACT = "io.aeron:aeron-all"
JAVA_VERSION = "1.51.0"  # the newest that the registry has
CMAKE_REQUIREMENT = "cmake==3.31.10"
JAVA_OPTIONS = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto",
                "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED", "--add-opens=java.base/java.util.zip=ALL-UNNAMED"]


class Skip(Exception):
    """Something outside the project is not there; the text says what."""


class Failure(AssertionError):
    """A peer did not do what the scenario demands."""


def check(condition: bool, what: str) -> None:
    if not condition:
        raise Failure(what)


def has_ipv6() -> bool:
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("::1", 0))
            return True
        except OSError:
            return False


class Kit:
    """Where the programs of each implementation are; builds those of other languages once, into `build`."""

    def __init__(self, bin_folder: pathlib.Path, build: pathlib.Path) -> None:
        self.bin = bin_folder
        self.build = build
        self.build.mkdir(parents=True, exist_ok=True)

    def java_class_path(self, source: pathlib.Path = HERE / "java" / "Peer.java", classes: str = "java") -> str:
        jar = self.build / f"aeron-all-{JAVA_VERSION}.jar"
        if not jar.exists():
            for tool in ("mvn", "javac"):
                if shutil.which(tool) is None:
                    raise Skip(f"{tool} is not installed")
            self._run("the Java artefact cannot be had from the registry",
                      ["mvn", "-q", "-B", "dependency:copy", f"-Dartifact={JAVA_ARTEFACT}:{JAVA_VERSION}",
                       f"-DoutputDirectory={self.build}"], self.build)
        folder = self.build / classes
        compiled = folder / source.with_suffix(".class").name
        if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
            subprocess.run(["javac", "-cp", str(jar), "-d", str(folder), str(source)], check=True)
        return f"{jar}:{folder}"

    def rust_program(self, name: str, project: pathlib.Path = HERE / "rust", target: str = "rust") -> str:
        program = self.build / target / "release" / name
        newest = max(path.stat().st_mtime for path in project.rglob("*") if path.is_file())
        if not program.exists() or program.stat().st_mtime < newest:
            if shutil.which("cargo") is None:
                raise Skip("cargo is not installed")
            self._run("the Rust crates cannot be fetched or built",
                      ["cargo", "build", "--release", "-j1", "--target-dir", str(self.build / target)], project,
                      PATH=f"{self._cmake_folder()}:{os.environ['PATH']}")
            for built in project.glob("src/bin/*.rs"):  # cargo leaves what is up to date; so do we, next time
                (program.parent / built.stem).touch()
        return str(program)

    def _cmake_folder(self) -> pathlib.Path:
        """Of a CMake that the C sources inside the crates accept (3.30), which is newer than Debian's."""
        tools = self.build / "tools"
        if not (tools / "bin" / "cmake").exists():
            subprocess.run([sys.executable, "-m", "venv", str(tools)], check=True)
            self._run("CMake 3.30, which the crates need, cannot be had from the registry",
                      [str(tools / "bin" / "pip"), "install", "--quiet", CMAKE_REQUIREMENT], self.build)
        return tools / "bin"

    def peer_command(self, kind: str) -> list[str]:
        if kind == "cpperon":
            return [str(self.bin / "interop_peer")]
        if kind == "java":
            return ["java", *JAVA_OPTIONS, "-cp", self.java_class_path(), "Peer"]
        return [self.rust_program("peer")]

    def driver_command(self, kind: str, settings: dict[str, str]) -> list[str]:
        definitions = [f"-D{name}={value}" for name, value in settings.items()]
        if kind == "cpperon":
            return [str(self.bin / "cpperond"), *definitions]
        if kind == "java":
            return ["java", *JAVA_OPTIONS, *definitions, "-cp", self.java_class_path(), "io.aeron.driver.MediaDriver"]
        return [self.rust_program("driver"), *definitions]

    def sample_command(self, name: str, directory: pathlib.Path, *arguments: str) -> list[str]:
        return ["java", *JAVA_OPTIONS, f"-Daeron.dir={directory}", "-cp", self.java_class_path(),
                f"io.aeron.samples.{name}", *arguments]

    @staticmethod
    def _run(complaint: str, command: list[str], folder: pathlib.Path, **environment: str) -> None:
        outcome = subprocess.run(command, cwd=folder, capture_output=True, text=True, env={**os.environ, **environment})
        if outcome.returncode != 0:
            lines = (outcome.stdout + outcome.stderr).strip().splitlines() or ["no output"]
            raise Skip(f"{complaint}: {lines[-1][:200]}")


class Process:
    """A child process with a log file for stderr. Killed with the runner."""

    def __init__(self, name: str, command: list[str], log: pathlib.Path, **options) -> None:
        self.name = name
        self.log = log
        with open(log, "ab") as error_output:
            self.process = subprocess.Popen(command, stderr=error_output, **options)

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def send_signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)


class Driver(Process):
    def __init__(self, kit: Kit, kind: str, directory: pathlib.Path, log: pathlib.Path, **settings: str) -> None:
        self.kind = kind
        self.directory = directory
        everything = {"aeron.dir": str(directory), "aeron.threading.mode": "SHARED", "aeron.dir.delete.on.start": "true",
                      "aeron.term.buffer.sparse.file": "true", "aeron.timer.interval": "100ms",
                      "aeron.publication.linger.timeout": "200ms", "aeron.counters.free.to.reuse.timeout": "200ms",
                      **{name if "." in name else name.replace("_", "."): value for name, value in settings.items()}}
        if kind == "c":
            everything["aeron.driver.timeout"] = "5000"
        super().__init__(f"{kind} driver", kit.driver_command(kind, everything), log, stdout=subprocess.DEVNULL)

    def stop(self) -> None:
        if self.is_alive:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()
        shutil.rmtree(self.directory, ignore_errors=True)


class Peer(Process):
    """A client process. Commands are lines, answers are lines of JSON, one for each."""

    def __init__(self, kit: Kit, kind: str, log: pathlib.Path) -> None:
        super().__init__(f"{kind} client", kit.peer_command(kind), log, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                         text=True, bufsize=1)
        self.kind = kind
        self._answers: queue.Queue[str | None] = queue.Queue()
        self._unanswered: list[str] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self.process.stdout:
            self._answers.put(line)
        self._answers.put(None)

    def start(self, verb: str, **options) -> None:
        """Gives a command without waiting for its answer: for what two peers must do at the same time."""
        words = [verb]
        for name, value in options.items():
            words += ["--" + name.replace("_", "-"), str(value)]
        self._unanswered.append(" ".join(words))
        try:
            self.process.stdin.write("\t".join(words) + "\n")
        except BrokenPipeError as error:
            raise Failure(f"{self.name} has died before: {words}") from error

    def finish(self, timeout: float = 60) -> dict:
        """The answer to the oldest command that has none, errors included."""
        command = self._unanswered.pop(0)
        try:
            line = self._answers.get(timeout=timeout)
        except queue.Empty:
            raise Failure(f"{self.name} did not answer in {timeout} s: {command}") from None
        check(line is not None, f"{self.name} died: {command} (see {self.log})")
        return json.loads(line)

    def result(self, timeout: float = 60) -> dict:
        """The answer to the oldest command; a failure if that is an error."""
        command = self._unanswered[0]
        answer = self.finish(timeout)
        check("error" not in answer, f"{self.name}: {command}: {answer.get('error')}")
        return answer

    def do(self, verb: str, **options) -> dict:
        self.start(verb, **options)
        return self.result()

    def try_to(self, verb: str, **options) -> dict:
        """The error of a command that must fail."""
        self.start(verb, **options)
        answer = self.finish()
        check("error" in answer, f"{self.name}: {verb} {options} did not fail: {answer}")
        return answer["error"]


class Stage:
    """One driver and its clients, in a directory of their own; everything on it ends with it."""

    def __init__(self, kit: Kit, driver_kind: str, logs: pathlib.Path, **settings: str) -> None:
        self.kit = kit
        self.driver_kind = driver_kind
        self.logs = logs
        self.settings = settings
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix=f"interop-{driver_kind}-", dir="/dev/shm"))
        self.directory.rmdir()
        self.peers: list[Peer] = []
        self.pool: dict[tuple[str, str], Peer] = {}
        self.driver = self.start_driver()

    def start_driver(self) -> Driver:
        """Also anew, on what a killed driver left: its file looks alive for a while, clients must wait for the next."""
        self._file_left = self._file_identity()
        self.driver = Driver(self.kit, self.driver_kind, self.directory, self.logs / f"driver-{self.driver_kind}.log",
                             **self.settings)
        return self.driver

    def _file_identity(self) -> int | None:
        try:
            return (self.directory / "cnc.dat").stat().st_ino
        except FileNotFoundError:
            return None

    def new_peer(self, kind: str, **options) -> Peer:
        """A client process that is connected."""
        peer = Peer(self.kit, kind, self.logs / f"peer-{kind}.log")
        self.peers.append(peer)
        deadline = time.monotonic() + 20
        while self._file_identity() in (None, self._file_left):
            check(self.driver.is_alive, f"{self.driver.name} ended with status {self.driver.process.poll()} "
                                        f"(see {self.driver.log})")
            check(time.monotonic() < deadline, f"{self.driver.name} made no CnC file in 20 s")
            time.sleep(0.01)
        peer.do("connect", dir=self.directory, **options)
        return peer

    def pooled_peer(self, kind: str, part: str) -> Peer:
        """The client of this kind that plays this part in scenario after scenario."""
        peer = self.pool.get((kind, part))
        if peer is None or not peer.is_alive:
            peer = self.new_peer(kind, name=f"{kind} {part}")
            self.pool[kind, part] = peer
        return peer

    def retire(self, peer: Peer) -> None:
        """After a failure nobody knows what state a client is in."""
        peer.kill()
        self.pool = {key: other for key, other in self.pool.items() if other is not peer}

    def close(self) -> None:
        for peer in self.peers:
            if peer.is_alive:
                peer.kill()
        self.driver.stop()


class PortLease:
    """A port number that is free for UDP, and that no other lease has, of whatever process, those of tests/system
    included: a bound TCP socket of the same number says so. The numbers lie below those that the system hands out."""

    LOWEST, COUNT = 20_000, 10_000
    next = os.getpid() * 37 % COUNT

    def __init__(self) -> None:
        for _ in range(self.COUNT):
            PortLease.next = (PortLease.next + 1) % self.COUNT
            self.port = self.LOWEST + PortLease.next
            self._flag = self._bound(socket.SOCK_STREAM)
            probe = self._bound(socket.SOCK_DGRAM) if self._flag else None
            if probe:
                probe.close()
                return
            self.release()
        raise OSError("no port is left")

    def _bound(self, kind: socket.SocketKind) -> socket.socket | None:
        one = socket.socket(socket.AF_INET, kind)
        try:
            one.bind(("", self.port))
            return one
        except OSError:
            one.close()
            return None

    def release(self) -> None:
        if self._flag:
            self._flag.close()


class Venue:
    """Where a cell is played: one driver, for scenarios over IPC, or two, `publisher's+subscriber's`. Settings may name
    `{side}`, which is publisher or subscriber, and `{port}` and `{other_port}`: one of each side for itself."""

    def __init__(self, kit: Kit, name: str, logs: pathlib.Path, settings: dict[str, str]) -> None:
        self._next_stream = 1_000
        self._leases: list[PortLease] = []
        self.stages: list[Stage] = []
        kinds = name.split("+")
        ports = [self.lease_port(), self.lease_port()]
        try:
            for kind, side, port, other_port in zip(kinds, ("publisher", "subscriber"), ports, reversed(ports)):
                words = {"side": side, "port": port, "other_port": other_port}
                self.stages.append(Stage(kit, kind, logs, **{key: value.format(**words)
                                                             for key, value in settings.items()}))
        except BaseException:
            self.close()
            raise

    @property
    def publisher_stage(self) -> Stage:
        return self.stages[0]

    @property
    def subscriber_stage(self) -> Stage:
        return self.stages[-1]

    def stream(self) -> int:
        self._next_stream += 1
        return self._next_stream

    def lease_port(self) -> int:
        self._leases.append(PortLease())
        return self._leases[-1].port

    def retire(self, peer: Peer) -> None:
        for stage in self.stages:
            stage.retire(peer)

    def revive(self) -> None:
        """After a scenario that cost a driver its life."""
        for stage in self.stages:
            if not stage.driver.is_alive:
                stage.pool.clear()
                stage.start_driver()

    def close(self) -> None:
        for stage in self.stages:
            stage.close()
        for lease in self._leases:
            lease.release()

    def __enter__(self) -> Venue:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
