// @vitest-environment jsdom
import type { Editor } from "@tiptap/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { applyUpdate, Doc, encodeStateAsUpdate, type XmlElement, type XmlText } from "yjs";
import { bytesOf, type Relative } from "quire-client";
import POSITIONS from "../../src/chapter/guard/position.rs?raw";
import { relativeOf, spanOfRelative } from "../src/editor/anchors";
import { editorOf } from "../src/editor/editor";

const LINEAGE = 1_763_800_000_000_042;

let doc: Doc;
let writer: Editor;
let watcher: Editor;

function editor(of: Doc, editable: boolean): Editor {
  return editorOf(document.body.appendChild(document.createElement("div")), of, editable, "Dawn");
}

beforeEach(() => {
  doc = new Doc();
  doc.clientID = LINEAGE;
  writer = editor(doc, true);
  writer.commands.setContent('<p>Call me<br>Ish<span data-footnote="">A name, 𝄞.</span>mael. 𝄞</p><ul><li><p>Some years ago</p></li></ul><p>never mind</p>');
  const copy = new Doc();
  applyUpdate(copy, encodeStateAsUpdate(doc));
  doc.on("update", (update: Uint8Array) => applyUpdate(copy, update));
  watcher = editor(copy, false);
});

afterEach(() => {
  writer.destroy();
  watcher.destroy();
});

const shown = (of: Editor): string => of.view.dom.textContent ?? "";

/** The anchor that somebody who watches makes of these words. */
function anchorOn(words: string): Relative {
  const start = shown(watcher).indexOf(words);
  expect(start, words).toBeGreaterThanOrEqual(0);
  return relativeOf(watcher, { start, end: start + words.length }, LINEAGE)!;
}

/** What stands there now, for who writes and who watches alike. */
function words(anchor: Relative): string | undefined {
  const [mine, theirs] = [writer, watcher].map((of) => {
    const span = spanOfRelative(of, anchor, LINEAGE);
    return span && shown(of).slice(span.start, span.end);
  });
  expect(mine).toBe(theirs);
  return mine;
}

/** The position in the writer's editor before the unit of its text with this index. */
function at(index: number): number {
  const span = spanOfRelative(writer, relativeOf(writer, { start: index, end: index + 1 }, LINEAGE)!, LINEAGE);
  expect(span).toEqual({ start: index, end: index + 1 });
  let [pos, left] = [0, index];
  writer.state.doc.descendants((node, where) => {
    if (node.isText && left >= 0 && left < node.nodeSize) pos = where + left;
    if (node.isText) left -= node.nodeSize;
    return node.type.name !== "footnote";
  });
  return pos;
}

const types = (before: string, typed: string): boolean => writer.commands.insertContentAt(at(shown(writer).indexOf(before)), typed);

function deletes(words: string): void {
  const start = shown(writer).indexOf(words);
  writer.commands.deleteRange({ from: at(start), to: at(start + words.length - 1) + 1 });
}

describe("an anchor in a document", () => {
  it("names any stretch of what is shown: over breaks, footnotes, marks and paragraphs", () => {
    const text = shown(watcher);
    expect(text).toBe("Call meIshmael. 𝄞Some years agonever mind");
    for (let start = 0; start < text.length; start += 3) {
      for (let end = start + 1; end <= text.length; end += 5) {
        const anchor = relativeOf(watcher, { start, end }, LINEAGE);
        expect(anchor && spanOfRelative(writer, anchor, LINEAGE), `${start} to ${end}`).toEqual({ start, end });
      }
    }
  });

  it("moves with its words and grows with what is written in them, not with what is written beside them", () => {
    const anchor = anchorOn("Ishmael");
    types("Call", "Well. ");
    expect(words(anchor)).toBe("Ishmael");
    types("Ish", "dear ");
    types(". 𝄞", "!");
    expect(words(anchor)).toBe("Ishmael");
    types("mael", "m");
    expect(words(anchor)).toBe("Ishmmael");
    writer.commands.setTextSelection({ from: at(shown(writer).indexOf("Ish")), to: at(shown(writer).indexOf("Ish") + 2) });
    writer.commands.toggleBold();
    expect(words(anchor)).toBe("Ishmmael");
  });

  it("keeps what is left of its words, and is gone with the last of them", () => {
    const anchor = anchorOn("Some years");
    deletes("me ye");
    expect(words(anchor)).toBe("Soars");
    deletes("Soars");
    expect(words(anchor)).toBeUndefined();
    types(" ago", "So");
    expect(words(anchor)).toBeUndefined();
  });

  it("is gone with the paragraph that it begins or ends in", () => {
    const anchor = anchorOn("never");
    const over = anchorOn("agonever");
    const size = writer.state.doc.content.size;
    writer.commands.deleteRange({ from: size - "never mind".length - 2, to: size });
    expect([words(anchor), words(over)]).toEqual([undefined, undefined]);
  });

  it("says nothing of another document, and garbage says nothing at all", () => {
    const anchor = anchorOn("Ishmael");
    expect(spanOfRelative(watcher, { ...anchor, lineage: 7 }, LINEAGE)).toBeUndefined();
    expect(spanOfRelative(watcher, anchor, null)).toBeUndefined();
    expect(relativeOf(watcher, { start: 0, end: 4 }, null)).toBeUndefined();
    for (const bytes of [[], [9], [0, 7, 3], [0, 7, 3, 0], [1, 1, 120, 0], [2, 7, 3, 0]]) {
      const start = new Uint8Array(bytes);
      expect(spanOfRelative(watcher, { ...anchor, start }, LINEAGE), `${bytes}`).toBeUndefined();
    }
  });

  it("fits into what the hub takes", () => {
    const max = Number(/POSITION_BYTES_MAX: usize = (\d+)/.exec(POSITIONS)?.[1]);
    const { start, end } = anchorOn("Ishmael");
    for (const position of [start, end]) {
      const bytes = bytesOf(position);
      expect(bytes.length).toBeLessThanOrEqual(max);
      // What it stands beside, and on which side.
      expect([bytes[0], bytes.at(-1)]).toEqual([0, position === start ? 0 : 0x41]);
    }
  });
});

it("the text of the editor is laid out as the hub reads it", () => {
  const first = doc.getXmlFragment("default").get(0) as XmlElement;
  expect(first.toArray().map((child) => (child as XmlElement | XmlText).toString())).toEqual([
    "Call me",
    "<hardbreak></hardbreak>",
    "Ish",
    "<footnote>A name, 𝄞.</footnote>",
    "mael. 𝄞",
  ]);
});
