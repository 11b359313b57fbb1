// The pieces that all of Slack's text formats share: mentions, channels, dates, emoji, entities.
import { h, link } from "./dom.js";
import { formatDate } from "./dates.js";
import { channelOf, channelTitle, directory, userOf } from "./directory.js";
import { emoji } from "./emoji.js";

export function userMention(id) {
  const mine = id === directory.me;
  return h("span", { class: mine ? "mention me" : "mention", "data-user": id }, `@${userOf(id).name}`);
}

export function channelMention(id, label) {
  const channel = channelOf(id);
  const name = channel ? channelTitle(channel) : label || "private-channel";
  return h("a", { class: "mention channel-link", href: `#/${id}` }, `#${name}`);
}

export function broadcast(range) {
  return h("span", { class: "mention broadcast" }, `@${range}`);
}

export function usergroup(id, label) {
  return h("span", { class: "mention" }, label || `@${id}`);
}

export function emojiNode(name, unicode) {
  const code = String(unicode ?? "").split("-").map((part) => Number.parseInt(part, 16));
  const drawn = emoji(name) ?? (code.every((n) => n > 0 && n <= 0x10ffff) ? String.fromCodePoint(...code) : null);
  if (!drawn) return document.createTextNode(`:${name}:`);
  return h("span", { class: "emoji", role: "img", "aria-label": `:${name}:`, title: `:${name}:` }, drawn);
}

export function dateNode(timestamp, format, fallback, url) {
  const text = formatDate(timestamp, format, fallback);
  const seconds = Number(timestamp);
  const iso = Number.isFinite(seconds) ? new Date(seconds * 1000).toISOString() : null;
  const time = h("time", { datetime: iso, title: iso ? new Date(seconds * 1000).toLocaleString() : null }, text);
  return url ? link(url, time) : time;
}

/** What a `<…>` token of mrkdwn or markdown means; null if it is no token. */
export function tokenNode(body, labelNodes) {
  const bar = body.indexOf("|");
  const target = bar < 0 ? body : body.slice(0, bar);
  const label = bar < 0 ? "" : body.slice(bar + 1);
  let match = /^@([UWB]\w+)$/.exec(target);
  if (match) return userMention(match[1]);
  match = /^#([CGD]\w+)$/.exec(target);
  if (match) return channelMention(match[1], label);
  match = /^!date\^(-?\d+)\^([^^]*)(?:\^(.*))?$/.exec(target);
  if (match) return dateNode(match[1], match[2], label, match[3]);
  match = /^!subteam\^(\w+)$/.exec(target);
  if (match) return usergroup(match[1], label);
  match = /^!(here|channel|everyone)$/.exec(target);
  if (match) return broadcast(match[1]);
  if (/^(https?:\/\/|mailto:)\S+$/i.test(target)) {
    const url = unescapeEntities(target);
    return link(url, label ? labelNodes(label) : url.replace(/^mailto:/i, ""));
  }
  return null;
}

/** Slack escapes three characters; `&amp;` last, so that `&amp;lt;` becomes `&lt;`. */
export function unescapeEntities(text) {
  return text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");
}

export const BARE_URL = /https?:\/\/[^\s<>|`"]*[^\s<>|`"'.,;:!?)\]}*_~]/y;
