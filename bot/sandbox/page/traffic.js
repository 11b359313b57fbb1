// The side panel "API traffic": what the app, Slack and Gemini said to each other, as it happens.
import { api } from "./api.js";
import { h, icon } from "./dom.js";

const LIMIT = 500;
const ROUTES = { app: ["App", "Slack"], slack: ["Slack", "App"], agent: ["App", "Gemini"], gemini: ["Gemini", "App"] };

export class Traffic {
  constructor(panel) {
    this.panel = panel;
    this.last = 0;
    this.filter = "all";
    this.list = h("div", { class: "traffic-list", "data-testid": "traffic-list", tabindex: "0", role: "log", "aria-live": "off", "aria-label": "Calls, newest last" });
    this.count = h("span", { class: "traffic-count" }, "0");
    const chip = (name, label) => h("button", { type: "button", class: "chip", "aria-pressed": String(name === "all"), on: { click: (event) => this.choose(name, event.currentTarget) } }, label);
    this.chips = h("div", { class: "chips", role: "group", "aria-label": "Show" }, chip("all", "All"), chip("app", "App → Slack"), chip("slack", "Slack → App"), chip("gemini", "Gemini"), chip("failed", "Failed"));
    panel.append(h("header", { class: "panel-header" }, h("h2", {}, "API traffic ", this.count),
      h("button", { type: "button", class: "text-button", on: { click: () => this.clear() } }, "Clear"),
      h("button", { type: "button", class: "icon-button", "aria-label": "Close API traffic", on: { click: () => this.onClose?.() } }, icon("close"))), this.chips, this.list);
  }

  /** Reads what happened before the page came, or while the stream was away. */
  async catchUp() {
    const { entries } = await api.traffic(this.last);
    for (const entry of entries ?? []) this.note(entry);
  }

  note(entry) {
    if (!entry || entry.n <= this.last) return;
    this.last = entry.n;
    const atEnd = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < 60;
    this.list.append(row(entry));
    while (this.list.childElementCount > LIMIT) this.list.firstElementChild.remove();
    this.count.textContent = String(this.list.childElementCount);
    if (atEnd) this.list.scrollTop = this.list.scrollHeight;
  }

  choose(name, pressed) {
    for (const chip of this.chips.children) chip.setAttribute("aria-pressed", String(chip === pressed));
    this.list.dataset.filter = name;
    this.list.scrollTop = this.list.scrollHeight;
  }

  clear() {
    this.list.replaceChildren();
    this.count.textContent = "0";
  }
}

function row(entry) {
  // The app calls Slack by method names and the agent by verb and path.
  const route = entry.from === "app" && /^(GET|POST|DELETE) /.test(entry.name) ? "agent" : entry.from;
  const [from, to] = ROUTES[route] ?? [route, ""];
  const failed = entry.ok === false;
  const el = h("details", { class: "call", "data-testid": "traffic-entry", "data-from": route, "data-failed": failed },
    h("summary", {}, h("span", { class: `direction from-${route}`, title: `${from} to ${to}` }, from, " → ", to),
      h("span", { class: "call-name" }, entry.name),
      h("span", { class: failed ? "verdict bad" : "verdict good" }, failed ? "error" : entry.ok === true ? "ok" : "…"),
      h("span", { class: "call-ms" }, entry.ms === null || entry.ms === undefined ? "" : `${Math.round(entry.ms)} ms`),
      entry.summary ? h("span", { class: "call-summary" }, entry.summary) : null));
  // The JSON is drawn when it is asked for: hundreds of entries come by that nobody opens.
  el.addEventListener("toggle", () => {
    if (!el.open || el.childElementCount > 1) return;
    el.append(h("div", { class: "call-body" }, h("small", {}, [entry.kind, when(entry.at)].filter(Boolean).join(" · ")), part("Request", entry.request), part("Response", entry.response)));
    el.scrollIntoView({ block: "nearest" });
  });
  return el;
}

function when(at) {
  const date = new Date(typeof at === "number" ? at * 1000 : at);
  return Number.isNaN(date.getTime()) ? String(at ?? "") : date.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 });
}

function part(label, value) {
  if (value === null || value === undefined) return null;
  return h("section", {}, h("h4", {}, label), h("pre", { class: "json" }, coloured(JSON.stringify(parsed(value), null, 2) ?? "")));
}

function parsed(value) {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function coloured(json) {
  const out = [];
  let last = 0;
  for (const match of json.matchAll(/("(?:\\.|[^"\\])*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g)) {
    if (match.index > last) out.push(json.slice(last, match.index));
    const kind = match[2] ? "key" : match[1] ? "string" : match[3] ? "word" : "number";
    out.push(h("span", { class: `json-${kind}` }, match[1] ?? match[0]), match[2] ?? "");
    last = match.index + match[0].length;
  }
  out.push(json.slice(last));
  return out;
}
