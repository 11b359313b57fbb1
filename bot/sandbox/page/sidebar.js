// The left side: channels and the conversation with the app; and the person switch of the top bar.
import { avatar, h, icon } from "./dom.js";
import { channelTitle, directory, isAppDm, role, visibleChannels } from "./directory.js";
import { reconcile } from "./morph.js";

const unread = new Map(); // channel -> {bold, mentions}

export function markUnread(channel, mention) {
  const now = unread.get(channel) ?? { bold: false, mentions: 0 };
  unread.set(channel, { bold: true, mentions: now.mentions + (mention ? 1 : 0) });
}

export function markRead(channel) {
  unread.delete(channel);
}

export function clearUnread() {
  unread.clear();
}

export function unreadMentions() {
  return [...unread.values()].reduce((sum, one) => sum + one.mentions, 0);
}

/** Draws the lists; `current` is the open channel. */
export function drawSidebar(current) {
  const channels = visibleChannels(directory.me);
  reconcile(document.getElementById("channels"), channels.filter((one) => one.kind === "public" || one.kind === "private").map((one) => item(one, current)));
  reconcile(document.getElementById("dms"), channels.filter((one) => one.kind === "im" || one.kind === "mpim").map((one) => item(one, current)));
}

function item(channel, current) {
  const { bold = false, mentions = 0 } = unread.get(channel.id) ?? {};
  const open = channel.id === current;
  const sign = isAppDm(channel) ? avatar({ ...directory.bot, bot: true }, "tiny") : icon(channel.kind === "private" ? "lock" : channel.kind === "public" ? "hash" : "chat");
  const names = ["channel-item", open && "open", (bold || mentions) && !open && "unread", channel.archived && "archived"].filter(Boolean).join(" ");
  const title = channelTitle(channel);
  return {
    key: channel.id,
    signature: JSON.stringify([title, names, mentions, channel.kind, channel.archived]),
    render: () => h("li", {}, h("a", { href: `#/${channel.id}`, class: names, "aria-current": open ? "page" : null, "data-testid": "channel-link", "data-channel": channel.id },
      sign, h("span", { class: "channel-name" }, title), isAppDm(channel) ? h("span", { class: "app-badge" }, "APP") : null,
      channel.archived ? h("span", { class: "small-tag" }, "archived") : null,
      mentions && !open ? h("span", { class: "badge", "aria-label": `${mentions} unread ${mentions === 1 ? "mention" : "mentions"}` }, String(mentions)) : null)),
  };
}

/** Draws the people one may be; `onPick(id)`. */
export function drawPeople(onPick) {
  const host = document.getElementById("people");
  reconcile(host, directory.people.map((person) => ({
    key: person.id,
    signature: JSON.stringify([person, person.id === directory.me]),
    render: () => h("label", { class: "person", title: `${person.name} — ${role(person)}` },
      h("input", { type: "radio", name: "person", value: person.id, checked: person.id === directory.me, class: "sr-only", on: { change: () => onPick(person.id) } }),
      avatar(person, "small"), h("span", { class: "person-text" }, h("b", {}, person.name.split(" ")[0]), h("small", {}, role(person)))),
  })));
  for (const input of host.querySelectorAll("input")) input.checked = input.value === directory.me;
}
