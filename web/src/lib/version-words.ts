import type { VersionRow } from "quire-client";
import { dayName, pointInTime, timeOfDay } from "./time";
import { plural } from "./words";

const number = new Intl.NumberFormat();

/** Something that was kept at some time. */
interface Kept {
  kept_at: number;
}

/** "1,204 words". */
export function wordCount(count: number): string {
  return `${number.format(count)} ${count === 1 ? "word" : "words"}`;
}

/** "+12", "−3"; nothing for none. */
export function signed(sign: "+" | "−", count: number): string {
  return count === 0 ? "" : `${sign}${number.format(count)}`;
}

/** "12 words added, 3 words removed", for those who do not see signs. */
export function changeWords(added: number, removed: number): string {
  const said = [added > 0 && `${plural(added, "word")} added`, removed > 0 && `${plural(removed, "word")} removed`];
  return said.filter(Boolean).join(", ") || "no words added or removed";
}

/** "Today, 10:14". */
export function keptWhen(version: Kept): string {
  return `${dayName(version.kept_at)}, ${timeOfDay(version.kept_at)}`;
}

export function authorOf(version: VersionRow): string {
  return version.by?.name ?? (version.cause === "imported" ? "The file" : "Somebody");
}

/** What a version is called in a sentence: its name, or when it was kept. */
export function nameInSentence(version: VersionRow): string {
  return version.label === null ? `the version of ${pointInTime(version.kept_at)}` : `“${version.label}”`;
}

/** Why a version was kept. */
export function whyKept(version: VersionRow, all: readonly VersionRow[]): string {
  switch (version.cause) {
    case "imported":
      return "As it was brought in";
    case "saved":
      return "Saved by hand";
    case "replaced":
      return "Replaced by a restore";
    case "restored": {
      const source = all.find(({ rev }) => rev === version.restored);
      return source ? `Restored from ${nameInSentence(source)}` : "Restored from an earlier version";
    }
    default:
      return "Written";
  }
}

/** What was kept on one day. */
export interface Day<K extends Kept = VersionRow> {
  name: string;
  versions: K[];
}

/** Versions, or points of a book, by the day on which they were kept, in their order. */
export function byDay<K extends Kept>(versions: readonly K[], now_ms = Date.now()): Day<K>[] {
  const days: Day<K>[] = [];
  for (const version of versions) {
    const name = dayName(version.kept_at, now_ms);
    const last = days.at(-1);
    if (last?.name === name) last.versions.push(version);
    else days.push({ name, versions: [version] });
  }
  return days;
}
