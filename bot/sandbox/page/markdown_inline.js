// Inline level of the markdown block: emphasis, code, links (images become links, as in Slack), Slack's own tokens, entities.
import { h, link, safeUrl } from "./dom.js";
import { BARE_URL, emojiNode, tokenNode } from "./tokens.js";

const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0" };
const EMPHASIS = [
  { tag: "strong", pattern: /\*\*(?=\S)((?:\\.|`[^`]*`|[^\\])+?[^\s\\])\*\*(?!\*)/y, first: "*" },
  { tag: "strong", pattern: /__(?=\S)((?:\\.|[^\\])+?[^\s\\])__(?![\p{L}\p{N}_])/uy, first: "_", atWordStart: true },
  { tag: "s", pattern: /~~(?=\S)([^~]+?)~~/y, first: "~" },
  { tag: "em", pattern: /\*(?=[^\s*])((?:\\.|\*\*[^*]+\*\*|[^*\\])*?[^\s*\\])\*(?!\*)/y, first: "*" },
  { tag: "em", pattern: /_(?=[^\s_])((?:\\.|[^_\\]|_(?=[\p{L}\p{N}]))*?[^\s_\\])_(?![\p{L}\p{N}_])/uy, first: "_", atWordStart: true },
];
const LINK = /(!?)\[((?:\\.|\[[^\[\]]*\]|[^\[\]\\])*)\]\(\s*<?((?:[^\s()<>\\]|\\.|\([^\s()]*\))*)>?(?:\s+["'(][^"')]*["')])?\s*\)/y;
const TOKEN = /<([^<>\n]+)>/y;
const CODE = /(`+)([\s\S]*?[^`])\1(?!`)/y;
const ENTITY = /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w{2,6}));/iy;
const EMOJI = /:([a-z0-9_+'-]+):/y;

export function markdownInline(text) {
  const out = [];
  let plain = "";
  const flush = () => {
    if (plain) out.push(document.createTextNode(plain));
    plain = "";
  };
  for (let at = 0; at < text.length; ) {
    const found = special(text, at);
    if (found?.text !== undefined) plain += found.text;
    else if (found) {
      flush();
      out.push(...[found.node].flat());
    } else plain += text[at];
    at += found ? found.length : 1;
  }
  flush();
  return out;
}

function special(text, at) {
  switch (text[at]) {
    case "\\": return /[!-/:-@[-`{-~]/.test(text[at + 1] ?? "") ? { text: text[at + 1], length: 2 } : null;
    case "`": return code(text, at);
    case "&": return entity(text, at);
    case "<": return token(text, at);
    case "[":
    case "!": return anchor(text, at);
    case ":": return named(text, at);
    case "h": return bare(text, at);
    default: return emphasis(text, at);
  }
}

function sticky(pattern, text, at) {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function code(text, at) {
  const match = sticky(CODE, text, at);
  return match ? { node: h("code", { class: "inline-code" }, match[2].replace(/^ (.*) $/, "$1")), length: match[0].length } : null;
}

function entity(text, at) {
  const match = sticky(ENTITY, text, at);
  if (!match) return null;
  const point = match[1] ? Number.parseInt(match[1], 10) : match[2] ? Number.parseInt(match[2], 16) : 0;
  const char = match[3] ? ENTITIES[match[3].toLowerCase()] : point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : undefined;
  return char === undefined ? null : { text: char, length: match[0].length };
}

function token(text, at) {
  const match = sticky(TOKEN, text, at);
  const node = match && tokenNode(match[1], markdownInline);
  return node ? { node, length: match[0].length } : null;
}

function anchor(text, at) {
  const match = sticky(LINK, text, at);
  if (!match) return null;
  const url = match[3].replace(/\\([!-/:-@[-`{-~])/g, "$1");
  const label = match[2] || url;
  const node = safeUrl(url) ? link(url, markdownInline(label)) : markdownInline(label);
  return { node, length: match[0].length };
}

function named(text, at) {
  const match = sticky(EMOJI, text, at);
  const node = match && emojiNode(match[1]);
  return node?.nodeType === Node.ELEMENT_NODE ? { node, length: match[0].length } : null;
}

function bare(text, at) {
  if (at > 0 && /[\p{L}\p{N}]/u.test(text[at - 1])) return null;
  const match = sticky(BARE_URL, text, at);
  return match ? { node: link(match[0], match[0]), length: match[0].length } : null;
}

function emphasis(text, at) {
  for (const style of EMPHASIS) {
    if (style.first !== text[at]) continue;
    if (style.atWordStart && at > 0 && /[\p{L}\p{N}]/u.test(text[at - 1])) continue;
    const match = sticky(style.pattern, text, at);
    if (match) return { node: h(style.tag, {}, markdownInline(match[1])), length: match[0].length };
  }
  return null;
}
