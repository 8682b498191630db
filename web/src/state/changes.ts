import { type BookState, type ChapterView, type Holder, holdersOf } from "quire-client";
import { announce, toast } from "./toasts";

/** The sentence for what changed about one chapter's lock, for those who cannot see it. */
function lockSentence(before: ChapterView | undefined, after: ChapterView, me: string | null): string | undefined {
  const were = before ? holdersOf(before).map(({ holder }) => holder) : [];
  const are = holdersOf(after).map(({ holder }) => holder);
  const among = (holders: Holder[], one: Holder) => holders.some(({ session }) => session === one.session);
  const came = are.find((holder) => !among(were, holder));
  if (came) return came.session === me ? `You hold ${after.title}` : `${came.name} started writing in ${after.title}`;
  const went = were.find((holder) => !among(are, holder));
  if (!went) return undefined;
  if (went.session === me) return `You gave back ${after.title}`;
  return are.length > 0 ? `${went.name} stopped writing in ${after.title}` : `${after.title} is free`;
}

function waiters(entry: ChapterView | undefined): Set<string> {
  return new Set(entry?.lock?.waiting.map((waiter) => waiter.session));
}

/** This tab waited and now holds the chapter: worth a toast, because the person may look elsewhere. */
function granted(before: ChapterView | undefined, after: ChapterView, me: string): boolean {
  return waiters(before).has(me) && holdersOf(after).some(({ holder }) => holder.session === me);
}

function declined(before: ChapterView | undefined, after: ChapterView, me: string): boolean {
  const sameHolder = before?.lock?.holder.session === after.lock?.holder.session && before?.mode === after.mode;
  return sameHolder && waiters(before).has(me) && !waiters(after).has(me);
}

/** Waiting places that this tab gave up itself, so that their end is not told as a refusal. */
const cancelled = new Set<string>();

export function expectWaitToEnd(chapter: string): void {
  cancelled.add(chapter);
}

/** Tells what changed between two states of a book. */
export function tell(before: BookState, after: BookState, me: string | null): void {
  const earlier = new Map(before.chapters.map((entry) => [entry.id, entry]));
  for (const entry of after.chapters) {
    const old = earlier.get(entry.id);
    if (old === entry) continue;
    const sentence = lockSentence(old, entry, me);
    if (sentence !== undefined) announce(sentence);
    if (me === null) continue;
    if (granted(old, entry, me)) toast(`“${entry.title}” is yours: you hold it now.`);
    if (declined(old, entry, me) && !cancelled.delete(entry.id)) {
      toast(`${entry.lock?.holder.name ?? "The holder"} keeps “${entry.title}” for now.`);
    }
  }
}
