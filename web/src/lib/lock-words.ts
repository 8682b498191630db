import { type ChapterView, holdersOf } from "quire-client";
import type { Hold } from "../state/book";
import { pointInTime } from "./time";
import { listed, plural } from "./words";

/** Who holds a chapter and since when, in one sentence; nothing for a free one. */
export function lockSentence(chapter: ChapterView, hold: Hold): string | undefined {
  const lock = chapter.lock;
  if (!lock) return undefined;
  const since = `since ${pointInTime(lock.since_at)}`;
  const waiting = lock.waiting.length > 0 ? `, ${plural(lock.waiting.length, "person waits", "people wait")}` : "";
  if (chapter.mode === "live") {
    const others = holdersOf(chapter).map(({ holder }) => holder.name);
    return `${listed(others)} ${others.length > 1 ? "are" : "is"} writing here; several may write at once`;
  }
  switch (hold.kind) {
    case "mine":
      return `You hold this chapter ${since}${waiting}`;
    case "elsewhere":
      return `You hold this chapter in another tab ${since}${waiting}`;
    default:
      return `${lock.holder.name} is writing ${since}${lock.away ? " (away just now)" : ""}${waiting}`;
  }
}
