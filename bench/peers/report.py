"""Makes of the results what people read: tables in Markdown, and a chart."""
from __future__ import annotations

import pathlib
import statistics

from programs import MEASURES, PEERS, Measure, Peer

REFERENCE = "cpperon"
BEGIN, END = "<!-- peers -->", "<!-- /peers -->"


def value(figures: dict, measure: Measure, name: str = "") -> float:
    """In the unit of the measure."""
    return figures[name or "p50_ns"] / 1e3 if measure.is_latency else figures["messages_per_s"] / 1e6


def values(results: dict, peer: Peer, measure: Measure, name: str = "") -> list[float]:
    rounds = results["cells"].get(f"{peer.key}/{measure.key}", {})
    return [value(figures, measure, name) for figures in rounds.values() if "error" not in figures]


def median(results: dict, peer: Peer, measure: Measure, name: str = "") -> float | None:
    measured = values(results, peer, measure, name)
    return statistics.median(measured) if measured else None


def short(number: float) -> str:
    return f"{number:.0f}" if number >= 100 else f"{number:.1f}" if number >= 10 else f"{number:.2f}"


def one_figure(figures: dict) -> str:
    if "error" in figures:
        return f"failed: {figures['error']}"
    if "messages_per_s" in figures:
        return f"{figures['messages_per_s'] / 1e6:8.3f} million/s"
    return f"{figures['p50_ns'] / 1e3:8.2f} µs, 99 % {figures['p99_ns'] / 1e3:.2f} µs"


def cell(results: dict, peer: Peer, measure: Measure, name: str = "") -> str:
    """Median, and how many times cpperon's median that is; bold where it is better than cpperon's."""
    own = median(results, peer, measure, name)
    if own is None:
        return "failed" if results["cells"].get(f"{peer.key}/{measure.key}") else "–"
    reference = median(results, PEERS[0], measure, name)
    if peer.key == REFERENCE or not reference:
        return short(own)
    ratio = own / reference
    text = f"{short(own)} ({ratio:.2f}×)" if ratio >= 0.01 else f"{short(own)} (below 0.01×)"
    return f"**{text}**" if (ratio < 1 if measure.is_latency else ratio > 1) else text


def table(results: dict, media: str) -> str:
    """A row for each peer, a column for each measure; two of those that are times."""
    columns = []
    for measure in (one for one in MEASURES if one.media == media):
        title = measure.title.split(": ", 1)[1]
        if measure.is_latency:
            columns += [(f"{title}: median, µs", measure, "p50_ns"), ("99th percentile, µs", measure, "p99_ns")]
        else:
            columns.append((f"{title}, million/s", measure, ""))
    lines = [f"| {' | '.join([media.upper(), *(title for title, _, _ in columns)])} |",
             f"| --- |{' ---: |' * len(columns)}"]
    for peer in PEERS:
        if any(f"{peer.key}/{measure.key}" in results["cells"] for _, measure, _ in columns):
            cells = (cell(results, peer, measure, name) for _, measure, name in columns)
            lines.append(f"| {peer.label} | {' | '.join(cells)} |")
    return "\n".join(lines)


def tables(results: dict) -> str:
    present = {measure.media for measure in MEASURES for peer in PEERS
               if f"{peer.key}/{measure.key}" in results["cells"]}
    return "\n\n".join(table(results, media) for media in ("ipc", "udp") if media in present)


def spread(results: dict) -> str:
    """The cells whose rounds differ most, so that nobody takes a median for more than it is."""
    wide = []
    for peer in PEERS:
        for measure in peer.measures:
            measured = values(results, peer, measure)
            if len(measured) > 1 and min(measured) > 0 and max(measured) / min(measured) > 1.5:
                wide.append(f"{peer.label}, {measure.title}: {short(min(measured))} to {short(max(measured))}")
    return "; ".join(wide)


def section(results: dict, image: str) -> str:
    machine, versions = results["machine"], results["versions"]
    names = {"cpperon": "cpperon", "c": "C", "java": "Java", "zeromq": "ZeroMQ", "nng": "nng"}
    loads = ", ".join(f"{load:.1f}" for load in results["load_before_rounds"].values())
    lines = [f"![Bars of each measure for each peer]({image})", "", tables(results), "",
             f"Medians of {results['rounds']} rounds of {results['seconds']:g} s each after {results['warm_up']:g} s of "
             f"warm-up; in brackets, how many times cpperon's figure; bold where a peer is better than cpperon. Measured "
             f"{results['date']} at commit {results['commit']} on {machine['processors']} processors ({machine['processor']}, "
             f"{machine['kernel']}, {machine['memory_gib']} GiB), load average before each round: {loads}.", "",
             f"Versions: {', '.join(f'{names[kind]} {version}' for kind, version in versions.items() if kind in names)}; "
             f"{', '.join(machine['compilers'].values())}."]
    wide = spread(results)
    if wide:
        lines += ["", f"Rounds that differ by more than half, smallest to largest: {wide}."]
    labels = {peer.key: peer.label for peer in PEERS}
    for key, reason in results["skipped"].items():
        lines += ["", f"Skipped: {labels[key]}: {reason}."]
    return "\n".join(lines)


def replace_section(page: pathlib.Path, text: str) -> None:
    before, rest = page.read_text().split(BEGIN, 1)
    page.write_text(f"{before}{BEGIN}\n{text}\n{END}{rest.split(END, 1)[1]}")


def colour(peer: Peer) -> str:
    if peer.key == REFERENCE:
        return "#1f6feb"
    if peer.driver is None:
        return "#b8bec7"
    return "#8fb8f5" if "cpperon" in (peer.client, peer.driver) else "#6e7781"


def draw_chart(results: dict, path: pathlib.Path) -> None:
    """One panel for each measure, one bar for each peer; whiskers from the smallest to the largest round."""
    import matplotlib
    matplotlib.use("svg")
    import matplotlib.pyplot as plot

    plot.rcParams.update({"font.size": 8, "svg.hashsalt": "peers", "svg.fonttype": "none", "axes.spines.top": False,
                          "axes.spines.right": False, "font.family": "sans-serif"})
    figure, panels = plot.subplots(4, 2, figsize=(10, 11), constrained_layout=True)
    for panel, measure in zip(panels.flat, MEASURES):
        shown = [peer for peer in reversed(PEERS) if values(results, peer, measure)]
        medians = [median(results, peer, measure) for peer in shown]
        below = [middle - min(values(results, peer, measure)) for peer, middle in zip(shown, medians)]
        above = [max(values(results, peer, measure)) - middle for peer, middle in zip(shown, medians)]
        bars = panel.barh([peer.label for peer in shown], medians, xerr=[below, above], ecolor="#57606a",
                          color=[colour(peer) for peer in shown], error_kw={"elinewidth": 0.8, "capsize": 2})
        panel.bar_label(bars, [short(middle) for middle in medians], padding=4)
        panel.set_title(f"{measure.title}\n{measure.unit}, {'less' if measure.is_latency else 'more'} is better",
                        loc="left", fontsize=9)
        panel.margins(x=0.15)
        if measure.is_latency:
            panel.set_xscale("log")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None})
    plot.close(figure)
