// Slack's date formats: ts strings, <!date^…> tokens and the day dividers of a channel.

const DAY = 86_400_000;

export function dateOfTs(ts) {
  return new Date(Number.parseFloat(ts) * 1000);
}

export function clock(date) {
  return date.toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });
}

function midnight(date) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

function ordinal(day) {
  const rest = day % 100;
  if (rest >= 11 && rest <= 13) return `${day}th`;
  return day + (["th", "st", "nd", "rd"][day % 10] ?? "th");
}

function nearDay(date) {
  const days = Math.round((midnight(new Date()) - midnight(date)) / DAY);
  return { 0: "Today", 1: "Yesterday", "-1": "Tomorrow" }[days] ?? null;
}

export function dayLabel(date) {
  return nearDay(date) ?? date.toLocaleDateString([], { weekday: "long", month: "long", day: "numeric" });
}

export function ago(date) {
  const seconds = Math.max(0, (Date.now() - date.getTime()) / 1000);
  if (seconds < 60) return "just now";
  if (seconds < 3600) return count(Math.floor(seconds / 60), "minute");
  if (seconds < 86_400) return count(Math.floor(seconds / 3600), "hour");
  return count(Math.floor(seconds / 86_400), "day");
}

function count(n, unit) {
  return `${n} ${unit}${n === 1 ? "" : "s"} ago`;
}

const FORMATS = {
  date_num: (d) => `${d.getFullYear()}-${String(d.getMonth() + 1).padStart(2, "0")}-${String(d.getDate()).padStart(2, "0")}`,
  date_slash: (d) => d.toLocaleDateString("en-US", { year: "numeric", month: "2-digit", day: "2-digit" }),
  date: (d) => `${d.toLocaleDateString("en-US", { month: "long" })} ${ordinal(d.getDate())}, ${d.getFullYear()}`,
  date_short: (d) => d.toLocaleDateString("en-US", { month: "short", day: "numeric", year: "numeric" }),
  date_long: (d) => `${d.toLocaleDateString("en-US", { weekday: "long" })}, ${FORMATS.date(d)}`,
  date_pretty: (d) => nearDay(d) ?? FORMATS.date(d),
  date_short_pretty: (d) => nearDay(d) ?? FORMATS.date_short(d),
  date_long_pretty: (d) => nearDay(d) ?? FORMATS.date_long(d),
  day_divider_pretty: (d) => dayLabel(d),
  time: (d) => clock(d),
  time_secs: (d) => d.toLocaleTimeString([], { hour: "numeric", minute: "2-digit", second: "2-digit" }),
  ago: (d) => ago(d),
};

/** Fills a Slack date format such as "{date_short_pretty} at {time}"; the fallback where the time is no number. */
export function formatDate(timestamp, format, fallback) {
  const seconds = Number(timestamp);
  if (!Number.isFinite(seconds)) return fallback || format;
  const date = new Date(seconds * 1000);
  return String(format).replace(/\{(\w+)\}/g, (whole, name) => (FORMATS[name] ? FORMATS[name](date) : whole));
}

export function fileSize(bytes) {
  if (!Number.isFinite(bytes)) return "";
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} kB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
