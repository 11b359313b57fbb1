// Where one types: Enter sends, Shift+Enter breaks the line, "/" offers commands, "@" offers people. Drafts are kept per place.
import { avatar, h, icon } from "./dom.js";
import { directory, role } from "./directory.js";

export const COMMANDS = [
  { name: "/research", usage: "<question> | max: <question> | list | help", does: "Start a deep research in this channel" },
  { name: "/research-status", usage: "", does: "List the researches: yours, or all of them for admins" },
  { name: "/invite", usage: "@Deep Research", does: "Add the app to this channel" },
];

const drafts = new Map();

export class Composer {
  /** `onSend(text)` gets the text as typed and resolves to whether it was taken; `onShortcuts(button)` offers what can be run. */
  constructor(host, { testid, onSend, withCommands, onShortcuts }) {
    this.onSend = onSend;
    this.onShortcuts = onShortcuts;
    this.withCommands = withCommands;
    this.place = null;
    this.offers = [];
    this.at = 0;
    this.build(host, testid);
  }

  build(host, testid) {
    const listId = `${testid}-offers`;
    this.input = h("textarea", { rows: 1, class: "composer-input", "data-testid": testid, "aria-autocomplete": "list", "aria-controls": listId,
      autocomplete: "off", on: { input: () => this.changed(), keydown: (event) => this.key(event), focus: () => this.offer(), blur: () => setTimeout(() => this.closeOffers(), 150) } });
    this.list = h("div", { class: "offers", id: listId, role: "listbox", "aria-label": "Suggestions", hidden: true });
    this.send = h("button", { type: "button", class: "send-button", "data-testid": `${testid}-send`, "aria-label": "Send", disabled: true,
      on: { click: () => void this.submit() } }, icon("send"));
    const insert = (text, sign, label) => h("button", { type: "button", class: "icon-button", "aria-label": label, title: label,
      on: { click: () => this.type(text) } }, icon(sign));
    const run = this.onShortcuts ? h("button", { type: "button", class: "icon-button", "aria-label": "Shortcuts", title: "Shortcuts", "data-testid": `${testid}-shortcuts`,
      on: { click: (event) => this.onShortcuts(event.currentTarget) } }, icon("spark")) : null;
    const tools = [run, this.withCommands ? insert("/", "slash", "Commands") : null, insert("@", "at", "Mention someone")];
    host.append(this.list, h("div", { class: "composer-box" }, this.input,
      h("div", { class: "composer-tools" }, tools, h("span", { class: "composer-hint" }, h("b", {}, "Enter"), " to send · ", h("b", {}, "Shift+Enter"), " for a new line"), this.send)));
  }

  /** Switches to another place, keeping what was typed in the old one. */
  moveTo(place, placeholder) {
    if (this.place) drafts.set(this.place, this.input.value);
    this.place = place;
    this.input.value = drafts.get(place) ?? "";
    this.input.placeholder = placeholder;
    this.input.setAttribute("aria-label", placeholder);
    this.changed();
    this.closeOffers();
  }

  /** Puts a text in the box for the person to look at and send. */
  fill(text) {
    this.input.value = text;
    this.input.focus();
    this.input.setSelectionRange(text.length, text.length);
    this.changed();
  }

  focus() {
    this.input.focus();
  }

  type(text) {
    this.input.focus();
    const { selectionStart: start, selectionEnd: end, value } = this.input;
    const gap = text === "@" && start > 0 && !/\s$/.test(value.slice(0, start)) ? " " : "";
    this.input.setRangeText(gap + text, text === "/" ? 0 : start, text === "/" ? value.length : end, "end");
    this.changed();
  }

  changed() {
    const { input } = this;
    input.style.height = "auto";
    input.style.height = `${Math.min(input.scrollHeight, 220)}px`;
    this.send.disabled = !input.value.trim();
    this.offer();
  }

  offer() {
    const before = this.input.value.slice(0, this.input.selectionStart);
    const command = this.withCommands ? /^\/([\w-]*)$/.exec(before) : null;
    const mention = /(^|\s)@([\p{L}\p{N} ]{0,24})$/u.exec(before);
    if (command) this.offers = COMMANDS.filter((one) => one.name.startsWith(before)).map(commandOffer);
    else if (mention) this.offers = peopleOffers(mention[2]);
    else this.offers = [];
    this.at = 0;
    this.drawOffers();
  }

  drawOffers() {
    this.list.hidden = !this.offers.length || document.activeElement !== this.input;
    this.list.replaceChildren(...this.offers.map((offer, at) => h("div", {
      class: "offer", role: "option", id: `${this.list.id}-${at}`, "aria-selected": String(at === this.at), "data-testid": "offer",
      on: { pointerdown: (event) => { event.preventDefault(); this.take(offer); }, pointermove: () => this.highlight(at) },
    }, offer.draw())));
    if (this.list.hidden) this.input.removeAttribute("aria-activedescendant");
    else this.input.setAttribute("aria-activedescendant", `${this.list.id}-${this.at}`);
  }

  highlight(at) {
    if (at === this.at) return;
    this.at = at;
    [...this.list.children].forEach((el, n) => el.setAttribute("aria-selected", String(n === at)));
    this.input.setAttribute("aria-activedescendant", `${this.list.id}-${at}`);
  }

  closeOffers() {
    this.offers = [];
    this.list.hidden = true;
  }

  take(offer) {
    const { input } = this;
    const before = input.value.slice(0, input.selectionStart);
    const after = input.value.slice(input.selectionStart);
    const start = offer.whole ? "" : before.slice(0, before.lastIndexOf("@"));
    const text = `${start}${offer.text} `;
    input.value = text + after.trimStart();
    input.setSelectionRange(text.length, text.length);
    this.changed();
    this.closeOffers();
  }

  key(event) {
    if (event.isComposing) return;
    const open = !this.list.hidden && this.offers.length > 0;
    if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      this.highlight((this.at + (event.key === "ArrowDown" ? 1 : -1) + this.offers.length) % this.offers.length);
    } else if (open && event.key === "Escape") {
      this.closeOffers();
      event.stopPropagation();
    } else if (open && (event.key === "Tab" || (event.key === "Enter" && this.offers[this.at].text !== this.input.value.trim()))) {
      this.take(this.offers[this.at]);
    } else if (event.key === "Enter" && !event.shiftKey) {
      void this.submit();
    } else return;
    event.preventDefault();
  }

  async submit() {
    const text = this.input.value.trim();
    if (!text) return;
    const { place } = this;
    this.input.value = "";
    drafts.delete(place);
    this.changed();
    const taken = await this.onSend(text);
    if (!taken && this.place === place && !this.input.value) this.fill(text);
  }
}

function commandOffer(one) {
  return { text: one.name, whole: true, draw: () => [h("span", { class: "offer-sign" }, icon("slash")),
    h("span", { class: "offer-main" }, h("b", {}, one.name), " ", h("span", { class: "offer-usage" }, one.usage)), h("small", {}, one.does)] };
}

function peopleOffers(typed) {
  const wanted = typed.toLowerCase();
  const everyone = [{ ...directory.bot, bot: true, title: "App" }, ...directory.people];
  return everyone.filter((who) => who.name.toLowerCase().startsWith(wanted) && who.name.toLowerCase() !== wanted.trimEnd())
    .map((who) => ({ text: `@${who.name}`, whole: false, draw: () => [avatar(who, "tiny"),
      h("span", { class: "offer-main" }, h("b", {}, who.name)), h("small", {}, who.bot ? "App" : role(who))] }));
}
