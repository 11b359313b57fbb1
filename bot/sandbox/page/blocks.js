// Block Kit to DOM: one function per block type. Elements that a person operates are elements.js, plans plan.js, tables tables.js.
import { h, icon, link, safeUrl } from "./dom.js";
import { renderElement } from "./elements.js";
import { markdown } from "./markdown.js";
import { textObject, words } from "./mrkdwn.js";
import { plan, taskCard } from "./plan.js";
import { richText } from "./richtext.js";
import { dataTable, table } from "./tables.js";

const RENDERERS = {
  section, context, divider, header, actions, context_actions: contextActions, image, rich_text: richTextBlock, markdown: markdownBlock,
  table, data_table: dataTable, plan, task_card: taskCard, alert, card, carousel, container, file: remoteFile, video, input,
};

/** The elements of a list of blocks. Blocks without block_id are known by their place. `form` collects values instead of sending clicks. */
export function renderBlocks(blocks, context = {}) {
  return (blocks ?? []).map((block, at) => {
    const known = { ...block, block_id: block.block_id || `block-${at}` };
    const el = (RENDERERS[block.type] ?? unsupported)(known, context);
    el.classList.add("block", `block-${block.type}`);
    el.dataset.key = known.block_id;
    el.dataset.blockType = block.type;
    return el;
  });
}

function section(block, context) {
  const text = block.text ? h("div", { class: "section-text" }, textObject(block.text)) : null;
  const fields = block.fields?.length
    ? h("div", { class: "fields" }, block.fields.map((field) => h("div", { class: "field" }, textObject(field)))) : null;
  const accessory = block.accessory ? h("div", { class: "accessory" }, renderElement(block.accessory, block, context)) : null;
  return h("div", {}, h("div", { class: "section-main" }, text, fields), accessory);
}

function context(block) {
  const parts = (block.elements ?? []).map((element) => (element.type === "image"
    ? h("img", { src: safeUrl(element.image_url), alt: element.alt_text ?? "", class: "context-image" })
    : h("span", { class: "context-text" }, textObject(element))));
  return h("div", {}, parts);
}

function divider() {
  return h("hr", {});
}

function header(block) {
  return h("h3", {}, textObject(block.text));
}

function actions(block, context) {
  return h("div", { role: "group", "aria-label": "Actions" }, (block.elements ?? []).map((element) => renderElement(element, block, context)));
}

function contextActions(block, context) {
  return h("div", { role: "group", "aria-label": "Feedback" }, (block.elements ?? []).map((element) => renderElement(element, block, context)));
}

function image(block) {
  const url = safeUrl(block.image_url ?? block.slack_file?.url ?? (block.slack_file?.id ? `/files/${block.slack_file.id}/image` : ""));
  const title = block.title ? h("figcaption", {}, textObject(block.title)) : null;
  const picture = h("img", { src: url, alt: block.alt_text ?? "", loading: "lazy" });
  return h("figure", {}, title, url ? link(url, picture) : picture);
}

function richTextBlock(block) {
  return h("div", { class: "rich-text" }, richText(block));
}

function markdownBlock(block) {
  return h("div", { class: "markdown" }, markdown(block.text));
}

function alert(block) {
  const level = ["info", "warning", "error", "success"].includes(block.level) ? block.level : "default";
  const sign = { success: "check", warning: "warning", error: "error" }[level] ?? "info";
  const title = block.title ? h("strong", { class: "alert-title" }, textObject(block.title)) : null;
  return h("div", { class: `alert level-${level}`, role: level === "error" ? "alert" : "note" }, icon(sign),
    h("div", {}, title, textObject(block.text ?? block.body)));
}

function card(block, context) {
  const hero = block.hero_image ? h("img", { class: "card-hero", src: safeUrl(block.hero_image.image_url), alt: block.hero_image.alt_text ?? "" }) : null;
  const sign = block.icon?.image_url ? h("img", { class: "card-icon", src: safeUrl(block.icon.image_url), alt: block.icon.alt_text ?? "" }) : null;
  const title = block.title ? h("div", { class: "card-title" }, textObject(block.title)) : null;
  const subtitle = block.subtitle ? h("div", { class: "card-subtitle" }, textObject(block.subtitle)) : null;
  const body = block.body ? h("div", { class: "card-body" }, textObject(block.body)) : null;
  const foot = block.actions?.length
    ? h("div", { class: "card-actions" }, block.actions.map((element) => renderElement(element, block, context))) : null;
  return h("div", { class: "card" }, hero, h("div", { class: "card-head" }, sign, h("div", {}, title, subtitle)), body, foot);
}

function carousel(block, context) {
  const cards = block.cards ?? block.elements ?? [];
  return h("div", { tabindex: "0", role: "region", "aria-label": "Cards" }, renderBlocks(cards.map((one) => ({ type: "card", ...one })), context));
}

function container(block, context) {
  const children = renderBlocks(block.child_blocks, context);
  const title = block.title ? h("strong", {}, textObject(block.title)) : null;
  if (!block.is_collapsible) return h("div", {}, title, children);
  return h("details", { open: !block.default_collapsed }, h("summary", {}, icon("chevron", "chevron"), title ?? "Details"), children);
}

function remoteFile(block) {
  return h("div", { class: "file-card" }, h("span", { class: "file-icon" }, icon("file")),
    h("div", {}, h("strong", {}, block.title ?? block.external_id ?? "File"), h("small", {}, block.source ?? "remote")));
}

function video(block) {
  const thumbnail = h("span", { class: "video-thumb" },
    h("img", { src: safeUrl(block.thumbnail_url), alt: block.alt_text ?? "" }), h("span", { class: "video-play" }, icon("play")));
  const by = [block.provider_name, block.author_name].filter(Boolean).join(" · ");
  return h("figure", {}, by ? h("small", {}, by) : null,
    h("figcaption", {}, block.title_url ? link(block.title_url, textObject(block.title)) : textObject(block.title)),
    block.description ? h("p", {}, textObject(block.description)) : null, link(block.video_url, thumbnail));
}

function input(block, context) {
  const el = block.element ?? {};
  const group = ["checkboxes", "radio_buttons"].includes(el.type) || String(el.type).startsWith("multi_");
  const id = `input-${block.block_id}-${el.action_id ?? ""}`;
  const optional = block.optional ? h("span", { class: "optional" }, " (optional)") : null;
  const label = group
    ? h("div", { class: "input-label", id: `${id}-label` }, textObject(block.label), optional)
    : h("label", { class: "input-label", for: id }, textObject(block.label), optional);
  const control = renderElement(el, block, { ...context, form: !block.dispatch_action, id, label: words(block.label), required: !block.optional });
  const hint = block.hint ? h("div", { class: "hint", id: `${id}-hint` }, textObject(block.hint)) : null;
  return h("div", { "data-block-id": block.block_id }, label, control, h("div", { class: "input-error", role: "alert", "data-for": id }), hint);
}

function unsupported(block) {
  return h("div", { "data-testid": "unsupported-block" }, icon("warning"),
    h("details", {}, h("summary", {}, `Unsupported block: ${block.type ?? "no type"}`), h("pre", { class: "code-block" }, JSON.stringify(block, null, 2))));
}

/** A message's body: its blocks, or its text where it has none. */
export function renderBody(message, context) {
  if (message.blocks?.length) return h("div", { class: "blocks" }, renderBlocks(message.blocks, context));
  return message.text ? h("div", { class: "blocks" }, h("div", { class: "block block-text" }, textObject({ type: "mrkdwn", text: message.text }))) : null;
}

/** A toast's or footer's one line of a message text. */
export function oneLine(text, length = 140) {
  const plain = words({ type: "mrkdwn", text }).replace(/\s+/g, " ").trim();
  return plain.length > length ? `${plain.slice(0, length - 1)}…` : plain;
}

