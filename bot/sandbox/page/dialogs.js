// Modal dialogs on <dialog> (focus is kept inside, Esc closes) and small popup menus.
import { h, icon } from "./dom.js";
import { textObject, words } from "./mrkdwn.js";

/** Opens a dialog; resolves when it closes. `build(close)` returns its content. */
export function openDialog(className, label, build) {
  const opener = document.activeElement;
  return new Promise((resolve) => {
    let result = null;
    const el = h("dialog", { class: className, "aria-label": label });
    const close = (value = null) => { result = value; el.close(); };
    el.append(...[build(close, el)].flat());
    el.addEventListener("close", () => {
      el.remove();
      if (opener?.isConnected) opener.focus();
      resolve(result);
    });
    document.body.append(el);
    el.showModal();
  });
}

/** Slack's `confirm` object as a dialog; resolves to true where the person confirmed. */
export async function confirmed(confirm) {
  const title = words(confirm.title) || "Are you sure?";
  const style = confirm.style === "danger" ? "danger" : "primary";
  const answer = await openDialog("dialog confirm", title, (close, el) => {
    el.dataset.testid = "confirm-dialog";
    return [
      h("header", {}, h("h2", {}, title), closeButton(() => close(false))),
      h("div", { class: "dialog-body" }, textObject(confirm.text)),
      h("footer", {},
        h("button", { type: "button", class: "button", on: { click: () => close(false) } }, words(confirm.deny) || "Cancel"),
        h("button", { type: "button", class: `button ${style}`, autofocus: true, on: { click: () => close(true) } }, words(confirm.confirm) || "Yes")),
    ];
  });
  return answer === true;
}

export function closeButton(onClick) {
  return h("button", { type: "button", class: "icon-button", "aria-label": "Close", on: { click: onClick } }, icon("close"));
}

/** A menu under `anchor`; resolves to the picked item or null. Arrow keys move, Enter picks, Esc closes. */
export function pickFromMenu(anchor, items) {
  return new Promise((resolve) => {
    const entries = items.map((item) => h("button", { type: "button", role: "menuitem", class: "menu-item", on: { click: () => done(item) } },
      h("span", {}, item.label), item.hint ? h("small", {}, item.hint) : null));
    const menu = h("div", { class: "menu", role: "menu" }, entries);
    const done = (item) => {
      document.removeEventListener("pointerdown", outside, true);
      menu.remove();
      anchor.setAttribute("aria-expanded", "false");
      if (anchor.isConnected) anchor.focus();
      resolve(item);
    };
    const outside = (event) => { if (!menu.contains(event.target)) done(null); };
    menu.addEventListener("keydown", (event) => {
      const at = entries.indexOf(document.activeElement);
      if (event.key === "Escape" || event.key === "Tab") done(null);
      else if (event.key === "ArrowDown") entries[(at + 1) % entries.length].focus();
      else if (event.key === "ArrowUp") entries[(at - 1 + entries.length) % entries.length].focus();
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    document.addEventListener("pointerdown", outside, true);
    (anchor.closest("dialog") ?? document.body).append(menu);
    place(menu, anchor);
    anchor.setAttribute("aria-expanded", "true");
    entries[0]?.focus();
  });
}

function place(menu, anchor) {
  const box = anchor.getBoundingClientRect();
  const top = box.bottom + menu.offsetHeight + 8 < window.innerHeight ? box.bottom + 4 : Math.max(8, box.top - menu.offsetHeight - 4);
  menu.style.top = `${top}px`;
  menu.style.left = `${Math.max(8, Math.min(box.left, window.innerWidth - menu.offsetWidth - 8))}px`;
}
