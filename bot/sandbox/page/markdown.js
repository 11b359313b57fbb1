// The markdown block: the GitHub-flavoured subset that Slack renders, block level. The inline level is markdown_inline.js.
import { h } from "./dom.js";
import { markdownInline } from "./markdown_inline.js";

const FENCE = /^ {0,3}(`{3,}|~{3,})\s*([\w+#.-]*)[^`]*$/;
const HEADING = /^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$/;
const RULE = /^ {0,3}([-*_])[ \t]*(?:\1[ \t]*){2,}$/;
const ITEM = /^( *)([-*+•]|\d{1,9}[.)])( +|$)(.*)$/;
const QUOTE = /^ {0,3}> ?/;
const DELIMITERS = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;

export function markdown(text) {
  return blocks(String(text ?? "").replace(/\r\n?/g, "\n").replace(/\t/g, "    ").split("\n"));
}

function blocks(lines) {
  const out = [];
  for (let at = 0; at < lines.length; ) {
    const reader = READERS.find((candidate) => candidate.starts(lines, at));
    const { node, next } = reader.read(lines, at);
    if (node) out.push(node);
    at = next;
  }
  return out;
}

const READERS = [
  { starts: (lines, at) => !lines[at].trim(), read: (lines, at) => ({ node: null, next: at + 1 }) },
  { starts: (lines, at) => FENCE.test(lines[at]), read: fence },
  { starts: (lines, at) => HEADING.test(lines[at]), read: heading },
  { starts: (lines, at) => RULE.test(lines[at]), read: (lines, at) => ({ node: h("hr"), next: at + 1 }) },
  { starts: (lines, at) => QUOTE.test(lines[at]), read: quote },
  { starts: isTable, read: table },
  { starts: (lines, at) => ITEM.test(lines[at]), read: list },
  { starts: () => true, read: paragraph },
];

function fence(lines, at) {
  const [, marks, language] = FENCE.exec(lines[at]);
  const code = [];
  let next = at + 1;
  while (next < lines.length && !(lines[next].trim().startsWith(marks) && !lines[next].trim().replaceAll(marks[0], ""))) {
    code.push(lines[next]);
    next += 1;
  }
  const label = language ? h("span", { class: "code-language" }, language) : null;
  return { node: h("pre", { class: "code-block", "data-language": language || null }, label, h("code", {}, code.join("\n"))), next: next + 1 };
}

function heading(lines, at) {
  const [, marks, text] = HEADING.exec(lines[at]);
  const level = Math.min(marks.length + 2, 6);
  return { node: h(`h${level}`, { class: `md-heading level-${marks.length}` }, markdownInline(text)), next: at + 1 };
}

function quote(lines, at) {
  const inner = [];
  let next = at;
  while (next < lines.length && (QUOTE.test(lines[next]) || (inner.length && isLazy(lines, next)))) {
    inner.push(lines[next].replace(QUOTE, ""));
    next += 1;
  }
  return { node: h("blockquote", {}, blocks(inner)), next };
}

// A paragraph line right after a quoted one still belongs to the quote.
function isLazy(lines, at) {
  return lines[at].trim() && !READERS.slice(0, -1).some((reader) => reader.starts(lines, at));
}

function isTable(lines, at) {
  return lines[at].includes("|") && at + 1 < lines.length && lines[at + 1].includes("-") && DELIMITERS.test(lines[at + 1])
    && cells(lines[at]).length === cells(lines[at + 1]).length;
}

function table(lines, at) {
  const align = cells(lines[at + 1]).map((cell) => (/^:-+:$/.test(cell) ? "center" : /^-+:$/.test(cell) ? "right" : "left"));
  const row = (line, tag) => h("tr", {}, align.map((side, column) =>
    h(tag, { class: `align-${side}`, scope: tag === "th" ? "col" : null }, markdownInline(cells(line)[column] ?? ""))));
  const body = [];
  let next = at + 2;
  while (next < lines.length && lines[next].includes("|") && lines[next].trim()) body.push(row(lines[next++], "td"));
  const node = h("div", { class: "table-box", tabindex: "0", role: "region", "aria-label": "Table" },
    h("table", {}, h("thead", {}, row(lines[at], "th")), h("tbody", {}, body)));
  return { node, next };
}

function cells(line) {
  const out = [""];
  let inCode = false;
  const text = line.trim().replace(/^\|/, "").replace(/(^|[^\\])\|$/, "$1");
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === "`") inCode = !inCode;
    if (text[at] === "\\" && text[at + 1] === "|") {
      out[out.length - 1] += "|";
      at += 1;
    } else if (text[at] === "|" && !inCode) out.push("");
    else out[out.length - 1] += text[at];
  }
  return out.map((cell) => cell.trim());
}

function list(lines, at) {
  const ordered = /\d/.test(ITEM.exec(lines[at])[2]);
  const base = ITEM.exec(lines[at])[1].length;
  const items = [];
  let next = at;
  while (next < lines.length) {
    const match = ITEM.exec(lines[next]);
    if (!match || match[1].length < base || /\d/.test(match[2]) !== ordered || RULE.test(lines[next])) break;
    const read = item(lines, next, match);
    items.push(read.node);
    next = read.next;
  }
  const start = ordered ? Number.parseInt(ITEM.exec(lines[at])[2], 10) : null;
  return { node: h(ordered ? "ol" : "ul", { class: "md-list", start: start !== null && start !== 1 ? start : null }, items), next };
}

function item(lines, at, match) {
  const indent = match[1].length + match[2].length + 1;
  const inner = [match[4]];
  let next = at + 1;
  let loose = false;
  while (next < lines.length) {
    const line = lines[next];
    const depth = line.search(/\S/);
    if (depth < 0) {
      const after = lines[next + 1] ?? "";
      if (!after.trim() || after.search(/\S/) < indent) break;
      loose = true;
    } else if (depth < indent && !(depth > match[1].length && ITEM.test(line)) && !isLazy(lines, next)) break;
    inner.push(line.slice(Math.min(indent, Math.max(depth, 0))));
    next += 1;
  }
  while (next < lines.length && !lines[next].trim() && ITEM.test(lines[next + 1] ?? "")) next += 1;
  const task = /^\[([ xX])\]\s+/.exec(inner[0]);
  if (task) inner[0] = inner[0].slice(task[0].length);
  const content = blocks(inner).flatMap((node) => (node.nodeName === "P" && !loose ? [...node.childNodes] : [node]));
  const box = task ? h("input", { type: "checkbox", disabled: true, checked: task[1] !== " ", "aria-label": "Task" }) : null;
  return { node: h("li", { class: task ? "task" : null }, box, content), next };
}

function paragraph(lines, at) {
  const text = [lines[at]];
  let next = at + 1;
  while (next < lines.length && isLazy(lines, next)) text.push(lines[next++]);
  const nodes = text.flatMap((line, n) => [...(n ? [h("br")] : []), ...markdownInline(line.trim().replace(/\\$/, ""))]);
  return { node: h("p", {}, nodes), next };
}
