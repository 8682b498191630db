// @vitest-environment jsdom
import { expect, test } from "vitest";
import { byDay, daysIn, endings, lastDays, type Report, type ReportRow, roundTop, span, totals } from "../src/lib/report";

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
