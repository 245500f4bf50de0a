// The charts, drawn by uPlot.

const chartHeight = 180;

// Between the lines of an axis: for bytes, for events.
const binarySteps = Array.from({length: 50}, (_, power) => 2 ** power);
const decimalSteps = Array.from({length: 15}, (_, power) => [1, 2, 5].map((step) => step * 10 ** power)).flat();

const chartKinds = [
  {
    title: "Throughput", unit: "bytes/s", format: formatRate, steps: binarySteps, series: [
      {name: "written", values: (rows) => rates(rows, "written")},
      {name: "sent", values: (rows) => rates(rows, "sent")},
      {name: "received", values: (rows) => rates(rows, "received")},
      {name: "read", values: (rows) => rates(rows, "read"), dash: [5, 4]},
    ],
  },
  {
    title: "Windows and lag", unit: "bytes: smallest window, largest lag", format: formatBytes, steps: binarySteps, series: [
      {name: "publication window", values: (rows) => levels(rows, "window")},
      {name: "sender window", values: (rows) => levels(rows, "senderWindow")},
      {name: "subscriber lag", values: (rows) => levels(rows, "lag"), dash: [5, 4]},
    ],
  },
  {
    title: "Back pressure and repetition", unit: "events/s", format: formatNumber, steps: decimalSteps, series: [
      {name: "back pressure", values: (rows) => rates(rows, "backPressure")},
      {name: "NAKs received", values: (rows) => rates(rows, "naksReceived")},
      {name: "NAKs sent", values: (rows) => rates(rows, "naksSent")},
      {name: "retransmits (driver)", values: (rows) => rates(rows, "retransmits"), dash: [5, 4], ofDriver: true},
    ],
  },
  {
    title: "Loss and errors of the driver", unit: "bytes/s, errors/s", format: formatRate, steps: binarySteps, ofDriver: true, series: [
      {name: "lost", values: (rows) => rates(rows, "lost")},
      {name: "errors", values: (rows) => rates(rows, "errors"), format: (value) => formatNumber(value) + (value === null ? "" : "/s"), scale: "right"},
    ],
  },
];

function colorOf(variable) {
  return getComputedStyle(document.documentElement).getPropertyValue(variable).trim();
}

class Chart {
  constructor(kind, parent) {
    this.kind = kind;
    this.figure = document.createElement("figure");
    this.figure.className = "card";
    const caption = document.createElement("figcaption");
    caption.append(kind.title);
    const unit = document.createElement("span");
    unit.className = "unit";
    unit.textContent = kind.unit;
    caption.append(unit);
    const legend = document.createElement("ul");
    legend.className = "legend";
    this.legendValues = kind.series.map((series, index) => {
      const item = document.createElement("li");
      const swatch = document.createElement("span");
      swatch.className = "swatch";
      swatch.style.background = `var(--series-${index + 1})`;
      const value = document.createElement("b");
      value.textContent = "–";
      item.append(swatch, series.name, value);
      legend.append(item);
      return value;
    });
    this.canvas = document.createElement("div");
    this.canvas.setAttribute("aria-hidden", "true");  // the legend has the values as text
    this.figure.append(caption, legend, this.canvas);
    parent.append(this.figure);
    this.plot = new uPlot(this.options(), this.empty(), this.canvas);
    new ResizeObserver(() => this.plot.setSize({width: this.width(), height: chartHeight})).observe(this.figure);
  }

  empty() {
    return [[], ...this.kind.series.map(() => [])];
  }

  width() {
    return Math.max(200, this.figure.clientWidth - 24);
  }

  options() {
    const hasRight = this.kind.series.some((series) => series.scale === "right");
    const axis = (scale, side, format, incrs) => ({
      scale, side, size: 76, incrs, stroke: () => colorOf("--soft"), font: "11px system-ui, sans-serif",
      grid: {show: side === 3, stroke: () => colorOf("--line-soft"), width: 1}, ticks: {show: false},
      values: (plot, splits) => splits.map((value) => value === null ? "" : format(value)),
    });
    // From 0, with room above; a chart in which nothing happens is a line at the bottom.
    const range = (plot, low, high) => [Math.min(0, low ?? 0), Math.max(1, (high ?? 0) * 1.1)];
    return {
      width: this.width(), height: chartHeight, padding: [8, hasRight ? 0 : 12, 0, 0],
      legend: {show: false},
      cursor: {sync: {key: "cpperon"}, drag: {x: false, y: false}, points: {size: 6}},
      scales: {x: {range: (plot, low, high) => [Math.min(low ?? 0, (high ?? 0) - 60), high ?? 60]}, y: {range}, right: {range}},
      axes: [
        {stroke: () => colorOf("--soft"), font: "11px system-ui, sans-serif", grid: {show: false}, ticks: {show: false}, size: 26,
          values: (plot, splits) => splits.map((time) => formatTime(time * 1000).slice(11))},
        axis("y", 3, this.kind.format, this.kind.steps),
        ...(hasRight ? [{...axis("right", 1, formatNumber, decimalSteps), size: 48}] : []),
      ],
      series: [{}, ...this.kind.series.map((series, index) => ({
        label: series.name, scale: series.scale ?? "y", width: 1.75, dash: series.dash, spanGaps: false,
        stroke: () => colorOf(`--series-${index + 1}`), points: {show: false},
      }))],
      hooks: {setCursor: [() => this.showValues()]},
    };
  }

  // `rows` of the stream that is looked at, `driverRows` of all of them; `isLive`: the last of them are of now.
  draw(rows, driverRows, isLive) {
    this.isLive = isLive;
    const own = this.kind.ofDriver ? driverRows : rows;
    // A series of the driver has its own past, which may be longer.
    const at = new Map(driverRows.map((row, index) => [row.time, index]));
    this.data = [own.map((row) => row.time / 1000), ...this.kind.series.map((series) => {
      if (!series.ofDriver || own === driverRows) return series.values(own);
      const values = series.values(driverRows);
      return own.map((row) => values[at.get(row.time)] ?? null);
    })];
    this.plot.setData(this.data);
    this.showValues();
  }

  // Those under the cursor, else the latest.
  showValues() {
    if (!this.data) return;
    const index = this.plot.cursor.idx ?? (this.isLive ? this.data[0].length - 1 : -1);
    this.legendValues.forEach((element, series) => {
      const format = this.kind.series[series].format ?? this.kind.format;
      element.textContent = format(this.data[series + 1][index] ?? null);
    });
  }
}
