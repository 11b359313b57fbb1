// Block elements that a person operates: drawing them, and reading what was chosen. Each carries `slack` = {block_id, action_id, element}.
import { h, icon, safeUrl } from "./dom.js";
import { channelTitle, directory, visibleChannels } from "./directory.js";
import { textObject, words } from "./mrkdwn.js";

const pressed = new Map(); // which feedback was given: kept here, since Slack's answer does not bring it back

/** Draws one element. In a form (`context.form`) values are collected at submit; elsewhere each change is sent at once. */
export function renderElement(element, block, context = {}) {
  if (element.visible_to_user_ids?.length && !element.visible_to_user_ids.includes(directory.me)) return null;
  const draw = DRAW[element.type] ?? (element.type?.endsWith("select") ? (element.type.startsWith("multi_") ? multi : select) : unknown);
  const el = draw(element, block, context);
  el.slack ??= { block_id: block.block_id, action_id: element.action_id, element, form: Boolean(context.form) };
  el.dataset.actionId = element.action_id ?? "";
  if (context.id && !el.id) el.id = context.id;
  if (element.accessibility_label) el.setAttribute("aria-label", element.accessibility_label);
  else if (context.form && context.label && el.matches("fieldset, details")) el.setAttribute("aria-label", context.label);
  return el;
}

const DRAW = {
  button, workflow_button: button, overflow, feedback_buttons: feedback, icon_button: iconButton, image,
  datepicker: (e) => h("input", { type: "date", class: "field-input", value: e.initial_date, "aria-label": words(e.placeholder) || "Date" }),
  timepicker: (e) => h("input", { type: "time", class: "field-input", value: e.initial_time, "aria-label": words(e.placeholder) || "Time" }),
  datetimepicker: (e) => h("input", { type: "datetime-local", class: "field-input", value: localTime(e.initial_date_time), "aria-label": "Date and time" }),
  radio_buttons: choice, checkboxes: choice, plain_text_input: textInput, rich_text_input: textInput,
  email_text_input: (e) => lineInput(e, "email"), url_text_input: (e) => lineInput(e, "url"), number_input: numberInput,
  file_input: (e) => h("input", { type: "file", class: "field-input", multiple: (e.max_files ?? 10) > 1 }),
};

function button(element) {
  const style = ["primary", "danger"].includes(element.style) ? ` ${element.style}` : "";
  const url = safeUrl(element.url);
  const label = textObject(element.text);
  if (url) return h("a", { class: `button${style}`, href: url, target: "_blank", rel: "noopener noreferrer" }, label);
  return h("button", { type: "button", class: `button${style}`, "data-value": element.value }, label);
}

function overflow() {
  return h("button", { type: "button", class: "button overflow", "aria-label": "More actions", "aria-haspopup": "menu" }, icon("dots"));
}

function iconButton(element) {
  const label = words(element.text) || element.icon || "Action";
  return h("button", { type: "button", class: "icon-button", "data-value": element.value, title: label, "aria-label": label }, icon(element.icon));
}

function image(element) {
  return h("img", { class: "accessory-image", src: safeUrl(element.image_url), alt: element.alt_text ?? "" });
}

function feedback(element, block) {
  const given = pressed.get(`${block.block_id}/${element.action_id}`);
  const one = (option, sign) => {
    const label = option?.accessibility_label ?? words(option?.text);
    const el = h("button", { type: "button", class: "icon-button", "data-value": option?.value, title: words(option?.text) || label,
      "aria-label": label, "aria-pressed": String(given === option?.value) }, icon(sign));
    el.slack = { block_id: block.block_id, action_id: element.action_id, element: { ...element, value: option?.value } };
    return el;
  };
  return h("span", { class: "feedback", role: "group", "aria-label": "Was this helpful?" },
    one(element.positive_button, "thumbup"), one(element.negative_button, "thumbdown"));
}

/** Remembers a thumb, and shows it as pressed. */
export function pressFeedback(el) {
  pressed.set(`${el.slack.block_id}/${el.slack.action_id}`, el.slack.element.value);
  for (const other of el.parentElement.querySelectorAll("[aria-pressed]")) other.setAttribute("aria-pressed", String(other === el));
}

/** The options of any kind of select, flat: [{text, value, group?}]. */
export function optionsOf(element) {
  const type = element.type ?? "";
  const plain = (text, value) => ({ text: { type: "plain_text", text, emoji: false }, value });
  if (type.includes("users_select")) return directory.people.map((person) => plain(person.name, person.id));
  if (type.includes("channels_select")) return channels((channel) => channel.kind === "public");
  if (type.includes("conversations_select")) return channels((channel) => !element.filter?.include || element.filter.include.includes(channel.kind));
  const groups = (element.option_groups ?? []).flatMap((group) => (group.options ?? []).map((option) => ({ ...option, group: words(group.label) })));
  return [...(element.options ?? []), ...groups];
}

function channels(wanted) {
  return visibleChannels(directory.me).filter((channel) => wanted(channel) && !channel.archived)
    .map((channel) => ({ text: { type: "plain_text", text: channel.kind === "im" ? channelTitle(channel) : `#${channel.name}`, emoji: false }, value: channel.id }));
}

function initialOf(element) {
  return element.initial_option?.value ?? element.initial_user ?? element.initial_channel ?? element.initial_conversation
    ?? (element.default_to_current_conversation ? directory.currentChannel : null);
}

function select(element, block, context) {
  const initial = initialOf(element);
  const hint = words(element.placeholder) || "Choose an option";
  const groups = new Map([["", []]]);
  for (const option of optionsOf(element)) {
    const node = h("option", { value: option.value, selected: option.value === initial }, words(option.text));
    groups.set(option.group ?? "", [...(groups.get(option.group ?? "") ?? []), node]);
  }
  const content = [...groups].map(([label, nodes]) => (label ? h("optgroup", { label }, nodes) : nodes));
  return h("select", { class: "field-input", "aria-label": context.form ? null : hint },
    h("option", { value: "", selected: !initial, disabled: context.required, hidden: context.required }, hint), content);
}

function multi(element) {
  const chosen = new Set([...(element.initial_options ?? []).map((option) => option.value), ...(element.initial_users ?? []),
    ...(element.initial_channels ?? []), ...(element.initial_conversations ?? [])]);
  return h("details", { class: "multi" }, h("summary", { class: "field-input" }, words(element.placeholder) || "Choose options"),
    optionsOf(element).map((option) => optionLine("checkbox", element.action_id, option, chosen.has(option.value))));
}

function choice(element, block) {
  const kind = element.type === "checkboxes" ? "checkbox" : "radio";
  const chosen = new Set([element.initial_option?.value, ...(element.initial_options ?? []).map((option) => option.value)]);
  return h("fieldset", { class: "choices" },
    (element.options ?? []).map((option) => optionLine(kind, `${block.block_id}-${element.action_id}`, option, chosen.has(option.value))));
}

function optionLine(kind, name, option, checked) {
  const description = option.description ? h("small", {}, textObject(option.description)) : null;
  return h("label", { class: "choice" }, h("input", { type: kind, name, value: option.value, checked }),
    h("span", {}, textObject(option.text), description));
}

function textInput(element) {
  const props = { class: "field-input", placeholder: words(element.placeholder) || null, maxlength: element.max_length, minlength: element.min_length };
  if (!element.multiline && element.type !== "rich_text_input") return h("input", { ...props, type: "text", value: element.initial_value });
  return h("textarea", { ...props, rows: 4 }, typeof element.initial_value === "string" ? element.initial_value : null);
}

function lineInput(element, type) {
  return h("input", { class: "field-input", type, value: element.initial_value, placeholder: words(element.placeholder) || null });
}

function numberInput(element) {
  return h("input", { class: "field-input", type: "number", step: element.is_decimal_allowed ? "any" : 1, min: element.min_value, max: element.max_value,
    value: element.initial_value, placeholder: words(element.placeholder) || null });
}

function unknown(element) {
  return h("span", { class: "unsupported-inline", "data-testid": "unsupported-element" }, `Unsupported element: ${element.type}`);
}

function localTime(seconds) {
  if (!seconds) return null;
  const date = new Date(seconds * 1000);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** What view.state holds for one element, and `value` for a block action. */
export function readElement(el) {
  const { element } = el.slack;
  const options = optionsOf(element);
  const find = (value) => options.find((option) => option.value === value) ?? null;
  const type = element.type;
  if (type === "checkboxes" || type === "radio_buttons" || type.startsWith("multi_")) {
    const values = [...el.querySelectorAll("input:checked")].map((input) => input.value);
    if (type === "radio_buttons") return { type, selected_option: values.length ? bare(find(values[0])) : null };
    const key = { multi_users_select: "selected_users", multi_channels_select: "selected_channels", multi_conversations_select: "selected_conversations" }[type];
    return key ? { type, [key]: values } : { type, selected_options: values.map((value) => bare(find(value))) };
  }
  const value = el.value || null;
  const key = { users_select: "selected_user", channels_select: "selected_channel", conversations_select: "selected_conversation",
    datepicker: "selected_date", timepicker: "selected_time" }[type];
  if (key) return { type, [key]: value };
  if (type === "datetimepicker") return { type, selected_date_time: value ? Math.floor(new Date(value).getTime() / 1000) : null };
  if (type.endsWith("select")) return { type, selected_option: value ? bare(find(value)) : null };
  return { type, value };
}

function bare(option) {
  if (!option) return null;
  const { group, ...rest } = option;
  return rest;
}
