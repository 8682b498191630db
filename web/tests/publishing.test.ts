import { describe, expect, it } from "vitest";
import { badge, readersHave, toDo, waitingFor } from "../src/lib/publishing";

const chapters = Array.from({ length: 7 }, (_, index) => ({ id: `c${index + 1}`, title: `Chapter ${index + 1}` }));
const clean = { open_threads: 0, empty: [], held: [], waiting: null };
const by = { user: "mia", name: "Mia" };

describe("the state of a book", () => {
  it("says what is out, and how far the next edition is", () => {
    expect(badge("submitted", "submitted")).toBe("Waits for review");
    expect(badge("published", undefined)).toBe("Published");
    expect(badge("published", "changes_requested")).toBe("Published · new edition: changes requested");
  });

  it("says what readers have", () => {
    expect(readersHave({ state: "draft", was_published: false })).toContain("not seen it yet");
    expect(readersHave({ state: "unpublished", was_published: true })).toContain("taken back");
    expect(readersHave({ state: "published", was_published: true, edition: { point: 1, at: 1, by } })).toContain("waits");
  });
});

describe("the checklist", () => {
  it("has a sentence for each thing that is left, and none for a clean book", () => {
    expect(toDo(clean, chapters)).toEqual([]);
    expect(toDo({ ...clean, open_threads: 1, empty: ["c2"], held: ["c1", "c3"] }, chapters)).toEqual([
      "One comment thread is not settled.",
      "Nothing is written in “Chapter 2”.",
      "Somebody is writing in “Chapter 1” and “Chapter 3”.",
    ]);
    expect(toDo({ ...clean, open_threads: 4 }, chapters)).toEqual(["4 comment threads are not settled."]);
  });

  it("names five of many chapters, and counts the rest", () => {
    const [sentence] = toDo({ ...clean, empty: chapters.map(({ id }) => id) }, chapters);
    expect(sentence).toBe("Nothing is written in “Chapter 1”, “Chapter 2”, “Chapter 3”, “Chapter 4”, “Chapter 5” and 2 more.");
  });

  it("tells what readers do not have yet", () => {
    expect(waitingFor(clean, chapters)).toBeNull();
    expect(waitingFor({ ...clean, waiting: { chapters: [], order: false, details: false } }, chapters)).toEqual([]);
    const waiting = { chapters: ["c1", "gone"], order: true, details: true };
    expect(waitingFor({ ...clean, waiting }, chapters)).toHaveLength(3);
    expect(waitingFor({ ...clean, waiting }, chapters)?.[0]).toBe("Changed: “Chapter 1” and a chapter.");
  });
});
