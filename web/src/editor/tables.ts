import { type Attributes, type Editor, mergeAttributes, Node } from "@tiptap/core";
import type { Attrs, NodeType } from "@tiptap/pm/model";
import type { Command } from "@tiptap/pm/state";
import { TextSelection } from "@tiptap/pm/state";
import { addRowAfter, goToNextCell, isInTable, tableEditing } from "@tiptap/pm/tables";
import { insertBlock } from "./scene-break";

/** Rows and columns of a new table. */
const NEW_SIZE = 3;

/** By these the table commands find their way. */
const ROLES: Record<string, string> = { table: "table", tableRow: "row", tableCell: "cell", tableHeader: "header_cell" };

export const Table = Node.create({
  name: "table",
  group: "block",
  content: "tableRow+",
  isolating: true,
  extendNodeSchema: ({ name }) => ({ tableRole: ROLES[name] }),
  parseHTML: () => [{ tag: "table" }],
  renderHTML: () => ["table", ["tbody", 0]],
  addKeyboardShortcuts() {
    const go = (direction: 1 | -1): boolean => apply(this.editor, goToNextCell(direction));
    return {
      Tab: () => isInTable(this.editor.state) && (go(1) || (apply(this.editor, addRowAfter) && go(1))),
      "Shift-Tab": () => isInTable(this.editor.state) && go(-1),
    };
  },
  addProseMirrorPlugins: () => [tableEditing()],
});

export const TableRow = Node.create({
  name: "tableRow",
  content: "(tableCell | tableHeader)*",
  parseHTML: () => [{ tag: "tr" }],
  renderHTML: () => ["tr", 0],
});

/** Columns or rows of one cell at most. */
const SPAN_MAX = 100;

/** A span as it can be: whoever writes past every editor may say anything. */
function spanOf(value: unknown): number {
  const number = typeof value === "number" || typeof value === "string" ? Math.trunc(Number(value)) : 1;
  return Math.min(Math.max(number || 1, 1), SPAN_MAX);
}

/** Has cells made with spans that can be, whatever a document says: a table is reckoned from them, field by field. */
function boundSpans(type: NodeType): void {
  // How a node's attributes are made is the one way that all take, the binding of documents among them.
  const made = type as NodeType & { computeAttrs: (given: Attrs | null) => Attrs };
  const compute = made.computeAttrs.bind(type);
  made.computeAttrs = (given) => {
    const attrs = compute(given);
    return { ...attrs, colspan: spanOf(attrs["colspan"]), rowspan: spanOf(attrs["rowspan"]) };
  };
}

/** How many columns or rows a cell takes. The table commands count on a number, so it is always written. */
function span(name: "colspan" | "rowspan"): Attributes {
  return {
    [name]: {
      default: 1,
      parseHTML: (element) => spanOf(element.getAttribute(name)),
      renderHTML: (attributes) => (attributes[name] === 1 ? {} : { [name]: attributes[name] }),
    },
  };
}

function cell(name: "tableCell" | "tableHeader", tag: "td" | "th"): Node {
  return Node.create({
    name,
    content: "block+",
    isolating: true,
    onBeforeCreate() {
      const type = this.editor.schema.nodes[name];
      if (type) boundSpans(type);
    },
    addAttributes: () => ({ ...span("colspan"), ...span("rowspan") }),
    parseHTML: () => [{ tag }],
    renderHTML: ({ HTMLAttributes }) => [tag, mergeAttributes(HTMLAttributes), 0],
  });
}

export const TableCell = cell("tableCell", "td");
export const TableHeader = cell("tableHeader", "th");

export function insertTable(editor: Editor): void {
  const { tr, schema } = editor.state;
  const row = (type: string) =>
    schema.node("tableRow", null, Array.from({ length: NEW_SIZE }, () => schema.node(type, null, [schema.node("paragraph")])));
  const rows = Array.from({ length: NEW_SIZE }, (_, index) => row(index === 0 ? "tableHeader" : "tableCell"));
  const at = insertBlock(tr, schema.node("table", null, rows));
  if (at >= 0) tr.setSelection(TextSelection.near(tr.doc.resolve(at + 1)));
  editor.view.dispatch(tr.scrollIntoView());
  editor.view.focus();
}

/** Runs a command of the table's own kind. */
export function apply(editor: Editor, command: Command): boolean {
  return command(editor.state, (tr) => editor.view.dispatch(tr), editor.view);
}
