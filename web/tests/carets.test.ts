// @vitest-environment jsdom
import type { Editor } from "@tiptap/core";
import { NodeSelection, TextSelection } from "@tiptap/pm/state";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { applyUpdate, Doc, encodeStateAsUpdate } from "yjs";
import { type Caret, ownPlace, showCarets } from "../src/editor/carets";
import { editorOf } from "../src/editor/editor";
import { footnotesOf, openFootnote } from "../src/editor/footnote";
import { paced } from "../src/lib/paced";
import { writePlace } from "../src/lib/place";

let doc: Doc;
let writer: Editor;
let watcher: Editor;

function editor(of: Doc, editable: boolean): Editor {
  return editorOf(document.body.appendChild(document.createElement("div")), of, editable, "Dawn");
}

beforeEach(() => {
  doc = new Doc();
  writer = editor(doc, true);
  writer.commands.setContent('<p>Call me Ish<span data-footnote="">A name.</span>mael.</p><p>Some years ago</p>');
  const copy = new Doc();
  applyUpdate(copy, encodeStateAsUpdate(doc));
  doc.on("update", (update: Uint8Array) => applyUpdate(copy, update));
  watcher = editor(copy, false);
});

afterEach(() => {
  writer.destroy();
  watcher.destroy();
});

function caret(cursor: string, session = "s1"): Caret {
  return { session, name: "Ann Lee", colour: "#b3261e", cursor };
}

function selects(from: number, to = from): string {
  writer.view.dispatch(writer.state.tr.setSelection(TextSelection.create(writer.state.doc, from, to)));
  return writePlace(ownPlace(writer)!);
}

/** The text of an editor with `|` for each caret and `[…]` around what is selected. */
function drawn(of: Editor): string {
  const spoken = (node: Node): string => {
    const inner = [...node.childNodes].map(spoken).join("");
    if (!(node instanceof HTMLElement)) return node.nodeValue ?? "";
    if (node.classList.contains("caret")) return "|";
    const shown = node.classList.contains("footnote-mark") ? "¹" : inner;
    return node.classList.contains("caret-selection") ? `[${shown}]` : shown;
  };
  return [...of.view.dom.children].map(spoken).join("\n");
}

const xml = (): string => doc.getXmlFragment("default").toString();

describe("a caret", () => {
  it("stands where it was set, by what stands there, and nothing of it is written", () => {
    const before = xml();
    showCarets(watcher, [caret(selects(6))]);
    expect(drawn(watcher)).toBe("Call |me Ish¹mael.\nSome years ago");
    expect(watcher.view.dom.querySelector<HTMLElement>(".caret")?.dataset["name"]).toBe("Ann Lee");
    expect(watcher.state.doc.textContent).toBe(writer.state.doc.textContent);
    expect(xml()).toBe(before);
    writer.commands.insertContentAt(1, "Well. ");
    expect(drawn(watcher)).toBe("Well. Call |me Ish¹mael.\nSome years ago");
  });

  it("selects from its anchor to its head, over paragraphs too", () => {
    showCarets(watcher, [caret(selects(writer.state.doc.content.size - 4, 6))]);
    expect(drawn(watcher)).toBe("Call |[me Ish][¹][mael.]\n[Some years ]ago");
  });

  it("within a footnote shows at the number, for the text of footnotes is not in the flow", () => {
    const [footnote] = footnotesOf(writer.state).list;
    const outside = selects(1);
    openFootnote(writer.view, footnote!.pos);
    const cursor = writePlace(ownPlace(writer)!);
    expect(cursor).not.toBe(outside);
    showCarets(watcher, [caret(cursor)]);
    expect(drawn(watcher)).toBe("Call me Ish¹|mael.\nSome years ago");
    openFootnote(writer.view, null);
    writer.view.dispatch(writer.state.tr.setSelection(NodeSelection.create(writer.state.doc, footnote!.pos)));
    showCarets(watcher, [caret(writePlace(ownPlace(writer)!))]);
    expect(drawn(watcher)).toBe("Call me Ish[¹]|mael.\nSome years ago");
  });

  it("is one for each session, and whoever writes sees those of others stay where they are", () => {
    showCarets(writer, [caret(selects(6)), caret(selects(writer.state.doc.content.size - 4), "s2")]);
    writer.commands.insertContentAt(1, "Well. ");
    expect(drawn(writer)).toBe("Well. Call |me Ish¹mael.\nSome years |ago");
    showCarets(writer, []);
    expect(drawn(writer)).not.toContain("|");
  });

  it("is not drawn where it names no place in this text", () => {
    const other = new Doc();
    const elsewhere = editor(other, true);
    elsewhere.commands.setContent("<p>Another text</p>");
    for (const cursor of ["", "nonsense", "AAAA", writePlace(ownPlace(elsewhere)!)]) {
      showCarets(watcher, [caret(cursor)]);
      expect(drawn(watcher), cursor).not.toContain("|");
    }
    elsewhere.destroy();
  });

  it("asks nothing of an editor that is gone", () => {
    const gone = editor(new Doc(), true);
    gone.destroy();
    showCarets(gone, [caret("")]);
    expect(ownPlace(gone)).toBeNull();
  });
});

it("what is paced runs at once, then once in each pause, and never misses the last ask", () => {
  vi.useFakeTimers();
  let runs = 0;
  const pace = paced(200, () => (runs += 1));
  for (let ask = 0; ask < 49; ask += 1) {
    pace.ask();
    vi.advanceTimersByTime(20);
  }
  // A second of typing.
  expect(runs).toBe(5);
  vi.advanceTimersByTime(1_000);
  expect(runs).toBe(6);
  pace.ask();
  pace.ask();
  pace.cancel();
  vi.advanceTimersByTime(1_000);
  expect(runs).toBe(7);
  vi.useRealTimers();
});
