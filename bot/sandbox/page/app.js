// The page's beginning: reads the workspace, opens the event stream, and connects sidebar, channel, thread, traffic and views.
import { startActions } from "./actions.js";
import { api, listen } from "./api.js";
import { Channel } from "./channel.js";
import { h, icon } from "./dom.js";
import { directory, fill, visibleChannels } from "./directory.js";
import { placeHash, placeOfPermalink, readPlace, startSplitter, startTheme } from "./frame.js";
import { openHelp } from "./help.js";
import { keepHome } from "./home.js";
import { showModal } from "./modal.js";
import { noteTouches } from "./morph.js";
import { toast } from "./notify.js";
import { oneLine } from "./blocks.js";
import { clearUnread, drawPeople, drawSidebar, markUnread, unreadMentions } from "./sidebar.js";
import { Traffic } from "./traffic.js";

const byId = (id) => document.getElementById(id);
let channel;
let traffic;
let stopListening = () => {};
let wasConnected = false;
let viewEvents = 0;

async function start() {
  decorate();
  startTheme(byId("theme-button"));
  startSplitter(byId("thread-splitter"), byId("thread-pane"));
  startActions();
  noteTouches();
  fill(await api.state());
  byId("team-name").textContent = directory.team.name;
  byId("workspace-mark").textContent = (directory.team.name || "W").slice(0, 1);
  document.title = `${directory.team.name} – ${directory.bot.name} sandbox`;
  const wanted = new URLSearchParams(location.search).get("person") ?? localStorage.getItem("person");
  directory.me = (directory.people.find((person) => person.id === wanted || person.name === wanted) ?? directory.people[0])?.id ?? null;
  channel = new Channel({ onMoved: redrawFrame, openHelp: help });
  traffic = new Traffic(byId("traffic"));
  traffic.onClose = () => showTraffic(false);
  drawNotices();
  redrawFrame();
  connect();
  if (localStorage.getItem("traffic") === "open") showTraffic(true);
  window.addEventListener("hashchange", () => void go());
  await go();
  setInterval(() => channel.tick(), 30_000);
}

function decorate() {
  byId("menu-button").append(icon("menu"));
  byId("traffic-button").prepend(icon("traffic"));
  byId("help-button").append(icon("help"));
  byId("theme-button").append(icon("sun", "for-dark"), icon("moon", "for-light"));
  byId("thread-back").append(icon("back"));
  byId("thread-close").append(icon("close"));
  byId("help-button").addEventListener("click", help);
  byId("traffic-button").addEventListener("click", () => showTraffic(byId("traffic").hidden));
  byId("menu-button").addEventListener("click", () => showMenu(!byId("app").classList.contains("with-menu")));
  byId("sidebar").addEventListener("click", (event) => { if (event.target.closest("a")) showMenu(false); });
  for (const id of ["thread-back", "thread-close"]) byId(id).addEventListener("click", () => { location.hash = placeHash(channel.id); });
  document.addEventListener("keydown", onEscape);
  document.addEventListener("click", onPermalink);
}

// Esc closes what is on top: dialogs do so themselves, then the menu, then the thread.
function onEscape(event) {
  if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  if (byId("app").classList.contains("with-menu")) showMenu(false);
  else if (!byId("thread-pane").hidden) location.hash = placeHash(channel.id);
}

// A link to a message of this workspace opens here instead of in a new tab.
function onPermalink(event) {
  const anchor = event.target.closest("a[href*='/archives/']");
  const place = anchor && placeOfPermalink(anchor.href);
  if (!place || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  location.hash = placeHash(place.channel, place.thread ?? place.ts);
}

function help() {
  void openHelp((text) => channel.composer.fill(text));
}

function showMenu(open) {
  byId("app").classList.toggle("with-menu", open);
  byId("menu-button").setAttribute("aria-expanded", String(open));
}

function showTraffic(open) {
  byId("traffic").hidden = !open;
  byId("app").classList.toggle("with-traffic", open);
  byId("traffic-button").setAttribute("aria-expanded", String(open));
  localStorage.setItem("traffic", open ? "open" : "closed");
  if (open) void traffic.catchUp().catch((error) => toast(`API traffic could not be read: ${error.message}`, { kind: "error" }));
}

function drawNotices() {
  byId("notices").replaceChildren(...directory.notices.map((text) => h("p", { class: "notice", "data-testid": "notice" }, icon("warning"), h("span", {}, text))));
}

function redrawFrame() {
  drawSidebar(channel?.id);
  drawPeople((id) => void become(id));
  const mentions = unreadMentions();
  document.title = `${mentions ? `(${mentions}) ` : ""}${directory.team.name} – ${directory.bot.name} sandbox`;
}

async function go() {
  const place = readPlace();
  const visible = visibleChannels(directory.me);
  const known = visible.find((one) => one.id === place.channel);
  const first = visible.find((one) => one.name === "research") ?? visible.find((one) => one.app_is_member && !one.archived) ?? visible[0];
  if (!known) {
    if (first) location.replace(placeHash(first.id));
    return;
  }
  await channel.show(known, place);
}

async function become(id) {
  directory.me = id;
  localStorage.setItem("person", id);
  showModal(null);
  clearUnread();
  connect();
  channel.forget();
  redrawFrame();
  await go();
}

function connect() {
  stopListening();
  wasConnected = false;
  stopListening = listen(directory.me, onEvent, (connected) => {
    byId("app").classList.toggle("offline", !connected);
    if (!connected) return;
    if (wasConnected) void catchUp();
    else void readView();
    wasConnected = true;
  });
}

// What the stream says meanwhile is newer than the answer.
async function readView() {
  const before = viewEvents;
  const answer = await api.views(directory.me);
  if (viewEvents === before) onView(answer);
}

// After a pause in the stream nothing is known for sure: read everything again.
async function catchUp() {
  await refreshState();
  channel.refresh();
  await readView();
  await traffic.catchUp();
}

async function refreshState() {
  fill(await api.state());
  drawNotices();
  redrawFrame();
}

function onEvent(event) {
  switch (event.type) {
    case "changed": return channel.onChanged(event);
    case "status":
    case "session": return channel.onStatus(event);
    case "traffic": return traffic.note(event.entry ?? event);
    case "view": viewEvents += 1; return onView(event);
    case "notification": return void onNotification(event);
    case "state": return void refreshState().then(() => channel.refresh());
    default: return undefined;
  }
}

// Both are what is shown now: the topmost modal, and the Home tab.
function onView({ view, home }) {
  showModal(view);
  if (home) {
    keepHome(home);
    channel.drawHome();
  }
}

async function onNotification({ channel: id, ts, text, thread_ts: named }) {
  const thread = named ?? (await channel.threadOf(id, ts));
  if (channel.isShowing(id, thread)) return;
  if (id !== channel.id) markUnread(id, true);
  redrawFrame();
  toast(oneLine(text ?? ""), { kind: "mention", title: channel.titleOf(id), key: placeHash(id, thread), onOpen: () => { location.hash = placeHash(id, thread); } });
}

start().catch((error) => {
  byId("app").classList.add("broken");
  toast(`The sandbox could not be reached: ${error.message}`, { kind: "error" });
});
