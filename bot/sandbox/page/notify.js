// Toasts: short notes that come and go in a corner.
import { h, icon } from "./dom.js";

const LIFE_MS = { info: 6000, error: 12000, mention: 12000 };

/** Shows a note of `kind` info, error or mention; `onOpen` makes it a button; a newer one with the same `key` takes its place. */
export function toast(text, { kind = "info", title = null, onOpen = null, key = null } = {}) {
  const region = document.getElementById("toasts");
  const dismiss = () => el.remove();
  const body = [title ? h("strong", {}, title) : null, h("span", {}, text)];
  const main = onOpen
    ? h("button", { type: "button", class: "toast-body", on: { click: () => { dismiss(); onOpen(); } } }, body)
    : h("div", { class: "toast-body" }, body);
  const el = h("div", { class: `toast toast-${kind}`, "data-testid": "toast", "data-key": key }, main,
    h("button", { type: "button", class: "icon-button", "aria-label": "Dismiss", on: { click: dismiss } }, icon("close")));
  if (key) dismissToasts(key);
  region.append(el);
  while (region.childElementCount > 4) region.firstElementChild.remove();
  setTimeout(dismiss, LIFE_MS[kind] ?? LIFE_MS.info);
  return dismiss;
}

/** Takes away the notes about one place, which has been opened. */
export function dismissToasts(key) {
  document.querySelectorAll(`.toast[data-key="${CSS.escape(key)}"]`).forEach((el) => el.remove());
}
