/**
 * The public surface: what a page or an editor codes against. `connect` makes a {@link Client}; a client opens
 * {@link BookView}s, live local views of books that are kept current from events.
 */
import type { Environment } from "./environment.js";
import type { QuireClosed, QuireRefusal } from "./errors.js";
import type {
  Action,
  Anchor,
  AnswerOf,
  At,
  BookRow,
  ChapterKind,
  ChapterView,
  Checklist,
  Command,
  CommandKind,
  CommandOf,
  Comparison,
  DraftRow,
  Grant,
  InvitationRow,
  InvitationView,
  OfferView,
  RequestView,
  InboxEntry,
  LibraryView,
  Limits,
  Member,
  Format,
  Metadata,
  MetadataPatch,
  Mode,
  PointRow,
  PointView,
  Publishing,
  Notice,
  RemovedView,
  Role,
  RosterEntry,
  Share,
  Shared,
  Split,
  Thread,
  ThreadHead,
  Timers,
  UserDetails,
  UserPatch,
  UserRow,
  Webhook,
  UserView,
  VersionRow,
  TopicChoice,
  TopicSwitch,
} from "./generated/protocol.js";

/** Takes back what returned it: a subscription, a listener. Calling it twice is harmless. */
export type Unsubscribe = () => void;

/** How to reach a hub. */
export interface ConnectOptions {
  /** The socket, `wss://hub.example/v1/socket`. */
  url: string;
  /** Gives a fresh token: asked before every connection and shortly before the current token expires. */
  token: () => Promise<string> | string;
  /** `name/version` of the program, for the hub's records. */
  client?: string;
  /** How frames are written; MessagePack unless told. */
  encoding?: "msgpack" | "json";
  /** Sockets, timers and chance; the browser's unless told. */
  environment?: Environment;
}

/** Why there is no connection at the moment although the client goes on trying. */
export type DropReason =
  /** The network failed or the hub hung up without a word. */
  | "lost"
  /** The hub process goes away; another one, or its next life, takes over. */
  | "draining"
  /** The token was bad or expired; a new one is asked for. */
  | "unauthenticated"
  /** No token was to be had: `token()` failed. */
  | "no_token"
  /** This client read too slowly. */
  | "too_slow"
  /** Too many connections or frames. */
  | "limits"
  /** The hub lost its store, or the book's history changed. */
  | "store_lost";

/** Why the client gave up; only `elsewhere` can be undone, by {@link Client.takeBack}. */
export type ClientClosedReason =
  /** `close()` was called. */
  | "closed"
  /** The session was continued on another connection (4009). */
  | "elsewhere"
  /** The hub did not understand this client (4000), or speaks another protocol. */
  | "protocol"
  /** The account is disabled (4003). */
  | "disabled";

/** Where the connection stands. */
export type ClientState =
  /** The first connection is being made. */
  | { readonly status: "connecting" }
  /** Frames flow. `resumed`: the same session as before, with its locks. */
  | { readonly status: "online"; readonly resumed: boolean }
  /** The connection is gone; the next attempt is at `retryAt` (own clock, ms), or under way. */
  | { readonly status: "reconnecting"; readonly reason: DropReason; readonly attempt: number; readonly retryAt: number }
  /** As `reconnecting`, and the browser says that there is no network. */
  | { readonly status: "offline"; readonly reason: DropReason; readonly attempt: number; readonly retryAt: number }
  /** No further attempt. `message` is what the hub said, for the record. */
  | { readonly status: "closed"; readonly reason: ClientClosedReason; readonly message: string };

/** What {@link Client.on} can listen to. */
export interface ClientEvents {
  /** The connection's state changed. */
  state: ClientState;
  /** The hub said something to this session alone (`lock_lost`, `lock_wanted`, `lock_idle_soon`, …). */
  notice: Notice;
  /** `listBooks` or `listInvitations` would answer something else now. */
  books: undefined;
  /** After `library.open`: it, `users` or `books` would answer something else now. */
  library: LibraryChange;
  /** After `inbox.open`: something came (`entry`), or something was read. */
  inbox: InboxChange;
  /** The hub process goes away in this many milliseconds; the client reconnects by itself. */
  draining: { readonly reconnectAfterMs: number };
}

/** What changed in the inbox: how many entries are unread now, and the new one, if that is what happened. */
export interface InboxChange {
  readonly unread: number;
  readonly entry?: InboxEntry;
}

/** What concerned the caller in any book, the newest first. */
export interface Inbox {
  /** The newest page; listen to `inbox` for what comes. Open it again when the connection is back. */
  open(): Promise<AnswerTo<"inbox.open">>;
  /** Entries before this number (`before` of the page before). */
  list(before: number, limit?: number): Promise<AnswerTo<"inbox.list">>;
  /** Everything up to this number is read. */
  readUpTo(n: number): Promise<void>;
  /** These entries are read. */
  read(entries: number[]): Promise<void>;
  /** By these channels the caller is told of these topics from now on; of others as before. */
  choose(choices: TopicChoice[]): Promise<void>;
  /** Ends what `open` began. */
  close(): Promise<void>;
}

/** What of the library would be answered otherwise now. */
export type LibraryChange = Readonly<Omit<Extract<Notice, { kind: "library_changed" }>, "kind">>;

/** The library: its users, what they may do, its books. What is allowed to nobody reads like what is not there. */
export interface Library {
  /** What the caller may do there; listen to `library` for changes. Open it again when the connection is back. */
  open(): Promise<LibraryView>;
  /** Ends that. */
  close(): Promise<void>;
  /** A page of the books that the caller may list, by title. */
  books(query?: Omit<CommandOf<"library.books">, "t">): Promise<AnswerTo<"library.books">>;
  /** Asks the owner of a book for changes of what was submitted; `note` says which. */
  requestChanges(book: string, point: number, note: string): Promise<void>;
  /** Finds nothing against what was submitted. */
  approve(book: string, point: number, note?: string): Promise<void>;
  /** Publishes what was submitted; without a point the book as it is. */
  publish(book: string, what?: { point?: number; note?: string }): Promise<void>;
  /** Takes a book from its readers. */
  unpublish(book: string, note?: string): Promise<void>;
  /** A page of the users whom the caller may list, by address. */
  users(query?: Omit<CommandOf<"users.list">, "t">): Promise<AnswerTo<"users.list">>;
  /** Gives people these permissions in place of those that they have; answers address by address. */
  share(emails: string[], grants: Grant[]): Promise<Shared[]>;
  addUser(email: string, details?: UserDetails): Promise<UserRow>;
  /** Absent fields keep, null clears. Not `active`: what they may do rests, and they are signed out. */
  updateUser(email: string, change: { patch?: UserPatch; active?: boolean }): Promise<UserRow>;
  removeUser(email: string): Promise<void>;
  /** By these channels anybody may be told of these topics from now on; of others as before. Who has `settings`. */
  allow(switches: TopicSwitch[]): Promise<void>;
  /** Addresses of other programs that are told what happens in the library's books. Who has `settings`, as for all below. */
  webhooks(): Promise<Webhook[]>;
  /** Makes a webhook, or changes one. `secret` is null unless it is new: nothing ever tells it again. */
  setWebhook(webhook: Omit<CommandOf<"webhook.set">, "t">): Promise<AnswerTo<"webhook.set">>;
  removeWebhook(webhook: string): Promise<void>;
  /** Sends a test, or something once more by the id of its delivery. */
  sendToWebhook(webhook: string, delivery?: string): Promise<void>;
  /** What a webhook is still to be told, and what it was told last. */
  deliveries(webhook: string): Promise<AnswerTo<"webhook.deliveries">>;
  /** Joins the library that the caller's verified address was asked to. */
  join(): Promise<void>;
  decline(): Promise<void>;
  leave(): Promise<void>;
}

/** How to send a command. */
export interface RequestOptions {
  /** Stops waiting. What was sent already may still be done. */
  signal?: AbortSignal;
}

/** The answer to a command of kind `K`. */
export type AnswerTo<K extends CommandKind> = AnswerOf[K];

/** A connection to a hub that restores itself. Made by {@link connect}. */
export interface Client {
  /** Where the connection stands; a new object whenever it changes. */
  readonly state: ClientState;
  /** This tab's session; null before the first welcome. Locks are held by sessions, not by users. */
  readonly session: string | null;
  /** Who the token says this is; null before the first welcome. */
  readonly user: UserView | null;
  /** The hub's limits; the defaults before the first welcome. */
  readonly limits: Limits;
  /** The hub's timers; the defaults before the first welcome. */
  readonly timers: Timers;
  /** Add it to `Date.now()` for the hub's time; 0 until the first live event. A lower bound: it includes the latency. */
  readonly serverClockOffset: number;

  /** Listens. The listener runs once per occurrence; what it throws is reported and disturbs nobody else. */
  on<K extends keyof ClientEvents>(name: K, listener: (value: ClientEvents[K]) => void): Unsubscribe;

  /**
   * Sends a command and waits for its answer, over reconnects.
   *
   * A changing command gets an id, so that it takes effect once however often it is sent. Rejects with
   * {@link QuireRefusal} when the hub says no, with {@link QuireClosed} when no answer can come any more, and with
   * the signal's reason when aborted.
   */
  request<C extends Command>(command: C, book?: string, options?: RequestOptions): Promise<AnswerTo<C["t"]>>;

  /** What concerned the caller. */
  readonly inbox: Inbox;

  /** Users, permissions and books of the hub's library. */
  readonly library: Library;

  /** Opens a live view, or answers the one that is open already (close it as often as it was opened). */
  openBook(book: string): BookView;
  /** Creates a book, owned by the caller; answers its id. */
  createBook(title: string, metadata?: MetadataPatch, book?: string): Promise<string>;
  /** All books the caller may see. */
  listBooks(options?: RequestOptions): Promise<BookRow[]>;
  /** All books in the trash that the caller may restore. */
  listTrash(options?: RequestOptions): Promise<BookRow[]>;
  /** Asks the owner of a book to be let in. Answered alike whether or not there is such a book. */
  requestAccess(book: string, note?: string): Promise<void>;
  /** Takes a book out of the trash. */
  restoreBook(book: string): Promise<void>;
  /** Deletes a book that is in the trash. */
  deleteForever(book: string): Promise<void>;
  /** All invitations that wait for the caller. */
  listInvitations(options?: RequestOptions): Promise<InvitationRow[]>;
  /** Becomes a member. */
  acceptInvitation(book: string, invitation: string): Promise<void>;
  /** Says no to an invitation. */
  declineInvitation(book: string, invitation: string): Promise<void>;

  /** After `elsewhere`: takes the session with its locks back to this connection. */
  takeBack(): void;
  /** Tries to connect now instead of waiting for the back-off. */
  reconnectNow(): void;
  /** Ends everything at once; locks are freed, views closed, requests rejected. */
  close(): void;
}

/** Where a view stands. */
export type BookStatus =
  /** No state yet. */
  | "opening"
  /** Current. */
  | "live"
  /** The last known state, while the connection or a fresh copy is awaited. */
  | "stale"
  /** Ended; see {@link BookView.closedReason}. */
  | "closed";

/** Why a view ended. */
export type BookClosedReason =
  /** `close()`, of the view or of its client. */
  | "closed"
  /** The user is no longer a member. */
  | "removed"
  /** The book was deleted. */
  | "deleted"
  /** The hub refused to open it; see {@link BookView.refusal}. */
  | "refused";

/** A chapter with the chapters of its part. */
export interface OutlineEntry {
  readonly chapter: ChapterView;
  readonly children: readonly ChapterView[];
}

/** A book as this user may know it, at one position. Never changed in place: compare by identity. */
export interface BookState {
  readonly id: string;
  readonly title: string;
  readonly metadata: Metadata;
  /** The event that last changed title or metadata; pass it as `baseSeq` to `setMetadata`. */
  readonly metadataSeq: number;
  /** It is in the library. */
  readonly shelved: boolean;
  /** How far it is on its way to its readers. */
  readonly publishing: Publishing;
  /** What it looks like. */
  readonly format: Format;
  /** The event that last changed that; pass it as `baseSeq` to `setFormat`. */
  readonly formatSeq: number;
  /** In reading order: a part is followed by its chapters. */
  readonly chapters: readonly ChapterView[];
  /** What can be restored; empty for those who may not organise. */
  readonly removed: readonly RemovedView[];
  /** Heads of the threads; null for those who may not read comments. */
  readonly threads: readonly ThreadHead[] | null;
  /** Threads whose comments are loaded (see `loadThreads`), by id. */
  readonly comments: ReadonlyMap<string, Thread>;
  readonly members: readonly Member[];
  /** Pending invitations; null for everybody but the owner. */
  readonly invitations: readonly InvitationView[] | null;
  /** Who asks to be let in; null for everybody but the owner. */
  readonly requests: readonly RequestView[] | null;
  /** To whom the book is offered. */
  readonly offer: OfferView | null;
  /** The caller's role; null for rights without membership. */
  readonly role: Role | null;
  readonly can: readonly Action[];
  /** Who is here, this session included; at most `limits.roster_entries` at first. */
  readonly roster: readonly RosterEntry[];
  /** How many are here. */
  readonly rosterCount: number;
  readonly position: { readonly epoch: string; readonly seq: number };
  /** Events that were not for this user. */
  readonly withheldEvents: number;
  /** Events of kinds that this client does not know. */
  readonly unknownEvents: number;
}

/** What `acquire` came to: the chapter is held under `token`, or the caller waits at `position` (1 is next). */
export type Acquired = AnswerTo<"lock.acquire">;

/** Where the person is; an absent field is unchanged. */
export interface PresencePatch {
  chapter?: string | null;
  /** Opaque to the hub, at most `limits.cursor_bytes` of UTF-8. */
  cursor?: string | null;
}

/** The words of a comment. */
export interface CommentText {
  body: string;
  mentions?: string[];
}

/** Where a text stands. */
export type TextStatus =
  /** Nothing is known of it yet. */
  | "opening"
  /** Current. */
  | "live"
  /** The last that was known, while the connection or a fresh copy is awaited. */
  | "stale"
  /** Ended; see {@link TextView.refusal}. */
  | "closed";

/** What was heard of a text. */
export type TextChange =
  /**
   * All of it: begin a fresh document with these updates. Comes again for each new user of the view, and when the hub cannot tell
   * what is new; whoever held the chapter all the while merges it into the document that is there.
   * `lineage` says which document it is, for anchors; null while there is none: then it is the client id of the first update.
   */
  | { kind: "whole"; rev: number; updates: Uint8Array[]; lineage: number | null }
  /** What came while nobody listened, own writes among it: merge it into the document. */
  | { kind: "missed"; rev: number; updates: Uint8Array[] }
  /** Another session wrote: merge this into the document. */
  | { kind: "update"; rev: number; by: string; update: Uint8Array };

/** A live view of one chapter's text: Yjs updates (v1), which this client neither reads nor merges. */
export interface TextView {
  readonly chapter: string;
  readonly status: TextStatus;
  /** Why the hub refused to open it. */
  readonly refusal: QuireRefusal | null;
  /** The last revision that is known here. */
  readonly rev: number;
  /** What this session wrote and is not known to be stored, oldest first. Keep it where a crash does not reach. */
  readonly unsaved: readonly Uint8Array[];

  /** Calls `listener` for every change, in order; the first is the whole text. Own writes are not among them. */
  subscribe(listener: (change: TextChange) => void): Unsubscribe;
  /** Calls `listener` when status or `unsaved` changed. */
  onStatus(listener: (text: TextView) => void): Unsubscribe;
  /**
   * Writes an update of this session's own document, whose client id is the token with which the hold began. Settles with
   * its revision once it is stored; sent again over reconnects while the hold lasts. Rejects `not_held` when the chapter
   * is lost: keep the update as a draft, and never write it over somebody else's text.
   */
  write(update: Uint8Array): Promise<number>;
  /** Settles when nothing is unsaved: it was stored, or the hold is over. */
  flushed(): Promise<unknown>;
  /** Hears no more. The last of its users ends it. */
  close(): void;
}

/** A live view of one book, kept current from events over reconnects. Its promises reject as those of `request`. */
export interface BookView {
  readonly id: string;
  readonly status: BookStatus;
  readonly closedReason: BookClosedReason | null;
  /** Why the hub refused to open the book. */
  readonly refusal: QuireRefusal | null;
  /** Settles with the first state; rejects if the view ends before. */
  readonly ready: Promise<BookState>;
  /** The latest state; null before the first. */
  readonly state: BookState | null;
  /** The chapters as a tree: parts with their chapters, and chapters of no part. */
  readonly outline: readonly OutlineEntry[];

  /** Calls `listener` after changes of state or status, at most once per microtask however many events came. */
  subscribe(listener: (view: BookView) => void): Unsubscribe;
  /** What the caller's rights allow. The hub decides; this is for what to show. */
  can(action: Action): boolean;
  chapter(chapter: string): ChapterView | undefined;
  /** The fencing token, if this session holds the chapter. */
  heldToken(chapter: string): number | undefined;
  /** This session's place in the queue for the chapter: 1 is next; 0: it does not wait. */
  waitingPosition(chapter: string): number;
  /** Ends the view; locks and waiting places of this session in the book are given up. */
  close(): void;

  /**
   * A live view of a chapter's text. `merge` (`mergeUpdates` of Yjs, say) makes one update of those that wait while one is
   * on its way, up to `limits.update_bytes`; without it they go one after the other.
   */
  openText(chapter: string, options?: { merge?: (updates: Uint8Array[]) => Uint8Array }): TextView;

  /**
   * Keeps what could not be stored for this person alone; `update` is a Yjs document of its own (v1), written by the client id
   * 1. Answers the draft's id; with the same `id` again nothing more is kept.
   */
  saveDraft(draft: { chapter: string; excerpt: string; update: Uint8Array; id?: string }): Promise<string>;
  /** This person's drafts in the book, the oldest first. */
  listDrafts(): Promise<DraftRow[]>;
  /** The document of a draft. */
  readDraft(draft: string): Promise<Uint8Array>;
  discardDraft(draft: string): Promise<void>;

  /** The versions of a chapter, the newest first. */
  listVersions(chapter: string): Promise<VersionRow[]>;
  /** The text of a version: a Yjs state (v1), unpacked. */
  readVersion(chapter: string, rev: number): Promise<Uint8Array>;
  /** What came and what went between two versions, or between one and the text as it is. */
  compareVersions(chapter: string, from: number, to?: number): Promise<Comparison>;
  /** Keeps the text of a chapter as it is under a name; without one that of every chapter, and the book as a point. */
  saveVersion(label: string, chapter?: string): Promise<void>;
  nameVersion(chapter: string, rev: number, label: string | null): Promise<void>;
  /** Owner, holding the chapter: brings its text back to what a version says; answers the position after it. */
  restoreVersion(chapter: string, rev: number): Promise<number>;
  /** The points of the book's history, the newest first. */
  listPoints(): Promise<PointRow[]>;
  /** The chapters of the book as they were at a point, in reading order; their texts are versions. */
  readPoint(point: number): Promise<PointView>;

  /** Sends any command of the book. */
  request<C extends Command>(command: C, options?: RequestOptions): Promise<AnswerTo<C["t"]>>;

  /** Asks for a chapter with the intent to edit; with `wait`, queues up behind its holder. */
  acquire(chapter: string, options?: { wait?: boolean; note?: string; signal?: AbortSignal }): Promise<Acquired>;
  /** Gives a chapter back that this session holds. */
  release(chapter: string): Promise<void>;
  /** Takes a chapter from the same user's other tab; answers the token. */
  moveHere(chapter: string): Promise<number>;
  /** Gives a held chapter to a waiting session. */
  handOver(chapter: string, toSession: string): Promise<void>;
  /** Keeps a held chapter: declines a waiting session. */
  keep(chapter: string, toSession: string): Promise<void>;
  /** Stops waiting. */
  cancelWait(chapter: string): Promise<void>;
  /** Owner: ends somebody else's lock, and with `take` acquires it; answers the token then. */
  forceRelease(chapter: string, reason: string, options?: { take?: boolean }): Promise<number | undefined>;

  /** Adds a chapter or part; answers its id. */
  addChapter(chapter: { title: string; kind: ChapterKind; at?: At; parent?: string | null; id?: string }): Promise<string>;
  moveChapter(chapter: string, to: { at?: At; parent?: string | null }): Promise<void>;
  renameChapter(chapter: string, title: string): Promise<void>;
  removeChapter(chapter: string): Promise<void>;
  restoreChapter(chapter: string): Promise<void>;
  /** How many may write in a chapter at a time: `live`, several at once; `exclusive`, one, and the others wait. */
  setMode(chapter: string, mode: Mode): Promise<void>;
  /** Says whose task a chapter is (null: nobody's), and until when (ms since 1970). It allows nobody anything. */
  assign(chapter: string, user: string | null, dueAt?: number): Promise<void>;
  /** Absent fields keep, null clears. With `baseSeq`: refused `stale_base` if somebody changed them since. */
  setMetadata(change: { title?: string; metadata?: MetadataPatch; baseSeq?: number }): Promise<void>;
  /** All of it: absent fields are as in a new book. With `baseSeq`: refused `stale_base` if somebody changed it since. */
  setFormat(change: { format: Partial<Format>; baseSeq?: number }): Promise<void>;
  /** Whether exactly this address has an account here. For the owner; asked seldom, as it is counted. */
  isKnown(email: string): Promise<boolean>;
  /** What is to be done before the book is submitted. For its owner, and for those who may publish it. */
  checklist(): Promise<Checklist>;
  /** Owner: submits the book as it is, to be published. */
  submit(note?: string): Promise<void>;
  /** Owner: takes back what was submitted. */
  withdraw(): Promise<void>;
  /** Owner: says who gets what of the royalties, 10,000 basis points in all, from a time on (ms since 1970; absent: now). */
  setRoyalties(shares: Share[], effectiveAt?: number): Promise<void>;
  /** Who gets what, the oldest split first. Whoever does not decide about it reads their own shares only. */
  listRoyalties(): Promise<Split[]>;
  /** Owner, who may upload there: brings the book into the library. */
  shelve(): Promise<void>;
  /** Owner: takes the book out of the library. */
  unshelve(): Promise<void>;
  /** Puts the book into the trash: `listTrash` and `restoreBook` of the client bring it back for a while. */
  deleteBook(): Promise<void>;

  /** Loads the threads of a chapter (of the whole book, without one) with their comments and keeps them current. */
  loadThreads(chapter?: string): Promise<void>;
  /** Starts a thread; answers its id. */
  addComment(comment: CommentText & { chapter: string; anchor?: Anchor | null; thread?: string }): Promise<string>;
  /** Answers in a thread; answers the comment's id. */
  reply(thread: string, text: CommentText): Promise<string>;
  editComment(thread: string, comment: string, text: CommentText): Promise<void>;
  deleteComment(thread: string, comment: string): Promise<void>;
  resolve(thread: string): Promise<void>;
  reopen(thread: string): Promise<void>;

  /** Owner: invites an address; answers the invitation's id. */
  invite(email: string, role: Role): Promise<string>;
  setRole(user: string, role: Role): Promise<void>;
  /** From that time on they are no member any more; null: nothing is said. */
  setEnd(user: string, until_at: number | null): Promise<void>;
  /** Lets somebody in who asked. */
  grantAccess(user: string, role: Role): Promise<void>;
  /** Does not; they are not told. */
  refuseAccess(user: string): Promise<void>;
  /** Offers the book to a member, where `timers.ownership_offer_ms` is more than 0. */
  offerOwnership(user: string): Promise<void>;
  withdrawOwnership(): Promise<void>;
  acceptOwnership(): Promise<void>;
  declineOwnership(): Promise<void>;
  removeMember(user: string): Promise<void>;
  leave(): Promise<void>;
  revokeInvitation(invitation: string): Promise<void>;
  resendInvitation(invitation: string): Promise<void>;

  /** Says where the person is. Sent at most once in 50 ms, the latest wins; repeated after reconnects. */
  setPresence(patch: PresencePatch): void;
}

