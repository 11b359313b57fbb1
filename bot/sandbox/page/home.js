// The Home tab of the conversation with the app, and the tabs that lead to it.
import { renderBlocks } from "./blocks.js";
import { h } from "./dom.js";
import { directory } from "./directory.js";
import { morph } from "./morph.js";

const homes = new Map(); // person -> the view that the app published for them

export function keepHome(view) {
  homes.set(directory.me, view);
}

/** Draws the Home tab into `host`, in place where it was drawn before. */
export function drawHome(host) {
  const view = homes.get(directory.me);
  const next = view
    ? h("div", { class: "home blocks", "data-view-id": view.id, "data-key": view.id }, renderBlocks(view.blocks))
    : h("div", { class: "home empty" }, h("h2", {}, "Nothing here yet"), h("p", {}, "The app has not published a Home tab for you."));
  if (host.firstElementChild) morph(host.firstElementChild, next);
  else host.append(next);
}

/** The tabs Home and Messages; `onPick(name)`. */
export function drawTabs(host, current, onPick) {
  const tab = (name, label) => h("button", { type: "button", role: "tab", class: "tab", "aria-selected": String(current === name), "data-testid": `tab-${name}`,
    on: { click: () => onPick(name) } }, label);
  host.replaceChildren(tab("home", "Home"), tab("messages", "Messages"));
}
