// plan and task_card blocks: what an agent is doing, step by step. A step's details fold away when it is done, unless opened by hand.
import { h, icon, link } from "./dom.js";
import { plainText, textObject } from "./mrkdwn.js";
import { richText } from "./richtext.js";

const STATUS = { pending: "Pending", in_progress: "In progress", complete: "Complete", error: "Failed" };

export function plan(block) {
  const tasks = block.tasks ?? [];
  const state = overall(tasks);
  const done = tasks.filter((one) => one.status === "complete").length;
  const count = tasks.length > 1 ? h("span", { class: "plan-count" }, `${done}/${tasks.length}`) : null;
  const summary = h("summary", {}, icon("chevron", "chevron"), mark(state),
    h("span", { class: "plan-title" }, typeof block.title === "string" ? plainText(block.title) : textObject(block.title)), count);
  return h("details", { class: `plan state-${state}`, open: true, "data-testid": "plan" }, summary,
    h("ol", { class: "tasks" }, tasks.map((one) => h("li", { "data-key": one.task_id }, task(one)))));
}

export function taskCard(block) {
  return h("div", { class: "plan single" }, task(block));
}

function overall(tasks) {
  if (tasks.some((one) => one.status === "in_progress")) return "in_progress";
  if (tasks.some((one) => one.status === "error")) return "error";
  return tasks.length && tasks.every((one) => one.status === "complete") ? "complete" : "pending";
}

function task(one) {
  const status = STATUS[one.status] ? one.status : "pending";
  const head = [mark(status), one.hide_title ? null : h("span", { class: "task-title" }, textObject(one.title))];
  const attributes = { class: `task state-${status}`, "data-task-id": one.task_id, "data-status": status };
  const body = [
    one.details ? h("div", { class: "task-details" }, rich(one.details)) : null,
    one.output ? h("div", { class: "task-output" }, rich(one.output)) : null,
    one.sources?.length ? h("div", { class: "task-sources" }, one.sources.map(source)) : null,
  ].filter(Boolean);
  if (!body.length) return h("div", attributes, h("div", { class: "task-head" }, head));
  const open = status === "in_progress" || status === "error";
  return h("details", { ...attributes, open }, h("summary", { class: "task-head" }, head, icon("chevron", "chevron")),
    h("div", { class: "task-body" }, body));
}

function rich(value) {
  return value.elements ? richText(value) : textObject(value);
}

// The state is said in words too, for those who do not see the sign.
function mark(status) {
  const sign = { complete: icon("check"), error: icon("close") }[status] ?? null;
  return h("span", { class: `mark mark-${status}`, role: "img", "aria-label": STATUS[status] }, sign);
}

function source(one) {
  let host = "";
  try {
    host = new URL(one.url).hostname.replace(/^www\./, "");
  } catch {
    host = "";
  }
  const letter = h("span", { class: "source-letter", "aria-hidden": "true" }, (host || one.text || "?").slice(0, 1).toUpperCase());
  const chip = link(one.url, letter, h("span", { class: "source-text" }, one.text || host || one.url));
  chip.classList.add("source");
  return chip;
}
