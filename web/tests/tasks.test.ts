import { describe, expect, it } from "vitest";
import { isLate, taskSentence } from "../src/lib/tasks";
import { date, dayBegins, dayOf } from "../src/lib/time";

const person = { user: "ben", name: "Ben" };

describe("whose task a chapter is", () => {
  it("is said with the day, and to whoever it is for as theirs", () => {
    const due_at = dayBegins("2026-03-03") ?? 0;
    expect(taskSentence({ person, due_at: null }, "ann")).toBe("for Ben");
    expect(taskSentence({ person, due_at }, "ben")).toBe(`for you, until ${date(due_at)}`);
  });

  it("is late when the day is over, and not before", () => {
    const due_at = dayBegins("2026-03-03") ?? 0;
    expect(isLate({ person, due_at }, due_at + 86_399_999)).toBe(false);
    expect(isLate({ person, due_at }, due_at + 86_400_000)).toBe(true);
    expect(isLate({ person, due_at: null }, Number.MAX_SAFE_INTEGER)).toBe(false);
  });

  it("is a day of this place in the field and back", () => {
    for (const day of ["2026-01-01", "2024-02-29", "2026-12-31"]) expect(dayOf(dayBegins(day) ?? 0)).toBe(day);
  });
});
