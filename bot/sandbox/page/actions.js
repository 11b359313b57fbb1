// Clicks and choices in messages and views become block actions. One listener for the whole page, so redrawn buttons need none.
import { api } from "./api.js";
import { confirmed, pickFromMenu } from "./dialogs.js";
import { directory } from "./directory.js";
import { optionsOf, pressFeedback, readElement } from "./elements.js";
import { words } from "./mrkdwn.js";
import { toast } from "./notify.js";

export function startActions() {
  document.addEventListener("click", (event) => {
    const el = event.target.closest("button, a.button");
    if (el?.slack?.action_id !== undefined) void onButton(el);
  });
  document.addEventListener("change", (event) => {
    const el = holder(event.target);
    if (el && !el.slack.form && !el.matches("button, a")) void send(el, chosen(readElement(el)));
  });
  document.addEventListener("keydown", (event) => {
    const el = event.target;
    if (event.key === "Enter" && el.matches("input.field-input[type=text]") && el.slack && !el.slack.form) void send(el, el.value);
  });
}

function holder(node) {
  for (let el = node; el; el = el.parentElement) if (el.slack) return el;
  return null;
}

async function onButton(el) {
  const { element } = el.slack;
  if (element.type === "overflow") {
    const picked = await pickFromMenu(el, optionsOf(element).map((option) => ({ label: words(option.text), hint: words(option.description), option })));
    if (!picked) return;
    if (picked.option.url) window.open(picked.option.url, "_blank", "noopener");
    await send(el, picked.option.value);
    return;
  }
  await send(el, element.value ?? null);
}

// What a choice comes down to for the server: an option's value, several with commas, or the date or text itself.
function chosen(state) {
  if ("selected_option" in state) return state.selected_option?.value ?? null;
  if ("selected_options" in state) return state.selected_options.map((option) => option.value).join(",");
  const { type, ...rest } = state;
  const [first] = Object.values(rest);
  return Array.isArray(first) ? first.join(",") : first ?? null;
}

async function send(el, value) {
  if (el.dataset.busy) return;
  const { block_id, action_id, element } = el.slack;
  if (element.confirm && !(await confirmed(element.confirm))) return;
  const target = place(el);
  if (!target) return;
  el.dataset.busy = "true";
  el.setAttribute("aria-busy", "true");
  try {
    if (el.closest(".feedback")) pressFeedback(el);
    const deed = target.view_id ? api.clickView : api.click;
    const answer = await deed({ person: directory.me, ...target, block_id, action_id, value });
    if (answer.acked === false) toast(`The app did not answer in time (${answer.error ?? "operation_timeout"}).`, { kind: "error" });
  } catch (error) {
    toast(`That did not work: ${error.message}`, { kind: "error" });
  } finally {
    delete el.dataset.busy;
    el.removeAttribute("aria-busy");
  }
}

// Where the element is: a message, an ephemeral message, or a view.
function place(el) {
  const view = el.closest("[data-view-id]");
  if (view) return { view_id: view.dataset.viewId };
  const message = el.closest(".message");
  if (!message) return null;
  const { channel, ts, ephemeralId } = message.dataset;
  return ephemeralId ? { channel, ephemeral_id: ephemeralId } : { channel, message_ts: ts };
}
