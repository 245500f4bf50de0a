#!/usr/bin/python3
"""Side by side: the same benchmark on cpperon, the reference C and Java implementations, ZeroMQ and nng, in turn.

Builds what is needed, plays every measure with every peer, round after round, and prints medians and their ratio to
cpperon's. What each measure is, and what may be compared with what, is written in bench/README.md. `--publish` puts the
results where readers find them: bench/peers/results.json, docs/images/peers.svg, and the section in bench/README.md.
"""
from __future__ import annotations

import argparse
import datetime
import importlib.util
import json
import os
import pathlib
import platform
import signal
import subprocess
import sys

import report
from programs import MEASURES, PEERS, SETTINGS, Broken, Driver, Measure, Peer, Programs, Skip

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PUBLISHED = HERE / "results.json"


def first_line(*command: str) -> str:
    try:
        outcome = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    except OSError:
        return "not installed"
    return ((outcome.stdout + outcome.stderr).splitlines() or [""])[0].strip()


def describe_machine() -> dict:
    facts = dict(line.split(":", 1) for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines() if ":" in line)
    model = {name.strip(): value.strip() for name, value in facts.items()}.get("model name", platform.machine())
    return {"processor": model, "processors": os.cpu_count(), "kernel": f"{platform.system()} {platform.release()}",
            "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
            "compilers": {"c++": first_line("c++", "--version"), "rustc": first_line("rustc", "--version"),
                          "java": first_line("java", "-version")},
            "receive_buffer_limit": first_line("cat", "/proc/sys/net/core/rmem_max"),
            "send_buffer_limit": first_line("cat", "/proc/sys/net/core/wmem_max")}


class Results:
    """What was measured so far, on disk after every cell, so that a run which was stopped can go on."""

    def __init__(self, path: pathlib.Path, identity: dict, resume: bool) -> None:
        self.path = path
        self.data = {**identity, "date": datetime.date.today().isoformat(), "machine": describe_machine(), "versions": {},
                     "skipped": {}, "load_before_rounds": {}, "cells": {}}
        if resume and path.exists():
            old = json.loads(path.read_text())
            different = [name for name, value in identity.items() if old.get(name) != value]
            if different:
                sys.exit(f"--resume: what was measured before had other values of {', '.join(different)}; "
                         f"run without --resume to start anew")
            self.data = old
            self.data["skipped"] = {}

    def has(self, round_number: int, peer: Peer, measure: Measure) -> bool:
        cell = self.data["cells"].get(f"{peer.key}/{measure.key}", {})
        return str(round_number) in cell and "error" not in cell[str(round_number)]

    def add(self, round_number: int, peer: Peer, measure: Measure, figures: dict) -> None:
        version = figures.pop("version", None)
        if version:
            self.data["versions"][peer.client] = version
        self.data["cells"].setdefault(f"{peer.key}/{measure.key}", {})[str(round_number)] = figures
        self.save()

    def save(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        new = self.path.with_suffix(".new")
        new.write_text(json.dumps(self.data, indent=1) + "\n")
        new.replace(self.path)

    def errors(self) -> list[str]:
        return [f"{cell}, round {number}: {figures['error']}" for cell, rounds in self.data["cells"].items()
                for number, figures in rounds.items() if "error" in figures]


def play(programs: Programs, peer: Peer, measure: Measure, driver: Driver | None, options: argparse.Namespace) -> dict:
    """One cell of one round: a client program from start to end."""
    command = programs.client_command(peer, measure, driver, options.seconds, options.warm_up)
    limit_s = options.seconds + options.warm_up + 25
    try:
        outcome = subprocess.run(command, capture_output=True, text=True, timeout=limit_s)
    except subprocess.TimeoutExpired:
        raise Broken(f"did not end within {limit_s:.0f} s") from None
    if outcome.returncode != 0:
        raise Broken((outcome.stderr.strip().splitlines() or [f"ended with status {outcome.returncode}"])[-1][:200])
    return json.loads(outcome.stdout)


def play_peer(programs: Programs, peer: Peer, round_number: int, results: Results, options: argparse.Namespace) -> None:
    """All measures of one peer in one round; those that want the same idle strategy share a driver."""
    wanted = [measure for measure in peer.measures
              if measure.key in options.measures and not results.has(round_number, peer, measure)]
    for idle in dict.fromkeys(measure.driver_idle for measure in wanted):
        driver = None
        try:
            for measure in (one for one in wanted if one.driver_idle == idle):
                for attempt in (1, 2):
                    try:
                        if peer.driver and (driver is None or not driver.is_alive):
                            driver = Driver(programs, peer.driver, idle)
                        figures = play(programs, peer, measure, driver, options)
                        break
                    except Broken as problem:
                        figures = {"error": str(problem)}
                        if driver:
                            driver.stop()
                            driver = None
                results.add(round_number, peer, measure, figures)
                print(f"round {round_number}/{options.rounds}  {peer.key:16} {measure.key:22} "
                      f"{report.one_figure(figures)}", flush=True)
        finally:
            if driver:
                driver.stop()


def build_all(programs: Programs, chosen: list[Peer], results: Results) -> list[Peer]:
    """The peers that can be had; the others are noted as skipped, with the reason."""
    ready = []
    for peer in chosen:
        try:
            programs.prepare(peer)
            ready.append(peer)
        except (Skip, subprocess.CalledProcessError) as reason:
            results.data["skipped"][peer.key] = str(reason)
            print(f"skipped: {peer.label}: {reason}", flush=True)
    return ready


def commit() -> str:
    return first_line("git", "describe", "--always", "--dirty", "--abbrev=10", "--exclude=*")


def publish(results: dict) -> None:
    PUBLISHED.write_text(json.dumps(results, indent=1) + "\n")
    report.draw_chart(results, ROOT / "docs" / "images" / "peers.svg")
    report.replace_section(ROOT / "bench" / "README.md", report.section(results, "../docs/images/peers.svg"))


def parse(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0, help="of each cell of a round")
    parser.add_argument("--warm-up", type=float, default=1.0, help="seconds of the same before")
    parser.add_argument("--peers", nargs="+", choices=[peer.key for peer in PEERS], metavar="PEER",
                        default=[peer.key for peer in PEERS], help=", ".join(peer.key for peer in PEERS))
    parser.add_argument("--measures", nargs="+", choices=[measure.key for measure in MEASURES], metavar="MEASURE",
                        default=[measure.key for measure in MEASURES],
                        help=", ".join(measure.key for measure in MEASURES))
    parser.add_argument("--quick", action="store_true", help="one round of 0.1 s: whether the programs work")
    parser.add_argument("--resume", action="store_true", help="go on where the last run stopped; failed cells again")
    parser.add_argument("--no-build", action="store_true", help="of the C++ programs: those in --bin are up to date")
    parser.add_argument("--bin", type=pathlib.Path, default=ROOT / "build" / "release" / "bin")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build", help="where other languages are built")
    parser.add_argument("--publish", action="store_true", help="write results, chart and table where readers find them")
    parser.add_argument("--render", action="store_true", help="measure nothing: chart and table from published results")
    options = parser.parse_args(words)
    options.bin, options.build = options.bin.resolve(), options.build.resolve()
    if options.quick:
        options.rounds, options.seconds, options.warm_up = 1, 0.1, 0.1
    if options.publish and (options.quick or len(options.peers) < len(PEERS) or len(options.measures) < len(MEASURES)):
        parser.error("--publish takes a whole run: no --quick, all peers, all measures")
    if (options.publish or options.render) and importlib.util.find_spec("matplotlib") is None:
        parser.error(f"{sys.executable} has no matplotlib, which draws the chart: scripts/install-packages peers")
    return options


def main(words: list[str]) -> int:
    options = parse(words)
    if options.render:
        publish(json.loads(PUBLISHED.read_text()))
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # an exception, so that what was started is ended
    identity = {"commit": commit(), "rounds": options.rounds, "seconds": options.seconds, "warm_up": options.warm_up,
                "settings": SETTINGS}
    results = Results(options.build / "peers" / ("quick.json" if options.quick else "results.json"), identity,
                      options.resume)
    programs = Programs(options.bin, options.build, not options.no_build)
    chosen = build_all(programs, [peer for peer in PEERS if peer.key in options.peers], results)
    if not chosen:
        print("there is nobody to measure")
        return 77
    for round_number in range(1, options.rounds + 1):
        load = os.getloadavg()[0]
        results.data["load_before_rounds"].setdefault(str(round_number), round(load, 2))
        if load > 0.5 and round_number == 1:
            print(f"the load average is {load:.2f}: something else runs here, the figures are no results", flush=True)
        for peer in chosen:
            play_peer(programs, peer, round_number, results, options)
    results.save()
    print("\n" + report.tables(results.data))
    for error in results.errors():
        print(f"failed: {error}")
    print(f"all figures: {results.path}")
    if options.publish:
        publish(results.data)
    return 1 if results.errors() else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
