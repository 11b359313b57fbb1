// The page's only way to the server: JSON over fetch, and one stream of events.

class ApiError extends Error {
  constructor(status, body) {
    super(body?.error ?? body?.message ?? `The server answered ${status}.`);
    this.status = status;
    this.body = body;
  }
}

async function call(path, options) {
  const response = await fetch(path, { cache: "no-store", ...options });
  let body = null;
  try {
    body = await response.json();
  } catch {
    body = null;
  }
  if (!response.ok) throw new ApiError(response.status, body);
  return body ?? {};
}

function query(values) {
  const present = Object.entries(values).filter(([, value]) => value !== null && value !== undefined);
  return new URLSearchParams(present).toString();
}

const post = (path, values) => call(path, {
  method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(values),
});

export const api = {
  state: () => call("/sandbox/state"),
  messages: (person, channel, threadTs) => call(`/sandbox/messages?${query({ person, channel, thread_ts: threadTs })}`),
  status: (channel, threadTs) => call(`/sandbox/status?${query({ channel, thread_ts: threadTs })}`),
  traffic: (after) => call(`/sandbox/traffic?${query({ after })}`),
  command: (values) => post("/sandbox/command", values),
  say: (values) => post("/sandbox/say", values),
  click: (values) => post("/sandbox/click", values),
  stop: (values) => post("/sandbox/stop", values),
  invite: (values) => post("/sandbox/invite", values),
  submitView: (values) => post("/sandbox/view/submit", values),
  closeView: (values) => post("/sandbox/view/close", values),
  views: (person) => call(`/sandbox/view?${query({ person })}`),
  clickView: (values) => post("/sandbox/view/click", values),
  openHome: (values) => post("/sandbox/home", values),
  shortcut: (values) => post("/sandbox/shortcut", values),
  step: (values) => post("/sandbox/step", values),
  steps: () => call("/sandbox/steps"),
};

/** Opens the event stream of one person. `onState(true|false)`: connected or not; returns a function that closes it. */
export function listen(person, onEvent, onState) {
  const source = new EventSource(`/sandbox/events?${query({ person })}`);
  source.addEventListener("message", (message) => onEvent(JSON.parse(message.data)));
  source.addEventListener("open", () => onState(true));
  source.addEventListener("error", () => onState(false));
  return () => source.close();
}
