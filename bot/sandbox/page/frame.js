// The frame around the conversation: theme, the movable border of the thread, and what is remembered between visits.

const root = document.documentElement;

export function startTheme(button) {
  const remembered = localStorage.getItem("theme");
  const dark = remembered ? remembered === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const apply = (isDark) => {
    root.dataset.theme = isDark ? "dark" : "light";
    button.setAttribute("aria-pressed", String(isDark));
  };
  apply(dark);
  button.addEventListener("click", () => {
    const next = root.dataset.theme !== "dark";
    localStorage.setItem("theme", next ? "dark" : "light");
    apply(next);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", (event) => {
    if (!localStorage.getItem("theme")) apply(event.matches);
  });
}

/** Lets the thread's left border be moved by pointer and by arrow keys. */
export function startSplitter(handle, pane) {
  const set = (width) => {
    const bounded = Math.round(Math.min(Math.max(width, 320), window.innerWidth * 0.62));
    root.style.setProperty("--thread-width", `${bounded}px`);
    localStorage.setItem("thread-width", String(bounded));
    handle.setAttribute("aria-valuenow", String(bounded));
  };
  const remembered = Number(localStorage.getItem("thread-width"));
  if (remembered) set(remembered);
  handle.addEventListener("pointerdown", (down) => {
    handle.setPointerCapture(down.pointerId);
    const right = pane.getBoundingClientRect().right;
    const move = (event) => set(right - event.clientX);
    handle.addEventListener("pointermove", move);
    handle.addEventListener("lostpointercapture", () => handle.removeEventListener("pointermove", move), { once: true });
  });
  handle.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: 24, ArrowRight: -24 }[event.key];
    if (step) set(pane.offsetWidth + step);
  });
}

/** Where we are, as kept in the address: #/CHANNEL, #/CHANNEL/THREAD, #/CHANNEL/home. */
export function readPlace() {
  const [, channel = null, rest = null] = location.hash.split("/");
  return { channel, thread: rest && rest !== "home" ? rest : null, home: rest === "home" };
}

export function placeHash(channel, thread = null) {
  return thread ? `#/${channel}/${thread}` : `#/${channel}`;
}

/** The place a permalink (…/archives/C…/p1234567890123456?thread_ts=…) stands for, or null. */
export function placeOfPermalink(href) {
  const match = /\/archives\/([A-Z0-9]+)\/p(\d{10})(\d{6})/.exec(href);
  if (!match) return null;
  const ts = `${match[2]}.${match[3]}`;
  const thread = /[?&]thread_ts=([\d.]+)/.exec(href)?.[1] ?? null;
  return { channel: match[1], ts, thread };
}
