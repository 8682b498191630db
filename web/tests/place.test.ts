import { applyUpdate, createAbsolutePositionFromRelativePosition, createRelativePositionFromTypeIndex, Doc, encodeStateAsUpdate } from "yjs";
import { describe, expect, it } from "vitest";
import { readPlace, writePlace } from "../src/lib/place";

function copyOf(doc: Doc): Doc {
  const copy = new Doc();
  applyUpdate(copy, encodeStateAsUpdate(doc));
  return copy;
}

describe("a place", () => {
  it("means the same in another copy of the document, also after words came before it", () => {
    const doc = new Doc();
    const text = doc.getText("default");
    text.insert(0, "Call me Ishmael.");
    const cursor = writePlace({
      anchor: createRelativePositionFromTypeIndex(text, 5),
      head: createRelativePositionFromTypeIndex(text, 7),
    });
    const copy = copyOf(doc);
    copy.getText("default").insert(0, "Well. ");
    const place = readPlace(cursor)!;
    const at = (position: typeof place.head) => createAbsolutePositionFromRelativePosition(position, copy)?.index;
    expect([at(place.anchor), at(place.head)]).toEqual([11, 13]);
    expect(new TextEncoder().encode(cursor).length).toBeLessThanOrEqual(256);
  });

  it("is one position where nothing is selected", () => {
    const text = new Doc().getText("default");
    const here = createRelativePositionFromTypeIndex(text, 0);
    const cursor = writePlace({ anchor: here, head: here });
    expect(cursor).not.toContain(".");
    expect(readPlace(cursor)).toEqual({ anchor: here, head: here });
  });

  it("is nothing where somebody sent anything else", () => {
    for (const cursor of ["", "!", "a.b.c", "AAAA.", "%%%%"]) expect(readPlace(cursor), cursor).toBeNull();
  });
});
