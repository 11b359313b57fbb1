// Turns one DOM tree into another in place, so that focus, typed text, scroll positions and opened <details> survive a redraw.

const INPUTS = new Set(["INPUT", "TEXTAREA", "SELECT"]);

/** Makes `from` look like `to`; nodes of `from` are kept wherever tag and data-key agree. */
export function morph(from, to) {
  if (from.nodeType !== to.nodeType || from.nodeName !== to.nodeName) {
    from.replaceWith(to);
    return to;
  }
  if (from.nodeType !== Node.ELEMENT_NODE) {
    if (from.nodeValue !== to.nodeValue) from.nodeValue = to.nodeValue;
    return from;
  }
  morphAttributes(from, to);
  from.slack = to.slack;
  if (from.nodeName !== "SELECT" || from.childElementCount !== to.childElementCount) morphChildren(from, to);
  return from;
}

function morphAttributes(from, to) {
  for (const { name } of [...from.attributes]) {
    if (!to.hasAttribute(name) && !isKept(from, name)) from.removeAttribute(name);
  }
  for (const { name, value } of [...to.attributes]) {
    if (from.getAttribute(name) !== value && !isKept(from, name)) from.setAttribute(name, value);
  }
}

// What the reader did outweighs what the message says: a <details> that was opened by hand stays so.
function isKept(el, name) {
  if (name === "data-touched") return true;
  if (name === "open") return el.nodeName === "DIALOG" || el.hasAttribute("data-touched");
  return INPUTS.has(el.nodeName) && (name === "value" || name === "checked");
}

/** Notes every <details> that is opened or closed by hand, for the rule above. */
export function noteTouches() {
  document.addEventListener("click", (event) => {
    const details = event.target.closest("summary")?.parentElement;
    if (details?.nodeName === "DETAILS") details.dataset.touched = "";
  }, true);
}

function morphChildren(from, to) {
  const keyed = new Map();
  for (const child of from.children) if (child.dataset?.key) keyed.set(child.dataset.key, child);
  let cursor = from.firstChild;
  for (const next of [...to.childNodes]) {
    const key = next.dataset?.key;
    let match = key ? keyed.get(key) : cursor && !cursor.dataset?.key && cursor.nodeName === next.nodeName ? cursor : null;
    if (match && match.nodeName !== next.nodeName) match = null;
    if (!match) {
      from.insertBefore(next, cursor);
      continue;
    }
    if (match === cursor) cursor = cursor.nextSibling;
    else from.insertBefore(match, cursor);
    morph(match, next);
  }
  while (cursor) {
    const gone = cursor;
    cursor = cursor.nextSibling;
    gone.remove();
  }
}

/** Keeps `parent`'s children in step with `items`: [{key, signature, render()}]. Unchanged ones are not touched. */
export function reconcile(parent, items) {
  const existing = new Map();
  for (const child of parent.children) existing.set(child.dataset.key, child);
  let cursor = parent.firstElementChild;
  for (const item of items) {
    let el = existing.get(item.key);
    existing.delete(item.key);
    if (!el) {
      el = item.render();
      el.dataset.key = item.key;
      parent.insertBefore(el, cursor);
    } else {
      if (el.signature !== item.signature) {
        const next = item.render();
        next.dataset.key = item.key;
        el = morph(el, next);
      }
      if (el === cursor) cursor = cursor.nextElementSibling;
      else parent.insertBefore(el, cursor);
    }
    el.signature = item.signature;
  }
  for (const gone of existing.values()) gone.remove();
}

/** Keeps a scrolling box at its end while the reader is there, also when images load or cards grow. */
export function stickToEnd(scroller, content, onState = () => {}) {
  let sticky = true;
  const atEnd = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 48;
  const toEnd = () => { scroller.scrollTop = scroller.scrollHeight; };
  // Only moving up leaves the end: a scroll event may arrive after the content has grown again.
  let last = 0;
  scroller.addEventListener("scroll", () => {
    if (atEnd()) sticky = true;
    else if (scroller.scrollTop < last - 1) sticky = false;
    last = scroller.scrollTop;
    onState(sticky);
  }, { passive: true });
  // Opening something is reading it: the box must not jump away from it.
  content.addEventListener("click", (event) => {
    if (event.target.closest("summary, .see-more")) sticky = false;
  }, true);
  const observer = new ResizeObserver(() => { if (sticky) toEnd(); });
  observer.observe(content);
  observer.observe(scroller);
  return {
    isAtEnd: () => sticky,
    toEnd: () => { sticky = true; toEnd(); onState(true); },
    toTopOf: (el) => {
      sticky = false;
      scroller.scrollTop += el.getBoundingClientRect().top - scroller.getBoundingClientRect().top - 8;
      last = scroller.scrollTop;
    },
  };
}
