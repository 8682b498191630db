import type { Told, Topic } from "quire-client";
import { describe, expect, test } from "vitest";
import { isNews, sentenceOf } from "../src/lib/told-words";

function told(topic: Topic, more: Partial<Told> = {}): Told {
  return { id: "b1:7:x", topic, at: 0, book: "b1", title: "Emma", by: { user: "u1", name: "Ann" }, ...more };
}

describe("what somebody is told", () => {
  test("is a sentence that says who, what and where", () => {
    const chapter = { chapter: "c1", chapter_title: "The Ball" };
    expect(sentenceOf(told("mentioned", chapter))).toBe("Ann mentions you in “The Ball” of “Emma”.");
    expect(sentenceOf(told("invited", { role: "editor" }))).toBe("Ann invites you to “Emma” as an editor.");
    expect(sentenceOf(told("lock_received", { ...chapter, by: null }))).toBe("You hold “The Ball” of “Emma” now.");
    expect(sentenceOf(told("lock_idle", { by: null }))).toContain("a chapter of “Emma” was released");
  });

  test("says something also of what this page does not know", () => {
    expect(sentenceOf(told("printed" as Topic))).toBe("Something happened in “Emma”.");
  });

  test("is news unless the page shows it anyway", () => {
    expect(isNews(told("lock_asked"), "b1")).toBe(false);
    expect(isNews(told("lock_asked"), "b2")).toBe(true);
    expect(isNews(told("mentioned"), "b1")).toBe(true);
    expect(isNews(told("invited"), undefined)).toBe(false);
    expect(isNews(told("invited"), "b1")).toBe(true);
  });
});
