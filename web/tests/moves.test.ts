import type { ChapterView } from "quire-client";
import { describe, expect, it } from "vitest";
import { dropPlace, stepDown, stepUp } from "../src/lib/moves";

function entry(id: string, parent: string | null = null): ChapterView {
  return { id, title: id, kind: id.startsWith("part") ? "part" : "chapter", parent, lock: null };
}

const BOOK = [entry("a"), entry("part1"), entry("b", "part1"), entry("c", "part1"), entry("part2"), entry("d")];

function find(id: string): ChapterView {
  const found = BOOK.find((chapter) => chapter.id === id);
  if (!found) throw new Error(id);
  return found;
}

describe("one step in reading order", () => {
  it.each([
    ["a", undefined],
    ["b", { at: { after: "a" }, parent: null }],
    ["c", { at: "first", parent: "part1" }],
    ["part1", { at: "first", parent: null }],
    ["d", { at: "last", parent: "part2" }],
  ])("up from %s", (id, place) => expect(stepUp(BOOK, find(id))).toEqual(place));

  it.each([
    ["a", { at: "first", parent: "part1" }],
    ["b", { at: { after: "c" }, parent: "part1" }],
    ["c", { at: { after: "part1" }, parent: null }],
    ["part1", { at: { after: "part2" }, parent: null }],
    ["d", undefined],
  ])("down from %s", (id, place) => expect(stepDown(BOOK, find(id))).toEqual(place));
});

describe("what is dropped", () => {
  it.each([
    ["d", "a", "upper", { at: "first", parent: null }],
    ["d", "b", "lower", { at: { after: "b" }, parent: "part1" }],
    ["d", "part2", "lower", { at: "first", parent: "part2" }],
    ["c", "b", "upper", { at: "first", parent: "part1" }],
    ["part2", "part1", "upper", { at: { after: "a" }, parent: null }],
    ["part2", "part1", "lower", { at: { after: "part1" }, parent: null }],
  ] as const)("%s on %s, %s half", (moved, target, half, place) => {
    expect(dropPlace(BOOK, find(moved), find(target), half)).toEqual(place);
  });

  it.each([
    ["a", "a"],
    ["part1", "b"],
    ["part2", "b"],
  ])("%s may not lie on %s", (moved, target) => {
    expect(dropPlace(BOOK, find(moved), find(target), "lower")).toBeUndefined();
  });
});
