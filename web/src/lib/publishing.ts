/** How far a book is on its way to its readers, in words. */
import type { Checklist, ChapterView, Publishing, PublishState } from "quire-client";
import { listed, plural } from "./words";

export const STATE_LABEL: Record<PublishState, string> = {
  draft: "Draft",
  submitted: "Waits for review",
  changes_requested: "Changes requested",
  approved: "Approved",
  published: "Published",
  unpublished: "Taken back",
};

/** The states in the order in which a book passes through them. */
export const STATES = Object.keys(STATE_LABEL) as PublishState[];

/** What stands beside a book in a list: "Published", "Published · new edition waits for review". */
export function badge(state: PublishState, revision: PublishState | undefined): string {
  if (state !== "published" || revision === undefined) return STATE_LABEL[state];
  const next = STATE_LABEL[revision];
  return `${STATE_LABEL[state]} · new edition: ${next.charAt(0).toLowerCase()}${next.slice(1)}`;
}

/** What readers have now, in a sentence. */
export function readersHave({ edition, was_published }: Publishing): string {
  if (edition) return "Readers have it as it was when it was published. What is written since waits.";
  return was_published ? "Readers had it. It was taken back." : "Readers have not seen it yet.";
}

type Titled = Pick<ChapterView, "id" | "title">;

function titles(ids: readonly string[], chapters: readonly Titled[]): string {
  const named = ids.map((id) => {
    const chapter = chapters.find((other) => other.id === id);
    return chapter ? `“${chapter.title}”` : "a chapter";
  });
  return listed(named.length > 5 ? [...named.slice(0, 5), `${named.length - 5} more`] : named);
}

/** What is to be done before a book is submitted, a sentence each. */
export function toDo(checklist: Checklist, chapters: readonly Titled[]): string[] {
  const { open_threads, empty, held } = checklist;
  const sentences = [];
  if (open_threads > 0) {
    sentences.push(open_threads === 1 ? "One comment thread is not settled." : `${plural(open_threads, "comment thread")} are not settled.`);
  }
  if (empty.length > 0) sentences.push(`Nothing is written in ${titles(empty, chapters)}.`);
  if (held.length > 0) sentences.push(`Somebody is writing in ${titles(held, chapters)}.`);
  return sentences;
}

/** What readers do not have yet, a sentence each; null while they have nothing. */
export function waitingFor({ waiting }: Checklist, chapters: readonly Titled[]): string[] | null {
  if (waiting === null) return null;
  const sentences = [];
  if (waiting.chapters.length > 0) sentences.push(`Changed: ${titles(waiting.chapters, chapters)}.`);
  if (waiting.order) sentences.push("Chapters were removed or moved.");
  if (waiting.details) sentences.push("What the book says about itself, or its formatting, changed.");
  return sentences;
}
