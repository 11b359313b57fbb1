// A workflow with one step, the app's own: what goes in, whether it still runs, and what came out.
import { api } from "./api.js";
import { h } from "./dom.js";
import { closeButton, openDialog } from "./dialogs.js";
import { channelTitle, directory, visibleChannels } from "./directory.js";
import { morph } from "./morph.js";
import { toast } from "./notify.js";

const LOOK_EVERY = 1_000;
const STATES = { running: "running", completed: "completed", failed: "failed", cancelled: "stopped" };
const CHOICES = {
  "slack#/types/user_id": () => [directory.me, directory.people.map((one) => [one.id, one.name])],
  "slack#/types/channel_id": () => [directory.currentChannel, visibleChannels(directory.me).filter((one) => one.kind !== "im").map((one) => [one.id, `#${channelTitle(one)}`])],
};

/** The steps that the app offers, as entries of the menu of shortcuts. */
export function workflowEntries() {
  return Object.entries(directory.steps).map(([callbackId, step]) => ({ label: `Workflow step: ${step.title}`, hint: step.description, run: () => openStep(callbackId, step) }));
}

/** The dialog of a step; resolves when it is closed. The step goes on then. */
function openStep(callbackId, step) {
  const ran = h("div", { class: "steps" });
  const look = async () => {
    const { steps } = await api.steps();
    const next = h("div", { class: "steps", "data-testid": "steps" }, steps.map(drawn));
    if (ran.firstElementChild) morph(ran.firstElementChild, next);
    else ran.append(next);
  };
  void look();
  const timer = setInterval(() => void look().catch(() => {}), LOOK_EVERY);
  return openDialog("dialog view-modal", step.title, (close, el) => {
    el.dataset.testid = "step-dialog";
    const { properties } = step.input_parameters;
    const fields = Object.entries(properties).map(([name, parameter]) => field(name, parameter));
    const form = h("form", { novalidate: true }, fields.map((one) => one.row), h("button", { type: "submit", class: "button primary", "data-testid": "step-run" }, "Run this step"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void run(callbackId, Object.fromEntries(fields.map((one) => [one.name, one.input.value]))).then(look);
    });
    return [
      h("header", {}, h("h2", {}, step.title), closeButton(() => close())),
      h("div", { class: "dialog-body" }, h("p", {}, "A workflow reaches this step with these inputs, and goes on with its outputs."), form, ran),
    ];
  }).finally(() => clearInterval(timer));
}

function field(name, parameter) {
  const [chosen, options] = CHOICES[parameter.type]?.() ?? [];
  const input = options
    ? h("select", { class: "field-input", id: `step-${name}` }, options.map(([value, label]) => h("option", { value, selected: value === chosen }, label)))
    : h("textarea", { class: "field-input", id: `step-${name}`, rows: 2 });
  return { name, input, row: h("p", {}, h("label", { for: `step-${name}` }, h("b", {}, parameter.title)), input, h("small", {}, parameter.description)) };
}

async function run(callbackId, inputs) {
  try {
    const answer = await api.step({ callback_id: callbackId, inputs });
    if (answer.acked === false) toast(`The app did not take the step yet (${answer.error ?? "operation_timeout"}).`, { kind: "error" });
  } catch (error) {
    toast(`The step could not be run: ${error.message}`, { kind: "error" });
  }
}

function drawn(one) {
  const { report_summary: summary, report_url: url } = one.outputs;
  return h("section", { class: "step", "data-key": one.id, "data-testid": "step", "data-state": one.state },
    h("h3", {}, `${one.inputs.question ?? ""} — ${STATES[one.state]}`),
    one.error ? h("p", {}, one.error) : null,
    summary ? h("p", {}, summary) : null,
    url ? h("p", {}, h("a", { href: url, "data-testid": "step-link" }, url)) : null);
}
