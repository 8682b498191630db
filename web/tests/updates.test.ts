// @vitest-environment jsdom
import type { Editor } from "@tiptap/core";
import { yXmlFragmentToProseMirrorRootNode } from "@tiptap/y-tiptap";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { applyUpdate, decodeUpdate, Doc, mergeUpdates } from "yjs";
import { editorOf } from "../src/editor/editor";
import { startStep } from "../src/editor/history";
import { cutUpdate } from "../src/lib/updates";

const BYTES_MAX = 2_000;

let doc: Doc;
let editor: Editor;
let updates: Uint8Array[];

beforeEach(() => {
  doc = new Doc();
  doc.clientID = 7;
  editor = editorOf(document.body.appendChild(document.createElement("div")), doc, true, "Dawn");
  updates = [];
  doc.on("update", (update: Uint8Array) => updates.push(update));
});

afterEach(() => editor.destroy());

/** Somebody who hears each part of the updates by itself: after each, the document must be what the schema says. */
function heard(parts: Uint8Array[]): string {
  const other = new Doc();
  let clock = 0;
  for (const part of parts) {
    expect(part.length).toBeLessThanOrEqual(BYTES_MAX);
    const first = decodeUpdate(part).structs[0];
    if (first) expect(first.id).toEqual({ client: 7, clock });
    applyUpdate(other, part);
    clock = other.store.clients.get(7)?.reduce((end, struct) => Math.max(end, struct.id.clock + struct.length), 0) ?? 0;
    yXmlFragmentToProseMirrorRootNode(other.getXmlFragment("default"), editor.schema).check();
  }
  return other.getXmlFragment("default").toString();
}

const cut = (): Uint8Array[] => updates.flatMap((update) => cutUpdate(update, BYTES_MAX));
const written = (): string => doc.getXmlFragment("default").toString();

const WORDS = "It was a bright cold day, and the clocks were striking thirteen. ".repeat(3);
const CHAPTER = [
  "<h2>Dawn</h2>",
  ...Array.from({ length: 40 }, (_, index) => `<p>${index} ${WORDS}<em>slanted</em><span data-footnote="">note</span> and so on</p>`),
  `<ul>${`<li><p>${WORDS}</p><ol><li><p>within</p></li></ol></li>`.repeat(20)}</ul>`,
  `<table>${`<tr><td><p>${WORDS}</p></td><th colspan="2"><p>two</p></th></tr>`.repeat(20)}</table>`,
  `<blockquote><p>${WORDS.repeat(5)}</p></blockquote>`,
].join("");

describe("an update that is cut", () => {
  it("says the same in parts that are small, in order, and sound in between", () => {
    editor.commands.setContent(CHAPTER);
    expect(updates).toHaveLength(1);
    expect(cut().length).toBeGreaterThan(10);
    expect(heard(cut())).toBe(written());
  });

  it("may be one long paragraph, of any letters", () => {
    editor.commands.setContent(`<p>${"ein Röschen 🌹 und noch eines ".repeat(500)}</p>`);
    expect(heard(cut())).toBe(written());
  });

  it("may undo what deleted a chapter", () => {
    editor.commands.setContent(CHAPTER);
    const before = editor.getHTML();
    startStep(editor.state);
    editor.commands.selectAll();
    editor.commands.deleteSelection();
    expect(editor.state.doc.textContent).toBe("");
    editor.commands.undo();
    expect(editor.getHTML()).toBe(before);
    expect(heard(cut())).toBe(written());
  });

  it("may be nothing but deletes", () => {
    editor.commands.setContent(`<p>${"ab".repeat(6_000)}</p>`);
    const start = cut();
    const text = doc.getXmlFragment("default").firstChild;
    updates = [];
    doc.transact(() => {
      const node = (text as unknown as { firstChild: { delete(at: number, length: number): void } }).firstChild;
      for (let at = 0; at < 3_000; at += 1) node.delete(at, 1);
    });
    const parts = cut();
    expect(parts.every((part) => part.length <= 20_000)).toBe(true);
    const other = new Doc();
    for (const part of [...start, ...parts]) applyUpdate(other, part);
    expect(other.getXmlFragment("default").toString()).toBe(written());
  });

  it("stays as it is if it is small", () => {
    editor.commands.setContent("<p>Dawn</p>");
    const [update] = updates;
    expect(update && cutUpdate(update, BYTES_MAX)).toEqual([update]);
  });

  it("may have been merged of many", () => {
    for (let index = 0; index < 110; index += 1) editor.commands.insertContentAt(editor.state.doc.content.size, `<p>${index} ${WORDS}</p>`);
    const merged = cutUpdate(mergeUpdates(updates), BYTES_MAX);
    expect(merged.length).toBeGreaterThan(10);
    expect(heard(merged)).toBe(written());
  });
});
