// The middle: one channel or conversation with its composer; it also opens threads, since those belong to a channel.
import { api } from "./api.js";
import { Composer, COMMANDS } from "./composer.js";
import { h, icon } from "./dom.js";
import { pickFromMenu } from "./dialogs.js";
import { channelOf, channelTitle, directory, fill, isAppDm } from "./directory.js";
import { placeHash } from "./frame.js";
import { drawIntro } from "./help.js";
import { drawHome, drawTabs } from "./home.js";
import { dismissToasts, toast } from "./notify.js";
import { MessagePane } from "./pane.js";
import { markRead, markUnread } from "./sidebar.js";
import { Thread, workingIn } from "./thread.js";
import { workflowEntries } from "./workflow.js";

const byId = (id) => document.getElementById(id);

export class Channel {
  constructor({ onMoved, openHelp }) {
    this.onMoved = onMoved;
    this.openHelp = openHelp;
    this.id = null;
    this.lastSeen = new Map(); // channel -> ts of its newest message that was on screen
    const hooks = {
      onOpenThread: (ts) => { location.hash = placeHash(this.id, ts); },
      workingIn: (ts) => workingIn(this.id, ts),
      shortcuts: () => directory.shortcuts.filter((one) => one.type === "message"),
      onShortcut: (shortcut, message) => void this.runShortcut(shortcut, message),
    };
    this.list = new MessagePane(byId("channel-scroller"), byId("channel-messages"), { ...hooks, onLoaded: (messages) => this.seen(messages) });
    this.thread = new Thread(hooks);
    this.composer = new Composer(byId("composer"), { testid: "channel-composer", withCommands: true, onSend: (text) => this.send(this.list, text),
      onShortcuts: (anchor) => void this.pickShortcut(anchor) });
    this.threadComposer = new Composer(byId("thread-composer"), { testid: "thread-composer", withCommands: false, onSend: (text) => this.send(this.thread.list, text) });
  }

  /** Shows a channel, and its thread or Home tab where the place names one. */
  async show(channel, place) {
    const moved = channel.id !== this.id;
    this.id = channel.id;
    directory.currentChannel = channel.id;
    markRead(channel.id);
    dismissToasts(placeHash(channel.id, place.thread));
    this.home = isAppDm(channel) && place.home;
    this.drawHead(channel);
    this.onMoved();
    const waits = [];
    if (moved) {
      this.composer.moveTo(`${directory.me}/${channel.id}`, `Message ${isAppDm(channel) || channel.kind === "im" ? channelTitle(channel) : `#${channel.name}`}`);
      drawIntro(byId("intro"), channel, (text) => this.composer.fill(text), this.openHelp);
      waits.push(this.list.show(channel.id));
    }
    if (!place.thread) this.closeThread();
    else if (moved || this.thread.list.thread !== place.thread) {
      this.threadComposer.moveTo(`${directory.me}/${channel.id}/${place.thread}`, "Reply…");
      waits.push(this.thread.open(channel.id, place.thread));
      if (!moved && window.innerWidth > 760) this.threadComposer.focus();
    }
    await Promise.all(waits);
  }

  // Focus goes back to where the thread was opened from.
  closeThread() {
    const { thread } = this.thread.list;
    const within = this.thread.pane.contains(document.activeElement) || document.activeElement === document.body;
    this.thread.close();
    if (thread && within) byId("channel-messages").querySelector(`[data-ts="${CSS.escape(thread)}"] .reply-footer`)?.focus();
  }

  /** The person changed: what is on screen is no longer theirs. */
  forget() {
    this.id = null;
    this.thread.close();
  }

  drawHead(channel) {
    const app = isAppDm(channel);
    byId("channel-title").replaceChildren(icon(app ? "spark" : { public: "hash", private: "lock" }[channel.kind] ?? "chat"), channelTitle(channel));
    const members = (channel.member_ids ?? []).length;
    byId("channel-facts").textContent = app || !members ? "" : `${members} ${members === 1 ? "member" : "members"}`;
    byId("dm-tabs").hidden = !app;
    if (app) drawTabs(byId("dm-tabs"), this.home ? "home" : "messages", (name) => { location.hash = name === "home" ? `#/${channel.id}/home` : `#/${channel.id}`; });
    byId("home-view").hidden = !this.home;
    byId("channel-scroller").hidden = Boolean(this.home);
    byId("channel-foot").hidden = Boolean(this.home);
    if (this.home) {
      this.drawHome();
      void api.openHome({ person: directory.me }).catch(() => undefined);
    }
    this.drawFoot(channel);
  }

  drawHome() {
    if (this.home) drawHome(byId("home-view"));
  }

  drawFoot(channel) {
    const notice = byId("channel-notice");
    const away = !channel.archived && channel.app_is_member === false && channel.kind !== "im";
    notice.hidden = !away && !channel.archived;
    notice.replaceChildren();
    byId("composer").hidden = Boolean(channel.archived);
    if (channel.archived) notice.replaceChildren(h("span", {}, `#${channel.name} is archived: it can be read, but not written to.`));
    else if (away) {
      notice.replaceChildren(h("span", {}, `${directory.bot.name} is not in this channel.`),
        h("button", { type: "button", class: "button small", "data-testid": "invite", on: { click: () => void this.invite() } }, `Add ${directory.bot.name}`));
    }
  }

  async invite() {
    try {
      await api.invite({ person: directory.me, channel: this.id });
      fill(await api.state());
      this.drawHead(channelOf(this.id));
      this.onMoved();
      void this.list.refresh();
    } catch (error) {
      toast(`The app could not be added: ${error.message}`, { kind: "error" });
    }
  }

  /** Sends what was typed in the channel or the thread; resolves to whether it was taken. */
  async send(pane, typed) {
    const { channel, thread } = pane;
    const command = /^\/([\w-]+)(?:\s+([\s\S]*))?$/.exec(typed);
    try {
      if (command) return await this.command(pane, `/${command[1]}`, command[2] ?? "");
      await api.say({ person: directory.me, channel, text: typed, ...(thread ? { thread_ts: thread } : {}) });
      pane.end.toEnd();
      return true;
    } catch (error) {
      toast(`That could not be sent: ${error.message}`, { kind: "error" });
      return false;
    }
  }

  async command(pane, name, text) {
    if (pane.thread) {
      pane.note(`${name} is not supported in threads. Sorry!`);
      return true;
    }
    if (name === "/invite") {
      await this.invite();
      return true;
    }
    if (!COMMANDS.some((one) => one.name === name)) {
      pane.note(`${name} is not a valid command. In this workspace there are /research and /research-status.`);
      return true;
    }
    await api.command({ person: directory.me, channel: pane.channel, command: name, text });
    pane.end.toEnd();
    return true;
  }

  async pickShortcut(anchor) {
    const known = directory.shortcuts.filter((one) => one.type === "global");
    const entries = known.map((one) => ({ label: one.name, hint: one.description, run: () => this.runShortcut(one) }));
    const picked = await pickFromMenu(anchor, [...entries, ...workflowEntries()]);
    await picked?.run();
  }

  // A global shortcut knows no channel (Slack docs: shortcuts).
  async runShortcut(shortcut, message) {
    const place = message ? { channel: this.id, message_ts: message.ts } : {};
    try {
      const answer = await api.shortcut({ person: directory.me, ...place, callback_id: shortcut.callback_id });
      if (answer.acked === false) toast(`The app did not answer in time (${answer.error ?? "operation_timeout"}).`, { kind: "error" });
    } catch (error) {
      toast(`The shortcut did not work: ${error.message}`, { kind: "error" });
    }
  }

  onChanged(event) {
    if (event.channel !== this.id) {
      if (!event.thread_ts) void this.lookForUnread(event.channel);
      return;
    }
    void this.list.refresh();
    const { thread } = this.thread.list;
    if (thread && (!event.thread_ts || event.thread_ts === thread)) void this.thread.list.refresh();
  }

  onStatus(event) {
    this.thread.onEvent(event);
    if (event.channel === this.id) this.list.draw();
  }

  refresh() {
    if (!this.id) return;
    const channel = channelOf(this.id);
    if (channel) this.drawHead(channel);
    void this.list.refresh();
    const { thread } = this.thread.list;
    if (thread) {
      void this.thread.list.refresh();
      void this.thread.readStatus(this.id, thread);
    }
  }

  tick() {
    this.list.draw();
  }

  seen(messages) {
    const newest = messages.filter((message) => !message.thread_ts || message.thread_ts === message.ts).at(-1);
    if (newest) this.lastSeen.set(this.list.channel, newest.ts);
    void this.thread.lookForWork(this.list.channel, messages).then((found) => { if (found) this.list.draw(); });
  }

  // An edit elsewhere is no news; a message that is newer than what was seen is.
  async lookForUnread(id) {
    if (!channelOf(id)) return;
    try {
      const { messages = [] } = await api.messages(directory.me, id);
      const newest = messages.filter((message) => !message.thread_ts || message.thread_ts === message.ts).at(-1);
      if (!newest || newest.user === directory.me || id === this.id || newest.ts <= (this.lastSeen.get(id) ?? "")) return;
      this.lastSeen.set(id, newest.ts);
      markUnread(id, false);
      this.onMoved();
    } catch (error) {
      if (error.status !== 404) throw error;
    }
  }

  titleOf(id) {
    const channel = channelOf(id);
    if (!channel) return directory.bot.name;
    return channel.kind === "im" ? channelTitle(channel) : `#${channelTitle(channel)}`;
  }

  /** Is this channel, or this thread of it, in front of the person's eyes? */
  isShowing(channel, thread) {
    if (channel !== this.id || this.home || document.visibilityState !== "visible") return false;
    return !thread || this.thread.list.thread === thread;
  }

  /** The thread that a message is in, null for one in the channel itself. */
  async threadOf(channel, ts) {
    const { messages = [] } = await api.messages(directory.me, channel);
    if (messages.some((message) => message.ts === ts)) return null;
    const parents = messages.filter((message) => message.reply_count && message.ts < ts && (message.latest_reply ?? "") >= ts).reverse();
    for (const parent of parents.slice(0, 10)) {
      const { messages: replies = [] } = await api.messages(directory.me, channel, parent.ts);
      if (replies.some((reply) => reply.ts === ts)) return parent.ts;
    }
    return null;
  }
}
