// rich_text blocks to DOM. Nothing in them is markup: every text element is literal.
import { h, link } from "./dom.js";
import { broadcast, channelMention, dateNode, emojiNode, userMention, usergroup } from "./tokens.js";

/** The nodes of a rich_text block, or of the rich_text object in a table cell or a task. */
export function richText(block) {
  return (block?.elements ?? []).map(part);
}

function part(element) {
  switch (element.type) {
    case "rich_text_section": return h("div", { class: "rich-section" }, inlines(element.elements));
    case "rich_text_list": return list(element);
    case "rich_text_quote": return h("blockquote", { class: element.border ? "bordered" : null }, inlines(element.elements));
    case "rich_text_preformatted": return preformatted(element);
    default: return h("div", { class: "rich-section" }, inlines([element]));
  }
}

function list(element) {
  const ordered = element.style === "ordered";
  const indent = Math.min(Math.max(Number(element.indent) || 0, 0), 8);
  const props = { class: `rich-list indent-${indent}${element.border ? " bordered" : ""}`, "data-level": indent % 3 };
  if (ordered) props.start = (Number(element.offset) || 0) + 1;
  const items = (element.elements ?? []).map((item) => h("li", {}, item.elements ? inlines(item.elements) : inlines([item])));
  return h(ordered ? "ol" : "ul", props, items);
}

function preformatted(element) {
  const language = element.language ? h("span", { class: "code-language" }, element.language) : null;
  return h("pre", { class: "code-block", "data-language": element.language || null }, language,
    h("code", {}, inlines(element.elements)));
}

function inlines(elements) {
  return (elements ?? []).flatMap((element) => inline(element));
}

function inline(element) {
  switch (element.type) {
    case "text": return styled(lines(element.text), element.style);
    case "link": return styled([link(element.url, element.text || element.url)], element.style);
    case "user": return styled([userMention(element.user_id)], element.style);
    case "usergroup": return styled([usergroup(element.usergroup_id)], element.style);
    case "channel": return styled([channelMention(element.channel_id)], element.style);
    case "broadcast": return styled([broadcast(element.range)], element.style);
    case "emoji": return [emojiNode(element.name, element.unicode)];
    case "date": return styled([dateNode(element.timestamp, element.format ?? "{date} {time}", element.fallback, element.url)], element.style);
    case "color": return [color(element.value)];
    default: return element.text ? lines(String(element.text)) : [h("span", { class: "unsupported-inline" }, `[${element.type}]`)];
  }
}

function lines(text) {
  return String(text ?? "").split("\n").flatMap((line, at) => [...(at ? [h("br")] : []), document.createTextNode(line)]);
}

function color(value) {
  const swatch = h("span", { class: "swatch", "aria-hidden": "true" });
  if (/^#[0-9a-f]{3,8}$/i.test(value)) swatch.style.backgroundColor = value;
  return h("span", { class: "color-value" }, swatch, value);
}

function styled(nodes, style) {
  if (!style) return nodes;
  let out = nodes;
  if (style.code) out = [h("code", { class: "inline-code" }, out)];
  if (style.strike) out = [h("s", {}, out)];
  if (style.underline) out = [h("u", {}, out)];
  if (style.italic) out = [h("em", {}, out)];
  if (style.bold) out = [h("strong", {}, out)];
  if (style.highlight || style.client_highlight) out = [h("mark", {}, out)];
  return out;
}
