#!/usr/bin/env python3
"""Plays the interoperation scenarios and prints them as a matrix: clients x drivers. Each cell is real processes.

    run.py --bin build/release/bin --build build/interop             everything, then the matrix
    run.py ... --scenario ipc-claims --driver java                   one scenario on one driver, as ctest does
    run.py ... --prepare                                             fetches and builds what is missing
    run.py ... --matrix [FILE]                                       the matrix of the last results, as Markdown
    run.py --list                                                    names of the scenarios

Exit status: 0 all passed, 1 something failed, 77 everything was skipped (one line says why)."""
from __future__ import annotations

import argparse
import json
import pathlib
import subprocess
import sys
import time
import traceback

from ipc_scenarios import SCENARIOS, Cell, Scenario
from peers import Failure, Kit, Peer, Skip, Stage

CLIENTS = ["cpperon", "java", "c"]
DRIVERS = ["cpperon", "java", "c"]
SYMBOLS = {"passed": "✓", "failed": "✗", "skipped": "–"}


def available_clients(kit: Kit, wanted: list[str]) -> tuple[list[str], dict[str, str]]:
    """Clients that can be run, and why the others cannot."""
    present, missing = [], {}
    for kind in wanted:
        try:
            kit.peer_command(kind)
            present.append(kind)
        except Skip as reason:
            missing[kind] = str(reason)
    return present, missing


def pairs_of(scenario: Scenario, kinds: list[str], driver: str) -> list[tuple[str, str]]:
    """Pairs without anything of ours are left out, but for one that shows that the scenario itself is right."""
    if scenario.pairs == "one":
        return [(kind, kind) for kind in kinds]
    return [(a, b) for a in kinds for b in kinds if "cpperon" in (a, b, driver) or a == b == "java"]


def play(stage: Stage, scenario: Scenario, pair: tuple[str, str]) -> dict:
    """One cell. Its clients are cleaned up for the next, or given up when it failed."""
    cell = Cell(stage, *pair)
    start = time.monotonic()
    try:
        scenario.play(cell)
        for peer in cell.peers:
            peer.do("reset")
        outcome, text = "passed", ""
    except (Failure, subprocess.TimeoutExpired) as failure:
        outcome, text = "failed", str(failure)
    except Exception:  # a mistake in the scenario must not pass for success
        outcome, text = "failed", traceback.format_exc()
    if outcome == "failed":
        for peer in [*cell.peers]:
            stage.retire(peer)
    return {"scenario": scenario.name, "driver": stage.driver_kind, "publisher": pair[0], "subscriber": pair[1],
            "outcome": outcome, "text": text, "seconds": round(time.monotonic() - start, 2)}


def play_on(kit: Kit, scenarios: list[Scenario], driver: str, clients: list[str], logs: pathlib.Path) -> list[dict]:
    """Scenarios that want the same driver settings share one driver."""
    kinds, missing = available_clients(kit, clients)
    for kind, reason in missing.items():
        print(f"skipped: all cells with the {kind} client: {reason}")
    try:
        kit.driver_command(driver, {})
    except Skip as reason:
        print(f"skipped: all cells on the {driver} driver: {reason}")
        return [result(scenario, driver, "*", "*", "skipped", str(reason)) for scenario in scenarios]

    results = [result(scenario, driver, a, b, "skipped", missing.get(a, missing.get(b, "")))
               for scenario in scenarios for a, b in pairs_of(scenario, clients, driver)
               if a in missing or b in missing]
    groups: dict[tuple, list[Scenario]] = {}
    for scenario in scenarios:
        groups.setdefault(tuple(sorted(scenario.settings.items())), []).append(scenario)
    for settings, group in groups.items():
        with Stage(kit, driver, logs, **dict(settings)) as stage:
            for scenario in group:
                for pair in pairs_of(scenario, kinds, driver):
                    if not stage.driver.is_alive:
                        stage.pool.clear()
                        stage.start_driver()
                    one = play(stage, scenario, pair)
                    results.append(one)
                    print(f"{one['outcome']:7} {scenario.name:26} {pair[0]:>7} -> {pair[1]:7} on {driver:7} "
                          f"{one['seconds']:6.2f} s  {one['text']}", flush=True)
    return results


def result(scenario: Scenario, driver: str, publisher: str, subscriber: str, outcome: str, text: str) -> dict:
    return {"scenario": scenario.name, "driver": driver, "publisher": publisher, "subscriber": subscriber,
            "outcome": outcome, "text": text, "seconds": 0}


def matrix(results: list[dict]) -> str:
    """Markdown: a row per scenario, a column per driver; in a cell, the pairs of clients."""
    lines = ["| Scenario | " + " | ".join(f"on the {driver} driver" for driver in DRIVERS) + " |",
             "| --- |" + " --- |" * len(DRIVERS)]
    for name in SCENARIOS:
        cells = []
        for driver in DRIVERS:
            outcomes: dict[str, list[str]] = {}
            for one in results:
                if (one["scenario"], one["driver"]) == (name, driver):
                    outcomes.setdefault(one["outcome"], []).append(f"{one['publisher']}→{one['subscriber']}")
            words = []
            for outcome, pairs in sorted(outcomes.items()):
                names = f": {', '.join(pairs)}" if outcome == "failed" else ""
                words.append(f"{SYMBOLS[outcome]} {len(pairs)}{names}")
            cells.append("; ".join(words) or " ")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n\nPairs of clients that passed (✓), failed (✗), were skipped (–).\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, default=pathlib.Path("build/release/bin"))
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build/interop"))
    parser.add_argument("--scenario", action="append", choices=list(SCENARIOS))
    parser.add_argument("--driver", action="append", choices=DRIVERS)
    parser.add_argument("--client", action="append", choices=CLIENTS)
    parser.add_argument("--matrix", nargs="?", const="-")
    parser.add_argument("--prepare", action="store_true", help="fetch and build what is missing")
    parser.add_argument("--list", action="store_true")
    arguments = parser.parse_args()
    if arguments.list:
        print("\n".join(SCENARIOS))
        return 0

    if arguments.prepare:
        for kind, reason in available_clients(Kit(arguments.bin.resolve(), arguments.build.resolve()), CLIENTS)[1].items():
            print(f"skipped: all cells with the {kind} client or driver: {reason}")
        return 0

    store = arguments.build / "results"
    store.mkdir(parents=True, exist_ok=True)
    results: list[dict] = []
    if arguments.matrix is None:
        kit = Kit(arguments.bin.resolve(), arguments.build.resolve())
        scenarios = [SCENARIOS[name] for name in arguments.scenario or SCENARIOS]
        for driver in arguments.driver or DRIVERS:
            played = play_on(kit, scenarios, driver, arguments.client or CLIENTS, store)
            results += played
            for scenario in scenarios:
                ours = [one for one in played if one["scenario"] == scenario.name]
                (store / f"{scenario.name}@{driver}.json").write_text(json.dumps(ours, indent=1))
    everything = [one for path in sorted(store.glob("*.json")) for one in json.loads(path.read_text())]
    if arguments.matrix not in (None, "-"):
        pathlib.Path(arguments.matrix).write_text(matrix(everything))
    elif arguments.matrix == "-" or len(results) > 20:
        print(matrix(everything))
    if arguments.matrix is not None:
        return 0
    outcomes = [one["outcome"] for one in results]
    print(f"{outcomes.count('passed')} passed, {outcomes.count('failed')} failed, {outcomes.count('skipped')} skipped")
    if "failed" in outcomes:
        return 1
    return 0 if "passed" in outcomes else 77


if __name__ == "__main__":
    sys.exit(main())
