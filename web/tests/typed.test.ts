import { applyUpdate, Doc, encodeStateAsUpdate, XmlElement, XmlText } from "yjs";
import { describe, expect, it } from "vitest";
import { linesIn, typedIn } from "../src/lib/typed";

const LIMIT = 48 * 1024;

/** A chapter with these paragraphs, and a record of what is written into it from now on. */
function chapter(...paragraphs: string[]): { doc: Doc; updates: Uint8Array[]; paragraph(at: number): XmlText } {
  const before = new Doc();
  const root = before.getXmlFragment("default");
  root.insert(0, paragraphs.map(paragraphOf));
  const doc = new Doc();
  doc.clientID = 77;
  applyUpdate(doc, encodeStateAsUpdate(before));
  const updates: Uint8Array[] = [];
  doc.on("update", (update: Uint8Array) => updates.push(update));
  const paragraph = (at: number): XmlText => (doc.getXmlFragment("default").get(at) as XmlElement).get(0) as XmlText;
  return { doc, updates, paragraph };
}

function paragraphOf(text: string): XmlElement {
  const paragraph = new XmlElement("paragraph");
  paragraph.insert(0, [new XmlText(text)]);
  return paragraph;
}

function read(update: Uint8Array): { lines: string[]; clients: number[] } {
  const doc = new Doc();
  applyUpdate(doc, update);
  return { lines: linesIn(doc), clients: [...doc.store.clients.keys()] };
}

describe("what was typed", () => {
  it("is the blocks that it was typed in, whole, as a document of client 1", () => {
    const { doc, updates, paragraph } = chapter("one", "two", "three");
    paragraph(1).insert(3, " and a half");
    doc.getXmlFragment("default").insert(3, [paragraphOf("four")]);
    const [typed, ...more] = typedIn(doc, updates, LIMIT);
    expect(more).toEqual([]);
    expect(read(typed!.update)).toEqual({ lines: ["two and a half", "four"], clients: [1] });
    expect(typed!.excerpt).toBe("two and a half four");
  });

  it("keeps what blocks are and how their text looks", () => {
    const { doc, updates } = chapter("one");
    const list = new XmlElement("bulletList");
    const item = new XmlElement("listItem");
    const text = new XmlText("bold");
    text.format(0, 4, { bold: {} });
    const paragraph = new XmlElement("paragraph");
    paragraph.insert(0, [text]);
    item.insert(0, [paragraph]);
    list.insert(0, [item]);
    doc.getXmlFragment("default").insert(1, [list]);
    const copy = new Doc();
    applyUpdate(copy, typedIn(doc, updates, LIMIT)[0]!.update);
    expect(copy.getXmlFragment("default").toString()).toBe(list.toString());
  });

  it("is nothing where only something was taken away, or what was typed is gone again", () => {
    const { doc, updates, paragraph } = chapter("one", "two");
    paragraph(0).delete(0, 2);
    doc.getXmlFragment("default").insert(2, [paragraphOf("gone")]);
    doc.getXmlFragment("default").delete(2, 1);
    expect(typedIn(doc, updates, LIMIT)).toEqual([]);
  });

  it("is cut into documents below the limit, and nothing is missing", () => {
    const { doc, updates } = chapter();
    const long = Array.from({ length: 30 }, (_, at) => `${at} ${"word ".repeat(800)}`.trim());
    doc.getXmlFragment("default").insert(0, long.map(paragraphOf));
    const typed = typedIn(doc, updates, LIMIT);
    expect(typed.length).toBeGreaterThan(1);
    for (const { update } of typed) expect(update.length).toBeLessThanOrEqual(LIMIT);
    expect(typed.flatMap(({ update }) => read(update).lines)).toEqual(long);
  });

  it("is cut within a block that is too large by itself", () => {
    const { doc, updates } = chapter();
    const text = "ö".repeat(60_000);
    doc.getXmlFragment("default").insert(0, [paragraphOf(text)]);
    const typed = typedIn(doc, updates, LIMIT);
    for (const { update } of typed) expect(update.length).toBeLessThanOrEqual(LIMIT);
    expect(typed.flatMap(({ update }) => read(update).lines).join("")).toBe(text);
  });
});
