// @vitest-environment jsdom
import { expect, test } from "vitest";
import { bookTotals, byDay, daysIn, endings, inUnit, lastDays, type LibraryReport, type Report, type ReportRow, roundTop, span, totals } from "../src/lib/report";

const NOON = Date.UTC(2026, 2, 1, 12);

function row(day: string, user: string | null, more: Partial<ReportRow> = {}): ReportRow {
  return {
    day,
    user: user === null ? null : { id: user, name: user === "gone" ? null : user.toUpperCase() },
    tabs: 1,
    holds: 0,
    held_ms: 0,
    releases: {},
    comments: 0,
    resolved: 0,
    chapters_added: 0,
    chapters_removed: 0,
    versions: 0,
    words_added: 0,
    words_removed: 0,
    ...more,
  };
}

const told: Report = {
  from: "2026-02-27",
  to: "2026-03-02",
  at: "2026-03-02T00:00:00.000Z",
  rows: [
    row("2026-02-27", "ann", { words_added: 10, releases: { released: 2 } }),
    row("2026-02-27", "ben", { words_added: 40, held_ms: 60_000, releases: { forced: 1 } }),
    row("2026-03-01", "ann", { words_added: 5, words_removed: 2, releases: { released: 1 } }),
    row("2026-03-01", null, { versions: 3 }),
    row("2026-03-02", "gone"),
  ],
};

test("a period has whole days of UTC, both within", () => {
  expect(lastDays(7, NOON)).toEqual({ from: "2026-02-23", to: "2026-03-01" });
  expect(daysIn(lastDays(90, NOON))).toBe(90);
  expect(daysIn({ from: "2026-03-02", to: "2026-03-01" })).toBe(0);
  expect(daysIn({ from: "", to: "2026-03-01" })).toBeNaN();
});

test("a plot has every day of the period", () => {
  const bars = byDay(told, ({ words_added }) => words_added);
  expect(bars).toEqual([
    { day: "2026-02-27", value: 50 },
    { day: "2026-02-28", value: 0 },
    { day: "2026-03-01", value: 5 },
    { day: "2026-03-02", value: 0 },
  ]);
});

test("people have what they did together, whoever wrote most first", () => {
  const people = totals(told, (user) => (user === "gone" ? undefined : user));
  expect(people.map(({ name, words_added, tabs }) => [name, words_added, tabs])).toEqual([
    ["BEN", 40, 1],
    ["ANN", 15, 2],
    ["Nobody", 0, 1],
    ["A former member", 0, 1],
  ]);
  expect(people[1]?.releases).toEqual({ released: 3 });
  expect(told.rows[0]?.releases).toEqual({ released: 2 });
  expect(endings(people)).toEqual([
    { reason: "released", label: "Given back", count: 3 },
    { reason: "forced", label: "Taken by the owner", count: 1 },
  ]);
});

test("spans and axes are read at a glance", () => {
  expect([0, 40_000, 12 * 60_000, 185 * 60_000].map(span)).toEqual(["0 s", "40 s", "12 min", "3 h 05 min"]);
  expect([[], [0], [0.03], [7], [10], [130], [499, 2]].map(roundTop)).toEqual([1, 1, 0.05, 10, 10, 200, 500]);
});

test("times are told in a unit in which the longest is at least one", () => {
  const bars = (...values: number[]) => values.map((value, index) => ({ day: `2026-01-0${index + 1}`, value }));
  const told = (...values: number[]) => {
    const { unit, bars: shown } = inUnit(bars(...values));
    return [unit, ...shown.map(({ value }) => value)];
  };
  expect(told(500, 1_500)).toEqual(["seconds", 0.5, 1.5]);
  expect(told(30_000, 120_000)).toEqual(["minutes", 0.5, 2]);
  expect(told(1_800_000, 7_200_000)).toEqual(["hours", 0.5, 2]);
  expect(told(0, 0)).toEqual(["hours", 0, 0]);
});

test("what was done in a book is summed, whoever did it, and each person counts once", () => {
  const counts = { tabs: 1, holds: 1, held_ms: 5, releases: { released: 1 }, comments: 0, resolved: 0, chapters_added: 0, chapters_removed: 0, versions: 1, words_removed: 0 };
  const row = (id: string, user: string | null, words_added: number) => ({
    ...counts,
    words_added,
    day: "2026-01-01",
    user: user === null ? null : { id: user, name: user },
    book: { id, title: `Title of ${id}` },
  });
  const rows = [row("b1", "ann", 3), row("b2", "ann", 4), row("b2", "ben", 5), row("b2", "ben", 1), row("b2", null, 0)];
  const told = bookTotals({ from: "2026-01-01", to: "2026-01-01", at: "", rows } satisfies LibraryReport);
  expect(told.map(({ id, name, people, words_added, releases }) => [id, name, people, words_added, releases.released])).toEqual([
    ["b2", "Title of b2", 2, 10, 4],
    ["b1", "Title of b1", 1, 3, 1],
  ]);
});
