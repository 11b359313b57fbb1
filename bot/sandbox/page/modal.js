// Views that an app opens: modals with forms. A view with a known id is redrawn in place, so what was typed stays.
import { api } from "./api.js";
import { renderBlocks } from "./blocks.js";
import { h } from "./dom.js";
import { closeButton } from "./dialogs.js";
import { directory } from "./directory.js";
import { readElement } from "./elements.js";
import { morph } from "./morph.js";
import { words } from "./mrkdwn.js";
import { toast } from "./notify.js";

const forms = new Map(); // view id -> its form, kept while a pushed view lies over it, with what was typed
let current = null;
let dialog = null;

/** Shows the view that Slack says is on top, or none. A view whose hash is known is left as it is. */
export function showModal(view) {
  if (!view) {
    dialog?.close();
    return;
  }
  const same = current?.id === view.id;
  if (same && current.hash && current.hash === view.hash) return;
  current = view;
  openDialogOnce();
  dialog.setAttribute("aria-label", words(view.title) || "Dialog");
  const known = forms.get(view.id);
  if (known?.hash !== view.hash || !known) {
    const fresh = build(view);
    forms.set(view.id, { hash: view.hash, form: known ? morph(known.form, fresh) : fresh });
  }
  if (same) return;
  const { form } = forms.get(view.id);
  dialog.replaceChildren(form);
  form.querySelector(".dialog-body .field-input, .dialog-body input, .dialog-body textarea")?.focus();
}

function openDialogOnce() {
  if (dialog) return;
  const opener = document.activeElement;
  dialog = h("dialog", { class: "dialog view-modal", "data-testid": "view-modal" });
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    void dismissed();
  });
  dialog.addEventListener("close", () => {
    dialog.remove();
    dialog = null;
    current = null;
    forms.clear();
    if (opener?.isConnected) opener.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
}

function build(view) {
  const submit = view.submit ? h("button", { type: "submit", class: "button primary", "data-testid": "view-submit" }, words(view.submit)) : null;
  const form = h("form", { "data-view-id": view.id, novalidate: true },
    h("header", {}, h("h2", {}, words(view.title)), closeButton(() => void dismissed())),
    h("div", { class: "dialog-body blocks" }, renderBlocks(view.blocks, { form: false })),
    h("footer", {}, h("button", { type: "button", class: "button", on: { click: () => void dismissed() } }, words(view.close) || "Cancel"), submit));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void submitted(form);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) form.requestSubmit();
  });
  return form;
}

// The server answers with what is on top now, which may be the view below.
async function dismissed() {
  const view = current;
  if (!view) return;
  if (view.previous_view_id) current = { ...view, hash: null };
  else dialog?.close();
  await api.closeView({ person: directory.me, view_id: view.id }).catch((error) => toast(error.message, { kind: "error" }));
}

// view.state.values of the form: block_id -> action_id -> what was chosen.
function collect(form) {
  const values = {};
  for (const el of form.querySelectorAll("[data-action-id]")) {
    if (!el.slack || el.matches("button, a, img")) continue;
    (values[el.slack.block_id] ??= {})[el.slack.action_id] = readElement(el);
  }
  return { values };
}

async function submitted(form) {
  const viewId = form.dataset.viewId;
  const button = form.querySelector("[type=submit]");
  const state = collect(form);
  const missing = emptyRequired(state);
  showErrors(form, missing);
  if (Object.keys(missing).length || button.dataset.busy) return;
  button.dataset.busy = "true";
  button.setAttribute("aria-busy", "true");
  try {
    answer(form, await api.submitView({ person: directory.me, view_id: viewId, state }));
  } catch (error) {
    toast(`The form could not be sent: ${error.message}`, { kind: "error" });
  } finally {
    delete button.dataset.busy;
    button.removeAttribute("aria-busy");
  }
}

// Slack itself insists on required inputs before the app is asked.
function emptyRequired(state) {
  const missing = {};
  for (const block of current?.blocks ?? []) {
    if (block.type !== "input" || block.optional) continue;
    const { type, ...chosen } = state.values[block.block_id]?.[block.element?.action_id] ?? {};
    if (type && Object.values(chosen).every((value) => value === null || value === "" || value?.length === 0)) missing[block.block_id] = "Please complete this required field.";
  }
  return missing;
}

// Errors stay in the form; whatever else the app answered comes as the view that is on top now.
function answer(form, result) {
  if (result.acked === false) toast("We had some trouble connecting. Try again?", { kind: "error" });
  else if (result.errors) showErrors(form, result.errors);
}

function showErrors(form, errors) {
  let first = null;
  for (const block of form.querySelectorAll(".block-input")) {
    const text = errors[block.dataset.blockId] ?? "";
    const control = block.querySelector("[data-action-id]");
    const error = block.querySelector(".input-error");
    error.textContent = text;
    error.id = `${error.dataset.for}-error`;
    block.classList.toggle("invalid", Boolean(text));
    if (text) control?.setAttribute("aria-invalid", "true");
    else control?.removeAttribute("aria-invalid");
    if (text) control?.setAttribute("aria-describedby", error.id);
    else control?.removeAttribute("aria-describedby");
    if (text) first ??= control;
  }
  first?.focus();
}
