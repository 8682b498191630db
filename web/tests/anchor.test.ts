import { describe, expect, it } from "vitest";
import { anchorOf, locate } from "../src/lib/anchor";

const TEXT = "The rose 🌹 is red. The rose is sweet.";

function spanOf(words: string, from = 0) {
  const start = TEXT.indexOf(words, from);
  return { start, end: start + words.length };
}

describe("an anchor", () => {
  it("counts characters, not UTF-16 units", () => {
    expect(anchorOf(TEXT, spanOf("is red"), 3, 100)).toMatchObject({ quote: "is red", offset: 11, base: 3 });
  });

  it("leaves blanks at the ends of a selection out, and is none for blanks alone", () => {
    expect(anchorOf(TEXT, spanOf(" is red. "), 0, 100)?.quote).toBe("is red.");
    expect(anchorOf(TEXT, { start: 3, end: 4 }, 0, 100)).toBeUndefined();
  });

  it("is cut to the longest quote that the hub takes", () => {
    expect(anchorOf(TEXT, { start: 0, end: TEXT.length }, 0, 10)?.quote).toBe("The rose 🌹");
  });

  it("finds its own place among equal words", () => {
    for (const span of [spanOf("rose"), spanOf("rose", 12)]) {
      const anchor = anchorOf(TEXT, span, 0, 100);
      expect(anchor && locate(TEXT, anchor)).toEqual(span);
    }
  });

  it("follows its words when text is put before them", () => {
    const anchor = anchorOf(TEXT, spanOf("sweet"), 0, 100);
    expect(anchor && locate(`A rose is sweet? ${TEXT}`, anchor)?.start).toBe(17 + spanOf("sweet").start);
  });

  it("has no place when its words are gone", () => {
    const anchor = anchorOf(TEXT, spanOf("sweet"), 0, 100);
    expect(anchor && locate("The rose is wilted.", anchor)).toBeUndefined();
  });
});

describe("a quote", () => {
  it("is found however it is laid out, and the span is that of the text as it is", () => {
    const anchor = { quote: "Call me\n  Ishmael", prefix: "", suffix: "", offset: 0 };
    expect(locate("Call me Ishmael.", anchor)).toEqual({ start: 0, end: 15 });
    expect(locate("So: Call\u00a0meIshmael", anchor)).toEqual({ start: 4, end: 18 });
    expect(locate("Callme Ahab", anchor)).toBeUndefined();
    expect(locate("anything", { ...anchor, quote: " \n" })).toBeUndefined();
  });
});
