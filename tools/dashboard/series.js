// What the charts and the rates of the tables are made of: the values of the last minutes, kept by this page alone.

const historyMs = 5 * 60 * 1000;
const rateMs = 3000;  // the span of the rates in tables and tiles

function streamKey(stream) {
  return stream.kind + ":" + (stream.kind === "unknown" ? stream.subscribers[0].id : stream.id);
}

function sum(values) {
  return values.reduce((total, value) => total + (value ?? 0), 0);
}

function smallest(values) {
  const known = values.filter((value) => value !== undefined && value !== null);
  return known.length ? known.reduce((least, value) => Math.min(least, value)) : null;
}

function largest(values) {
  const known = values.filter((value) => value !== undefined && value !== null);
  return known.length ? known.reduce((most, value) => Math.max(most, value)) : null;
}

const growing = ["written", "sent", "received", "read", "backPressure", "naksReceived", "naksSent"];

// The counters of one stream, or of all of them together, at one moment. Positions and events only grow.
function measure(time, streams) {
  const publications = streams.filter((stream) => stream.kind === "publication");
  const images = streams.filter((stream) => stream.kind === "image");
  const read = streams.flatMap((stream) => stream.subscribers.map((subscriber) => subscriber.position));
  const lags = streams.flatMap((stream) => stream.subscribers.map((subscriber) => subscriber.lag));
  return {
    time,
    written: sum(publications.map((stream) => stream.head)),
    sent: sum(publications.map((stream) => stream.sent)),
    received: sum(images.map((stream) => stream.received)),
    read: sum(read),
    backPressure: sum(publications.map((stream) => stream.back_pressure)),
    naksReceived: sum(publications.map((stream) => stream.naks)),
    naksSent: sum(images.map((stream) => stream.naks)),
    window: smallest(publications.map((stream) => stream.window)),
    senderWindow: smallest(publications.map((stream) => stream.sender_window)),
    lag: largest(lags),
  };
}

class History {
  constructor() {
    this.byStream = new Map();
    this.total = [];
    this.driver = null;
  }

  // Takes in a snapshot of a driver that is alive.
  add(snapshot) {
    const time = snapshot.driver.taken_ms;
    const driver = snapshot.driver.pid + "@" + snapshot.driver.start_ms;
    if (driver !== this.driver) {
      this.driver = driver;  // a new one begins at 0
      this.byStream.clear();
      this.total = [];
    }
    const next = new Map();
    for (const stream of snapshot.streams) {
      const key = streamKey(stream);
      const rows = this.byStream.get(key) ?? [];
      rows.push(measure(time, [stream]));
      next.set(key, rows);
    }
    this.byStream = next;

    // Streams that came or went would make the sums jump: add up what each has moved instead.
    const before = this.total.at(-1);
    const row = measure(time, snapshot.streams);
    for (const name of growing) {
      row[name] = before ? before[name] : 0;
    }
    for (const rows of next.values()) {
      if (rows.length < 2) continue;
      const [previous, now] = [rows.at(-2), rows.at(-1)];
      for (const name of growing) {
        row[name] += Math.max(0, now[name] - previous[name]);
      }
    }
    row.lost = sum(snapshot.losses.map((loss) => loss.total_bytes_lost));
    const named = (id) => snapshot.system.find((counter) => counter[0] === id)?.[2] ?? 0;
    row.errors = named(15);
    row.retransmits = named(11);
    this.total.push(row);

    for (const rows of [this.total, ...next.values()]) {
      while (rows[0].time < time - historyMs) rows.shift();
    }
  }

  rows(key) {
    return key === null ? this.total : this.byStream.get(key) ?? [];
  }

  // Growth per second of the last moments; null where there is no past yet.
  rate(key, name) {
    const rows = this.rows(key);
    const last = rows.at(-1);
    if (rows.length < 2) return null;
    let from = rows.length - 2;
    while (from > 0 && last.time - rows[from].time < rateMs) --from;
    return Math.max(0, (last[name] - rows[from][name]) * 1000 / (last.time - rows[from].time));
  }
}

// Growth per second from row to row.
function rates(rows, name) {
  return rows.map((row, index) => {
    if (index === 0 || row[name] === undefined) return null;
    const elapsed = row.time - rows[index - 1].time;
    return elapsed > 0 ? Math.max(0, (row[name] - rows[index - 1][name]) * 1000 / elapsed) : null;
  });
}

function levels(rows, name) {
  return rows.map((row) => row[name] ?? null);
}
