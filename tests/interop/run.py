#!/usr/bin/env python3
"""Plays the interoperation scenarios and prints them as a matrix: clients x drivers. Each cell is real processes.

    run.py --bin build/release/bin --build build/interop             everything, then the matrix
    run.py ... --transport udp                                       what goes over UDP
    run.py ... --scenario ipc-claims --driver java                   one scenario on one driver, as ctest does
    run.py ... --scenario udp-claims --driver java+cpperon           on the publisher's and the subscriber's driver
    run.py ... --prepare                                             fetches and builds what is missing
    run.py ... --matrix [FILE]                                       the matrix of the last results, as Markdown
    run.py ... --document FILE                                       the same as docs/interop.md
    run.py --list                                                    scenarios and where each is played

Exit status: 0 all passed, 1 something failed, 77 everything was skipped (one line says why)."""
from __future__ import annotations

import argparse
import json
import pathlib
import subprocess
import sys
import time
import traceback

import report
from monitoring import our_view
from peers import Failure, Kit, Skip, Venue
from scenario import Cell, Scenario

CLIENTS = ["cpperon", "java", "c"]
TRANSPORTS = report.TRANSPORTS
SCENARIOS = {name: one for transport in TRANSPORTS.values() for name, one in transport.SCENARIOS.items()}
VENUES = [venue for transport in TRANSPORTS.values() for venue in transport.VENUES]


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


def pairs_of(scenario: Scenario, kinds: list[str], venue: str) -> list[tuple[str, str]]:
    """Of publisher and subscriber. Those without anything of ours are left out, but for one that shows that the scenario
    itself is right. Over UDP each side has the client of its own driver, and `crossed` also that of the other."""
    if scenario.pairs == "one":
        return [(kind, kind) for kind in kinds]
    if scenario.pairs == "both":
        return [(a, b) for a in kinds for b in kinds if "cpperon" in (a, b, venue) or a == b == "java"]
    own = tuple(venue.split("+"))
    pairs = dict.fromkeys([own, own[::-1]] if scenario.pairs == "crossed" else [own])
    return [pair for pair in pairs if set(pair) <= set(kinds)]


def play(venue: Venue, name: str, scenario: Scenario, pair: tuple[str, str]) -> dict:
    """One cell. Its clients are cleaned up for the next, or given up when it failed."""
    cell = Cell(venue, *pair)
    start = time.monotonic()
    facts = None
    try:
        facts = scenario.play(cell)
        for peer in cell.peers:
            peer.do("reset")
        outcome, text = "passed", ""
    except Skip as reason:
        outcome, text = "skipped", str(reason)
    except (Failure, subprocess.TimeoutExpired) as failure:
        outcome, text = "failed", str(failure)
    except Exception:  # a mistake in the scenario must not pass for success
        outcome, text = "failed", traceback.format_exc()
    if outcome == "failed":
        for peer in cell.peers:
            venue.retire(peer)
    return {**result(scenario, name, *pair, outcome, text), "facts": facts or {},
            "seconds": round(time.monotonic() - start, 2)}


def play_at(kit: Kit, scenarios: list[Scenario], name: str, clients: list[str], logs: pathlib.Path) -> list[dict]:
    """Scenarios that want the same driver settings share the drivers of the venue."""
    kinds, missing = available_clients(kit, clients)
    for kind, reason in missing.items():
        print(f"skipped: all cells with the {kind} client: {reason}")
    try:
        for driver in name.split("+"):
            kit.driver_command(driver, {})
    except Skip as reason:
        print(f"skipped: all cells on {name}: {reason}")
        return [result(scenario, name, "*", "*", "skipped", str(reason)) for scenario in scenarios]

    results = [result(scenario, name, a, b, "skipped", missing.get(a, missing.get(b, "")))
               for scenario in scenarios for a, b in pairs_of(scenario, clients, name)
               if a in missing or b in missing]
    groups: dict[tuple, list[Scenario]] = {}
    for scenario in scenarios:
        groups.setdefault(tuple(sorted(scenario.settings.items())), []).append(scenario)
    for settings, group in groups.items():
        with Venue(kit, name, logs, dict(settings)) as venue:
            keep_versions(venue, logs)
            for scenario in group:
                for pair in pairs_of(scenario, kinds, name):
                    venue.revive()
                    one = play(venue, name, scenario, pair)
                    results.append(one)
                    print(f"{one['outcome']:7} {scenario.name:28} {pair[0]:>7} -> {pair[1]:7} on {name:15} "
                          f"{one['seconds']:6.2f} s  {one['text']}", flush=True)
    return results


def keep_versions(venue: Venue, store: pathlib.Path) -> None:
    """As each driver tells its own, in the label of a counter."""
    for stage in venue.stages:
        label = next(one["label"] for one in our_view(stage)["counters"] if one["id"] == 15)
        version = label.partition("version=")[2].partition(" ")[0]
        (store / f"{stage.driver_kind}.version").write_text(version)


def result(scenario: Scenario, venue: str, publisher: str, subscriber: str, outcome: str, text: str) -> dict:
    return {"scenario": scenario.name, "venue": venue, "publisher": publisher, "subscriber": subscriber,
            "outcome": outcome, "text": text, "facts": {}, "seconds": 0}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=pathlib.Path, default=pathlib.Path("build/release/bin"))
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build/interop"))
    parser.add_argument("--scenario", action="append", choices=list(SCENARIOS))
    parser.add_argument("--transport", choices=list(TRANSPORTS))
    parser.add_argument("--driver", action="append", choices=VENUES, help="where to play: everywhere otherwise")
    parser.add_argument("--client", action="append", choices=CLIENTS)
    parser.add_argument("--matrix", nargs="?", const="-")
    parser.add_argument("--document", type=pathlib.Path)
    parser.add_argument("--prepare", action="store_true", help="fetch and build what is missing")
    parser.add_argument("--repeat", type=int, default=1, help="how often to play each cell")
    parser.add_argument("--list", action="store_true")
    arguments = parser.parse_args()
    if arguments.list:
        print("\n".join(f"{name}/{venue}" for name, scenario in SCENARIOS.items() for venue in scenario.venues))
        return 0

    if arguments.prepare:
        for kind, reason in available_clients(Kit(arguments.bin.resolve(), arguments.build.resolve()), CLIENTS)[1].items():
            print(f"skipped: all cells with the {kind} client or driver: {reason}")
        return 0

    store = arguments.build / "results"
    store.mkdir(parents=True, exist_ok=True)
    results: list[dict] = []
    if arguments.matrix is None and arguments.document is None:
        kit = Kit(arguments.bin.resolve(), arguments.build.resolve())
        names = arguments.scenario or (TRANSPORTS[arguments.transport].SCENARIOS if arguments.transport else SCENARIOS)
        for name in arguments.driver or VENUES:
            scenarios = [SCENARIOS[one] for one in names if name in SCENARIOS[one].venues]
            played = play_at(kit, scenarios * arguments.repeat, name, arguments.client or CLIENTS, store)
            results += played
            for scenario in scenarios:
                ours = [one for one in played if one["scenario"] == scenario.name]
                (store / f"{scenario.name}@{name}.json").write_text(json.dumps(ours, indent=1))
    everything = [one for path in sorted(store.glob("*.json")) for one in json.loads(path.read_text())
                  if one["scenario"] in SCENARIOS]
    if arguments.document is not None:
        versions = {path.stem: path.read_text() for path in store.glob("*.version")}
        arguments.document.write_text(report.document(everything, versions))
    if arguments.matrix not in (None, "-"):
        pathlib.Path(arguments.matrix).write_text(report.matrix(everything))
    elif arguments.matrix == "-" or len(results) > 20:
        print(report.matrix(everything))
    if arguments.matrix is not None or arguments.document is not None:
        return 0
    outcomes = [one["outcome"] for one in results]
    print(f"{outcomes.count('passed')} passed, {outcomes.count('failed')} failed, {outcomes.count('skipped')} skipped")
    if "failed" in outcomes:
        return 1
    return 0 if "passed" in outcomes else 77


if __name__ == "__main__":
    sys.exit(main())
