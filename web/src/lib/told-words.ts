import type { Told, Topic } from "quire-client";
import { roleName } from "./words";

/** What somebody was told, as one sentence. */
export function sentenceOf(told: Told): string {
  const who = told.by?.name;
  const book = `“${told.title}”`;
  const chapter = told.chapter_title === undefined ? "a chapter" : `“${told.chapter_title}”`;
  const role = told.role === undefined || told.role === null ? "a member" : roleName(told.role);
  switch (told.topic) {
    case "invited":
      return `${who ?? "Somebody"} invites you to ${book} as ${role}.`;
    case "role_changed":
      return `You are now ${role} of ${book}.`;
    case "removed":
      return `You are no longer a member of ${book}.`;
    case "mentioned":
      return `${who ?? "Somebody"} mentions you in ${chapter} of ${book}.`;
    case "replied":
      return `${who ?? "Somebody"} answered in a thread of yours in ${chapter} of ${book}.`;
    case "lock_asked":
      return `${who ?? "Somebody"} asks for ${chapter} of ${book}.`;
    case "lock_received":
      return who === undefined ? `You hold ${chapter} of ${book} now.` : `${who} let you have ${chapter} of ${book}.`;
    case "lock_taken":
      return `${who ?? "Somebody"} took over ${chapter} of ${book}.`;
    case "lock_idle":
      return `${chapter} of ${book} was released: nothing was done in it for a long time.`;
    case "version_restored":
      return `${who ?? "Somebody"} brought an old version of ${chapter} of ${book} back.`;
    case "book_shelved":
      return `${book} came into the library.`;
    case "assigned":
      return `${who ?? "Somebody"} made ${chapter} of ${book} your task.`;
    case "submitted":
      return `${book} waits to be reviewed.`;
    case "changes_requested":
      return `${who ?? "Somebody"} asks for changes of ${book}.`;
    case "approved":
      return `${who ?? "Somebody"} approved ${book}.`;
    case "published":
      return `${book} is published.`;
    case "unpublished":
      return `${book} was taken from its readers.`;
    case "access_requested":
      return `${who ?? "Somebody"} asks to be let into ${book}.`;
    case "access_granted":
      return `${who ?? "Somebody"} let you into ${book} as ${role}.`;
    case "ownership_offered":
      return `${who ?? "Somebody"} offers you ${book}: you would be its owner.`;
    case "ownership_transferred":
      return who === undefined ? `${book} has another owner.` : `${who} is the owner of ${book} now.`;
    // A newer hub tells of things that this page does not know.
    default:
      return `Something happened in ${book}.`;
  }
}

/** Each topic as the heading of a choice. */
export const TOPIC_LABEL: Record<Topic, string> = {
  invited: "Invitations to books",
  role_changed: "Another role",
  removed: "Removal from a book",
  mentioned: "Mentions of me",
  replied: "Answers in my threads",
  lock_asked: "Somebody asks for my chapter",
  lock_received: "A chapter is mine now",
  lock_taken: "A chapter was taken from me",
  lock_idle: "A chapter was released for inactivity",
  version_restored: "An old version is back",
  book_shelved: "New books of the library",
  assigned: "A chapter becomes my task",
  submitted: "Books to review",
  changes_requested: "Changes requested of my books",
  approved: "Approval of my books",
  published: "Books that are published",
  unpublished: "Books that are taken back",
  access_requested: "Somebody asks to be let in",
  access_granted: "I am let in where I asked",
  ownership_offered: "A book is offered to me",
  ownership_transferred: "A book has another owner",
};

/** What the open book says by itself when it happens. */
const SAID_BY_THE_BOOK: ReadonlySet<Topic> = new Set([
  "role_changed",
  "removed",
  "lock_asked",
  "lock_received",
  "lock_taken",
  "lock_idle",
]);

/** Whether it needs a word of its own while the page shows this book, or the library (`undefined`). */
export function isNews(told: Told, shown: string | undefined): boolean {
  if (shown === undefined) return told.topic !== "invited";
  return told.book !== shown || !SAID_BY_THE_BOOK.has(told.topic);
}
