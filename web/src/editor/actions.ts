import { type Editor, Extension } from "@tiptap/core";
import {
  addColumnAfter, addColumnBefore, addRowAfter, addRowBefore, deleteColumn, deleteRow, deleteTable, isInTable, toggleHeaderRow,
} from "@tiptap/pm/tables";
import type { Command } from "@tiptap/pm/state";
import type { IconName } from "../components/icon";
import { align, type Alignment, isAligned } from "./align";
import { insertFootnote, mayInsertFootnote } from "./footnote";
import { hasSteps, startStep } from "./history";
import { panel } from "./panel";
import { selectedPicture } from "./picture";
import { insertSceneBreak } from "./scene-break";
import { apply, insertTable } from "./tables";
import { choosePicture } from "./uploads";

/** Something that the holder can do to the text: a button of the toolbar, a key, a row of the list of shortcuts. */
export interface Action {
  id: string;
  label: string;
  /** A drawing, or letters that show what they do. */
  face: { icon: IconName } | { letters: string; style?: string };
  /** As the keymap writes it. */
  key?: string;
  run: (editor: Editor) => void;
  isActive?: (editor: Editor) => boolean;
  isEnabled?: (editor: Editor) => boolean;
}

const isActive = (name: string) => (editor: Editor) => editor.isActive(name);
const isOutsideTable = (editor: Editor): boolean => !isInTable(editor.state);

function mark(name: string, label: string, key: string, face: Action["face"]): Action {
  const run = (editor: Editor): void => void editor.chain().focus().toggleMark(name).run();
  return { id: name, label, key, face, run, isActive: isActive(name), isEnabled: (editor) => editor.can().toggleMark(name) };
}

function heading(level: 1 | 2 | 3): Action {
  return {
    id: `heading${level}`,
    label: `Heading ${level}`,
    key: `Mod-Alt-${level}`,
    face: { letters: `H${level}` },
    run: (editor) => void editor.chain().focus().toggleHeading({ level }).run(),
    isActive: (editor) => editor.isActive("heading", { level }),
  };
}

function alignment(to: Alignment, label: string, key: string, icon: IconName): Action {
  return {
    id: `align-${to}`,
    label,
    key,
    face: { icon },
    run: (editor) => align(editor, to),
    isActive: (editor) => isAligned(editor, to),
  };
}

/** Does something as one step to undo, if it can be done now. */
export function perform(editor: Editor, action: Action): void {
  if (action.isEnabled?.(editor) === false) return;
  startStep(editor.state);
  action.run(editor);
}

const MARKS: Action[] = [
  mark("bold", "Bold", "Mod-b", { letters: "B", style: "bold" }),
  mark("italic", "Italic", "Mod-i", { letters: "I", style: "italic" }),
  mark("underline", "Underline", "Mod-u", { letters: "U", style: "underline" }),
  mark("strike", "Strike through", "Mod-Shift-s", { letters: "S", style: "strike" }),
  mark("smallCaps", "Small caps", "Mod-Shift-k", { letters: "Sc", style: "caps" }),
  mark("superscript", "Superscript", "Mod-.", { letters: "x²" }),
  mark("subscript", "Subscript", "Mod-,", { letters: "x₂" }),
];

const BLOCKS: Action[] = [
  {
    id: "paragraph",
    label: "Paragraph",
    key: "Mod-Alt-0",
    face: { letters: "¶" },
    run: (editor) => void editor.chain().focus().setParagraph().run(),
    isActive: isActive("paragraph"),
  },
  heading(1),
  heading(2),
  heading(3),
];

const LISTS: Action[] = [
  {
    id: "bulletList",
    label: "Bullet list",
    key: "Mod-Shift-8",
    face: { icon: "list" },
    run: (editor) => void editor.chain().focus().toggleBulletList().run(),
    isActive: isActive("bulletList"),
  },
  {
    id: "orderedList",
    label: "Numbered list",
    key: "Mod-Shift-7",
    face: { icon: "numbers" },
    run: (editor) => void editor.chain().focus().toggleOrderedList().run(),
    isActive: isActive("orderedList"),
  },
  {
    id: "blockquote",
    label: "Quote",
    key: "Mod-Shift-b",
    face: { icon: "quote" },
    run: (editor) => void editor.chain().focus().toggleBlockquote().run(),
    isActive: isActive("blockquote"),
  },
];

const INSERTS: Action[] = [
  {
    id: "link",
    label: "Link…",
    key: "Mod-k",
    face: { icon: "link" },
    run: () => void (panel.value = "link"),
    isActive: isActive("link"),
    isEnabled: (editor) => editor.isActive("link") || editor.can().toggleMark("link"),
  },
  {
    id: "footnote",
    label: "Footnote",
    key: "Mod-Alt-f",
    face: { icon: "footnote" },
    run: insertFootnote,
    isEnabled: mayInsertFootnote,
  },
  {
    id: "picture",
    label: "Picture…",
    key: "Mod-Alt-i",
    face: { icon: "picture" },
    run: (editor) => (selectedPicture(editor.state) ? void (panel.value = "picture") : choosePicture(editor)),
    isActive: (editor) => selectedPicture(editor.state) !== null,
  },
  { id: "sceneBreak", label: "Scene break", key: "Mod-Shift-Enter", face: { icon: "scene" }, run: insertSceneBreak },
  { id: "table", label: "Table", face: { icon: "table" }, run: insertTable, isActive: isActive("table"), isEnabled: isOutsideTable },
];

const ALIGNMENTS: Action[] = [
  alignment("left", "Align left", "Mod-Shift-l", "alignLeft"),
  alignment("center", "Centre", "Mod-Shift-e", "alignCentre"),
  alignment("right", "Align right", "Mod-Shift-r", "alignRight"),
  alignment("justify", "Justify", "Mod-Shift-j", "justify"),
];

const HISTORY: Action[] = [
  {
    id: "undo",
    label: "Undo",
    key: "Mod-z",
    face: { icon: "undo" },
    run: (editor) => void editor.chain().focus().undo().run(),
    isEnabled: ({ state }) => hasSteps(state, "undoStack"),
  },
  {
    id: "redo",
    label: "Redo",
    key: "Mod-Shift-z",
    face: { icon: "redo" },
    run: (editor) => void editor.chain().focus().redo().run(),
    isEnabled: ({ state }) => hasSteps(state, "redoStack"),
  },
];

const HELP: Action[] = [
  { id: "find", label: "Find and replace", key: "Mod-f", face: { icon: "find" }, run: () => void (panel.value = "find") },
  { id: "shortcuts", label: "Keyboard shortcuts", key: "Mod-/", face: { letters: "?" }, run: () => void (panel.value = "shortcuts") },
];

/** The toolbar, group by group. */
export const TOOLBAR: readonly { label: string; actions: readonly Action[] }[] = [
  { label: "History", actions: HISTORY },
  { label: "Paragraphs", actions: BLOCKS },
  { label: "Characters", actions: MARKS },
  { label: "Lists", actions: LISTS },
  { label: "Insert", actions: INSERTS },
  { label: "Alignment", actions: ALIGNMENTS },
  { label: "Help", actions: HELP },
];

function inTable(id: string, label: string, letters: string, command: Command): Action {
  const run = (editor: Editor): void => {
    apply(editor, command);
    editor.view.focus();
  };
  return { id, label, face: { letters }, run, isEnabled: (editor) => command(editor.state) };
}

/** What can be done to the table that the cursor is in. */
export const TABLE_ACTIONS: readonly Action[] = [
  inTable("rowBefore", "Add a row above", "Row ↑", addRowBefore),
  inTable("rowAfter", "Add a row below", "Row ↓", addRowAfter),
  inTable("rowDelete", "Delete the row", "Row ✕", deleteRow),
  inTable("columnBefore", "Add a column to the left", "Column ←", addColumnBefore),
  inTable("columnAfter", "Add a column to the right", "Column →", addColumnAfter),
  inTable("columnDelete", "Delete the column", "Column ✕", deleteColumn),
  inTable("headerRow", "Header row", "Header", toggleHeaderRow),
  inTable("tableDelete", "Delete the table", "Table ✕", deleteTable),
];

/** All actions by their keys. */
export const Shortcuts = Extension.create({
  name: "shortcuts",
  priority: 900,
  addKeyboardShortcuts() {
    const actions = TOOLBAR.flatMap((group) => group.actions);
    const bound = actions.flatMap((action) => {
      if (action.key === undefined) return [];
      const press = (): boolean => {
        perform(this.editor, action);
        return true;
      };
      return [[action.key, press] as const];
    });
    return Object.fromEntries(bound);
  },
});

const isApple = /Mac|iP(hone|ad|od)/.test(globalThis.navigator?.platform ?? "");

/** A key as it is printed on the keys of this machine. */
export function keyName(key: string): string {
  const names: Record<string, string> = isApple
    ? { Mod: "⌘", Alt: "⌥", Shift: "⇧", Enter: "↩" }
    : { Mod: "Ctrl" };
  const parts = key.split("-").map((part) => names[part] ?? (part.length === 1 ? part.toUpperCase() : part));
  return parts.join(isApple ? "" : "+");
}
