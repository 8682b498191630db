import type { At, ChapterView } from "quire-client";

/** A place in the outline, as `chapter.move` takes it. */
export interface Place {
  at: At;
  parent: string | null;
}

type Chapters = readonly ChapterView[];

function siblings(chapters: Chapters, parent: string | null): ChapterView[] {
  return chapters.filter((entry) => entry.parent === parent);
}

function behind(previous: ChapterView | undefined): At {
  return previous ? { after: previous.id } : "first";
}

/** One step up in reading order: past the chapter above, into the part above, or out of its own part. */
export function stepUp(chapters: Chapters, moved: ChapterView): Place | undefined {
  const row = siblings(chapters, moved.parent);
  const at = row.findIndex((entry) => entry.id === moved.id);
  const above = row[at - 1];
  if (above?.kind === "part" && moved.kind !== "part") return { at: "last", parent: above.id };
  if (above) return { at: behind(row[at - 2]), parent: moved.parent };
  if (moved.parent === null) return undefined;
  const outer = siblings(chapters, null);
  return { at: behind(outer[outer.findIndex((entry) => entry.id === moved.parent) - 1]), parent: null };
}

/** One step down in reading order: past the chapter below, into the part below, or out of its own part. */
export function stepDown(chapters: Chapters, moved: ChapterView): Place | undefined {
  const row = siblings(chapters, moved.parent);
  const below = row[row.findIndex((entry) => entry.id === moved.id) + 1];
  if (below?.kind === "part" && moved.kind !== "part") return { at: "first", parent: below.id };
  if (below) return { at: { after: below.id }, parent: moved.parent };
  return moved.parent === null ? undefined : { at: { after: moved.parent }, parent: null };
}

/** Where a dragged chapter lands when it is dropped on the upper or lower half of another; nothing where it may not. */
export function dropPlace(chapters: Chapters, moved: ChapterView, target: ChapterView, half: "upper" | "lower"): Place | undefined {
  if (moved.id === target.id || target.parent === moved.id) return undefined;
  if (moved.kind === "part" && target.parent !== null) return undefined;
  if (half === "lower") {
    const into = target.kind === "part" && moved.kind !== "part";
    return into ? { at: "first", parent: target.id } : { at: { after: target.id }, parent: target.parent };
  }
  const row = siblings(chapters, target.parent).filter((entry) => entry.id !== moved.id);
  return { at: behind(row[row.findIndex((entry) => entry.id === target.id) - 1]), parent: target.parent };
}
