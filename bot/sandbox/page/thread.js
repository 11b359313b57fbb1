// The thread on the right: its messages, its status line with the native Stop, its composer.
import { api } from "./api.js";
import { avatar, h, icon } from "./dom.js";
import { channelOf, channelTitle, directory } from "./directory.js";
import { MessagePane } from "./pane.js";
import { toast } from "./notify.js";

const working = new Map(); // "channel/thread" -> {status, session}: what the status events said last

export class Thread {
  constructor(hooks) {
    this.pane = document.getElementById("thread-pane");
    this.line = document.getElementById("status-line");
    this.list = new MessagePane(document.getElementById("thread-scroller"), document.getElementById("thread-messages"), hooks);
    this.stop = h("button", { type: "button", class: "stop-button", "data-testid": "stop-button", on: { click: () => void this.pressStop() } }, icon("stop"), "Stop");
    this.text = h("span", { class: "status-text", role: "status" });
    this.line.append(avatar({ ...directory.bot, bot: true }, "tiny"), this.text, h("span", { class: "typing", "aria-hidden": "true" }, h("i"), h("i"), h("i")), this.stop);
  }

  get place() {
    return this.list.thread ? `${this.list.channel}/${this.list.thread}` : null;
  }

  async open(channel, ts) {
    const facts = channelOf(channel);
    document.getElementById("thread-facts").textContent = facts?.kind === "im" ? channelTitle(facts) : `#${channelTitle(facts)}`;
    this.pane.hidden = false;
    document.getElementById("thread-splitter").hidden = false;
    document.getElementById("app").classList.add("with-thread");
    this.drawStatus();
    await Promise.all([this.list.show(channel, ts), this.readStatus(channel, ts)]);
  }

  close() {
    this.pane.hidden = true;
    document.getElementById("thread-splitter").hidden = true;
    document.getElementById("app").classList.remove("with-thread");
    this.list.clear();
  }

  async readStatus(channel, ts) {
    const place = `${channel}/${ts}`;
    const before = working.get(place);
    const answer = await api.status(channel, ts).catch(() => null);
    // An event that came meanwhile may be newer than this answer, and knows only half of what there is.
    if (working.get(place) !== before) return this.readStatus(channel, ts);
    if (answer) working.set(place, { status: answer.status ?? "", session: answer.session ?? null });
    else working.delete(place);
    this.drawStatus();
  }

  /** Asks for the status of the newest threads of a channel, once each; resolves to whether one is being worked in. */
  async lookForWork(channel, messages) {
    const unknown = messages.filter((message) => message.reply_count && !working.has(`${channel}/${message.ts}`)).slice(-8);
    await Promise.all(unknown.map((message) => this.readStatus(channel, message.ts)));
    return unknown.some((message) => workingIn(channel, message.ts));
  }

  /** Takes a `status` or `session` event; returns whether it concerns the open thread. */
  onEvent(event) {
    const place = `${event.channel}/${event.thread_ts}`;
    const known = working.get(place) ?? { status: "", session: null };
    if (event.type === "status") working.set(place, { ...known, status: event.status ?? "" });
    else working.set(place, { ...known, session: { status: event.status, can_stop: event.can_stop } });
    if (place !== this.place) return false;
    this.drawStatus();
    return true;
  }

  drawStatus() {
    const known = working.get(this.place);
    const text = statusText(known);
    const canStop = Boolean(known?.session?.can_stop);
    this.line.hidden = !text && !canStop;
    if (this.text.textContent !== text) this.text.textContent = text;
    this.stop.hidden = !canStop;
  }

  async pressStop() {
    const { channel, thread } = this.list;
    this.stop.setAttribute("aria-busy", "true");
    try {
      const answer = await api.stop({ person: directory.me, channel, thread_ts: thread });
      if (answer.acked === false) toast("The app did not answer the stop in time.", { kind: "error" });
    } catch (error) {
      toast(`Stopping did not work: ${error.message}`, { kind: "error" });
    } finally {
      this.stop.removeAttribute("aria-busy");
    }
  }
}

/** What a thread's footer in the channel says while the app works there; null if it does not. */
export function workingIn(channel, ts) {
  return statusText(working.get(`${channel}/${ts}`)) || null;
}

// Slack shows the app's name and then the status: "Deep Research is searching…".
function statusText(known) {
  if (known?.status) return known.status.startsWith(directory.bot.name) ? known.status : `${directory.bot.name} ${known.status}`;
  return known?.session?.status === "processing" ? `${directory.bot.name} is working…` : "";
}
