// table and data_table blocks. Wide ones scroll in a box of their own.
import { h } from "./dom.js";
import { textObject, words } from "./mrkdwn.js";
import { richText } from "./richtext.js";

export function table(block) {
  const [head, ...body] = block.rows ?? [];
  const settings = block.column_settings ?? [];
  return box("Table", h("table", {}, head ? h("thead", {}, row(head, settings, "th")) : null,
    h("tbody", {}, body.map((cells) => row(cells, settings, "td")))));
}

export function dataTable(block) {
  const columns = block.columns?.map((column) => ({ type: "raw_text", text: words(column.name ?? column.title ?? column.text ?? column) }));
  const rows = (block.rows ?? []).map((one) => (Array.isArray(one) ? one : one.cells ?? []));
  const [head, ...body] = columns ? [columns, ...rows] : rows;
  const caption = h("caption", {}, textObject(block.caption));
  return box(words(block.caption) || "Data table", h("table", {}, caption, head ? h("thead", {}, row(head, [], "th")) : null,
    h("tbody", {}, body.map((cells) => row(cells, [], "td")))));
}

function box(label, content) {
  return h("div", { class: "table-box", tabindex: "0", role: "region", "aria-label": label }, content);
}

function row(cells, settings, tag) {
  return h("tr", {}, cells.map((cell, column) => {
    const { align, is_wrapped: wrapped } = settings[column] ?? {};
    const side = align ?? (cell?.type === "raw_number" ? "right" : "left");
    return h(tag, { class: `align-${side}${wrapped ? " wrapped" : ""}`, scope: tag === "th" ? "col" : null }, content(cell));
  }));
}

function content(cell) {
  if (cell === null || cell === undefined) return [];
  if (cell.type === "rich_text") return richText(cell);
  if (cell.type === "raw_number") return [String(cell.text ?? cell.value ?? cell.number ?? "")];
  if (cell.type === "raw_text") return [String(cell.text ?? "")];
  return textObject(cell);
}
