// What to try: the introduction of a channel, the first-visit hint, and the help dialog with the scenario words.
import { h, icon } from "./dom.js";
import { closeButton, openDialog } from "./dialogs.js";
import { channelTitle, directory, isAppDm } from "./directory.js";

const EXAMPLE = "/research What are the most promising solid-state battery chemistries, and when could they reach cars?";
const SEEN = "sandbox-hint-seen";

/** The top of a channel: what it is, and on the first visit what to type. `fill(text)` puts a text in the composer. */
export function drawIntro(host, channel, fill, openHelp) {
  const dm = isAppDm(channel);
  const title = dm ? directory.bot.name : `#${channelTitle(channel)}`;
  const text = dm ? `This is your conversation with the ${directory.bot.name} app. Ask it anything, or use /research here too.`
    : channel.kind === "private" ? "A private channel: only its members see what is written here."
      : channel.kind === "public" ? "A public channel: everyone in the workspace can read it." : "A direct conversation.";
  const prompts = dm ? directory.prompts.map((one) => h("button", { type: "button", class: "button", "data-testid": "prompt", title: one.message,
    on: { click: () => fill(one.message) } }, one.title)) : [];
  host.replaceChildren(h("h2", {}, title), h("p", {}, text), prompts.length ? h("div", { class: "prompts", role: "group", "aria-label": "Suggested prompts" }, prompts) : "");
  if (localStorage.getItem(SEEN) || channel.archived) return;
  const hint = h("div", { class: "hint-card", "data-testid": "first-hint" },
    h("div", { class: "hint-sign" }, icon("spark")),
    h("div", {}, h("h3", {}, "Start here"), h("p", {}, "Type ", h("code", { class: "inline-code" }, "/research"), " and a question. The app answers in a thread: watch its plan, stop it, read the report."),
      h("div", { class: "hint-buttons" },
        h("button", { type: "button", class: "button primary", on: { click: () => fill(EXAMPLE) } }, "Put an example in the box"),
        h("button", { type: "button", class: "button", on: { click: openHelp } }, "What else?"))),
    closeButton(() => { localStorage.setItem(SEEN, "yes"); hint.remove(); }));
  host.append(hint);
}

/** The help dialog; resolves when it is closed. */
export function openHelp(fill) {
  return openDialog("dialog help", "Help", (close, el) => {
    el.dataset.testid = "help-dialog";
    const tryIt = (text) => { close(); fill(text); };
    const row = (word, does) => h("tr", {}, h("th", { scope: "row" }, h("code", { class: "inline-code" }, word)), h("td", {}, does),
      h("td", {}, h("button", { type: "button", class: "button small", on: { click: () => tryIt(`/research ${word}: how do large batteries change the price of electricity?`) } }, "Try")));
    return [
      h("header", {}, h("h2", {}, "What can I try?"), closeButton(() => close())),
      h("div", { class: "dialog-body" },
        h("p", {}, "You are in a simulated Slack workspace. The app in it is the real one",
          directory.notices.length ? "." : "; the research agent behind it is played, and costs nothing."),
        h("ul", { class: "help-list" },
          h("li", {}, h("code", { class: "inline-code" }, "/research <question>"), " starts a research. Its thread opens from the reply line under the message."),
          h("li", {}, h("code", { class: "inline-code" }, "/research-status"), " lists the researches; an admin (", adminName(), ") sees everyone's."),
          h("li", {}, h("code", { class: "inline-code" }, "/research"), " alone opens a form, as does ", h("b", {}, "New research"), " among the shortcuts beside the box; ",
            h("b", {}, "Research this message"), " is in the corner of each message. A workflow with the step ", h("b", {}, "Run deep research"), " is among the shortcuts, too."),
          h("li", {}, "Mention ", h("b", {}, `@${directory.bot.name}`), " in a channel or a thread, or write to it directly."),
          h("li", {}, "Change who you are at the top: others may read along, but not everyone may stop a research."),
          h("li", {}, h("b", {}, "API traffic"), " shows every call between the app, Slack and the agent.")),
        directory.scenarios.length ? [h("h3", {}, "Words that change what happens"), h("p", {}, "Put one of these in the question:"),
          h("table", { class: "scenarios", "data-testid": "scenarios" }, h("tbody", {}, directory.scenarios.map((one) => row(one.word, one.does))))] : null),
      h("footer", {}, h("button", { type: "button", class: "button primary", autofocus: true, on: { click: () => close() } }, "Got it")),
    ];
  });
}

function adminName() {
  return directory.people.find((person) => person.admin)?.name ?? "an admin";
}
