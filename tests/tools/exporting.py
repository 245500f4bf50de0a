"""Cases of `cpperon export`: what it tells Prometheus, what its page shows, on a driver that comes, goes and comes again."""
from __future__ import annotations

import contextlib
import gzip
import http.client
import json
import pathlib
import re
import shutil
import signal
import socket
import sys

import browser
from golden import golden
from stage import Program, Skip, Stage, check, wait_until

sys.path.append("/usr/lib/python3/dist-packages")  # where Debian's packages put theirs, for any other Python too
with contextlib.suppress(ImportError):
    from prometheus_client.parser import text_string_to_metric_families

LOSS = ("-Daeron.udp.channel.incoming.interceptors=loss",
        "-Daeron.udp.channel.transport.bindings.loss.args=rate=0.05|recv-msg-mask=0xF")
STREAM_LABELS = {"session_id", "stream_id", "channel", "registration_id"}


class Exporter:
    """A running `cpperon export`."""

    def __init__(self, stage: Stage, *arguments: object, listen: str = "127.0.0.1:0") -> None:
        self.program = stage.start("cpperon", "export", "-d", stage.directory, "--listen", listen, *arguments)
        self.program.wait_for("^Metrics .*/metrics$")
        self.url = re.search(r"http://\S+/", self.program.output)[0]
        host, port = re.fullmatch(r"http://\[?([^\]]+?)\]?:(\d+)/", self.url).groups()
        self.address = (host, int(port))

    def ask(self, path: str, method: str = "GET", body: str | None = None,
            headers: dict[str, str] | None = None) -> tuple[http.client.HTTPResponse, str]:
        connection = http.client.HTTPConnection(*self.address, timeout=60)
        with contextlib.closing(connection):
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            content = response.read()
            if response.headers["Content-Encoding"] == "gzip":
                content = gzip.decompress(content)
            return response, content.decode()

    def text(self, path: str) -> str:
        response, text = self.ask(path)
        check(response.status == 200, f"{path} answered {response.status}: {text}")
        return text

    def scrape(self) -> dict[str, dict[frozenset, float]]:
        """Each metric's samples, by their labels. A scrape that Prometheus would not take is a failure."""
        text = self.text("/metrics")
        result: dict[str, dict[frozenset, float]] = {}
        for family in text_string_to_metric_families(text):
            check(family.documentation and family.type in ("counter", "gauge"), f"{family.name} is {family}")
            for sample in family.samples:
                is_total = sample.name.endswith("_total")
                check(is_total == (family.type == "counter"), f"{sample.name} is a {family.type}")
                samples = result.setdefault(sample.name, {})
                labels = frozenset(sample.labels.items())
                check(labels not in samples, f"twice in one scrape: {sample}")
                samples[labels] = sample.value
        return result

    def value(self, name: str, **labels: str) -> float | None:
        """Of the one sample with these labels among its own; None where there is none."""
        found = [value for has, value in self.scrape().get(name, {}).items() if labels.items() <= dict(has).items()]
        check(len(found) < 2, f"{name} {labels} has {len(found)} samples")
        return found[0] if found else None


def start_traffic(stage: Stage, channel: str, stream: int) -> None:
    """A thousand small messages a second, and their subscriber."""
    stage.start_client("basic_subscriber", "-c", channel, "-s", stream)
    stage.start_client("basic_publisher", "-c", channel, "-s", stream, "-m", "10m", "-i", "1ms")


def make_error(stage: Stage) -> None:
    """A subscription on a port that is somebody else's: the driver refuses, and notes it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        stage.start_client("basic_subscriber", "-c",
                           f"aeron:udp?endpoint=127.0.0.1:{taken.getsockname()[1]}").finish(status=1)


def end(driver: Program) -> None:
    driver.process.send_signal(signal.SIGTERM)
    driver.finish(status=signal.SIGTERM)


def leave_a_dead_driver(stage: Stage) -> None:
    """What a driver left behind that died long ago, in place of what is there."""
    shutil.rmtree(stage.directory)
    stage.directory.mkdir()
    for name in ("cnc.dat", "loss-report.dat"):
        (stage.directory / name).write_bytes(golden(name))


def export_metrics(stage: Stage) -> None:
    """Prometheus gets what the driver says: before there is one, while it runs, after it ended, when it died."""
    if "text_string_to_metric_families" not in globals():
        raise Skip("Python has no prometheus_client; Debian's package is python3-prometheus-client")
    exporter = Exporter(stage)
    check(exporter.value("aeron_up") == 0 and exporter.value("aeron_driver_state", state="absent") == 1, "who is up?")
    check("aeron_sent_bytes_total" not in exporter.scrape(), "nobody sent anything")

    channel = stage.udp() + "|alias=a\\b\"c"
    driver = stage.start_driver(*LOSS)
    start_traffic(stage, channel, 7)
    start_traffic(stage, "aeron:ipc", 8)
    make_error(stage)
    wait_until(lambda: exporter.value("aeron_losses_total", stream_id="7"), "a loss")
    wait_until(lambda: exporter.value("aeron_subscriber_lag_bytes", stream_id="8") is not None, "the IPC stream")
    before = exporter.scrape()
    for name in ("aeron_sent_bytes_total", "aeron_publication_position_bytes_total",
                 "aeron_subscriber_position_bytes_total", "aeron_lost_bytes_total"):
        wait_until(lambda: all(exporter.scrape()[name][labels] > value for labels, value in before[name].items()),
                   f"{name} to grow")
    now = exporter.scrape()
    check(now["aeron_up"] == {frozenset(): 1}, f"up: {now['aeron_up']}")
    for labels in now["aeron_receiver_position_bytes_total"]:
        check(dict(labels).keys() == STREAM_LABELS and dict(labels)["channel"] == channel, f"an image has {labels}")
    check(len(now["aeron_subscriber_position_bytes_total"]) == 2, f"subscribers: {now}")
    check(set(now["aeron_channel_status"].values()) == {1}, f"channels: {now['aeron_channel_status']}")
    def names() -> list[str]:
        return sorted(dict(labels)["name"] for labels in exporter.scrape()["aeron_client_heartbeat_age_seconds"])
    wait_until(lambda: names() == ["basic publisher"] * 2 + ["basic subscriber"] * 2, "clients to say their names")
    check(now["aeron_error_log_entries"][frozenset()] == 1, f"errors: {now}")
    info = dict(next(iter(now["aeron_driver_info"])))
    check(info["pid"] == str(driver.process.pid) and info["version"], f"the driver is {info}")
    check(exporter.ask("/healthz")[0].status == 200, "a driver that is alive is not healthy")
    snapshot = json.loads(exporter.text("/api/snapshot"))
    check({stream["kind"] for stream in snapshot["streams"]} == {"publication", "image"}, f"streams: {snapshot}")

    end(driver)
    check(exporter.value("aeron_driver_state", state="closed") == 1, "the driver was closed")
    closed = exporter.scrape()
    check(closed["aeron_up"] == {frozenset(): 0} and "aeron_clients" not in closed, f"after the end: {closed}")
    check(closed["aeron_lost_bytes_total"], "what was lost is forgotten")
    response, text = exporter.ask("/healthz")
    check(response.status == 503 and text == "closed\n", f"/healthz: {response.status} {text}")

    leave_a_dead_driver(stage)
    check(exporter.value("aeron_driver_state", state="dead") == 1, "the driver is dead")
    check(exporter.value("aeron_driver_heartbeat_age_seconds") > 10, "the dead driver gives signs of life")
    (stage.directory / "cnc.dat").write_bytes(b"nonsense")
    check(exporter.value("aeron_driver_state", state="absent") == 1, "nonsense is no driver")
    check("cnc.dat" in json.loads(exporter.text("/api/snapshot"))["driver"]["problem"], "nobody says what is wrong")

    shutil.rmtree(stage.directory)
    successor = stage.start_driver()
    wait_until(lambda: exporter.value("aeron_driver_info", pid=str(successor.process.pid)), "the next driver")
    check(exporter.value("aeron_up") == 1 and exporter.value("aeron_losses_total") is None, "the next driver is new")
    exporter.program.interrupt()


def export_server(stage: Stage) -> None:
    """Addresses, ports, requests that make no sense, an end while somebody is connected."""
    for listen in ("9464", "127.0.0.1", "127.0.0.1:70000", "127.0.0.1:x", "::1:9464", "a b:1"):
        program = stage.start("cpperon", "export", "--listen", listen)
        program.finish(status=2)
        check("--listen" in program.errors and "127.0.0.1:9464" in program.errors, f"{listen}: {program.errors}")
    stage.start("cpperon", "export", "--max-streams", "0").finish(status=2)

    exporter = Exporter(stage)
    again = stage.start("cpperon", "export", "--listen", f"127.0.0.1:{exporter.address[1]}")
    again.finish(status=1)
    check(str(exporter.address[1]) in again.errors and "in use" in again.errors, f"a port in use: {again.errors}")
    foreign = stage.start("cpperon", "export", "--listen", "192.0.2.1:0")
    foreign.finish(status=1)
    check("192.0.2.1" in foreign.errors, f"an address of somebody else: {foreign.errors}")
    if socket.has_ipv6 and pathlib.Path("/proc/net/if_inet6").exists():
        six = Exporter(stage, listen="[::1]:0")
        check("aeron_up 0" in six.text("/metrics"), "no answer over IPv6")
        six.program.interrupt()

    statuses = {("GET", "/nothing"): 404, ("GET", "/metrics/more"): 404, ("POST", "/metrics"): 405, ("PUT", "/"): 405,
                ("DELETE", "/api/snapshot"): 405, ("HEAD", "/metrics"): 200, ("GET", "/" + "x" * 9000): 414,
                ("GET", "/healthz"): 503, ("GET", "/metrics?name=x"): 200}
    for (method, path), status in statuses.items():
        response, text = exporter.ask(path, method, "body" if method in ("POST", "PUT") else None)
        check(response.status == status and (text or method == "HEAD"), f"{method} {path[:20]}: {response.status} {text}")
    with socket.create_connection(exporter.address) as connection:
        connection.sendall(b"nonsense\r\n\r\n")
        check(connection.recv(1000).startswith(b"HTTP/1.1 400"), "nonsense is no request")
    for encoding in ("br", "gzip"):
        response, text = exporter.ask("/metrics", headers={"Accept-Encoding": encoding})
        check(response.headers["Content-Encoding"] in (None, "gzip"), f"{encoding} costs seconds: {response.headers}")
        check("aeron_up 0\n" in text, f"for {encoding}: {text}")
    response, text = exporter.ask("/")
    check("default-src 'none'" in response.headers["Content-Security-Policy"], f"headers: {response.headers}")
    check("uPlot" in text and "{{" not in re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL), "an unfinished page")

    with socket.create_connection(exporter.address):  # and says nothing
        exporter.program.process.send_signal(signal.SIGTERM)
        exporter.program.finish()

    start_traffic(stage, "aeron:ipc", 1)
    start_traffic(stage, "aeron:ipc", 2)
    narrow = Exporter(stage, "--max-streams", 1)
    wait_until(lambda: 'cpperon_export_left_out{kind="streams"} 1' in narrow.text("/metrics"), "a stream beyond the limit")
    check(narrow.text("/metrics").count("\naeron_publication_limit_bytes{") == 1, "more streams than allowed")
    check(json.loads(narrow.text("/api/snapshot"))["left_out"]["streams"] == 1, "the page is not told of the limit")


# The pixels of a chart that have the colour of one of its lines.
COLOURED = """(() => {
  const canvas = document.querySelectorAll('#charts canvas')[CHART];
  const probe = document.createElement('canvas').getContext('2d');
  probe.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('--series-LINE').trim();
  probe.fillRect(0, 0, 1, 1);
  const [red, green, blue] = probe.getImageData(0, 0, 1, 1).data;
  const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let count = 0;
  for (let at = 0; at < data.length; at += 4) {
    if (data[at + 3] > 200 && Math.abs(data[at] - red) + Math.abs(data[at + 1] - green) + Math.abs(data[at + 2] - blue) < 30) ++count;
  }
  return count;
})()"""


def line_of(chart: int, line: int) -> str:
    return COLOURED.replace("CHART", str(chart)).replace("LINE", str(line))


def rows(table: str) -> str:
    return f"document.querySelectorAll('#{table}-table tbody tr').length"


def text_of(selector: str) -> str:
    return f"document.querySelector('{selector}').innerText"


def export_dashboard(stage: Stage) -> None:
    """A person watches a driver come, work, lose, err, end and die, in a real browser; pictures of it are kept."""
    if not browser.PROGRAM:
        raise Skip("there is no chromium; scripts/install-packages browser installs it")
    artefacts = stage.bin.parent / "artefacts"
    exporter = Exporter(stage)
    with browser.Browser(stage.scratch / "profile") as page:
        page.resize(1440, 900)
        page.open(exporter.url + "?every=0.2")
        page.wait_for("document.body.dataset.state === 'absent'", "the page to say that there is no driver")
        check("There is no driver" in page.run(text_of("#banner")), "the banner does not say so")
        check("No streams" in page.run(text_of("#streams-empty")), "the empty table does not say so")

        driver = stage.start_driver(*LOSS)
        start_traffic(stage, stage.udp() + "|alias=<b>orders</b>", 2002)
        start_traffic(stage, "aeron:ipc?alias=ticks", 7)
        make_error(stage)
        page.wait_for("document.body.dataset.state === 'alive'", "the page to notice the driver")
        check(page.run("document.querySelector('#banner').hidden"), "the banner is still there")
        page.wait_for(f"{rows('streams')} === 3", "two publications and an image")
        page.wait_for(f"{rows('clients')} >= 4 && {rows('channels')} >= 4", "clients and channels")
        page.wait_for(f"{rows('errors')} === 1 && {rows('losses')} === 1", "the error and the loss")
        check("ddress already in use" in page.run(text_of("#errors-table")), "another error")
        check("<b>orders</b>" in page.run(text_of("#streams-table")), "the alias is not shown as it is")
        check(page.run("document.querySelector('td b')") is None, "a channel became HTML")

        for chart, line in ((0, 1), (0, 4), (1, 1), (2, 3), (3, 1)):  # none that another may cover
            page.wait_for(f"{line_of(chart, line)} > 40", f"line {line} of chart {chart}")
        page.wait_for("parseFloat(document.querySelectorAll('#tiles .value')[1].innerText) > 0", "the rate of publishers")

        page.run("document.querySelector('#filter').focus()")
        page.call("Input.insertText", text="ticks")
        check(page.run(rows("streams")) == 1, "the filter does not filter")
        page.run("document.querySelector('#streams-table tbody button').focus()")
        page.press("Enter")
        page.wait_for(f"{text_of('#selection')}.startsWith('stream 7,')", "the charts to show the stream")
        page.wait_for(f"{line_of(0, 1)} > 40", "the line of this stream")
        check(page.run("document.querySelector('#streams-table tbody button').getAttribute('aria-pressed')") == "true",
              "the choice cannot be heard")
        page.run("document.querySelector('#clear-selection').click()")
        page.run("document.querySelector('#filter').value = ''; showStreams()")
        page.run("document.querySelector('#streams-table thead button').click()")
        first = page.run("[...document.querySelectorAll('#streams-table tbody td:first-child')].map((cell) => cell.innerText).join()")
        check(first == "2002,2002,7", f"sorted by stream, downwards: {first}")

        page.screenshot(artefacts / "dashboard.png")
        page.resize(1440, 900, dark=True)
        page.wait_for("getComputedStyle(document.body).backgroundColor === 'rgb(14, 19, 27)'", "darkness")
        page.screenshot(artefacts / "dashboard-dark.png")
        page.resize(390, 844)
        page.wait_for("document.documentElement.scrollWidth <= innerWidth", "all to fit on a phone")
        page.wait_for("[...document.querySelectorAll('#charts canvas')].every((canvas) => canvas.offsetWidth < 390)",
                      "the charts to shrink")
        page.screenshot(artefacts / "dashboard-narrow.png")
        page.resize(1440, 900)

        end(driver)
        page.wait_for("document.body.dataset.state === 'closed'", "the page to notice the end")
        check("closed" in page.run("document.title"), "the title of a hidden tab does not tell")
        leave_a_dead_driver(stage)
        page.wait_for("document.body.dataset.state === 'dead'", "the page to notice the death")
        check("The driver is dead" in page.run(text_of("#banner")), "the banner does not say so")
        page.screenshot(artefacts / "dashboard-dead.png")
        check(not page.complaints, f"the page complains: {page.complaints}")

        exporter.program.interrupt()
        page.wait_for("document.body.dataset.state === 'unreachable'", "the page to miss the exporter")


CASES = {case.__name__: case for case in (export_metrics, export_server, export_dashboard)}
