"""What the runs have shown, as Markdown: the matrix, and `docs/interop.md` around it. Rows, columns and words are the same
from run to run, so that what differs is what has changed."""
from __future__ import annotations

import datetime
import pathlib
import platform
import re

import ipc_scenarios
import udp_scenarios
from peers import JAVA_ARTEFACT, JAVA_VERSION
from scenario import Scenario

TRANSPORTS = {"ipc": ipc_scenarios, "udp": udp_scenarios}
SYMBOLS = {"passed": "✓", "failed": "✗", "skipped": "–"}
HERE = pathlib.Path(__file__).resolve().parent


def matrix(results: list[dict]) -> str:
    """A table per transport: a row per scenario, a column per venue; in a cell, how many pairs of clients."""
    tables = []
    for name, transport in TRANSPORTS.items():
        venues = transport.VENUES
        rows = [[f"`{one.name}`", *(summary(results, one, venue) for venue in venues), description(one)]
                for one in transport.SCENARIOS.values()]
        headings = [f"Over {name.upper()}", *(f"on {venue}" for venue in venues), "What is shown"]
        tables.append(table(headings, rows))
    return "\n".join(tables) + "\nPairs of clients that passed (✓), failed (✗), were skipped (–); `.`: not played there.\n"


def summary(results: list[dict], scenario: Scenario, venue: str) -> str:
    outcomes: dict[str, list[str]] = {}
    for one in results:
        if (one["scenario"], one["venue"]) == (scenario.name, venue):
            outcomes.setdefault(one["outcome"], []).append(f"{one['publisher']}→{one['subscriber']}")
    words = []
    for outcome, pairs in sorted(outcomes.items()):
        names = f": {', '.join(pairs)}" if outcome == "failed" else ""
        words.append(f"{SYMBOLS[outcome]} {len(pairs)}{names}")
    if not words:
        return "not yet" if venue in scenario.venues else "."
    return "; ".join(words)


def description(scenario: Scenario) -> str:
    return re.sub(r" spec: .*", "", " ".join((scenario.play.__doc__ or "").split()))


def table(headings: list[str], rows: list[list[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|").replace("<", "&lt;") for cell in line) + " |\n"
                   for line in lines)


def document(results: list[dict], versions: dict[str, str]) -> str:
    outcomes = [one["outcome"] for one in results]
    parts = [
        "<!-- Written by `make interop`: tests/interop/report.py. Changes by hand are lost. -->",
        "# Interoperation",
        "Clients and drivers of three implementations play the scenarios of [tests/interop](../tests/interop/README.md) as "
        "real processes, in all pairings that have something of cpperon in them; Java with itself stays in to show that a "
        "scenario is right. Over IPC a column is a driver, over UDP the publisher's and the subscriber's driver.",
        table(["Implementation", "Version"], [[kind, version] for kind, version in peers(versions)]),
        f"Last played {datetime.date.today()} on {platform.system()} {platform.machine()}: "
        f"{outcomes.count('passed')} cells passed, {outcomes.count('failed')} failed, {outcomes.count('skipped')} were skipped.",
        "## Scenarios", matrix(results),
        "## Skipped", skipped(results),
        "## Frames", frames(results),
        "## Error texts", texts(results),
        "## Deliberate differences", (HERE / "differences.md").read_text(),
    ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def peers(versions: dict[str, str]) -> list[tuple[str, str]]:
    def of(kind: str) -> str:
        return versions.get(kind, "was not there")
    return [("cpperon", of("cpperon")),
            ("Java", f"{of('java')} (`{JAVA_ARTEFACT}:{JAVA_VERSION}`)"),
            ("C", f"{of('c')} (crates `{'`, `'.join(crates())}`)")]


def crates() -> list[str]:
    text = (HERE / "rust" / "Cargo.toml").read_text()
    return [f"{name} {version}" for name, version in re.findall(r'^(rusteron[\w-]+) = .*"=([\d.]+)"', text, re.MULTILINE)]


def skipped(results: list[dict]) -> str:
    lines = [f"- `{one['scenario']}` on {one['venue']}, {one['publisher']} → {one['subscriber']}: {one['text']}"
             for one in results if one["outcome"] == "skipped"]
    return "\n".join(sorted(lines)) or "Nothing."


def frames(results: list[dict]) -> str:
    """Of which drivers which frames were seen and found to be what we would have sent."""
    seen: dict[str, set[str]] = {}
    for one in results:
        for driver, kinds in one["facts"].get("frames", {}).items():
            for kind in kinds:
                seen.setdefault(kind, set()).add(driver)
    drivers = ["cpperon", "java", "c"]
    rows = [[kind, *("✓" if driver in seen[kind] else "" for driver in drivers)] for kind in sorted(seen)]
    return ("Datagrams that passed a relay between two drivers, decoded by `cpperon/wire` and encoded again to the same bytes; "
            "what Wireshark's dissector knows of them it reads as we do. Not compared is what means nothing: bytes behind the "
            "names in resolution frames of Java and C, and the group tag of an error frame that has none.\n\n" +
            table(["Frame", *(f"of {driver}" for driver in drivers)], rows))


def texts(results: list[dict]) -> str:
    """What our driver and the C driver say of the same wrong command."""
    rows = [row for one in results for row in one["facts"].get("texts", [])]
    return ("What clients are told of wrong commands, by cpperon and by the C driver; the codes are the same, and most of the "
            "C driver's words are in our text. Where the two or the Java driver differ in what they refuse, the tables in "
            "[ipc_scenarios.py](../tests/interop/ipc_scenarios.py) and [udp_trouble.py](../tests/interop/udp_trouble.py) have "
            "the codes of each.\n\n" +
            table(["Command", "Code", "cpperon", "C"], rows))
