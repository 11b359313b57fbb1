// Building DOM without ever parsing data as HTML: every text goes through text nodes, every link through safeUrl().

const SVG = "http://www.w3.org/2000/svg";

// Line icons drawn on a 20×20 grid; "fill:" marks those that are filled instead of stroked.
const ICONS = {
  hash: "M7.5 3 6 17M14 3l-1.5 14M3.5 7.5h13M3 12.5h13",
  lock: "M5 9h10v8H5zM7 9V6.5a3 3 0 0 1 6 0V9",
  chat: "M3 4.5h14v9.5H9l-4 3v-3H3z",
  send: "fill:M2.5 3.2c0-.5.5-.9 1-.7l13.6 6.8c.6.3.6 1.1 0 1.4L3.500 17.500c-.5.2-1-.2-1-.7l1.600-5.600 6.900-1.200-6.900-1.200z",
  close: "M5 5l10 10M15 5 5 15",
  chevron: "M7.500 4.500 13 10l-5.500 5.500",
  down: "M4.500 7.500 10 13l5.500-5.500",
  check: "M4.500 10.500 8.500 14.500 15.500 6",
  eye: "M2 10c2-3.600 4.800-5.200 8-5.200s6 1.600 8 5.200c-2 3.600-4.800 5.200-8 5.200S4 13.600 2 10zM10 12.300a2.300 2.300 0 1 0 0-4.600 2.300 2.300 0 0 0 0 4.600z",
  sun: "M10 13.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM10 2v1.800M10 16.200V18M2 10h1.800M16.200 10H18M4.300 4.300l1.300 1.300M14.400 14.400l1.300 1.300M4.300 15.700l1.300-1.300M14.400 5.600l1.300-1.300",
  moon: "M16.500 11.800A7 7 0 0 1 8.200 3.500a7 7 0 1 0 8.300 8.300z",
  help: "M10 17.500a7.500 7.500 0 1 0 0-15 7.500 7.500 0 0 0 0 15zM7.800 7.800a2.200 2.200 0 1 1 3.200 2c-.7.400-1 .800-1 1.600M10 13.900v.2",
  traffic: "M6.500 3v13M6.500 3 3.500 6M6.500 3l3 3M13.500 17V4M13.500 17l-3-3M13.500 17l3-3",
  stop: "fill:M6 5h8a1 1 0 0 1 1 1v8a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1z",
  back: "M12.500 4.500 7 10l5.500 5.500",
  menu: "M3 5.500h14M3 10h14M3 14.500h14",
  dots: "fill:M4 8.500a1.500 1.500 0 1 1 0 3 1.500 1.500 0 0 1 0-3zM10 8.500a1.500 1.500 0 1 1 0 3 1.500 1.500 0 0 1 0-3zM16 8.500a1.500 1.500 0 1 1 0 3 1.500 1.500 0 0 1 0-3z",
  reply: "M3 4.500h14v9H9.500L6 16.500v-3H3zM7 8h6M7 10.500h4",
  slash: "M12.500 3.500l-5 13",
  at: "M13 10a3 3 0 1 1-6 0 3 3 0 0 1 6 0zm0 0v1.200a2 2 0 0 0 4 0V10a7 7 0 1 0-2.700 5.500",
  thumbup: "M6.500 9v7.500H3.500V9zM6.500 9.500l3-6.500c1.300 0 2 .900 2 2v2.800h4a1.300 1.300 0 0 1 1.300 1.600l-1.200 5.600a1.800 1.800 0 0 1-1.800 1.500H6.500",
  thumbdown: "M13.500 11V3.500h3V11zM13.500 10.500l-3 6.500c-1.300 0-2-.900-2-2v-2.800h-4a1.300 1.300 0 0 1-1.300-1.600l1.200-5.600a1.800 1.800 0 0 1 1.800-1.500h7.300",
  trash: "M4 5.500h12M8 5.500V3.500h4v2M5.500 5.500l.700 11h7.600l.700-11M8.500 8.500v5M11.500 8.500v5",
  info: "M10 17.500a7.500 7.500 0 1 0 0-15 7.500 7.500 0 0 0 0 15zM10 9.200v4.300M10 6.500v.2",
  warning: "M10 3 2.500 16.500h15zM10 8v4M10 14.100v.1",
  error: "M10 17.500a7.500 7.500 0 1 0 0-15 7.500 7.500 0 0 0 0 15zM10 6.200v4.800M10 13.600v.1",
  file: "M5 2.500h6.500L15.500 6.500v11H5zM11.500 2.500v4h4",
  play: "fill:M7 4.800c0-.6.600-1 1.100-.7l7.200 5.100c.5.300.5 1.200 0 1.500l-7.200 5.100c-.5.400-1.100 0-1.100-.6z",
  spark: "fill:M10 1.800l1.900 5.300 5.300 1.900-5.300 1.900L10 16.200l-1.900-5.300L2.800 9l5.300-1.900zM16 13.500l.7 1.800 1.800.7-1.800.7-.7 1.800-.7-1.800-1.800-.7 1.800-.7z",
  home: "M3.500 9.500 10 3.500l6.500 6v7.500h-4.500v-4.500h-4v4.500H3.500z",
};

/** Builds an element. `class`, attributes (true = present, null/false = absent), `on` = listeners, `slack` = what it stands for. */
export function h(tag, props, ...children) {
  const el = document.createElement(tag);
  for (const [key, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "on") for (const [type, fn] of Object.entries(value)) el.addEventListener(type, fn);
    else if (key === "slack") el.slack = value;
    else el.setAttribute(key, value === true ? "" : String(value));
  }
  return add(el, ...children);
}

/** Appends nodes, strings and nested lists of them; skips null, undefined and false. */
export function add(el, ...children) {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (Array.isArray(child)) add(el, ...child);
    else el.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return el;
}

export function icon(name, className = "") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("class", `icon ${className}`.trim());
  svg.setAttribute("aria-hidden", "true");
  const drawing = ICONS[name] ?? ICONS.info;
  const path = document.createElementNS(SVG, "path");
  const filled = drawing.startsWith("fill:");
  path.setAttribute("d", filled ? drawing.slice(5) : drawing);
  path.setAttribute("class", filled ? "filled" : "line");
  svg.append(path);
  return svg;
}

/** The URL if a browser may follow it (http, https, mailto, or a path of this server), else null. */
export function safeUrl(url) {
  const text = String(url ?? "").trim();
  if (/^(https?:\/\/|mailto:)/i.test(text)) return text;
  if (/^\/(?![/\\])/.test(text)) return text;
  return null;
}

/** A link that opens elsewhere; plain text where the address is not one that may be followed. */
export function link(url, ...children) {
  const href = safeUrl(url);
  if (!href) return h("span", { class: "dead-link" }, ...children);
  const el = h("a", { href, target: "_blank", rel: "noopener noreferrer nofollow", title: href }, ...children);
  for (const nested of el.querySelectorAll("a")) nested.replaceWith(...nested.childNodes);
  return el;
}

function initials(name) {
  const words = String(name || "?").split(/[\s._-]+/).filter(Boolean);
  const letters = words.length > 1 ? words[0][0] + words[words.length - 1][0] : words[0]?.slice(0, 1);
  return (letters ?? "?").toUpperCase();
}

/** A coloured square with initials; the colour follows from the id, so a person keeps it. */
export function avatar(who, size = "") {
  let hue = 0;
  for (const char of who.id ?? "") hue = (hue * 31 + char.charCodeAt(0)) % 12;
  const kind = who.bot ? "bot" : `tone-${hue}`;
  return h("span", { class: `avatar ${kind} ${size}`.trim(), "aria-hidden": "true" }, who.bot ? icon("spark") : initials(who.name));
}

/** Says something to screen readers without moving focus. */
export function announce(text) {
  const region = document.getElementById("announcer");
  if (region) region.textContent = text;
}
