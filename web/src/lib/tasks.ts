/** Whose task a chapter is, in words. */
import type { Assignment } from "quire-client";
import { date } from "./time";

const DAY_MS = 24 * 60 * 60 * 1_000;

/** The day until which it was to be done is over. */
export function isLate({ due_at }: Assignment, now_ms = Date.now()): boolean {
  return due_at !== null && now_ms >= due_at + DAY_MS;
}

/** "for Ben, until 3 Mar 2024", as a list says it; "for you" to whoever it is for. */
export function taskSentence(assignment: Assignment, me: string | undefined): string {
  const { person, due_at } = assignment;
  const whose = person.user === me ? "for you" : `for ${person.name}`;
  return due_at === null ? whose : `${whose}, until ${date(due_at)}`;
}
