// A list of messages that keeps itself in step with the server: used by the channel and by the thread.
import { api } from "./api.js";
import { announce, h } from "./dom.js";
import { dateOfTs, dayLabel, ago } from "./dates.js";
import { directory, userOf } from "./directory.js";
import { renderMessage } from "./message.js";
import { reconcile, stickToEnd } from "./morph.js";

const GROUP_SECONDS = 300;
const dismissed = new Set(JSON.parse(sessionStorage.getItem("dismissed") ?? "[]"));

/** Notes that only this page knows, such as "this command does not exist": key `channel` or `channel/thread` -> messages. */
const localNotes = new Map();
let noteCount = 0;

export class MessagePane {
  /** `hooks`: {onOpenThread, workingIn(ts), shortcuts(), onShortcut, onLoaded(messages)}. */
  constructor(scroller, list, hooks) {
    this.scroller = scroller;
    this.list = list;
    this.hooks = hooks;
    this.channel = null;
    this.thread = null;
    this.messages = [];
    this.ephemerals = [];
    this.loading = null;
    this.again = false;
    this.newest = null;
    this.pill = h("button", { type: "button", class: "new-pill", hidden: true, on: { click: () => this.end.toEnd() } }, "New messages ↓");
    scroller.after(this.pill);
    this.end = stickToEnd(scroller, list.parentElement, (atEnd) => { if (atEnd) this.pill.hidden = true; });
  }

  /** Shows another channel or thread; resolves when its messages are there. */
  async show(channel, thread = null) {
    this.channel = channel;
    this.thread = thread;
    this.messages = [];
    this.ephemerals = [];
    this.newest = null;
    this.list.replaceChildren();
    this.scroller.setAttribute("aria-busy", "true");
    this.loading = null;
    await this.refresh();
    this.end.toEnd();
  }

  /** Shows nothing any more. */
  clear() {
    this.channel = null;
    this.thread = null;
    this.messages = [];
    this.ephemerals = [];
    this.pill.hidden = true;
    this.list.replaceChildren();
  }

  /** Reads the messages again. Calls that come during a read are answered by one more read. */
  refresh() {
    if (this.loading) {
      this.again = true;
      return this.loading;
    }
    const turn = this.read().finally(() => {
      if (this.loading !== turn) return;
      this.loading = null;
      if (this.again) {
        this.again = false;
        void this.refresh();
      }
    });
    this.loading = turn;
    return turn;
  }

  async read() {
    const { channel, thread } = this;
    if (!channel) return;
    const person = directory.me;
    try {
      const answer = await api.messages(person, channel, thread);
      if (channel !== this.channel || thread !== this.thread || person !== directory.me) return;
      this.messages = answer.messages ?? [];
      this.ephemerals = answer.ephemerals ?? [];
      this.problem = null;
    } catch (error) {
      if (channel !== this.channel || thread !== this.thread) return;
      this.problem = error.status === 404 ? "You can't see this conversation." : `The messages could not be read: ${error.message}`;
      if (error.status === 404) this.messages = [];
    }
    this.scroller.removeAttribute("aria-busy");
    this.hooks.onLoaded?.(this.messages);
    this.draw();
  }

  shown() {
    const inPlace = (message) => (this.thread
      ? message.ts === this.thread || message.thread_ts === this.thread || message.ephemeral_id
      : !message.thread_ts || message.thread_ts === message.ts || message.subtype === "thread_broadcast");
    const notes = localNotes.get(key(this.channel, this.thread)) ?? [];
    const privately = [...this.ephemerals, ...notes].filter((message) => !dismissed.has(message.ephemeral_id))
      .filter((message) => (this.thread ? message.thread_ts === this.thread : !message.thread_ts));
    return [...this.messages.filter(inPlace), ...privately].sort((a, b) => Number.parseFloat(a.ts) - Number.parseFloat(b.ts));
  }

  draw() {
    const shown = this.shown();
    const items = [];
    let previous = null;
    for (const message of shown) {
      const day = dayLabel(dateOfTs(message.ts));
      if (!this.thread && (!previous || dayLabel(dateOfTs(previous.ts)) !== day)) {
        items.push({ key: `day-${day}`, signature: day, render: () => h("div", { class: "day", role: "separator" }, h("span", {}, day)) });
        previous = null;
      }
      items.push(this.item(message, previous));
      if (this.thread && message.ts === this.thread) items.push(countLine(shown.length - 1));
      previous = message;
    }
    if (this.problem) items.push({ key: "problem", signature: this.problem, render: () => h("p", { class: "pane-problem" }, this.problem) });
    reconcile(this.list, items);
    this.notice(shown);
  }

  item(message, previous) {
    const inThread = Boolean(this.thread);
    const grouped = Boolean(previous) && previous.user === message.user && !previous.reply_count && !message.ephemeral_id && !previous.ephemeral_id
      && !(inThread && previous.ts === this.thread) && Number.parseFloat(message.ts) - Number.parseFloat(previous.ts) < GROUP_SECONDS;
    const replyFooter = !inThread && message.reply_count > 0;
    const working = replyFooter ? this.hooks.workingIn(message.ts) : null;
    const shortcuts = this.hooks.shortcuts?.() ?? [];
    const last = replyFooter && message.latest_reply ? ago(dateOfTs(message.latest_reply)) : "";
    const context = {
      grouped, inThread, replyFooter, working, shortcuts, onOpenThread: this.hooks.onOpenThread, onShortcut: this.hooks.onShortcut,
      onDismiss: (id) => this.dismiss(id),
    };
    return {
      key: message.ephemeral_id ? `e-${message.ephemeral_id}` : `m-${message.ts}`,
      signature: JSON.stringify([message, grouped, working, last, shortcuts, directory.me, directory.version]),
      render: () => renderMessage({ channel: this.channel, ...message }, context),
    };
  }

  // Tells of what is new: to screen readers by words, to a reader who scrolled up by a pill.
  notice(shown) {
    const last = shown.at(-1);
    const isNew = last && this.newest && Number.parseFloat(last.ts) > Number.parseFloat(this.newest);
    if (isNew) {
      announce(`New message from ${userOf(last.user).name}`);
      if (last.user === directory.me) this.end.toEnd();
      else if (!this.end.isAtEnd()) this.pill.hidden = false;
      else this.startOfLong(this.list.lastElementChild);
    }
    this.newest = last?.ts ?? this.newest ?? "0";
  }

  // Of a message that is taller than the box one wants to read the beginning.
  startOfLong(el) {
    if (el.offsetHeight < this.scroller.clientHeight) return;
    this.end.toTopOf(el);
    this.pill.hidden = false;
  }

  dismiss(id) {
    dismissed.add(id);
    sessionStorage.setItem("dismissed", JSON.stringify([...dismissed].slice(-200)));
    this.draw();
  }

  /** A private note of this page itself, in Slackbot's voice. */
  note(text) {
    const place = key(this.channel, this.thread);
    noteCount += 1;
    const note = { ts: (Date.now() / 1000).toFixed(6), user: "USLACKBOT", text, ephemeral_id: `note-${Date.now()}-${noteCount}` };
    if (this.thread) note.thread_ts = this.thread;
    localNotes.set(place, [...(localNotes.get(place) ?? []), note]);
    this.draw();
    this.end.toEnd();
  }
}

function key(channel, thread) {
  return thread ? `${channel}/${thread}` : channel;
}

function countLine(count) {
  const text = count < 1 ? "No replies yet" : `${count} ${count === 1 ? "reply" : "replies"}`;
  return { key: "count", signature: text, render: () => h("div", { class: "reply-line", role: "separator" }, h("span", {}, text)) };
}
