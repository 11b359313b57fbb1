// Who and what there is in the workspace, and who is looking. Filled from /sandbox/state; read by everything that names people.

export const directory = {
  team: { id: "", name: "Workspace" },
  bot: { id: "", name: "Deep Research" },
  people: [],
  channels: [],
  scenarios: [],
  notices: [],
  shortcuts: [],
  prompts: [],
  steps: {},
  me: null,
  version: 0,
};

export function fill(state) {
  Object.assign(directory, {
    team: state.team ?? directory.team,
    bot: state.bot ?? directory.bot,
    people: state.people ?? [],
    channels: state.channels ?? [],
    scenarios: state.scenarios ?? [],
    notices: state.notices ?? [],
    shortcuts: state.shortcuts ?? [],
    prompts: state.prompts ?? [],
    steps: state.steps ?? {},
  });
  directory.version += 1;
}

export function role(person) {
  if (person.admin) return "Workspace admin";
  if (person.guest) return "Guest";
  return person.title || "Member";
}

export function userOf(id) {
  const bot = directory.bot;
  if (id && (id === bot.id || id === bot.bot_id)) return { id, name: bot.name, bot: true };
  if (id === "USLACKBOT") return { id, name: "Slackbot" };
  return directory.people.find((person) => person.id === id) ?? { id: id ?? "", name: id || "Someone", unknown: true };
}

export function channelOf(id) {
  return directory.channels.find((channel) => channel.id === id) ?? null;
}

/** The channels this person sees in the sidebar: public ones, and private ones and conversations that they are in. */
export function visibleChannels(personId) {
  return directory.channels.filter((channel) => channel.kind === "public" || (channel.member_ids ?? []).includes(personId));
}

export function isAppDm(channel) {
  return channel?.kind === "im" && (channel.app_is_member ?? (channel.member_ids ?? []).includes(directory.bot.id));
}

export function channelTitle(channel) {
  if (!channel) return "";
  if (isAppDm(channel)) return directory.bot.name;
  if (channel.kind === "im" || channel.kind === "mpim") {
    const others = (channel.member_ids ?? []).filter((id) => id !== directory.me);
    return others.map((id) => userOf(id).name).join(", ") || channel.name;
  }
  return channel.name;
}
