import type { Grant, PublishState, ReleaseReason, Role, Split, Topic, TopicSwitch } from "quire-client";
import { askPatiently, give, linesOf } from "./files";
import { percentOf } from "./royalties";
import { date } from "./time";
import { listed, plural, roleName } from "./words";

/** Rows that are asked for at a time. */
const PAGE = 50;

interface Named {
  id: string;
  name: string | null;
}

/** How far a book of the library is. */
export interface Stage {
  state: PublishState;
  revision?: PublishState;
}

/** A row of an audit log, a book's or the library's, as the hub tells it. */
export interface ActivityRow {
  seq: number;
  /** RFC 3339. */
  at: string;
  who: Named | { system: string } | null;
  what: string;
  chapter?: { id: string; title: string | null };
  /** The book of the library that it is about. */
  book?: { id: string; title: string | null };
  state?: { from: Stage | null; to: Stage };
  /** Whom it happened to. */
  member?: Named;
  address?: string;
  role?: { from: Role | null; to: Role | null };
  reason?: ReleaseReason;
  note?: string;
  detail?: {
    title?: string;
    fields?: string[];
    mode?: "exclusive" | "live";
    split?: Split;
    point?: number;
    until?: number | null;
    version?: number;
    grants?: { given: Grant[]; taken: Grant[] };
    switches?: TopicSwitch[];
    webhook?: { webhook: string; host: string; topics: Topic[]; on: boolean };
    webhook_removed?: string;
    lost?: number;
  };
}

/** Which rows are shown. */
export interface Filter {
  /** A user id; empty: anybody. */
  person: string;
  /** A family of events; empty: all. */
  kind: string;
}

/** A family of events that a list can be narrowed to. */
export interface Family {
  kind: string;
  label: string;
}

/** Those of a book. */
export const FAMILIES: readonly Family[] = [
  { kind: "member", label: "Members" },
  { kind: "invitation", label: "Invitations" },
  { kind: "lock", label: "Locks that were taken or ended" },
  { kind: "chapter", label: "Chapters" },
  { kind: "version", label: "Versions that were brought back" },
  { kind: "comment", label: "Comments" },
  { kind: "metadata", label: "Title and metadata" },
  { kind: "format", label: "Formatting" },
  { kind: "royalties", label: "Royalties" },
  { kind: "publish", label: "Publishing" },
  { kind: "book", label: "The book itself" },
];

/** Where everybody who may look into a book asks what happened in it. */
export function bookFeed(book: string): string {
  return `/v1/books/${encodeURIComponent(book)}/activity`;
}

/** Where a book's log is asked for. */
export function bookLog(book: string): string {
  return `/v1/books/${encodeURIComponent(book)}/audit`;
}

/** Where the library's is. */
export const LIBRARY_LOG = "/v1/library/audit";

function path(log: string, question: Record<string, string>): string {
  const asked = Object.entries(question).filter(([, value]) => value !== "");
  return `${log}?${new URLSearchParams(asked)}`;
}

/** Some rows, the newest first, from before a row on; and whether there may be more. */
export async function activity(
  log: string,
  filter: Filter,
  before: number | undefined,
  signal: AbortSignal,
): Promise<{ rows: ActivityRow[]; more: boolean }> {
  const question = { ...filter, order: "newest", limit: `${PAGE}`, before: before === undefined ? "" : `${before}` };
  const response = await askPatiently(path(log, question), signal);
  const rows: ActivityRow[] = [];
  for await (const line of linesOf(response)) rows.push(JSON.parse(line) as ActivityRow);
  return { rows, more: rows.length === PAGE };
}

/** Gives all rows to the browser as a table. */
export async function downloadActivity(log: string, filter: Filter, signal: AbortSignal): Promise<void> {
  await give(await askPatiently(path(log, { ...filter, format: "csv" }), signal), "activity.csv");
}

/** Who did it, as a sentence begins. */
export function doer(row: ActivityRow): string {
  if (row.who !== null && "system" in row.who && row.who.system === "host") return "The host application";
  if (row.who === null || "system" in row.who) return "The hub";
  return nameOf(row.who);
}

function nameOf(named: Named | undefined): string {
  return named === undefined ? "somebody" : (named.name ?? "a former member");
}

const FIELDS: Record<string, string> = {
  isbn: "ISBN",
  trim: "page size",
  font_size_tenths_pt: "size of the letters",
  line_height_percent: "line spacing",
  opening: "where chapters begin",
  numbering: "chapter numbers",
  paragraphs: "style of paragraphs",
};

function fields(row: ActivityRow): string {
  return listed((row.detail?.fields ?? []).map((field) => FIELDS[field] ?? field));
}

function chapterOf(row: ActivityRow): string {
  const title = row.chapter?.title;
  return title === undefined || title === null ? "a chapter" : `“${title}”`;
}

function role(role: Role | null | undefined): string {
  return role === null || role === undefined ? "no member" : roleName(role);
}

const ENDED: Partial<Record<ReleaseReason, string>> = {
  disconnected: "was gone",
  idle: "had done nothing for long",
  permission_changed: "may not write any more",
  replica_lost: "was cut off",
  restored: "had to let go for a version that came back",
  mode_changed: "had to let go, as one person writes at a time now",
};

function released(row: ActivityRow): string {
  const holder = nameOf(row.member);
  if (row.reason === "forced") return `took ${chapterOf(row)} from ${holder}`;
  return `ended the hold of ${chapterOf(row)}: ${holder} ${ENDED[row.reason ?? "disconnected"] ?? "lost it"}`;
}

function split(row: ActivityRow, name: (user: string) => string): string {
  const shares = row.detail?.split?.shares ?? [];
  return listed(shares.map((share) => `${name(share.user)} ${percentOf(share.basis_points)} %`));
}

/** What they did, as a sentence goes on. `name` knows members by their id. */
export function deed(row: ActivityRow, name: (user: string) => string): string {
  switch (row.what) {
    case "book.created":
      return row.who !== null && "system" in row.who && row.who.system === "import" ? "brought the book in from a file" : "created the book";
    case "book.deleted":
      return "deleted the book";
    case "book.trashed":
      return "moved the book to the trash";
    case "book.restored":
      return "took the book out of the trash";
    case "book.shelved":
      return "put the book into the library";
    case "book.unshelved":
      return "took the book out of the library";
    case "metadata.changed":
      return `changed what the book says about itself: ${fields(row)}`;
    case "format.changed":
      return `changed the formatting: ${fields(row)}`;
    case "royalties.changed":
      return `split the royalties: ${split(row, name)}`;
    case "chapter.assigned":
      return row.member === undefined ? `made ${chapterOf(row)} nobody’s task` : `made ${chapterOf(row)} the task of ${nameOf(row.member)}`;
    case "publish.submitted":
      return "submitted the book to be published";
    case "publish.withdrawn":
      return "took back what was submitted";
    case "publish.changes_requested":
      return "asked for changes of what was submitted";
    case "publish.approved":
      return "approved what was submitted";
    case "publish.published":
      return "published the book";
    case "publish.unpublished":
      return "took the book from its readers";
    case "chapter.added":
      return `added ${chapterOf(row)}`;
    case "chapter.renamed":
      return `renamed a chapter to ${chapterOf(row)}`;
    case "comment.added":
      return `commented on ${chapterOf(row)}`;
    case "comment.replied":
      return "answered a comment";
    case "thread.resolved":
      return "settled a thread of comments";
    case "thread.reopened":
      return "opened a thread of comments again";
    case "chapter.removed":
      return `removed ${chapterOf(row)}`;
    case "chapter.restored":
      return `brought ${chapterOf(row)} back`;
    case "chapter.mode_set":
      return row.detail?.mode === "live" ? `let several people write in ${chapterOf(row)} at once` : `let one person write in ${chapterOf(row)} at a time`;
    case "version.restored":
      return `brought an old version of ${chapterOf(row)} back`;
    case "lock.released":
      return released(row);
    case "member.invited":
      return `invited ${row.address ?? "somebody"} as ${role(row.role?.to)}`;
    case "member.joined":
      return `joined as ${role(row.role?.to)}`;
    case "member.role_changed":
      return `made ${nameOf(row.member)} ${role(row.role?.to)}, who was ${role(row.role?.from)}`;
    case "member.end_set":
      return row.detail?.until == null
        ? `made ${nameOf(row.member)} a member without an end`
        : `made ${nameOf(row.member)} a member until ${date(row.detail.until)}`;
    case "access.requested":
      return "asked to be let in";
    case "access.refused":
      return `did not let ${nameOf(row.member)} in`;
    case "ownership.offered":
      return `offered the book to ${nameOf(row.member)}`;
    case "ownership.offer_ended":
      return row.who !== null && "id" in row.who && row.who.id === row.member?.id
        ? "did not take the book that was offered"
        : `took back the offer to ${nameOf(row.member)}`;
    case "ownership.transferred":
      return "took the book over, and is its owner";
    case "member.removed":
      return `removed ${nameOf(row.member)}, who was ${role(row.role?.from)}`;
    case "member.left":
      return `left the book, as ${role(row.role?.from)}`;
    case "invitation.revoked":
      return `took back the invitation of ${row.address ?? "somebody"}`;
    case "invitation.resent":
      return `sent the invitation to ${row.address ?? "somebody"} again`;
    case "invitation.mailed":
      return row.note === undefined
        ? `mailed the invitation to ${row.address ?? "somebody"}`
        : `could not mail the invitation to ${row.address ?? "somebody"}`;
    case "invitation.declined":
      return `declined the invitation to ${row.address ?? "somebody"}`;
    case "log.lost":
      return `has lost ${plural(row.detail?.lost ?? 0, "event")} here`;
    default:
      return row.what;
  }
}
