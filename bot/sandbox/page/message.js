// One message: avatar, name, body, files, and the footer that opens its thread.
import { avatar, h, icon, safeUrl } from "./dom.js";
import { renderBody } from "./blocks.js";
import { ago, clock, dateOfTs, fileSize } from "./dates.js";
import { directory, userOf } from "./directory.js";

/** `context`: {grouped, inThread, working, replyFooter, onOpenThread, onDismiss, onCopyLink}. */
export function renderMessage(message, context) {
  const author = userOf(message.user);
  const isBot = message.bot || author.bot;
  const when = dateOfTs(message.ts);
  const time = h("time", { datetime: when.toISOString(), title: when.toLocaleString(), class: "message-time" }, clock(when));
  const names = ["message"];
  if (context.grouped) names.push("grouped");
  if (message.ephemeral_id) names.push("ephemeral");
  if (mentionsMe(message)) names.push("mentions-me");
  const meta = h("header", { class: "message-meta" }, h("span", { class: "author" }, author.name),
    isBot ? h("span", { class: "app-badge" }, "APP") : null, time);
  return h("article", {
    class: names.join(" "), "data-testid": "message", "data-ts": message.ts, "data-channel": message.channel, "data-ephemeral-id": message.ephemeral_id,
    "aria-label": `${author.name}, ${clock(when)}`,
  },
  h("div", { class: "gutter" }, context.grouped ? h("span", { class: "gutter-time", "aria-hidden": "true" }, clock(when)) : avatar({ ...author, bot: isBot })),
  h("div", { class: "message-content" }, message.ephemeral_id ? onlyYou(message, context) : null, context.grouped ? h("header", { class: "message-meta sr-only" }, author.name) : meta,
    content(message), message.files?.length ? h("div", { class: "files" }, message.files.map(file)) : null,
    context.replyFooter ? replyFooter(message, context) : null),
  message.ephemeral_id || message.deleted ? null : toolbar(message, context));
}

function content(message) {
  if (message.deleted) return h("p", { class: "tombstone" }, "This message was deleted.");
  // What a person typed is in its text with mentions resolved; their blocks hold it literally.
  const body = renderBody(message.bot ? message : { ...message, blocks: null });
  // An edit with blocks carries no label (Slack docs: chat.update).
  if (message.edited && body && !(message.bot && message.blocks?.length)) body.append(h("span", { class: "edited" }, "(edited)"));
  return body;
}

function mentionsMe(message) {
  return Boolean(directory.me) && !message.ephemeral_id && message.user !== directory.me
    && `${message.text ?? ""}${message.blocks?.length ? JSON.stringify(message.blocks) : ""}`.includes(`<@${directory.me}>`);
}

function onlyYou(message, context) {
  return h("div", { class: "only-you" }, icon("eye"), h("span", {}, "Only visible to you"),
    h("button", { type: "button", class: "text-button", "data-testid": "dismiss", on: { click: () => context.onDismiss(message.ephemeral_id) } }, "Dismiss"));
}

function toolbar(message, context) {
  const tool = (sign, label, action) => h("button", { type: "button", class: "icon-button", title: label, "aria-label": label, on: { click: action } }, icon(sign));
  return h("div", { class: "toolbar", role: "group", "aria-label": "Message actions" },
    context.inThread ? null : tool("reply", "Reply in thread", () => context.onOpenThread(message.thread_ts ?? message.ts)),
    (context.shortcuts ?? []).map((shortcut) => tool("spark", shortcut.name, () => context.onShortcut(shortcut, message))));
}

function replyFooter(message, context) {
  const faces = (message.reply_users ?? []).slice(0, 4).map((id) => avatar(userOf(id), "tiny"));
  const count = message.reply_count;
  return h("button", { type: "button", class: "reply-footer", "data-testid": "reply-footer", on: { click: () => context.onOpenThread(message.ts) } },
    h("span", { class: "faces" }, faces), h("span", { class: "reply-count" }, `${count} ${count === 1 ? "reply" : "replies"}`),
    context.working ? h("span", { class: "working" }, h("span", { class: "mark mark-in_progress" }), context.working)
      : h("span", { class: "reply-last" }, message.latest_reply ? `Last reply ${ago(dateOfTs(message.latest_reply))}` : ""),
    h("span", { class: "reply-open" }, "View thread", icon("chevron")));
}

function file(one) {
  const url = safeUrl(one.url) ?? `/files/${one.id}/${encodeURIComponent(one.name ?? "file")}`;
  const title = one.title || one.name || "File";
  const facts = [kind(one), fileSize(Number(one.size))].filter(Boolean).join(" · ");
  if (/^image\//.test(one.mimetype ?? "")) {
    return h("figure", { class: "file-image", "data-testid": "file" }, h("figcaption", {}, title, h("small", {}, facts)),
      h("a", { href: url, target: "_blank", rel: "noopener" }, h("img", { src: url, alt: one.alt || title, loading: "lazy" })));
  }
  return h("a", { class: "file-card", "data-testid": "file", href: url, target: "_blank", rel: "noopener" },
    h("span", { class: `file-icon ${extension(one)}` }, icon("file"), h("b", {}, extension(one).toUpperCase().slice(0, 4))),
    h("span", { class: "file-text" }, h("strong", {}, title), h("small", {}, [one.title && one.name !== one.title ? one.name : null, facts].filter(Boolean).join(" · "))));
}

function extension(one) {
  return /\.([a-z0-9]{1,5})$/i.exec(one.name ?? "")?.[1].toLowerCase() ?? "";
}

function kind(one) {
  return { md: "Markdown", html: "HTML", htm: "HTML", txt: "Text", pdf: "PDF", docx: "Word", json: "JSON", csv: "CSV", png: "PNG", svg: "SVG", jpg: "JPEG" }[extension(one)]
    ?? one.mimetype ?? "File";
}
