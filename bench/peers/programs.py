"""Who is measured, what is measured, and with which settings; the programs of each, and drivers that run while one is
measured."""
from __future__ import annotations

import dataclasses
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "interop"))
import peers as interop  # noqa: E402  it fetches and builds what is not C++; versions are pinned there

Skip = interop.Skip

SHARED_MEMORY = pathlib.Path("/dev/shm")
APPLICATION_CPU, DRIVER_CPU = 0, 1
# The same for every driver; sizes in bytes. The idle strategy depends on the measure.
SETTINGS = {
    "aeron.threading.mode": "SHARED",
    "aeron.ipc.term.buffer.length": "67108864",
    "aeron.term.buffer.length": "16777216",
    "aeron.ipc.mtu.length": "1408",
    "aeron.mtu.length": "1408",
    "aeron.rcv.initial.window.length": "2097152",
    "aeron.socket.so_rcvbuf": "2097152",
    "aeron.socket.so_sndbuf": "2097152",
    "aeron.term.buffer.sparse.file": "true",
    "aeron.publication.linger.timeout": "200ms",
    "aeron.dir.delete.on.start": "true",
}
JAVA_IDLE = {"noop": "org.agrona.concurrent.NoOpIdleStrategy", "backoff": "org.agrona.concurrent.BackoffIdleStrategy"}
JAVA_OPTIONS = ["--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED", "--add-opens=java.base/java.util.zip=ALL-UNNAMED",
                "-XX:+UseParallelGC", "-XX:+UnlockDiagnosticVMOptions", "-XX:GuaranteedSafepointInterval=300000",
                "-Dagrona.disable.bounds.checks=true"]
TOGETHER = ["setpriv", "--pdeathsig", "KILL"]  # a program that is left alone by its runner ends


class Broken(Exception):
    """A program did not do what it should; the text says what."""


@dataclasses.dataclass(frozen=True)
class Measure:
    key: str
    title: str
    unit: str                  # "million messages/s", more is better, or "µs", less is better
    media: str                 # ipc, udp
    arguments: tuple[str, ...]
    # Where two threads of the application use both processors, the driver must leave one: it backs off.
    driver_idle: str = "noop"

    @property
    def is_latency(self) -> bool:
        return self.unit == "µs"

    @property
    def is_claiming(self) -> bool:
        return "--claim" in self.arguments


RATE = "million messages/s"
MEASURES = [
    Measure("ipc-offer", "IPC: one thread offers and polls", RATE, "ipc", ("--measure", "stream")),
    Measure("ipc-claim", "IPC: one thread claims and polls", RATE, "ipc", ("--measure", "stream", "--claim")),
    Measure("ipc-two-offer", "IPC: one thread offers, another polls", RATE, "ipc", ("--measure", "hand-over"), "backoff"),
    Measure("ipc-two-claim", "IPC: one thread claims, another polls", RATE, "ipc",
            ("--measure", "hand-over", "--claim"), "backoff"),
    Measure("ipc-round-trip", "IPC: there and back between two threads", "µs", "ipc", ("--measure", "round-trip"),
            "backoff"),
    Measure("udp-1344", "UDP: stream of 1,344 bytes each", RATE, "udp", ("--measure", "stream", "--length", "1344")),
    Measure("udp-32", "UDP: stream of 32 bytes each", RATE, "udp", ("--measure", "stream")),
    Measure("udp-loop", "UDP: one message at a time", "µs", "udp", ("--measure", "loop")),
]


@dataclasses.dataclass(frozen=True)
class Peer:
    key: str
    label: str
    client: str                # cpperon, c, java, zeromq, nng
    driver: str | None = None  # cpperon, c, java
    transport: str = ""        # of those that have no driver: inproc, ipc, tcp
    only_media: str = ""       # ipc, udp

    @property
    def measures(self) -> list[Measure]:
        return [measure for measure in MEASURES
                if self.only_media in ("", measure.media) and not (self.transport and measure.is_claiming)]

    @property
    def is_crossed(self) -> bool:
        return self.driver not in (None, self.client)


PEERS = [
    Peer("cpperon", "cpperon", "cpperon", "cpperon"),
    Peer("c", "C client, C driver", "c", "c"),
    Peer("java", "Java client, Java driver", "java", "java"),
    Peer("c-on-cpperon", "C client, cpperon driver", "c", "cpperon", only_media="udp"),
    Peer("java-on-cpperon", "Java client, cpperon driver", "java", "cpperon", only_media="udp"),
    Peer("cpperon-on-c", "cpperon client, C driver", "cpperon", "c", only_media="udp"),
    Peer("zeromq-inproc", "ZeroMQ inproc, within one process", "zeromq", transport="inproc", only_media="ipc"),
    Peer("zeromq-ipc", "ZeroMQ ipc, a Unix socket", "zeromq", transport="ipc", only_media="ipc"),
    Peer("zeromq-tcp", "ZeroMQ tcp", "zeromq", transport="tcp", only_media="udp"),
    Peer("nng-inproc", "nng inproc, within one process", "nng", transport="inproc", only_media="ipc"),
    Peer("nng-ipc", "nng ipc, a Unix socket", "nng", transport="ipc", only_media="ipc"),
    Peer("nng-tcp", "nng tcp", "nng", transport="tcp", only_media="udp"),
]


class Programs:
    """Where the programs are; builds what is missing or stale."""

    def __init__(self, bin_folder: pathlib.Path, build: pathlib.Path, builds: bool) -> None:
        self.bin = bin_folder
        self.kit = interop.Kit(bin_folder, build / "interop")
        self.builds = builds
        self._is_built: set[str] = set()
        self._scratch = tempfile.TemporaryDirectory(prefix="peers-")  # for Unix sockets
        remove_what_was_left()

    def prepare(self, peer: Peer) -> None:
        """Raises `Skip` where the peer cannot be had here."""
        if not {APPLICATION_CPU, DRIVER_CPU} <= os.sched_getaffinity(0):
            raise Skip(f"processors {APPLICATION_CPU} and {DRIVER_CPU} are needed")
        for tool in ("setpriv", "taskset"):
            if shutil.which(tool) is None:
                raise Skip(f"{tool} is not installed")
        for kind in {peer.client, peer.driver}:
            if kind == "c":
                self._rust("bench")
            elif kind == "java":
                self._java()
        if peer.client in ("cpperon", "zeromq", "nng"):
            self._build(f"bench_peers_{peer.client}")
        if peer.driver == "cpperon":
            self._build("cpperond")

    def client_command(self, peer: Peer, measure: Measure, driver: Driver | None, seconds: float,
                       warm_up: float) -> list[str]:
        start = [*TOGETHER, *{"c": lambda: [self._rust("bench")], "java": lambda: [*self._java(), "Bench"]}.get(
            peer.client, lambda: [str(self.bin / f"bench_peers_{peer.client}")])()]
        length = [] if "--length" in measure.arguments else ["--length", "32"]
        common = [*measure.arguments, *length, "--seconds", str(seconds), "--warm-up", str(warm_up),
                  "--cpu", str(APPLICATION_CPU), "--other-cpu", str(DRIVER_CPU)]
        if driver:
            channel = "aeron:ipc" if measure.media == "ipc" else f"aeron:udp?endpoint=127.0.0.1:{free_port()}"
            return [*start, *common, "--dir", str(driver.directory), "--channel", channel,
                    "--stream", str(driver.next_stream())]
        return [*start, *common, *blocking(peer, measure), "--channel", self._channel(peer.transport)]

    def _channel(self, transport: str) -> str:
        return {"inproc": "inproc://peers", "ipc": f"ipc://{self._scratch.name}/socket"}.get(
            transport, f"tcp://127.0.0.1:{free_port()}")

    def driver_command(self, kind: str, directory: pathlib.Path, idle: str) -> list[str]:
        settings = {**SETTINGS, "aeron.dir": str(directory),
                    "aeron.shared.idle.strategy": JAVA_IDLE[idle] if kind == "java" else idle}
        definitions = [f"-D{name}={value}" for name, value in settings.items()]
        if kind == "java":  # its threads are placed when they are there
            return [*TOGETHER, *self._java(), *definitions, "io.aeron.driver.MediaDriver"]
        program = str(self.bin / "cpperond") if kind == "cpperon" else self._rust("driver")
        return [*TOGETHER, "taskset", "-c", str(DRIVER_CPU), program, *definitions]

    def _rust(self, name: str) -> str:
        return self.kit.rust_program(name, HERE / "rust", "peers-rust")

    def _java(self) -> list[str]:
        class_path = self.kit.java_class_path(HERE / "java" / "Bench.java", "peers-java")
        return ["java", *JAVA_OPTIONS, "-cp", class_path]

    def _build(self, target: str) -> None:
        if self.builds and target not in self._is_built:
            outcome = subprocess.run(["scripts/build", "release", target], cwd=ROOT, capture_output=True, text=True)
            if outcome.returncode != 0:
                lines = (outcome.stdout + outcome.stderr).strip().splitlines() or ["no output"]
                raise Skip(f"{target} cannot be built: {lines[-1][:200]}")
            self._is_built.add(target)
        if not (self.bin / target).exists():
            raise Skip(f"{self.bin / target} is not there")


def free_port() -> int:
    lease = interop.PortLease()
    lease.release()
    return lease.port


def blocking(peer: Peer, measure: Measure) -> list[str]:
    """Whichever of the two ways was faster: trying again and again, or calls that wait and leave the processor to the
    library's threads."""
    by_waiting = {"zeromq-inproc": ("ipc-two-offer",), "zeromq-ipc": ("ipc-two-offer", "ipc-round-trip"), "zeromq-tcp": ()}
    nng = ("ipc-two-offer", "ipc-round-trip", "udp-loop")
    return ["--block"] if measure.key in by_waiting.get(peer.key, nng) else []


def remove_what_was_left() -> None:
    """The folders of drivers whose runner was killed."""
    for folder in SHARED_MEMORY.glob("peers-*-*"):
        if not pathlib.Path(f"/proc/{folder.name.split('-')[1]}").exists():
            shutil.rmtree(folder, ignore_errors=True)


class Driver:
    """A media driver, ready for clients when it is constructed, with its agent on its processor."""

    def __init__(self, programs: Programs, kind: str, idle: str) -> None:
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"peers-{os.getpid()}-", dir=SHARED_MEMORY))
        self.directory = self.folder / "aeron"
        self._stream = 1_000
        self._log = open(self.folder / "log", "w+")
        self._process = subprocess.Popen(programs.driver_command(kind, self.directory, idle), stdout=self._log,
                                         stderr=self._log)
        try:
            self._await(lambda: (self.directory / "cnc.dat").exists(), "made no CnC file")
            if kind == "java":
                self._await(self._place_agent, "has no agent thread")
        except BaseException:
            self.stop()
            raise

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def next_stream(self) -> int:
        """A client would also be given what the one before it left, had it the same streams."""
        self._stream += 10
        return self._stream

    def stop(self) -> None:
        if self.is_alive:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _await(self, condition, complaint: str) -> None:
        deadline = time.monotonic() + 20
        while not condition():
            if not self.is_alive or time.monotonic() > deadline:
                self._log.seek(0)
                said = (self._log.read().strip().splitlines() or ["no output"])[-1][:200]
                raise Broken(f"the driver {complaint}: {said}")
            time.sleep(0.01)

    def _place_agent(self) -> bool:
        """The thread of a Java driver's agents is named after its directory; those of the virtual machine stay free."""
        for task in pathlib.Path(f"/proc/{self._process.pid}/task").iterdir():
            if (task / "comm").read_text().startswith(f"{SHARED_MEMORY}/"):
                os.sched_setaffinity(int(task.name), {DRIVER_CPU})
                return True
        return False
