// Numbers, lengths and times as people read them.

const numbers = new Intl.NumberFormat("en");

function formatNumber(value) {
  if (value === null || value === undefined) return "–";
  return Math.abs(value) < 10 && !Number.isInteger(value) ? value.toFixed(1) : numbers.format(Math.round(value));
}

function formatBytes(value) {
  if (value === null || value === undefined) return "–";
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let unit = 0;
  let rest = Math.abs(value);
  while (rest >= 1024 && unit + 1 < units.length) {
    rest /= 1024;
    ++unit;
  }
  const digits = unit === 0 || rest >= 100 ? 0 : rest >= 10 ? 1 : 2;
  return (value < 0 ? "−" : "") + rest.toFixed(digits) + " " + units[unit];
}

function formatRate(value) {
  return value === null || value === undefined ? "–" : formatBytes(value) + "/s";
}

function formatDuration(ms) {
  const seconds = Math.max(0, ms / 1000);
  if (seconds < 10) return seconds.toFixed(1) + " s";
  if (seconds < 120) return Math.round(seconds) + " s";
  if (seconds < 7200) return Math.round(seconds / 60) + " min";
  if (seconds < 172800) return Math.round(seconds / 3600) + " h";
  return Math.round(seconds / 86400) + " days";
}

function formatTime(epochMs) {
  const time = new Date(epochMs);
  const two = (number) => String(number).padStart(2, "0");
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ` +
    `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}

// Of today the time is enough.
function formatMoment(epochMs) {
  const [day, time] = formatTime(epochMs).split(" ");
  return day === formatTime(Date.now()).split(" ")[0] ? time : day + " " + time;
}
