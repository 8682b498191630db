// @vitest-environment jsdom
import type { Editor } from "@tiptap/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Doc, XmlElement, type XmlFragment, XmlText } from "yjs";
import CASES from "../../src/export/tests/corpus/imported.json";
import { editorOf } from "../src/editor/editor";

let doc: Doc;
let editor: Editor;

function begin(editable: boolean): void {
  doc = new Doc();
  editor = editorOf(document.body.appendChild(document.createElement("div")), doc, editable, "Dawn");
}

beforeEach(() => begin(true));
afterEach(() => editor.destroy());

/** What a document says: elements as `[name, attributes, …children]`, texts as lists of `{text, …marks}`. */
function read(parent: XmlFragment): unknown[] {
  return parent.toArray().map((node) => {
    if (node instanceof XmlText) return node.toDelta().map(({ insert, attributes = {} }: { insert: string; attributes?: object }) => ({ text: insert, ...attributes }));
    if (node instanceof XmlElement) return [node.nodeName, node.getAttributes(), ...read(node)];
    throw new Error("neither an element nor a text");
  });
}

describe("what the hub makes of an imported text", () => {
  for (const { html, document: expected } of CASES) {
    it(`is what the editor makes of ${html.slice(0, 40)}`, () => {
      editor.commands.setContent(html);
      expect(read(doc.getXmlFragment("default"))).toEqual(expected);
    });
  }
});

describe("a text that begins with its own title", () => {
  const own = "<h2>dawn </h2><p>It was a bright cold day.</p>";

  it("shows it to whoever writes, and the title of the page to whoever reads", () => {
    editor.commands.setContent(own);
    expect(editor.view.dom.querySelector(".sr-only")).toBe(null);
    editor.destroy();
    begin(false);
    editor.commands.setContent(own);
    expect(editor.view.dom.querySelector(".sr-only")?.textContent?.trim()).toBe("dawn");
    editor.commands.setContent("<h2>Dusk</h2><p>dawn</p>");
    expect(editor.view.dom.querySelector(".sr-only")).toBe(null);
  });
});
