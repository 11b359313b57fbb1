// Slack's mrkdwn (section, context, message text) to DOM.
import { h, link } from "./dom.js";
import { BARE_URL, emojiNode, tokenNode, unescapeEntities } from "./tokens.js";

const STYLES = [
  { mark: "*", tag: "strong", pattern: /\*(?=[^\s*])((?:[^*\n]*[^\s*])?)\*(?![\p{L}\p{N}*])/uy },
  { mark: "_", tag: "em", pattern: /_(?=[^\s_])((?:[^_\n]|_(?=[\p{L}\p{N}]))*?[^\s_])_(?![\p{L}\p{N}_])/uy },
  { mark: "~", tag: "s", pattern: /~(?=[^\s~])((?:[^~\n]*[^\s~])?)~(?![\p{L}\p{N}~])/uy },
];
const TOKEN = /<([^<>\n]+)>/y;
const CODE = /`([^`\n]+)`/y;
const EMOJI = /:([a-z0-9_+'-]+(?:::skin-tone-\d)?):/y;

/** The nodes of one mrkdwn text, with fences, quotes and inline marks. `verbatim` leaves bare URLs alone. */
export function mrkdwn(text, { verbatim = false } = {}) {
  const out = [];
  const parts = String(text ?? "").split(/```\n?([\s\S]*?)```/);
  parts.forEach((part, at) => {
    if (at % 2) out.push(h("pre", { class: "code-block" }, h("code", {}, unescapeEntities(part.replace(/\n$/, "")))));
    else out.push(...paragraphs(part, verbatim, at > 0, at < parts.length - 1));
  });
  return out;
}

// Consecutive quoted lines become one quote; the line breaks that touch a fence are its own margins.
function paragraphs(text, verbatim, afterFence, beforeFence) {
  let body = afterFence ? text.replace(/^\n/, "") : text;
  if (beforeFence) body = body.replace(/\n$/, "");
  if (!body) return [];
  const lines = body.split("\n");
  const out = [];
  for (let at = 0; at < lines.length; ) {
    const rest = /^(?:&gt;|>){3} ?/.exec(lines[at]);
    const quoted = [];
    if (rest) {
      quoted.push(lines[at].slice(rest[0].length), ...lines.slice(at + 1));
      at = lines.length;
    }
    while (!rest && at < lines.length && /^(?:&gt;|>)/.test(lines[at])) {
      quoted.push(lines[at].replace(/^(?:&gt;|>) ?/, ""));
      at += 1;
    }
    if (quoted.length) {
      out.push(h("blockquote", {}, withBreaks(quoted, verbatim)));
      continue;
    }
    const plain = [];
    while (at < lines.length && !/^(?:&gt;|>)/.test(lines[at])) plain.push(lines[at++]);
    out.push(...withBreaks(plain, verbatim));
  }
  return out;
}

function withBreaks(lines, verbatim) {
  return lines.flatMap((line, at) => [...(at ? [h("br")] : []), ...inline(line, verbatim)]);
}

/** One line's worth of nodes: tokens, code, emoji, bold, italic, strike, bare URLs. */
export function inline(text, verbatim = false) {
  const out = [];
  let plain = "";
  const flush = () => {
    if (plain) out.push(document.createTextNode(unescapeEntities(plain)));
    plain = "";
  };
  for (let at = 0; at < text.length; ) {
    const found = special(text, at, verbatim);
    if (found) {
      flush();
      out.push(found.node);
      at += found.length;
    } else {
      plain += text[at];
      at += 1;
    }
  }
  flush();
  return out;
}

function special(text, at, verbatim) {
  const char = text[at];
  if (char === "<") {
    const match = sticky(TOKEN, text, at);
    const node = match && tokenNode(match[1], (label) => inline(label, true));
    return node ? { node, length: match[0].length } : null;
  }
  if (char === "`") {
    const match = sticky(CODE, text, at);
    return match ? { node: h("code", { class: "inline-code" }, unescapeEntities(match[1])), length: match[0].length } : null;
  }
  if (char === ":") {
    const match = sticky(EMOJI, text, at);
    const node = match && emojiNode(match[1]);
    return node?.nodeType === Node.ELEMENT_NODE ? { node, length: match[0].length } : null;
  }
  if (char === "h" && !verbatim) {
    const match = sticky(BARE_URL, text, at);
    if (match) return { node: link(unescapeEntities(match[0]), unescapeEntities(match[0])), length: match[0].length };
  }
  const style = STYLES.find((candidate) => candidate.mark === char);
  if (!style || (at > 0 && /[\p{L}\p{N}]/u.test(text[at - 1]))) return null;
  const match = sticky(style.pattern, text, at);
  return match ? { node: h(style.tag, {}, inline(match[1], verbatim)), length: match[0].length } : null;
}

function sticky(pattern, text, at) {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** A text object ({type: mrkdwn|plain_text, text, emoji}) or a plain string. */
export function textObject(object) {
  if (object === null || object === undefined) return [];
  if (typeof object === "string") return plainText(object);
  if (object.type === "mrkdwn") return mrkdwn(object.text, { verbatim: object.verbatim });
  return plainText(object.text ?? "", object.emoji !== false);
}

/** Plain text: no marks, but emoji names are drawn and line breaks kept. */
export function plainText(text, withEmoji = true) {
  if (!withEmoji) return [document.createTextNode(text)];
  return String(text).split(/(:[a-z0-9_+'-]+:)/).filter(Boolean)
    .map((part) => (/^:[^:]+:$/.test(part) ? emojiNode(part.slice(1, -1)) : document.createTextNode(part)));
}

/** The words of a text object without its marks, for labels and notifications. */
export function words(object) {
  const holder = h("span", {}, textObject(object));
  return holder.textContent;
}
