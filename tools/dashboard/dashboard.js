// Asks for a snapshot each second, or as often as `/?every=SECONDS` says, and shows it.

const everySeconds = Number(new URLSearchParams(location.search).get("every") ?? 1);
const pollMs = everySeconds >= 0.2 && everySeconds <= 60 ? everySeconds * 1000 : 1000;
const shownStreams = 200;

const page = (id) => document.getElementById(id);
const history_ = new History();
let latest = null;          // the latest snapshot
let picked = null;          // the key of the stream that the charts show; null for all
let showsAllStreams = false;
let isPaused = false;
let lastAnswer = 0;         // when the exporter answered, by this machine's clock

const charts = chartKinds.map((kind) => new Chart(kind, page("charts")));

// By id: lengths, times in ns, versions; what is left are events.
const formatVersion = (value) => [value >> 16, value >> 8 & 255, value & 255].join(".");
const systemFormats = {0: formatBytes, 1: formatBytes, 35: formatBytes, 36: formatBytes, 34: formatVersion, 43: formatVersion};
for (const id of [26, 28, 30, 32]) systemFormats[id] = (ns) => formatNumber(ns / 1e6) + " ms";
const formatSystemCounter = ([id, , value]) => (systemFormats[id] ?? formatNumber)(value);

const channelStatus = {"-1": ["errored", "bad"], 0: ["initializing", "warn"], 1: ["active", "good"], 2: ["closing", "warn"]};
const counterTypes = {6: "send", 7: "receive", 14: "socket", 18: "destinations"};

const isAlive = () => latest?.driver.state === "alive";
const perSecond = (stream) => !isAlive() ? null : history_.rate(streamKey(stream), stream.kind === "publication" ? "written" : stream.kind === "image" ? "received" : "read");
const lagOf = (stream) => largest(stream.subscribers.map((subscriber) => subscriber.lag));
const windowOf = (stream) => smallest([stream.window, stream.sender_window]);

const streams = new Table("streams", [
  {title: "Stream", className: "number", text: (stream) => String(stream.stream), value: (stream) => stream.stream, make: (cell, key) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "pick";
    button.title = "Show this stream in the charts";
    button.addEventListener("click", (event) => {
      event.stopPropagation();
      pick(key);
    });
    cell.append(button);
  }},
  {title: "Kind", text: (stream) => stream.kind, value: (stream) => stream.kind, make: (cell) => {
    const badge = document.createElement("span");
    badge.className = "badge";
    cell.append(badge);
  }},
  {title: "Session", className: "number", text: (stream) => String(stream.session), value: (stream) => stream.session},
  {title: "Channel", className: "mono channel", text: (stream) => stream.channel, value: (stream) => stream.channel},
  {title: "Rate", className: "number", text: (stream) => formatRate(perSecond(stream)), value: perSecond},
  {title: "Position", className: "number", text: (stream) => formatBytes(stream.head), value: (stream) => stream.head},
  {title: "Window", className: "number", text: (stream) => formatBytes(windowOf(stream)), value: windowOf},
  {title: "Back pressure", className: "number", text: (stream) => formatNumber(stream.back_pressure), value: (stream) => stream.back_pressure},
  {title: "NAKs", className: "number", text: (stream) => formatNumber(stream.naks), value: (stream) => stream.naks},
  {title: "Subscribers", className: "number", text: (stream) => formatNumber(stream.subscribers.length), value: (stream) => stream.subscribers.length},
  {title: "Lag", className: "number", text: (stream) => formatBytes(lagOf(stream)), value: lagOf},
], {
  key: streamKey, sort: {column: 4, descending: true}, onSort: showStreams, onPick: pick,
  decorate: (row, stream) => {
    const isPicked = streamKey(stream) === picked;
    row.classList.toggle("picked", isPicked);
    row.querySelector("button").setAttribute("aria-pressed", String(isPicked));
  },
});

const errors = new Table("errors", [
  {title: "Last", className: "time", text: (error) => formatMoment(error.last_ms)},
  {title: "First", className: "time", text: (error) => formatMoment(error.first_ms)},
  {title: "Times", className: "number", text: (error) => formatNumber(error.count)},
  {title: "Error", className: "text", text: (error) => error.text},
], {key: (error) => error.first_ms + error.text});

const losses = new Table("losses", [
  {title: "Last", className: "time", text: (loss) => formatMoment(loss.last_ms)},
  {title: "Lost", className: "number", text: (loss) => formatBytes(loss.total_bytes_lost)},
  {title: "Times", className: "number", text: (loss) => formatNumber(loss.count)},
  {title: "Stream", className: "number", text: (loss) => String(loss.stream_id)},
  {title: "Session", className: "number", text: (loss) => String(loss.session_id)},
  {title: "Source", className: "mono", text: (loss) => loss.source},
  {title: "Channel", className: "mono channel", text: (loss) => loss.channel},
], {key: (loss) => [loss.first_ms, loss.session_id, loss.stream_id, loss.source].join()});

const clients = new Table("clients", [
  {title: "Id", className: "number", text: (client) => String(client.id)},
  {title: "Name", text: (client) => client.name || "–"},
  {title: "Version", text: (client) => client.version || "–"},
  {title: "Sign of life", className: "number", text: (client) => formatDuration(client.age_ms) + " ago"},
], {key: (client) => String(client.id)});

const channels = new Table("channels", [
  {title: "Kind", text: (channel) => counterTypes[channel.type]},
  {title: "Channel or address", className: "mono channel", text: (channel) => channel.label.replace(channel.type === 14 ? /^[^:]*: \d+ / : /^[^:]*: /, "")},
  {title: "Status", text: (channel) => channel.type === 18 ? formatNumber(channel.value) : channelStatus[channel.value]?.[0] ?? String(channel.value),
    make: (cell) => cell.append(Object.assign(document.createElement("span"), {className: "badge"})),
    decorate: (cell, channel) => cell.firstElementChild.className = "badge " + (channel.type === 18 ? "" : channelStatus[channel.value]?.[1] ?? "")},
], {key: (channel) => channel.id + channel.label});

const system = new Table("system", [
  {title: "Counter", text: (counter) => counter[1].replace(" in ns", "")},
  {title: "Value", className: "number", text: formatSystemCounter},
], {key: (counter) => String(counter[0]), decorate: (row, counter) => row.lastElementChild.classList.toggle("idle", counter[2] === 0)});

const counters = new Table("counters", [
  {title: "Type", className: "number", text: (counter) => String(counter.type)},
  {title: "Label", className: "text", text: (counter) => counter.label},
  {title: "Value", className: "number", text: (counter) => formatNumber(counter.value)},
], {key: (counter) => counter.id + counter.label});

function pick(key) {
  picked = picked === key ? null : key;
  showAll();
}

function setState(state, title, text) {
  document.body.dataset.state = state;
  if (page("state").textContent !== state) page("state").textContent = state;
  document.title = (state === "alive" ? "" : state + " – ") + "cpperon";
  page("banner").hidden = !title;
  const content = (title ?? "") + (text ?? "");
  if (page("banner").dataset.content !== content) {  // a screen reader tells each change once
    page("banner").dataset.content = content;
    const [strong, paragraph] = [document.createElement("strong"), document.createElement("p")];
    strong.textContent = title ?? "";
    paragraph.textContent = text ?? "";
    page("banner").replaceChildren(strong, paragraph);
  }
}

function showState() {
  const driver = latest.driver;
  page("directory").textContent = driver.directory;
  if (driver.state === "alive") {
    setState("alive");
  } else if (driver.state === "dead") {
    setState("dead", "The driver is dead.",
      `It gave its last sign of life at ${formatTime(driver.heartbeat_ms)}. What you see is how it stood then; the page goes on when a driver starts in this directory.`);
  } else if (driver.state === "closed") {
    setState("closed", "The driver was closed.", "It ended in an orderly way. What you see is how it stood then; the page goes on when a driver starts in this directory.");
  } else {
    setState("absent", "There is no driver here yet.", driver.problem);
  }

  const facts = driver.state === "absent" ? [] : [
    ["Process", driver.pid],
    ["Started", formatTime(driver.start_ms)],
    ["Up", driver.state === "alive" ? formatDuration(driver.taken_ms - driver.start_ms) : null],
    ["Heartbeat", driver.heartbeat_age_ms === null ? null : formatDuration(driver.heartbeat_age_ms) + " ago"],
    ["Software", latest.system.find((counter) => counter[0] === 34)?.[1].replace(/^.*version=(\S*).*$/, "$1")],
    ["CnC", driver.cnc_version],
  ];
  page("facts").replaceChildren(...facts.filter(([, value]) => value !== null && value !== undefined).map(([name, value]) => {
    const pair = document.createElement("div");
    const [term, detail] = [document.createElement("dt"), document.createElement("dd")];
    term.textContent = name;
    detail.textContent = value;
    pair.append(term, detail);
    return pair;
  }));
}

const count = (number, thing) => `${formatNumber(number)} ${thing}${number === 1 ? "" : "s"}`;

function showTiles() {
  const all = latest.streams ?? [];
  const publications = all.filter((stream) => stream.kind === "publication").length;
  const images = all.filter((stream) => stream.kind === "image").length;
  const lost = sum((latest.losses ?? []).map((loss) => loss.total_bytes_lost));
  const errorCount = latest.system?.find((counter) => counter[0] === 15)?.[2] ?? null;
  const lastError = latest.errors?.at(-1);
  const lastLoss = largest((latest.losses ?? []).map((loss) => loss.last_ms));
  const now = latest.driver.taken_ms;
  const behind = all.map((stream) => [lagOf(stream), stream]).reduce((most, each) => (each[0] ?? -1) > (most[0] ?? -1) ? each : most, [null, null]);
  const rate = (name) => isAlive() ? history_.rate(null, name) : null;
  const tiles = [
    ["Streams", latest.streams ? formatNumber(all.length) : "–", `${count(publications, "publication")}, ${count(images, "image")}`],
    ["Written", formatRate(rate("written")), rate("sent") ? `${formatRate(rate("sent"))} sent by UDP` : "by publishers here"],
    ["Read", formatRate(rate("read")), "by all subscribers here"],
    ["Back pressure", rate("backPressure") === null ? "–" : formatNumber(rate("backPressure")) + "/s", "events of senders"],
    ["Largest lag", formatBytes(behind[0]), behind[1] && behind[0] > 0 ? `stream ${behind[1].stream}` : "of subscribers"],
    ["Lost", latest.losses ? formatBytes(lost) : "–", lastLoss ? `last ${formatDuration(now - lastLoss)} ago` : "nothing was lost"],
    ["Errors", formatNumber(errorCount), lastError ? `last ${formatDuration(now - lastError.last_ms)} ago` : "none", lastError && now - lastError.last_ms < 60000],
  ];
  if (page("tiles").childElementCount !== tiles.length) {
    page("tiles").replaceChildren(...tiles.map(() => {
      const tile = document.createElement("div");
      tile.append(...["name", "value", "note"].map((name) => Object.assign(document.createElement("div"), {className: name})));
      return tile;
    }));
  }
  tiles.forEach(([name, value, note, isAlarm], index) => {
    const tile = page("tiles").children[index];
    tile.className = isAlarm ? "tile alarm" : "tile";
    [name, value, note].forEach((text, part) => tile.children[part].textContent = text);
  });
}

function showCharts() {
  const stream = picked === null ? null : (latest.streams ?? []).find((each) => streamKey(each) === picked);
  page("selection").textContent = picked === null ? "all streams" :
    stream ? `stream ${stream.stream}, session ${stream.session}, ${stream.kind}, ${stream.channel}` : "a stream that is gone";
  page("selection").title = page("selection").textContent;
  page("clear-selection").hidden = picked === null;
  for (const chart of charts) chart.draw(history_.rows(picked), history_.rows(null), isAlive());
}

function showStreams() {
  if (!latest) return;
  const all = latest.streams ?? [];
  const words = page("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  const matches = (stream) => {
    const text = [stream.channel, stream.stream, stream.session, stream.kind].join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  };
  const found = streams.sorted(all.filter(matches));
  const shown = showsAllStreams ? found : found.slice(0, shownStreams);
  const leftOut = latest.left_out.streams ?? 0;
  streams.show(shown, words.length ? "No stream matches the filter." : "No streams. They appear when a client adds a publication, or an image arrives.");
  page("streams-count").textContent = (words.length ? `${found.length} of ${all.length}` : String(all.length)) +
    (leftOut ? `, ${leftOut} more are left out by --max-streams` : "");
  page("more-streams").hidden = shown.length === found.length;
  page("more-streams").textContent = `Show all ${found.length}`;
}

function showList(table, name, items, emptyText) {
  const leftOut = latest.left_out[name] ?? 0;
  const known = (latest[name] ?? []).length;
  page(name + "-count").textContent = (items.length < known ? `${items.length} of ${known}` : String(known)) +
    (leftOut ? `, ${leftOut} more` : "");
  table.show(items, emptyText);
}

function showAll() {
  if (!latest) return;
  showState();
  showTiles();
  showCharts();
  showStreams();
  showList(errors, "errors", [...(latest.errors ?? [])].reverse(), "The driver has recorded no error.");
  showList(losses, "losses", [...(latest.losses ?? [])].sort((left, right) => right.last_ms - left.last_ms), "Nothing was lost.");
  showList(clients, "clients", latest.clients ?? [], "No clients.");
  showList(channels, "channels", latest.channels ?? [], "No channels but IPC.");
  showList(counters, "counters", latest.counters ?? [], "");
  page("counters-section").hidden = (latest.counters ?? []).length === 0;
  const all = latest.system ?? [];
  showList(system, "system", page("zeros").checked ? all : all.filter((counter) => counter[2] !== 0), "All are at 0.");
}

async function poll() {
  if (!isPaused) {
    try {
      const response = await fetch("/api/snapshot", {cache: "no-store", signal: AbortSignal.timeout(10000)});
      latest = await response.json();
      lastAnswer = Date.now();
      if (isAlive()) history_.add(latest);
      showAll();
    } catch (error) {
      setState("unreachable", "The exporter does not answer.", `Is cpperon export still running? ${error.message}`);
    }
  }
  page("age").textContent = isPaused ? "Paused" : lastAnswer ? `As of ${formatTime(lastAnswer)}` : "";
  setTimeout(poll, pollMs);
}

page("filter").addEventListener("input", showStreams);
page("zeros").addEventListener("change", showAll);
page("clear-selection").addEventListener("click", () => pick(picked));
page("more-streams").addEventListener("click", () => {
  showsAllStreams = true;
  showStreams();
});
page("pause").addEventListener("click", () => {
  isPaused = !isPaused;
  page("pause").setAttribute("aria-pressed", String(isPaused));
});

const themes = ["auto", "light", "dark"];
function setTheme(theme) {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  page("theme").textContent = "Theme: " + theme;
  localStorage.setItem("cpperon-theme", theme);
  for (const chart of charts) chart.plot.redraw(false, true);
}
page("theme").addEventListener("click", () =>
  setTheme(themes[(themes.indexOf(localStorage.getItem("cpperon-theme")) + 1) % themes.length]));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => setTheme(localStorage.getItem("cpperon-theme")));
setTheme(themes.includes(localStorage.getItem("cpperon-theme")) ? localStorage.getItem("cpperon-theme") : "auto");

poll();
