import type { PublishState, ReleaseReason } from "quire-client";
import { askPatiently, give } from "./files";

/** Days of the longest period that a hub counts. */
export const DAYS_MAX = 366;
const DAY_MS = 24 * 60 * 60 * 1000;

/** What one person did on one day, as the hub tells it; `user` is null for the hub, and where nobody knows. */
export interface ReportRow extends Counts {
  day: string;
  user: { id: string; name: string | null } | null;
}

interface Counts {
  tabs: number;
  holds: number;
  held_ms: number;
  releases: Partial<Record<ReleaseReason, number>>;
  comments: number;
  resolved: number;
  chapters_added: number;
  chapters_removed: number;
  versions: number;
  words_added: number;
  words_removed: number;
}

export interface Report {
  from: string;
  to: string;
  /** RFC 3339: until then what is held was counted. */
  at: string;
  rows: ReportRow[];
}

/** A row of the library's report. */
export interface BookReportRow extends ReportRow {
  book: { id: string; title: string };
}

export interface LibraryReport extends Report {
  rows: BookReportRow[];
}

/** What is said of the library's books together: sums, and nobody's name. */
export interface Analytics {
  from: string;
  to: string;
  at: string;
  books: number;
  people: number;
  states: { state: PublishState; books: number }[];
  /** `name` is null for books in no category. */
  categories: { name: string | null; books: number; words_added: number; words_removed: number }[];
  days: { day: string; people: number; tabs: number; words_added: number; words_removed: number; comments: number }[];
}

/** Days of UTC like 2026-01-31, both within. */
export interface Period {
  from: string;
  to: string;
}

/** The last days, today's among them. */
export function lastDays(count: number, now_ms = Date.now()): Period {
  return { from: dayOf(now_ms - (count - 1) * DAY_MS), to: dayOf(now_ms) };
}

function dayOf(at_ms: number): string {
  return new Date(at_ms).toISOString().slice(0, 10);
}

/** How many days a period has; 0 or less, or NaN, if it is none. */
export function daysIn({ from, to }: Period): number {
  return (Date.parse(to) - Date.parse(from)) / DAY_MS + 1;
}

/** Where a book's report is asked for. */
export function bookReport(book: string): string {
  return `/v1/books/${encodeURIComponent(book)}/report`;
}

/** Where the library's is, and its analytics. */
export const LIBRARY_REPORT = "/v1/library/report";
export const LIBRARY_ANALYTICS = "/v1/library/analytics";

function path(of: string, { from, to }: Period, format: "json" | "csv"): string {
  return `${of}?${new URLSearchParams({ from, to, format })}`;
}

/** What was counted in a period: a report, or analytics. */
export async function counted<Answer>(of: string, period: Period, signal: AbortSignal): Promise<Answer> {
  return (await (await askPatiently(path(of, period, "json"), signal)).json()) as Answer;
}

/** Gives it to the browser as a file. */
export async function downloadCounted(of: string, period: Period, format: "json" | "csv", signal: AbortSignal): Promise<void> {
  await give(await askPatiently(path(of, period, format), signal), `report.${format}`);
}

/** One bar of a plot. */
export interface Bar {
  day: string;
  value: number;
}

/** The sum of each day of a period, days on which nothing was done among them. */
export function byDay({ from, to, rows }: Report, of: (row: ReportRow) => number): Bar[] {
  const sums = new Map<string, number>();
  for (const row of rows) sums.set(row.day, (sums.get(row.day) ?? 0) + of(row));
  return Array.from({ length: daysIn({ from, to }) }, (_, index) => {
    const day = dayOf(Date.parse(from) + index * DAY_MS);
    return { day, value: sums.get(day) ?? 0 };
  });
}

/** What one person did in the whole period. */
export interface Total extends Counts {
  id: string;
  name: string;
}

const NUMBERS = ["tabs", "holds", "held_ms", "comments", "resolved", "chapters_added", "chapters_removed", "versions", "words_added", "words_removed"] as const;

/** One row for each person, whoever wrote most first. `name` knows members by their id. */
export function totals({ rows }: Report, name: (user: string) => string | undefined): Total[] {
  const people = new Map<string | null, Total>();
  for (const row of rows) {
    const id = row.user?.id ?? null;
    const called = row.user === null ? "Nobody" : (row.user.name ?? name(row.user.id) ?? "A former member");
    const total = people.get(id) ?? nothing(id ?? "", called);
    for (const key of NUMBERS) total[key] += row[key];
    addReleases(total.releases, row.releases);
    people.set(id, total);
  }
  return [...people.values()].sort((left, right) => right.words_added - left.words_added || right.held_ms - left.held_ms);
}

/** What was done in one book in the whole period, whoever did it. */
export interface BookTotal extends Total {
  people: number;
}

/** One row for each book, the one in which most was written first. */
export function bookTotals({ rows }: LibraryReport): BookTotal[] {
  const books = new Map<string, { total: Total; people: Set<string> }>();
  for (const row of rows) {
    const known = books.get(row.book.id) ?? { total: nothing(row.book.id, row.book.title), people: new Set<string>() };
    for (const key of NUMBERS) known.total[key] += row[key];
    addReleases(known.total.releases, row.releases);
    if (row.user) known.people.add(row.user.id);
    books.set(row.book.id, known);
  }
  const all = [...books.values()].map(({ total, people }) => ({ ...total, people: people.size }));
  return all.sort((left, right) => right.words_added - left.words_added || right.held_ms - left.held_ms);
}

function nothing(id: string, name: string): Total {
  const counts = Object.fromEntries(NUMBERS.map((key) => [key, 0])) as Record<(typeof NUMBERS)[number], number>;
  return { id, name, ...counts, releases: {} };
}

function addReleases(sum: Counts["releases"], more: Counts["releases"]): void {
  for (const [reason, count] of Object.entries(more)) {
    const key = reason as ReleaseReason;
    sum[key] = (sum[key] ?? 0) + count;
  }
}

const REASON_LABEL: Partial<Record<ReleaseReason, string>> = {
  released: "Given back",
  disconnected: "Tab closed or lost",
  idle: "Nothing done for long",
  forced: "Taken by the owner",
  handed_over: "Handed over",
  moved: "Moved to another tab",
  permission_changed: "Right lost",
  chapter_removed: "Chapter removed",
  book_deleted: "Book deleted",
  replica_lost: "Cut off",
  restored: "Version restored",
  mode_changed: "One writes at a time now",
};

/** How often holds ended for which reason, the most frequent first. */
export function endings(people: readonly Total[]): { reason: string; label: string; count: number }[] {
  const sum: Counts["releases"] = {};
  for (const person of people) addReleases(sum, person.releases);
  const named = Object.entries(sum).map(([reason, count]) => ({ reason, label: REASON_LABEL[reason as ReleaseReason] ?? reason, count }));
  return named.sort((left, right) => right.count - left.count);
}

/** "3 h 05 min", "12 min", "40 s". */
export function span(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

const UNITS = [
  { unit: "hours", ms: 3_600_000 },
  { unit: "minutes", ms: 60_000 },
  { unit: "seconds", ms: 1000 },
] as const;

/** Times in a unit in which the longest is at least one, so that an axis has numbers that can be read. */
export function inUnit(bars: readonly Bar[]): { unit: string; bars: Bar[] } {
  const longest = Math.max(0, ...bars.map(({ value }) => value));
  const { unit, ms } = UNITS.find((unit) => longest >= unit.ms) ?? (longest === 0 ? UNITS[0] : UNITS[2]);
  return { unit, bars: bars.map(({ day, value }) => ({ day, value: value / ms })) };
}

/** A round number that is at least as large as all values, for the top of an axis. */
export function roundTop(values: readonly number[]): number {
  const largest = Math.max(0, ...values);
  if (largest === 0) return 1;
  const power = 10 ** Math.floor(Math.log10(largest));
  const step = [1, 2, 5, 10].find((times) => times * power >= largest * (1 - 1e-9)) ?? 10;
  return step * power;
}
