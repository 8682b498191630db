// Generated from the crate quire-protocol; do not edit. Renew with:
// QUIRE_RENEW=1 cargo test -p quire-protocol --features typescript --test typescript
/* eslint-disable */

// === Frames that a client sends ===

/** The first frame of a connection. */
export type Hello = { "t": "hello",
  /** The JWT; absent if it came in the `Authorization` header. */
  token?: string,
  /** `name/version` of the client. */
  client?: string,
  /** The session to continue. */
  resume?: Resume,
};

/** The session to continue. */
export type Resume = {
  /** The session, as `welcome` named it. */
  session: SessionId,
  /** Higher than any incarnation this session had. */
  incarnation: number,
  /** How long the person has done nothing. */
  idle_ms?: number,
};

/** A tab's session. Made by the hub; commits to its user (see the specification, "Sessions"). */
export type SessionId = string;

/** The person did something. Sent at most once in 30 s; not a heartbeat. */
export type Activity = { t: "activity" };

/** Where the person is in a book; an absent field is unchanged. */
export type PresenceSet = { "t": "presence",
  /** The book. */
  book: BookId,
  /** The chapter in view; null: none. */
  chapter?: ChapterId | null,
  /** Opaque to the hub, at most `limits.cursor_bytes`; null: none. */
  cursor?: string | null,
};

/** A book. Global, never reused. */
export type BookId = string;

/** A chapter (or part) of one book. */
export type ChapterId = string;

/** A piece of a frame that is larger than one message may be. */
export type Part = { "t": "part",
  /** This is the last piece. */
  last: boolean,
  /** The piece: bytes, in JSON base64. */
  data: Uint8Array | string,
};

/** A command with what surrounds it. Written flat: `{"t":…, "ref":7, "id":…, "book":…, …fields}`. */
export type CommandFrame = {
  /** Matches the reply to this command on this connection. */
  ref: number,
  /** Makes a repeat of this command harmless. */
  id?: CommandId,
  /** This command may have been executed before. */
  retry?: boolean,
  /** The book it is about; absent for commands outside books. */
  book?: BookId,
} & (HubCommand | LibraryCommand | ViewCommand | TextCommand | DraftCommand | VersionCommand | BookCommand);

/** A client-made id that makes a repeated command harmless. Unique per user. */
export type CommandId = string;

/** Commands outside a book. */
export type HubCommand = { "t": "books.list" } & BooksList
  | { "t": "invitations.list" } & InvitationsList
  | { "t": "token.refresh" } & TokenRefresh
  | { "t": "inbox.open" } & InboxOpen
  | { "t": "inbox.list" } & InboxList
  | { "t": "inbox.read" } & InboxRead
  | { "t": "inbox.choose" } & InboxChoose
  | { "t": "inbox.close" } & InboxClose;

/** Lists the caller's books. May lag a moment; grants nothing. */
export type BooksList = {
  /** Rows wanted; the hub answers at most `limits.list_rows`. */
  limit?: number,
  /** Where the previous page ended. */
  cursor?: string,
  /** Those in the trash that the caller may restore, and no others. */
  trashed?: boolean,
};

/** Lists invitations that wait for the caller's verified address. */
export type InvitationsList = {
  /** Rows wanted; the hub answers at most `limits.list_rows`. */
  limit?: number,
  /** Where the previous page ended. */
  cursor?: string,
};

/** Replaces the connection's token by a later one of the same user. */
export type TokenRefresh = {
  /** The new JWT. */
  token: string,
};

/** Answers the latest entries, and from now on tells this connection when something comes or is read. */
export type InboxOpen = object;

/** Lists older entries. */
export type InboxList = {
  /** Only those with a lower number. */
  before?: Seq,
  /** Rows wanted; the hub answers at most `limits.list_rows`. */
  limit?: number,
};

/** The number of an event in its log, from 1; 0 is "before the first". */
export type Seq = number;

/** These entries are read. Idempotent; what is not there any more is no error. */
export type InboxRead = {
  /** Everything up to this number. */
  up_to?: Seq,
  /** Each of these. */
  entries?: Array<Seq>,
};

/** By these channels the caller is told of these topics from now on; of others as before. */
export type InboxChoose = {
  /** Each topic by itself; of two for one topic the later one counts. */
  choices: Array<TopicChoice>,
};

/** How often somebody is mailed what they are told. */
export type ByMail = "off" | "at_once" | "daily";

/** What somebody is told of. */
export type Topic = "invited" | "role_changed" | "removed" | "mentioned" | "replied" | "lock_asked" | "lock_received" | "lock_taken" | "lock_idle" | "version_restored" | "book_shelved" | "assigned" | "submitted" | "changes_requested" | "approved" | "published" | "unpublished" | "access_requested" | "access_granted" | "ownership_offered" | "ownership_transferred";

/** By which channels somebody is told of a topic, by their own choice. */
export type TopicChoice = {
  /** Of what. */
  topic: Topic,
  /** It is in their inbox. */
  inbox: boolean,
  /** How often they are mailed. */
  mail: ByMail,
};

/** Ends what `inbox.open` began. Idempotent. */
export type InboxClose = object;

/** Commands about the library. They name no book. */
export type LibraryCommand = { "t": "library.open" } & LibraryOpen
  | { "t": "library.close" } & LibraryClose
  | { "t": "library.books" } & LibraryBooks
  | { "t": "library.share" } & LibraryShare
  | { "t": "library.allow" } & LibraryAllow
  | { "t": "library.join" } & LibraryJoin
  | { "t": "library.decline" } & LibraryDecline
  | { "t": "library.leave" } & LibraryLeave
  | { "t": "users.list" } & UsersList
  | { "t": "user.add" } & UserAdd
  | { "t": "user.update" } & UserUpdate
  | { "t": "user.remove" } & UserRemove
  | { "t": "webhooks.list" } & WebhooksList
  | { "t": "webhook.set" } & WebhookSet
  | { "t": "webhook.remove" } & WebhookRemove
  | { "t": "webhook.send" } & WebhookSend
  | { "t": "webhook.deliveries" } & WebhookDeliveries;

/** Says what the caller may do in the library, and from now on tells this connection when that or what it may list changes. */
export type LibraryOpen = object;

/** Ends that. Idempotent. */
export type LibraryClose = object;

/** Lists books of the library that the caller may list, by title. */
export type LibraryBooks = {
  /** Only those whose title holds this, however it is written. */
  search?: string,
  /** Only those of this category. */
  category?: string,
  /** Only those that are so far, or of which something that was submitted is. */
  state?: PublishState,
  /** Rows wanted; the hub answers at most `limits.list_rows`. */
  limit?: number,
  /** The last book of the previous page. */
  cursor?: BookId,
};

/** How far a book is. */
export type PublishState = "draft" | "submitted" | "changes_requested" | "approved" | "published" | "unpublished";

/** Gives people these permissions in place of those that they have. Who is no user yet is asked to join. Whoever may manage settings. */
export type LibraryShare = {
  /** Addresses, each one by itself. */
  emails: Array<string>,
  /** What they may do. */
  grants: Array<Grant>,
};

/** Which books a permission reaches. Written as a map with one of four fields. */
export type BookScope = { any: true }
  | { own: true }
  | { titles: Array<string> }
  | { categories: Array<string> };

/** Something that somebody may do in a library. */
export type Permission = "upload" | "list" | "download" | "edit" | "delete" | "publish" | "list_users" | "add_users" | "edit_users" | "delete_users" | "manage_users" | "notifications" | "settings" | "reports" | "analytics";

/** Which users a permission reaches: those who fit all that is said. */
export type UserFilter = {
  /** Countries, two letters each (ISO 3166-1). Absent: any, or none told. Empty: nobody. */
  countries?: Array<string>,
  /** Roles in the library, as the host names them. Absent: any. Empty: nobody. */
  roles?: Array<string>,
};

/** A permission as it is given: what is shown, and changed. */
export type Grant = {
  /** Which. */
  permission: Permission,
  /** The books that it reaches, where it is about books. Absent: any. */
  books?: BookScope,
  /** The users that it reaches, where it is about users. Absent: all. */
  users?: UserFilter,
};

/** By these channels anybody may be told of these topics from now on; of others as before. Whoever may manage settings. */
export type LibraryAllow = {
  /** Each topic by itself; of two for one topic the later one counts. */
  switches: Array<TopicSwitch>,
};

/** By which channels anybody is told of a topic, by the library's choice. */
export type TopicSwitch = {
  /** Of what. */
  topic: Topic,
  /** It may be in inboxes. */
  inbox: boolean,
  /** It may be mailed. */
  mail: boolean,
};

/** Joins the library that the caller's verified address was asked to. */
export type LibraryJoin = object;

/** Declines that. */
export type LibraryDecline = object;

/** Leaves the library. Anybody but its owner. */
export type LibraryLeave = object;

/** Lists users that the caller may list, by address. */
export type UsersList = {
  /** Only those whose address, name or organisation holds this, however it is written. */
  search?: string,
  /** Only those of these countries. */
  countries?: Array<string>,
  /** Only those with these roles. */
  roles?: Array<string>,
  /** Only those of whom this is so. */
  state?: UserState,
  /** Rows wanted; the hub answers at most `limits.list_rows`. */
  limit?: number,
  /** The last address of the previous page. */
  cursor?: string,
};

/** Where somebody stands in a library. */
export type UserState = "asked" | "lapsed" | "joined" | "inactive";

/** Adds a user, who is asked to join. */
export type UserAdd = {
  /** Their address; who proves it may join. */
  email: string,
  /** What is said of them. */
  details?: UserDetails,
};

/** What is said of a user. */
export type UserDetails = {
  /** Their name; absent: as they call themselves when they join. */
  name?: string,
  /** Where they work. */
  organisation?: string,
  /** In which part of it. */
  department?: string,
  /** Their country (ISO 3166-1 alpha-2). */
  country?: string,
  /** Their role in the library, in the library's own words. It allows nothing; permissions may be limited to it. */
  role?: string,
};

/** Changes what is said of a user. */
export type UserUpdate = {
  /** Who. */
  email: string,
  /** Changed fields. */
  patch?: UserPatch,
  /** False: what they may do rests, and they are signed out. Absent: keep. */
  active?: boolean,
};

/** A change of [`UserDetails`]: an absent field stays, null empties it. */
export type UserPatch = {
  /** Name. */
  name?: string | null | null,
  /** Organisation. */
  organisation?: string | null | null,
  /** Department. */
  department?: string | null | null,
  /** Country. */
  country?: string | null | null,
  /** Role. */
  role?: string | null | null,
};

/** Removes a user with all that they may do. */
export type UserRemove = {
  /** Who. */
  email: string,
};

/** Lists the library's webhooks, by their ids. Whoever may manage settings, as for everything about webhooks. */
export type WebhooksList = object;

/** From now on this address is told of these topics, as far as the caller may know what happened. Under an id that there is already: in place of whatever it was. */
export type WebhookSet = {
  /** Which. */
  webhook: WebhookId,
  /** Where to: begins with https://, and leads to no private network. */
  url: string,
  /** What of. */
  topics: Array<Topic>,
  /** False: nothing is sent, and what waits stays. */
  on: boolean,
  /** It gets a new secret. A new webhook does anyway; the answer tells it, and nothing ever does again. */
  renew?: boolean,
};

/** A webhook of a library. Made by the client. */
export type WebhookId = string;

/** Removes a webhook, and what it was still to be told. Idempotent. */
export type WebhookRemove = {
  /** Which. */
  webhook: WebhookId,
};

/** Sends a test to a webhook, or something once more. */
export type WebhookSend = {
  /** Which. */
  webhook: WebhookId,
  /** What, by the id of its delivery. Absent: a test. */
  delivery?: string,
};

/** Lists what a webhook is still to be told, and what it was told last. */
export type WebhookDeliveries = {
  /** Which. */
  webhook: WebhookId,
};

/** Commands that read a book or change what this connection sees of it. */
export type ViewCommand = { "t": "book.open" } & BookOpen
  | { "t": "book.close" } & BookClose
  | { "t": "threads.list" } & ThreadsList
  | { "t": "royalties.get" } & RoyaltiesGet
  | { "t": "publish.checklist" } & PublishChecklist
  | { "t": "member.lookup" } & MemberLookup;

/** Subscribes this connection to the book. */
export type BookOpen = {
  /** The position the client has; absent: it has nothing. */
  after?: After,
};

/** The position a client has of a book. */
export type After = {
  /** The epoch it was heard in. */
  epoch: Epoch,
  /** The last event's number; 0: from the beginning. */
  seq: Seq,
};

/** One life of a log: it changes when acknowledged events were lost. On the wire 16 hexadecimal digits. */
export type Epoch = string;

/** Ends this connection's subscription. Idempotent. */
export type BookClose = object;

/** Lists comment threads with their comments. */
export type ThreadsList = {
  /** Only threads of this chapter. */
  chapter?: ChapterId,
  /** Only this thread. */
  thread?: ThreadId,
  /** Rows wanted; the hub answers at most `limits.list_rows`. */
  limit?: number,
  /** Where the previous page ended. */
  cursor?: string,
};

/** A comment thread of one book. */
export type ThreadId = string;

/** Reads who gets what of the royalties. All of it: owner; others read what they get themselves. */
export type RoyaltiesGet = object;

/** Says what there is to be done before the book is submitted. Owner, and whoever may publish it. */
export type PublishChecklist = object;

/** Asks whether an address is known here, before it is invited. Owner. */
export type MemberLookup = {
  /** The whole address. */
  email: string,
};

/** Commands about the text of a chapter of an open book. */
export type TextCommand = { "t": "chapter.open" } & ChapterOpen
  | { "t": "chapter.close" } & ChapterClose
  | { "t": "chapter.update" } & ChapterUpdate;

/** Answers the chapter's text, and tells this connection of every change from then on. */
export type ChapterOpen = {
  /** Which. */
  chapter: ChapterId,
  /** What the client has already: only what came after it is answered, if that can be told. */
  have?: Have,
  /** Answer the document's state vector, too. */
  clocks?: boolean,
};

/** A position in a chapter's log. */
export type Have = {
  /** The life of the log. */
  epoch: Epoch,
  /** The last update. */
  rev: Seq,
};

/** Ends that. Idempotent. */
export type ChapterClose = {
  /** Which. */
  chapter: ChapterId,
};

/** Writes into a chapter that this session holds. */
export type ChapterUpdate = {
  /** Which. */
  chapter: ChapterId,
  /** The token under which it is held. */
  token: Token,
  /** The number of this update among those of the hold, from 1. A repeat is harmless, a gap is refused. */
  n: number,
  /** A client id of the editor's own choice, below 2^32, that this user wrote under first; absent: that of the hold. With it `n` is 0, and a repeat is known by its clock. */
  client?: number,
  /** A Yjs update (v1), written by the client id of the hold. */
  update: Uint8Array | string,
};

/** A fencing token: the stamp of the event that granted a lock. Only rises within a log; below 2^53. */
export type Token = number;

/** Commands about recovery drafts: text that somebody typed and that could not be stored. Nobody else sees them. */
export type DraftCommand = { "t": "draft.save" } & DraftSave
  | { "t": "drafts.list" } & DraftsList
  | { "t": "draft.read" } & DraftRead
  | { "t": "draft.discard" } & DraftDiscard;

/** Keeps what this person typed and what could not be stored, for this person alone. */
export type DraftSave = {
  /** Its id, made by the client. The same again with the same bytes is harmless. */
  draft: DraftId,
  /** The chapter that it was typed in. */
  chapter: ChapterId,
  /** Its beginning, for a list: one line of plain text. */
  excerpt: string,
  /** A Yjs document of its own (v1), written by the client id 1 alone. */
  update: Uint8Array | string,
};

/** A recovery draft of one person in one book. Made by the client. */
export type DraftId = string;

/** Lists the caller's own drafts in this book, the oldest first. */
export type DraftsList = object;

/** Answers what one of the caller's own drafts holds. */
export type DraftRead = {
  /** Which. */
  draft: DraftId,
};

/** Throws one of the caller's own drafts away. Idempotent. */
export type DraftDiscard = {
  /** Which. */
  draft: DraftId,
};

/** Commands about versions: states of a chapter's text that are kept. A version is named by the position of the text. A point is a state of the whole book: the order of its chapters, and a version of each. */
export type VersionCommand = { "t": "versions.list" } & VersionsList
  | { "t": "version.read" } & VersionRead
  | { "t": "version.compare" } & VersionCompare
  | { "t": "version.save" } & VersionSave
  | { "t": "version.name" } & VersionName
  | { "t": "version.restore" } & VersionRestore
  | { "t": "points.list" } & PointsList
  | { "t": "point.read" } & PointRead;

/** Lists the versions of a chapter, the newest first. Also of a removed chapter. */
export type VersionsList = {
  /** Which chapter. */
  chapter: ChapterId,
};

/** Answers the text of a version. */
export type VersionRead = {
  /** Which chapter. */
  chapter: ChapterId,
  /** Which version. */
  rev: Seq,
};

/** Answers what was written and what was taken away between two versions. */
export type VersionCompare = {
  /** Which chapter. */
  chapter: ChapterId,
  /** The earlier version. */
  from: Seq,
  /** The later version; absent or null: the text as it is. */
  to?: Seq | null,
};

/** Keeps the text as it is under a name. */
export type VersionSave = {
  /** Which chapter; absent or null: every chapter, and the book as a point of its history. */
  chapter?: ChapterId | null,
  /** The name. */
  label: string,
};

/** Gives a version a name, or takes it away. */
export type VersionName = {
  /** Which chapter. */
  chapter: ChapterId,
  /** Which version. */
  rev: Seq,
  /** The name; absent or null: none. */
  label?: string | null,
};

/** Brings the text back to what it said. Owner, holding the chapter. */
export type VersionRestore = {
  /** Which chapter. */
  chapter: ChapterId,
  /** The token under which it is held. */
  token: Token,
  /** Which version. */
  rev: Seq,
};

/** Lists the points of the book, the newest first. */
export type PointsList = object;

/** Answers the chapters of the book as they were at a point. */
export type PointRead = {
  /** The point's number. */
  point: Seq,
};

/** Commands that a book decides and that may change it. */
export type BookCommand = { "t": "book.create" } & BookCreate
  | { "t": "book.delete" } & BookDelete
  | { "t": "book.restore" } & BookRestore
  | { "t": "book.shelve" } & BookShelve
  | { "t": "book.unshelve" } & BookUnshelve
  | { "t": "metadata.set" } & MetadataSet
  | { "t": "format.set" } & FormatSet
  | { "t": "royalties.set" } & RoyaltiesSet
  | { "t": "publish.start" } & PublishStart
  | { "t": "publish.withdraw" } & PublishWithdraw
  | { "t": "publish.request_changes" } & PublishRequestChanges
  | { "t": "publish.approve" } & PublishApprove
  | { "t": "publish.publish" } & PublishPublish
  | { "t": "publish.unpublish" } & PublishUnpublish
  | { "t": "chapter.add" } & ChapterAdd
  | { "t": "chapter.move" } & ChapterMove
  | { "t": "chapter.rename" } & ChapterRename
  | { "t": "chapter.remove" } & ChapterRemove
  | { "t": "chapter.restore" } & ChapterRestore
  | { "t": "chapter.set_mode" } & ChapterSetMode
  | { "t": "chapter.assign" } & ChapterAssign
  | { "t": "lock.acquire" } & LockAcquire
  | { "t": "lock.release" } & LockRelease
  | { "t": "lock.move_here" } & LockMoveHere
  | { "t": "lock.hand_over" } & LockHandOver
  | { "t": "lock.keep" } & LockKeep
  | { "t": "lock.cancel_wait" } & LockCancelWait
  | { "t": "lock.force_release" } & LockForceRelease
  | { "t": "comment.add" } & CommentAdd
  | { "t": "comment.reply" } & CommentReply
  | { "t": "comment.edit" } & CommentEdit
  | { "t": "comment.delete" } & CommentDelete
  | { "t": "thread.resolve" } & ThreadResolve
  | { "t": "thread.reopen" } & ThreadReopen
  | { "t": "member.invite" } & MemberInvite
  | { "t": "member.set_role" } & MemberSetRole
  | { "t": "member.set_end" } & MemberSetEnd
  | { "t": "member.remove" } & MemberRemove
  | { "t": "member.leave" } & MemberLeave
  | { "t": "invitation.revoke" } & InvitationRevoke
  | { "t": "invitation.resend" } & InvitationResend
  | { "t": "invitation.accept" } & InvitationAccept
  | { "t": "invitation.decline" } & InvitationDecline
  | { "t": "access.request" } & AccessRequest
  | { "t": "access.grant" } & AccessGrant
  | { "t": "access.refuse" } & AccessRefuse
  | { "t": "ownership.offer" } & OwnershipOffer
  | { "t": "ownership.withdraw" } & OwnershipWithdraw
  | { "t": "ownership.accept" } & OwnershipAccept
  | { "t": "ownership.decline" } & OwnershipDecline;

/** Creates a book; the caller becomes its owner. */
export type BookCreate = {
  /** The book's title. */
  title: string,
  /** First metadata; `null` and absent fields are empty. */
  metadata?: MetadataPatch,
};

/** Changed metadata fields: absent keeps, `null` clears. */
export type MetadataPatch = {
  /** Subtitle. */
  subtitle?: string | null,
  /** Authors as printed, in order. */
  authors?: Array<string> | null,
  /** BCP 47 tag. */
  language?: string | null,
  /** Blurb, plain text. */
  description?: string | null,
  /** Publisher. */
  publisher?: string | null,
  /** ISBN as written. */
  isbn?: string | null,
  /** Keywords. */
  keywords?: Array<string> | null,
  /** Categories of the library that it belongs to. */
  categories?: Array<string> | null,
};

/** Puts the book into the trash, from where it can be restored for a while; or, out of the trash, ends it for good. Owner. */
export type BookDelete = {
  /** For good. Refused `conflict` if the book is not in the trash. */
  forever?: boolean,
};

/** Takes the book out of the trash, as it was but for its locks. Who may delete it. */
export type BookRestore = object;

/** Brings the book into the library: who may do something with such books there may from now on. Owner, who may also upload there. */
export type BookShelve = object;

/** Takes the book out of the library. Owner. */
export type BookUnshelve = object;

/** Changes title or metadata. */
export type MetadataSet = {
  /** New title; absent: keep. */
  title?: string,
  /** Changed fields. */
  metadata?: MetadataPatch,
  /** Refuse with `stale_base` if metadata changed after this seq; absent: last writer wins. */
  base_seq?: Seq,
};

/** Changes what the book looks like. */
export type FormatSet = {
  /** All of it; an absent field is as in a new book. */
  format: Partial<Format>,
  /** Refuse with `stale_base` if the format changed after this seq; absent: last writer wins. */
  base_seq?: Seq,
};

/** Says who gets what of the royalties. Owner. */
export type RoyaltiesSet = {
  /** What each gets; members only, together the whole. */
  shares: Array<Share>,
  /** From when on; absent, or a time that is past: from now on. What was to come later than that is dropped. */
  effective_at?: Timestamp,
};

/** A verified user: the token's `sub`. Opaque, never part of a storage key. */
export type UserId = string;

/** One person's part. */
export type Share = {
  /** Whose: a member of the book. */
  user: UserId,
  /** How much, of [`WHOLE`]. */
  basis_points: number,
};

/** Milliseconds since the Unix epoch. */
export type Timestamp = number;

/** Submits the book as it is: the hub keeps a point of its history, and that is what is reviewed. Owner; only of a book that is in the library. */
export type PublishStart = {
  /** Something for whoever reviews it. */
  note?: string,
};

/** Takes back what was submitted. Owner. */
export type PublishWithdraw = object;

/** Asks for changes of what was submitted. Whoever may publish the book by the library's permission. */
export type PublishRequestChanges = {
  /** What was submitted: refused if it is something else by now. */
  point: Seq,
  /** What is to be changed. */
  note: string,
};

/** Finds nothing against what was submitted. Whoever may publish the book by the library's permission. */
export type PublishApprove = {
  /** What was submitted: refused if it is something else by now. */
  point: Seq,
  /** Something for the owner. */
  note?: string,
};

/** Publishes the book. Whoever may do so by the library's permission. */
export type PublishPublish = {
  /** What was submitted; absent: the book as it is, of which the hub keeps a point. */
  point?: Seq,
  /** Why. */
  note?: string,
};

/** Takes the book from its readers. Nothing of it is lost. Whoever may do so by the library's permission. */
export type PublishUnpublish = {
  /** Why. */
  note?: string,
};

/** Adds a chapter or part. */
export type ChapterAdd = {
  /** Its id, made by the client. */
  chapter: ChapterId,
  /** Its title. */
  title: string,
  /** What it is. */
  kind: ChapterKind,
  /** Where among its siblings. */
  at?: At,
  /** The part it belongs to; absent or null: none. */
  parent?: ChapterId | null,
};

/** What a chapter is. Reading order is the order of siblings, front matter first only by convention. */
export type ChapterKind = "front" | "chapter" | "back" | "part";

/** A place among siblings: `"first"`, `"last"` or `{"after": id}`. */
export type At = "first" | "last"
  | { "after": ChapterId };

/** Moves a chapter or part. Needs no lock. */
export type ChapterMove = {
  /** Which. */
  chapter: ChapterId,
  /** Where among its new siblings. */
  at?: At,
  /** The part it shall belong to; absent or null: none. */
  parent?: ChapterId | null,
};

/** Renames a chapter; refused `locked` while another session holds it. */
export type ChapterRename = {
  /** Which. */
  chapter: ChapterId,
  /** Its new title. */
  title: string,
};

/** Removes a chapter; it can be restored. */
export type ChapterRemove = {
  /** Which. */
  chapter: ChapterId,
};

/** Brings a removed chapter back, with its threads. */
export type ChapterRestore = {
  /** Which. */
  chapter: ChapterId,
};

/** Says how many may write in a chapter at a time. */
export type ChapterSetMode = {
  /** Which. */
  chapter: ChapterId,
  /** How many. */
  mode: Mode,
};

/** How many may write in a chapter at a time. */
export type Mode = "exclusive" | "live";

/** Says whose task a chapter is, and until when. It allows nobody anything. */
export type ChapterAssign = {
  /** Which; a part has no text. */
  chapter: ChapterId,
  /** Whose: a member who may write; null or absent: nobody's. */
  user?: UserId,
  /** Until when; null or absent: whenever. */
  due_at?: Timestamp,
};

/** Asks for a chapter's lock, with the intent to edit. */
export type LockAcquire = {
  /** Which. */
  chapter: ChapterId,
  /** Queue up if somebody else holds it. */
  wait?: boolean,
  /** A word to the holder. */
  note?: string,
};

/** Gives a lock back. */
export type LockRelease = {
  /** Which. */
  chapter: ChapterId,
  /** The token the caller holds it under. */
  token: Token,
  /** The last update of the hold that the caller wrote: refused if it is not stored. Absent: that is not asked. */
  after_n?: number,
};

/** Takes the lock from the same user's other session. */
export type LockMoveHere = {
  /** Which. */
  chapter: ChapterId,
};

/** Gives the lock to a waiter. */
export type LockHandOver = {
  /** Which. */
  chapter: ChapterId,
  /** The token the caller holds it under. */
  token: Token,
  /** The waiting session that gets it. */
  to: SessionId,
  /** As in `lock.release`. */
  after_n?: number,
};

/** Declines a waiter. */
export type LockKeep = {
  /** Which. */
  chapter: ChapterId,
  /** The token the caller holds it under. */
  token: Token,
  /** The waiting session that is declined. */
  to: SessionId,
};

/** Stops waiting. */
export type LockCancelWait = {
  /** Which. */
  chapter: ChapterId,
};

/** Releases somebody else's lock. Owner. */
export type LockForceRelease = {
  /** Which. */
  chapter: ChapterId,
  /** Why, for the holder and the record. */
  reason: string,
  /** Also acquire it, ahead of the queue. */
  take?: boolean,
};

/** Starts a thread. */
export type CommentAdd = {
  /** The thread's id, made by the client. */
  thread: ThreadId,
  /** The first comment's id, made by the client. */
  comment: CommentId,
  /** The chapter it is about. */
  chapter: ChapterId,
  /** The place; absent or null: the whole chapter. */
  anchor?: Anchor | null,
  /** Plain text. */
  body: string,
  /** Members to be told. */
  mentions?: Array<UserId>,
};

/** A comment of one book. */
export type CommentId = string;

/** Where in a chapter's text a comment points. */
export type Anchor = {
  /** The quoted text. */
  quote: string,
  /** What stands directly before it. */
  prefix?: string,
  /** What stands directly after it. */
  suffix?: string,
  /** Where the quote begins, in characters (Unicode scalar values) from the start of the chapter's text. */
  offset: number,
  /** The position of the chapter's text that quote and offset were read from. */
  base?: Seq,
  /** The same place by what stands there, in the document that the chapter is; absent: it is known by the quote alone. */
  relative?: Relative,
};

/** A stretch of a document by what stands at its ends, so that it moves with the text. */
export type Relative = {
  /** The document, as the answer to `chapter.open` names it. In any other one the positions say nothing. */
  lineage: Token,
  /** Where it begins: an encoded Yjs relative position. */
  start: Uint8Array | string,
  /** Where it ends. */
  end: Uint8Array | string,
};

/** Answers in a thread. */
export type CommentReply = {
  /** Which thread. */
  thread: ThreadId,
  /** The comment's id, made by the client. */
  comment: CommentId,
  /** Plain text. */
  body: string,
  /** Members to be told. */
  mentions?: Array<UserId>,
};

/** Changes one's own comment. */
export type CommentEdit = {
  /** Which thread. */
  thread: ThreadId,
  /** Which comment. */
  comment: CommentId,
  /** Plain text. */
  body: string,
  /** Members to be told. */
  mentions?: Array<UserId>,
};

/** Empties a comment and leaves a tombstone. */
export type CommentDelete = {
  /** Which thread. */
  thread: ThreadId,
  /** Which comment. */
  comment: CommentId,
};

/** Marks a thread as settled. */
export type ThreadResolve = {
  /** Which. */
  thread: ThreadId,
};

/** Opens a settled thread again. */
export type ThreadReopen = {
  /** Which. */
  thread: ThreadId,
};

/** Invites an address. Owner. */
export type MemberInvite = {
  /** The invitation's id, made by the client. */
  invitation: InvitationId,
  /** The address; only somebody who proves it can accept. */
  email: string,
  /** The role to come; not owner. */
  role: Role,
};

/** An invitation of one book. */
export type InvitationId = string;

/** A person's role in one book. The permission table in the hub says what each may do. */
export type Role = "reader" | "viewer" | "editor" | "author" | "owner";

/** Changes a member's role. Owner. */
export type MemberSetRole = {
  /** Who. */
  user: UserId,
  /** The new role; not owner. */
  role: Role,
};

/** Says until when a member is one; then they are removed. Owner; not of whoever gets royalties. */
export type MemberSetEnd = {
  /** Who; not the owner. */
  user: UserId,
  /** From when on they are no member; null or absent: nothing is said. */
  until?: Timestamp,
};

/** Removes a member. Owner. */
export type MemberRemove = {
  /** Who. */
  user: UserId,
};

/** Leaves the book. Any member but the owner. */
export type MemberLeave = object;

/** Takes an invitation back. Owner. */
export type InvitationRevoke = {
  /** Which. */
  invitation: InvitationId,
};

/** Renews an invitation's expiry. Owner. */
export type InvitationResend = {
  /** Which. */
  invitation: InvitationId,
};

/** Accepts an invitation to the caller's verified address. */
export type InvitationAccept = {
  /** Which. */
  invitation: InvitationId,
};

/** Declines an invitation to the caller's verified address. */
export type InvitationDecline = {
  /** Which. */
  invitation: InvitationId,
};

/** Asks whoever owns the book to be let in. Anybody; the answer is the same whether or not there is such a book. */
export type AccessRequest = {
  /** Why. */
  note?: string,
};

/** Lets somebody in who asked. Owner. */
export type AccessGrant = {
  /** Who. */
  user: UserId,
  /** As what; not owner. */
  role: Role,
};

/** Does not let somebody in who asked; they are not told. Owner. */
export type AccessRefuse = {
  /** Who. */
  user: UserId,
};

/** Offers the book to a member, in place of whatever was offered. Owner, where books may change hands. */
export type OwnershipOffer = {
  /** To whom; a member without an end. */
  user: UserId,
};

/** Takes the offer back. Owner. */
export type OwnershipWithdraw = object;

/** Becomes the owner; the one before is an author from then on. To whom it was offered. */
export type OwnershipAccept = object;

/** Does not become the owner. To whom it was offered. */
export type OwnershipDecline = object;

/** Every frame that a client sends. */
export type ClientFrame = Hello | Activity | PresenceSet | Part | CommandFrame;

// === Commands ===

/** Everything that is answered by a reply, by who answers it. */
export type Command = HubCommand | LibraryCommand | ViewCommand | TextCommand | DraftCommand | VersionCommand | BookCommand;

// === Frames that the hub sends ===

/** The hub's answer to `hello`. */
export type Welcome = { "t": "welcome",
  /** This tab's session: keep it in memory, name it to resume. */
  session: SessionId,
  /** This connection's incarnation; a resume names a higher one. */
  incarnation: number,
  /** Who the token says this is. */
  user: UserView,
  /** The hub process that serves this connection. */
  replica: ReplicaId,
  /** The session was continued; otherwise it is a new one. */
  resumed: boolean,
  /** When the token expires. */
  expires_at: Timestamp,
  /** Every limit. */
  limits: Limits,
  /** Every timer. */
  timers: Timers,
};

/** The signed-in user. */
export type UserView = {
  /** The token's `sub`. */
  id: UserId,
  /** The token's `name`. */
  name: string,
  /** The token's `email`. */
  email: string,
};

/** One boot of one hub process. */
export type ReplicaId = string;

/** How much of everything. Characters are Unicode scalar values. */
export type Limits = {
  /** One inbound WebSocket message, bytes. Over it: close 1009. */
  message_bytes: number,
  /** The `hello` frame, bytes. Over it: close 1009. */
  hello_bytes: number,
  /** Data of one part, bytes. Over it: close 4000. */
  part_bytes: number,
  /** A frame assembled from parts, bytes. Over it: close 1009. */
  frame_bytes: number,
  /** Nesting of a frame. Over it: close 4000. */
  depth: number,
  /** Commands a session may send in one second, on average. Over it: `rate_limited`. */
  commands_per_second: number,
  /** Commands a session may send at once after a pause. Over it: `rate_limited`. */
  command_burst: number,
  /** Refusals for the rate that a session may collect in one second before it is closed with 4029. */
  rate_refusals_per_second: number,
  /** Frames other than commands (presence, activity, WebSocket pings) per second. Over it: close 4029. */
  signals_per_second: number,
  /** Connected sessions of one user. Over it: close 4029. */
  sessions_per_user: number,
  /** Connections that have not said hello, over all. Over it: HTTP 503. */
  pending_connections: number,
  /** Connections over all. Over it: HTTP 503. */
  connections: number,
  /** Books one session has open. Over it: `limit_reached`. */
  books_per_session: number,
  /** Chapters one session holds or waits for in one book. Over it: `limit_reached`. */
  locks_per_session: number,
  /** Sessions that wait for one chapter. Over it: `limit_reached`. */
  waiting_per_chapter: number,
  /** Sessions that hold one live chapter. Over it: `limit_reached`. */
  writers_per_chapter: number,
  /** Sessions in one book. Over it: `limit_reached`. */
  sessions_per_book: number,
  /** Commands that wait for one book. Over it: `unavailable`. */
  mailbox_commands: number,
  /** Roster entries in one answer; the rest is a count. */
  roster_entries: number,
  /** A presence cursor, bytes. Over it: close 4000. */
  cursor_bytes: number,
  /** Title of a book or chapter, characters. Over it: `too_large`. */
  title_chars: number,
  /** A person's name, characters. Longer ones are cut. */
  name_chars: number,
  /** One metadata text other than the description, characters. Over it: `too_large`. */
  metadata_chars: number,
  /** The description, characters. Over it: `too_large`. */
  description_chars: number,
  /** Authors or keywords, entries. Over it: `too_large`. */
  metadata_entries: number,
  /** A comment, characters. Over it: `too_large`. */
  comment_chars: number,
  /** An anchor's quote, characters. Over it: `too_large`. */
  quote_chars: number,
  /** An anchor's prefix or suffix, characters. Over it: `too_large`. */
  context_chars: number,
  /** A note or reason, characters. Over it: `too_large`. */
  note_chars: number,
  /** One update of a chapter's text, bytes. Over it: `too_large`. */
  update_bytes: number,
  /** Chapters whose text one session has open in one book. Over it: `limit_reached`. */
  texts_per_session: number,
  /** Recovery drafts that one person keeps in one book. Over it: `limit_reached`. */
  drafts_per_person: number,
  /** Versions of one chapter. Over it, the oldest that nobody named goes; with as many names: `limit_reached`. */
  versions_per_chapter: number,
  /** Points of one book's history. Over it: `limit_reached`. */
  points_per_book: number,
  /** All texts of a book that is put into a file, bytes as they are stored. Over it: `too_large`. */
  export_bytes: number,
  /** One picture of a book, bytes. Over it: `too_large`. */
  asset_bytes: number,
  /** What showing one picture takes, pixels. Over it: `too_large`. */
  asset_pixels: number,
  /** Pictures of one book. Over it: `limit_reached`. */
  assets_per_book: number,
  /** All pictures of one book, bytes. Over it: `limit_reached`. */
  book_asset_bytes: number,
  /** Mentions in one comment. Over it: `too_large`. */
  mentions: number,
  /** Chapters of one book, removed ones included. Over it: `limit_reached`. */
  chapters_per_book: number,
  /** Threads of one book. Over it: `limit_reached`. */
  threads_per_book: number,
  /** Comments of one thread, tombstones included. Over it: `limit_reached`. */
  comments_per_thread: number,
  /** Members and pending invitations of one book together. Over it: `limit_reached`. */
  members_per_book: number,
  /** People who wait to be let into one book. Who asks then is not heard. */
  requests_per_book: number,
  /** Users of one library, those who are asked to join included. Over it: `limit_reached`. */
  users_per_library: number,
  /** Books of one library. Over it: `limit_reached`. */
  books_per_library: number,
  /** Addresses in one `library.share`. Over it: `too_large`. */
  addresses_per_share: number,
  /** Permissions given to one user, and titles, categories, countries or roles that one of them is limited to. Over it: `too_large`. */
  grants_per_user: number,
  /** One field of a user other than the name, characters. Over it: `too_large`. */
  user_chars: number,
  /** Categories of one book. Over it: `too_large`. */
  categories_per_book: number,
  /** Entries of one inbox. Over it, the oldest goes. */
  inbox_entries: number,
  /** Notices that are mailed at once to one person within a day. Over it, they come with the daily letter. */
  mails_at_once: number,
  /** People who are told of one thing. Over it, the rest is not. */
  told_people: number,
  /** Rows of one list answer. */
  list_rows: number,
  /** Events in one catch-up; beyond it a snapshot is sent. */
  catch_up_events: number,
  /** Links to sign in with that are sent to one address within `signin_ms`. Over it: HTTP 429. */
  signins_per_address: number,
  /** Links and sign-ins by link that one network address asks for within `signin_ms`. Over it: HTTP 429. */
  signins_per_peer: number,
  /** Invitations to books that one person sends or sends again in an hour, and people whom they ask to join the library. Over it: `rate_limited`. */
  invitations_per_hour: number,
  /** Addresses that one person looks up in an hour. Over it: `rate_limited`. */
  lookups_per_hour: number,
  /** Books that one person asks to be let into in an hour. Over it: `rate_limited`. */
  requests_per_hour: number,
  /** Webhooks of a library. Over it: `limit_reached`. */
  webhooks_per_library: number,
  /** What one webhook may still have to be told. Over it, the oldest is dropped. */
  webhook_deliveries: number,
  /** Requests of a host application with one service token in a second; as many at once after a pause. Over it: HTTP 429. */
  host_requests_per_second: number,
  /** What may wait for a slow reader, bytes. Over it: close 4008. */
  outbox_bytes: number,
  /** What may wait for a slow reader, frames. Over it: close 4008. */
  outbox_frames: number,
};

/** How long everything takes, milliseconds. */
export type Timers = {
  /** The hub pings a quiet connection this often. */
  ping_ms: number,
  /** A connection without a pong for this long after a ping is dead. */
  pong_ms: number,
  /** A vanished session keeps its locks for this long; 0 frees them at once. */
  grace_ms: number,
  /** A lock without activity is released after this time. */
  lock_idle_ms: number,
  /** The holder is told this long ahead. */
  lock_idle_notice_ms: number,
  /** Without activity for this long a roster entry is `idle`. */
  roster_idle_ms: number,
  /** Presence is collected for this long before it is sent. */
  presence_tick_ms: number,
  /** `hello` must come within this time. */
  hello_ms: number,
  /** All parts of a frame must come within this time. */
  parts_ms: number,
  /** A replica's lease in the store ends this long after it was last renewed. */
  lease_ms: number,
  /** A replica renews its lease this often. */
  lease_renew_ms: number,
  /** A replica that drains tells its sessions to go over this time. */
  drain_ms: number,
  /** While somebody writes, a version is kept this often. */
  version_ms: number,
  /** After this time, versions that nobody named thin out to one an hour. */
  version_hourly_ms: number,
  /** After this time, to one a day. */
  version_daily_ms: number,
  /** An invitation lapses after this time. */
  invitation_ms: number,
  /** One address is mailed an invitation to one book this often at most. */
  invitation_mail_ms: number,
  /** An offer of ownership lapses after this time; 0: books do not change hands. */
  ownership_offer_ms: number,
  /** A book in the trash can be restored for this long. */
  trash_ms: number,
  /** Letters with what happened go out this often: a day, which begins at 06:00 UTC. */
  digest_ms: number,
  /** A webhook that does not answer is told something again for this long. */
  webhook_ms: number,
  /** A mailed link to sign in with is good for this long. */
  signin_ms: number,
  /** Whoever signed in by a mailed link stays signed in for this long. */
  signed_in_ms: number,
};

/** The answer to a command: `ok` or `err`. */
export type Reply = { "t": "reply",
  /** The command's `ref`. */
  ref: number,
  /** The last event of this command, else the state it was judged on; absent outside books. */
  seq?: Seq,
  /** What was done. */
  ok?: Answer,
  /** Why it was not done. */
  err?: Refusal,
};

/** What a command's reply says in `ok`. [`AnswerShape::of`] tells which shape belongs to which command. */
export type Answer = Opened
  | {
  /** A page of rows. */
  books: Array<BookRow>,
  /** Where the next page begins; null: this was the last. */
  cursor: string | null,
} | {
  /** A page of rows. */
  invitations: Array<InvitationRow>,
  /** Where the next page begins; null: this was the last. */
  cursor: string | null,
} | {
  /** A page of threads. */
  threads: Array<Thread>,
  /** Where the next page begins; null: this was the last. */
  cursor: string | null,
} | {
  /** As far as the caller may know them, the oldest first. */
  splits: Array<Split>,
} | Checklist | {
  /** A page of entries, the newest first. */
  inbox: Array<InboxEntry>,
  /** How many entries are unread, on all pages. */
  unread: number,
  /** Where the next page begins; null: this was the last. */
  before: Seq | null,
  /** How the caller wants to be told, for each topic. */
  choices: Array<TopicChoice>,
  /** How the library lets anybody be told, for each topic. */
  switches: Array<TopicSwitch>,
  /** Where mail for the caller goes; null: nowhere, as the hub mails nothing or knows no address of theirs. */
  mail_to: string | null,
} | LibraryView | {
  /** A page of books. */
  shelf: Array<LibraryBookRow>,
  /** How many there are on all pages. */
  total: number,
  /** Where the next page begins; null: this was the last. */
  cursor: BookId | null,
} | {
  /** Somebody with this address has an account here. */
  known: boolean,
} | {
  /** Address by address, in the order sent. */
  shared: Array<Shared>,
} | {
  /** A page of users. */
  users: Array<UserRow>,
  /** How many there are on all pages. */
  total: number,
  /** Where the next page begins; null: this was the last. */
  cursor: string | null,
} | {
  /** The user as they are now. */
  record: UserRow,
} | {
  /** All of them, by their ids. */
  webhooks: Array<Webhook>,
} | {
  /** As it is now. */
  webhook: Webhook,
  /** With what is sent to it is signed, if that is new: `whsec_` and base64. Nothing tells it again. */
  secret: string | null,
} | {
  /** The newest first. */
  deliveries: Array<Delivery>,
  /** How many of them wait. */
  waiting: number,
} | OpenedText | {
  /** The position in the chapter's log after it. */
  rev: Seq,
} | {
  /** The oldest first. */
  drafts: Array<DraftRow>,
} | {
  /** A Yjs document of its own (v1). */
  update: Uint8Array | string,
} | {
  /** The newest first. */
  versions: Array<VersionRow>,
} | {
  /** A full Yjs state (v1), compressed with gzip. */
  state: Uint8Array | string,
} | Comparison | {
  /** The newest first. */
  points: Array<PointRow>,
} | PointView | {
  /** The fencing token. */
  token: Token,
} | {
  /** 1 is next. */
  position: number,
} | {
  /** The invitation's id. */
  invitation: InvitationId,
} | {
  /** When the new token expires. */
  expires_at: Timestamp,
} | object;

/** The answer to `book.open`: either `events` or `snapshot`. */
export type Opened = {
  /** The life of the book's log. */
  epoch: Epoch,
  /** The position of what follows. */
  seq: Seq,
  /** The caller's role; null for rights without membership. */
  role: Role | null,
  /** What the caller may do. */
  can: Array<Action>,
  /** Who is here, at most `limits.roster_entries`. */
  roster: Array<RosterEntry>,
  /** How many are here. */
  roster_count: number,
  /** All events after the caller's position. */
  events?: Array<EventFrame>,
  /** The whole book. */
  snapshot?: Snapshot,
};

/** One cell's row of the permission table: something that a right allows. Sent as `can` in `book.open`. */
export type Action = "view" | "preview" | "see_people" | "download" | "edit_text" | "edit_metadata" | "organise" | "format" | "comment" | "resolve" | "history" | "restore_version" | "manage_members" | "royalties" | "publish" | "moderate" | "shelve" | "delete_book" | "force_release" | "audit" | "leave";

/** How present a session is. */
export type PresenceState = "active" | "idle" | "away";

/** One session in a book. */
export type RosterEntry = {
  /** Which tab. */
  session: SessionId,
  /** Who. */
  user: UserId,
  /** Their name. */
  name: string,
  /** For display. */
  initials: string,
  /** For display: `#rrggbb`, readable under white text. */
  colour: string,
  /** The chapter in view; null: none. */
  chapter: ChapterId | null,
  /** How present they are. */
  state: PresenceState,
  /** Opaque to the hub; null: none. */
  cursor: string | null,
};

/** A whole book at one position, as far as the reader may know it. */
export type Snapshot = {
  /** The book. */
  id: BookId,
  /** Its title. */
  title: string,
  /** Its metadata. */
  metadata: Metadata,
  /** The event that last changed title or metadata. */
  metadata_seq: Seq,
  /** It is in the library. */
  shelved: boolean,
  /** How far it is on its way to its readers. */
  publishing: Publishing,
  /** What it looks like. */
  format: Format,
  /** The event that last changed that; 0: none did. */
  format_seq: Seq,
  /** Chapters and parts in reading order. */
  chapters: Array<ChapterView>,
  /** Chapters that can be restored; empty for those who may not organise. */
  removed: Array<RemovedView>,
  /** Heads of the comment threads; absent for those who may not read comments. */
  threads?: Array<ThreadHead>,
  /** Everybody who belongs to the book. */
  members: Array<Member>,
  /** Pending invitations; absent for everybody but the owner. */
  invitations?: Array<InvitationView>,
  /** Who asks to be let in; absent for everybody but the owner. */
  requests?: Array<RequestView>,
  /** The book is offered to somebody. */
  offer?: OfferView,
};

/** What a book says about itself. */
export type Metadata = {
  /** Subtitle. */
  subtitle: string | null,
  /** Authors as printed, in order. */
  authors: Array<string>,
  /** BCP 47 tag. */
  language: string | null,
  /** Blurb, plain text. */
  description: string | null,
  /** Publisher. */
  publisher: string | null,
  /** ISBN as written. */
  isbn: string | null,
  /** Keywords. */
  keywords: Array<string>,
  /** Categories of the library that it belongs to. */
  categories: Array<string>,
};

/** How far a book is, in its snapshot. */
export type Publishing = {
  /** `published` while something is out, else how far the submission is. */
  state: PublishState,
  /** It was out since it came into the library, or is. */
  was_published: boolean,
  /** What is out. */
  edition?: PublishedEdition,
  /** What was submitted; absent also for whoever may not download the book. */
  revision?: Revision,
};

/** What readers get: the book as it was at a point of its history. What is written later is not in it. */
export type PublishedEdition = {
  /** The point. */
  point: Seq,
  /** Since when. */
  at: Timestamp,
  /** Who published it. */
  by: Person,
};

/** A person as others see them. */
export type Person = {
  /** Who. */
  user: UserId,
  /** Their name when it happened. */
  name: string,
};

/** What was submitted: the book as it was at a point of its history. */
export type Revision = {
  /** The point. */
  point: Seq,
  /** How far it is. */
  state: RevisionState,
  /** Since when. */
  at: Timestamp,
  /** Who brought it there. */
  by: Person,
  /** What they said to it. */
  note: string | null,
};

/** How far a submission is. */
export type RevisionState = "submitted" | "changes_requested" | "approved";

/** The formatting of a book. What is not said is as it is in a new book. */
export type Format = {
  /** The size of a page on paper. */
  trim: Trim,
  /** The white around the text of a page on paper. */
  margins: Margins,
  /** The letters of the body. */
  font: Font,
  /** Their size in tenths of a point: 105 is 10.5 pt. On a reading device the reader decides. */
  font_size_tenths_pt: number,
  /** From one line to the next, in percent of the size of the letters. */
  line_height_percent: number,
  /** Where a chapter begins. */
  opening: Opening,
  /** How chapters are numbered, through all parts. */
  numbering: Numbering,
  /** What stands between two scenes. */
  ornament: Ornament,
  /** How one paragraph is told from the next. */
  paragraphs: ParagraphStyle,
  /** Whether words are divided at the end of a line. */
  hyphenation: boolean,
  /** Whether lines end at one edge. */
  justify: boolean,
};

/** The size of a page. */
export type Trim = "a5" | "six_by_nine" | "five_by_eight";

/** The white around the text. */
export type Margins = "narrow" | "normal" | "wide";

/** A family of letters. What is not installed where the book is read is replaced by its like. */
export type Font = "serif" | "old_style" | "transitional" | "sans" | "typewriter";

/** Where a chapter begins. In an EPUB each is a document of its own and so begins a page. */
export type Opening = "new_page" | "right_page" | "same_page";

/** How chapters are numbered. Front and back matter and parts never are. */
export type Numbering = "none" | "arabic" | "roman" | "words";

/** What stands between two scenes. */
export type Ornament = "blank" | "asterisks" | "asterism" | "fleuron" | "line";

/** How one paragraph is told from the next. */
export type ParagraphStyle = "indented" | "spaced";

/** Who holds a chapter. */
export type Holder = {
  /** Who. */
  user: UserId,
  /** Their name. */
  name: string,
  /** For display beside the chapter. */
  initials: string,
  /** In which tab. */
  session: SessionId,
};

/** Whose task a chapter is. */
export type Assignment = {
  /** Whose. */
  person: Person,
  /** Until when; null: whenever. */
  due_at: Timestamp | null,
};

/** Somebody who holds a live chapter beside others. */
export type HolderView = {
  /** Who. */
  holder: Holder,
  /** The fencing token. */
  token: Token,
  /** Since when. */
  since_at: Timestamp,
  /** The holder's connection is gone and the grace runs. */
  away: boolean,
};

/** A held chapter. */
export type LockView = {
  /** Who. */
  holder: Holder,
  /** The fencing token. */
  token: Token,
  /** Since when. */
  since_at: Timestamp,
  /** The holder's connection is gone and the grace runs. */
  away: boolean,
  /** Who waits, first come first. */
  waiting: Array<WaiterView>,
};

/** Somebody who waits for a chapter. */
export type WaiterView = {
  /** Who. */
  user: UserId,
  /** Their name. */
  name: string,
  /** In which tab. */
  session: SessionId,
  /** A word to the holder. */
  note: string | null,
  /** Since when. */
  asked_at: Timestamp,
};

/** A chapter or part. */
export type ChapterView = {
  /** Which. */
  id: ChapterId,
  /** Its title. */
  title: string,
  /** What it is. */
  kind: ChapterKind,
  /** The part it belongs to. */
  parent: ChapterId | null,
  /** How many may write in it at a time; absent: one. */
  mode?: Mode,
  /** Whose task it is; absent: nobody's. */
  assignment?: Assignment,
  /** Who holds it, of several the first; null: it is free. */
  lock: LockView | null,
  /** Who else holds it, in a live chapter; absent: nobody. */
  beside?: Array<HolderView>,
};

/** A removed chapter. */
export type RemovedView = {
  /** Which. */
  id: ChapterId,
  /** Its title. */
  title: string,
  /** What it is. */
  kind: ChapterKind,
  /** When it was removed. */
  removed_at: Timestamp,
  /** By whom. */
  by: Person,
};

/** A settled thread. */
export type Resolved = {
  /** By whom. */
  by: Person,
  /** When. */
  at: Timestamp,
};

/** A thread without its comments. */
export type ThreadHead = {
  /** Which. */
  id: ThreadId,
  /** The chapter it is about. */
  chapter: ChapterId,
  /** The place; null: the whole chapter. */
  anchor: Anchor | null,
  /** What it is about is not in the text any more. Absent: it is there, as far as the hub knows. */
  detached?: boolean,
  /** By whom and when it was settled; null: open. */
  resolved: Resolved | null,
  /** How many comments it has, tombstones included. */
  count: number,
  /** When its last comment was added. */
  last_at: Timestamp,
};

/** A member's person, address and role. */
export type Member = {
  /** Who. */
  user: UserId,
  /** Their name when they joined. */
  name: string,
  /** Their verified address. */
  email: string,
  /** What they may do. */
  role: Role,
  /** From this time on they are no member any more. */
  until?: Timestamp,
};

/** What became of the letter of an invitation. */
export type InvitationMail = {
  /** How far it is. */
  state: MailState,
  /** Since when. */
  at: Timestamp,
  /** Why it was given up. */
  reason?: string,
};

/** How far the letter of an invitation is. */
export type MailState = "waiting" | "sent" | "failed";

/** A pending invitation, as the owner sees it. */
export type InvitationView = {
  /** Which. */
  id: InvitationId,
  /** The address. */
  email: string,
  /** The role to come. */
  role: Role,
  /** When it lapses. */
  expires_at: Timestamp,
  /** What became of its letter; absent: none was to be sent. */
  mail?: InvitationMail,
};

/** Somebody who asks to be let in, as the owner sees them. */
export type RequestView = {
  /** Who. */
  person: Person,
  /** Their verified address; empty: they have none. */
  email: string,
  /** Why they ask. */
  note: string | null,
  /** When. */
  at: Timestamp,
};

/** The book is offered to somebody. */
export type OfferView = {
  /** Who may become its owner. */
  to: Person,
  /** When the offer lapses. */
  expires_at: Timestamp,
};

/** A row of `books.list`. */
export type BookRow = {
  /** The book. */
  id: BookId,
  /** Its title. */
  title: string,
  /** The caller's role; null for rights without membership. */
  role: Role | null,
  /** It is in the trash, and can be restored before this time. */
  trashed_until?: Timestamp,
};

/** A row of `invitations.list`. */
export type InvitationRow = {
  /** The invitation. */
  id: InvitationId,
  /** The book. */
  book: BookId,
  /** Its title. */
  title: string,
  /** The role to come. */
  role: Role,
  /** Who invited. */
  by: Person,
  /** When it lapses. */
  expires_at: Timestamp,
};

/** One comment. */
export type Comment = {
  /** Which. */
  id: CommentId,
  /** Who wrote it. */
  author: Person,
  /** Plain text; empty if deleted. */
  body: string,
  /** Members who are mentioned. */
  mentions: Array<UserId>,
  /** When it was written. */
  at: Timestamp,
  /** When it was last changed; null: never. */
  edited_at: Timestamp | null,
  /** Only its place is left. */
  deleted: boolean,
};

/** A thread with its comments. */
export type Thread = {
  /** Which. */
  id: ThreadId,
  /** The chapter it is about. */
  chapter: ChapterId,
  /** The place; null: the whole chapter. */
  anchor: Anchor | null,
  /** What it is about is not in the text any more. Absent: it is there, as far as the hub knows. */
  detached?: boolean,
  /** By whom and when it was settled; null: open. */
  resolved: Resolved | null,
  /** Its comments, oldest first. */
  comments: Array<Comment>,
};

/** Who gets what from a time on, until the next split. */
export type Split = {
  /** From when on. */
  effective_at: Timestamp,
  /** What each gets; together the whole. */
  shares: Array<Share>,
};

/** The answer to `publish.checklist`. Nothing of it stops a submission. */
export type Checklist = {
  /** Threads that nobody resolved. */
  open_threads: number,
  /** Chapters that say nothing, in reading order. */
  empty: Array<ChapterId>,
  /** Chapters in which somebody writes, in reading order. */
  held: Array<ChapterId>,
  /** What waits to come out; null while nothing is out. */
  waiting: Waiting | null,
};

/** What of a book is otherwise than in what is out. */
export type Waiting = {
  /** Chapters that are new, or say something else, or are called otherwise or part of something else, in reading order. */
  chapters: Array<ChapterId>,
  /** Chapters were removed, or follow each other in another order. */
  order: boolean,
  /** Its title, metadata or format. */
  details: boolean,
};

/** What somebody was told, as they may know it. */
export type Told = {
  /** The same however often and wherever it is told. */
  id: string,
  /** Of what. */
  topic: Topic,
  /** When it happened. */
  at: Timestamp,
  /** In which book. */
  book: BookId,
  /** The book's title then. */
  title: string,
  /** Who did it; null: the hub, or somebody whose name the book does not know. */
  by: Person | null,
  /** In which chapter. */
  chapter?: ChapterId,
  /** That chapter's title then. */
  chapter_title?: string,
  /** In which thread. */
  thread?: ThreadId,
  /** By which comment. */
  comment?: CommentId,
  /** By which invitation. */
  invitation?: InvitationId,
  /** The role from now on, or to come. */
  role?: Role,
  /** The beginning of what was written: the comment, the word to the holder, the note of a review. */
  text?: string,
};

/** An entry of somebody's inbox. */
export type InboxEntry = {
  /** Its number: later ones have higher numbers. From 1. */
  n: Seq,
  /** They have seen it. */
  read: boolean,
  /** What they were told. */
  told: Told,
};

/** The answer to `library.open`. */
export type LibraryView = {
  /** Whose it is; null while it is nobody's. */
  owner: Person | null,
  /** The caller's own record; null if there is none. */
  you: UserRow | null,
  /** Every permission that the caller has for anything, in the order of the table. */
  can: Array<Permission>,
  /** What was given to the caller. The owner may do everything and needs nothing given. */
  grants: Array<Grant>,
  /** Users that the caller may list. */
  users: number,
  /** Books that the caller may list. */
  books: number,
};

/** A user as somebody sees them who may. */
export type UserRow = {
  /** Their address, in normal form: nobody else of the library has it. */
  email: string,
  /** Who it is; null before they joined. */
  user: UserId | null,
  /** What is said of them. */
  details: UserDetails,
  /** Where they stand. */
  state: UserState,
  /** When they joined. */
  joined_at: Timestamp | null,
  /** Until when they may join; null once they did. */
  asked_until: Timestamp | null,
  /** What became of the letter that asked them; absent: none did, they joined, or the viewer may not manage settings. */
  mail?: InvitationMail,
  /** What was given to them; absent for viewers who may not manage settings. */
  grants?: Array<Grant>,
};

/** What was submitted, as the library's list says it. */
export type ListedRevision = {
  /** The point. */
  point: Seq,
  /** How far it is. */
  state: RevisionState,
};

/** A book of the library as somebody sees it who may list it. */
export type LibraryBookRow = {
  /** Which. */
  id: BookId,
  /** Its title. */
  title: string,
  /** Its categories. */
  categories: Array<string>,
  /** Who owns it; null while nobody does. */
  owner: Person | null,
  /** How far it is on its way to its readers. */
  state: PublishState,
  /** What was submitted; absent if nothing is. */
  revision?: ListedRevision,
  /** What the caller may do with it by permissions of the library. */
  may: Array<Permission>,
};

/** A refusal as it is sent: `{"code", "message", …facts}`. */
export type Refusal = { message: string } & Rejection;

/** What sharing did for one address. */
export type SharedAs = "asked" | "granted" | "unchanged";

/** What became of one address of `library.share`. */
export type Shared = {
  /** As it was sent. */
  email: string,
  /** What was done; absent if nothing was. */
  done?: SharedAs,
  /** Why nothing was done. */
  err?: Refusal,
};

/** An address that is told what happens in the library's books. */
export type Webhook = {
  /** Which. */
  id: WebhookId,
  /** Where to. */
  url: string,
  /** What of. */
  topics: Array<Topic>,
  /** False: nothing is sent, and what waits stays. */
  on: boolean,
  /** Who set it last: it is told what they may know. */
  by: Person,
  /** When. */
  at: Timestamp,
  /** Nothing is sent, because whoever set it may not manage settings any more. Whoever sets it again has it. */
  rests: boolean,
};

/** One attempt to tell a webhook something. */
export type Attempt = {
  /** When it ended. */
  at: Timestamp,
  /** How long it took, in milliseconds. */
  ms: number,
  /** The status of the answer; null: there was none. */
  status: number | null,
  /** What went wrong, in words; null: nothing. */
  problem: string | null,
};

/** What became of something that a webhook is to be told. */
export type DeliveryState = "waiting" | "delivered" | "given_up" | "dropped" | "withheld";

/** Something that a webhook is told, or was. */
export type Delivery = {
  /** The same in every attempt: the header `webhook-id`. */
  id: string,
  /** Of what; null: a test. */
  topic: Topic | null,
  /** In which book; null: a test. */
  book: BookId | null,
  /** When it was first to be told. */
  at: Timestamp,
  /** What became of it. */
  state: DeliveryState,
  /** The newest last, twelve at most. */
  attempts: Array<Attempt>,
};

/** The answer to `chapter.open`: everything that makes the text, in order. */
export type OpenedText = {
  /** The life of the chapter's log; null: nobody ever wrote into it. */
  epoch: Epoch | null,
  /** The position of what follows. */
  rev: Seq,
  /** What follows goes on after this position, which the client said it has; absent: the client begins anew. */
  after?: Seq,
  /** All that came before the updates as one Yjs update (v1), compressed with gzip; absent: there is nothing before. */
  state?: Uint8Array | string,
  /** Yjs updates (v1). None, and no state: an empty document. */
  updates: Array<Uint8Array | string>,
  /** Which document it is: the token of the hold that wrote into it first; absent: nobody did. */
  lineage?: Token,
  /** The last update of the caller's own hold that is stored, 0 for none; absent: the caller does not hold the chapter. */
  n?: number,
  /** If asked for: each client id with the number of its clock units, the document's state vector. */
  clocks?: Array<[number, number]>,
};

/** A row of `drafts.list`. */
export type DraftRow = {
  /** The draft. */
  id: DraftId,
  /** The chapter that it was typed in; it may be gone. */
  chapter: ChapterId,
  /** Its beginning. */
  excerpt: string,
  /** When it was kept. */
  saved_at: Timestamp,
};

/** Why a version was kept. */
export type VersionCause = "written" | "saved" | "replaced" | "restored" | "imported";

/** A row of `versions.list`: a state of a chapter's text that is kept. */
export type VersionRow = {
  /** The position of the text. */
  rev: Seq,
  /** When it was kept. */
  kept_at: Timestamp,
  /** Who wrote last, or who kept it by hand; null: nobody knows any more. */
  by: Person | null,
  /** Why it was kept. */
  cause: VersionCause,
  /** Its name; null: none. */
  label: string | null,
  /** The version that this one brought back; null: none. */
  restored: Seq | null,
  /** A point of the book names it: it stays, with a name or without. */
  pinned: boolean,
  /** Words in the text. */
  words: number,
  /** Words that came since the version before. */
  added: number,
  /** Words that went since the version before. */
  removed: number,
};

/** Two versions as one text, with what came and what went. */
export type Comparison = {
  /** The blocks of both in order. */
  blocks: Array<ComparedBlock>,
  /** Words that came. */
  added: number,
  /** Words that went. */
  removed: number,
};

/** Which of two versions says something. */
export type PieceChange = "kept" | "inserted" | "deleted";

/** Text of a block. */
export type ComparedPiece = {
  /** Which of the two says it. */
  change: PieceChange,
  /** What it says. */
  text: string,
};

/** A block of either version, or of both. */
export type ComparedBlock = {
  /** What it is: `paragraph`, `heading` … */
  name: string,
  /** Its text in pieces. */
  pieces: Array<ComparedPiece>,
};

/** A row of `points.list`: the whole book as it was when somebody kept it. */
export type PointRow = {
  /** Its number, from 1. */
  point: Seq,
  /** When it was kept. */
  kept_at: Timestamp,
  /** Who kept it. */
  by: Person,
  /** Its name. */
  label: string,
  /** What the book was called. */
  title: string,
  /** How many chapters there were; parts do not count. */
  chapter_count: number,
  /** Words in all texts. */
  words: number,
};

/** A point of a book with its chapters. */
export type PointView = {
  /** Its number, from 1. */
  point: Seq,
  /** When it was kept. */
  kept_at: Timestamp,
  /** Who kept it. */
  by: Person,
  /** Its name. */
  label: string,
  /** What the book was called. */
  title: string,
  /** Words in all texts. */
  words: number,
  /** Its chapters in reading order, a part before those that are in it. */
  chapters: Array<PointChapter>,
};

/** A chapter as it was at a point of the book. */
export type PointChapter = {
  /** Its id. */
  chapter: ChapterId,
  /** Its title. */
  title: string,
  /** What it was. */
  kind: ChapterKind,
  /** The part that it was in; null: none. */
  parent: ChapterId | null,
  /** The version of its text; null: nobody had written into it. */
  rev: Seq | null,
  /** Words in that. */
  words: number,
};

/** Why a command was not done. A domain answer, never an error of the hub. `Display` is the sentence for a person. */
export type Rejection = { "code": "unauthenticated",
  /** What is wrong with it. */
  reason: string,
} | { "code": "not_found",
  /** What was looked for: `book`, `chapter`, `thread`, `comment`, `member`, `invitation`, `session`, `draft`, `version`, `asset`, `point`, `library`, `user`, `path`. */
  what: What,
} | { "code": "forbidden" } | { "code": "locked",
  /** Who. */
  holder: Holder,
  /** Since when. */
  since_at: Timestamp,
  /** The same user's other tab. */
  yours_elsewhere: boolean,
} | { "code": "not_holder" } | { "code": "stale_token" } | { "code": "stale_base",
  /** The event that changed them last. */
  current: Seq,
} | { "code": "conflict",
  /** What stands in the way, in plain words. */
  reason: string,
  /** The chapters that are still in the part. */
  children?: Array<ChapterId>,
} | { "code": "id_taken" } | { "code": "invalid",
  /** Which field; empty if it is not one field. */
  field: string,
  /** Why. */
  reason: string,
} | { "code": "unsupported",
  /** The kind that was sent. */
  kind: string,
} | { "code": "too_large",
  /** The limit's name in `welcome.limits`. */
  limit: string,
  /** Its value. */
  max: number,
} | { "code": "limit_reached",
  /** The limit's name in `welcome.limits`. */
  limit: string,
  /** Its value. */
  max: number,
  /** How many there are. */
  used: number,
} | { "code": "rate_limited",
  /** When to try again. */
  retry_after_ms: number,
} | { "code": "unavailable",
  /** When to try again. */
  retry_after_ms: number,
} | { "code": "outcome_unknown" };

/** What was not found. */
export type What = "book" | "chapter" | "thread" | "comment" | "member" | "invitation" | "session" | "draft" | "version" | "asset" | "point" | "library" | "user" | "request" | "webhook" | "delivery" | "path";

/** One durable event as a subscriber hears it: `{"t":"event","book":…,"epoch":…,"seq":…,"at":…,"by":…,"event":{…}}`. */
export type EventFrame = { "t": "event",
  /** The book. */
  book: BookId,
  /** The life of its log. */
  epoch: Epoch,
  /** Its number: contiguous for every subscriber. */
  seq: Seq,
  /** The store's clock when it became durable. */
  at: Timestamp,
  /** Who caused it; withheld along with the event. */
  by: By,
  /** What happened. */
  event: Event,
};

/** Who caused an event. */
export type By = {
  /** Who. */
  user: UserId,
  /** In which tab. */
  session: SessionId,
} | {
  /** Why. */
  system: Cause,
};

/** Why the hub itself acted. */
export type Cause = "idle" | "disconnected" | "replica_lost" | "import" | "text" | "mail" | "host" | "lapsed" | "withheld";

/** What can happen to a book. A stored event carries no token; its stamp is the token (see [`Event::on_wire`]). */
export type Event = { "t": "book.created" } & BookCreated
  | { "t": "book.deleted" } & BookDeleted
  | { "t": "book.trashed" } & BookTrashed
  | { "t": "book.restored" } & BookRestored
  | { "t": "book.shelved" } & BookShelved
  | { "t": "book.unshelved" } & BookUnshelved
  | { "t": "metadata.changed" } & MetadataChanged
  | { "t": "format.changed" } & FormatChanged
  | { "t": "royalties.changed" } & RoyaltiesChanged
  | { "t": "publish.submitted" } & PublishSubmitted
  | { "t": "publish.withdrawn" } & PublishWithdrawn
  | { "t": "publish.changes_requested" } & PublishChangesRequested
  | { "t": "publish.approved" } & PublishApproved
  | { "t": "publish.published" } & PublishPublished
  | { "t": "publish.unpublished" } & PublishUnpublished
  | { "t": "chapter.added" } & ChapterAdded
  | { "t": "chapter.moved" } & ChapterMoved
  | { "t": "chapter.renamed" } & ChapterRenamed
  | { "t": "chapter.removed" } & ChapterRemoved
  | { "t": "chapter.restored" } & ChapterRestored
  | { "t": "chapter.mode_set" } & ChapterModeSet
  | { "t": "chapter.assigned" } & ChapterAssigned
  | { "t": "version.restored" } & VersionRestored
  | { "t": "lock.acquired" } & LockAcquired
  | { "t": "lock.released" } & LockReleased
  | { "t": "lock.queued" } & LockQueued
  | { "t": "lock.wait_ended" } & LockWaitEnded
  | { "t": "lock.rehomed" } & LockRehomed
  | { "t": "lock.wait_rehomed" } & LockWaitRehomed
  | { "t": "lock.active" } & LockActive
  | { "t": "comment.added" } & CommentAdded
  | { "t": "comment.replied" } & CommentReplied
  | { "t": "comment.edited" } & CommentEdited
  | { "t": "comment.deleted" } & CommentDeleted
  | { "t": "thread.resolved" } & ThreadResolved
  | { "t": "thread.reopened" } & ThreadReopened
  | { "t": "thread.anchored" } & ThreadAnchored
  | { "t": "member.invited" } & MemberInvited
  | { "t": "member.joined" } & MemberJoined
  | { "t": "member.role_changed" } & MemberRoleChanged
  | { "t": "member.end_set" } & MemberEndSet
  | { "t": "member.removed" } & MemberRemoved
  | { "t": "member.left" } & MemberLeft
  | { "t": "invitation.revoked" } & InvitationRevoked
  | { "t": "invitation.resent" } & InvitationResent
  | { "t": "invitation.declined" } & InvitationDeclined
  | { "t": "invitation.mailed" } & InvitationMailed
  | { "t": "access.requested" } & AccessRequested
  | { "t": "access.refused" } & AccessRefused
  | { "t": "ownership.offered" } & OwnershipOffered
  | { "t": "ownership.offer_ended" } & OwnershipOfferEnded
  | { "t": "ownership.transferred" } & OwnershipTransferred
  | { "t": "withheld" } & Withheld;

/** The first event of every book. */
export type BookCreated = {
  /** Its title. */
  title: string,
  /** Its metadata. */
  metadata: Metadata,
  /** Its owner; null for an imported book until somebody claims it. */
  owner: Member | null,
};

/** The last event of a book. */
export type BookDeleted = object;

/** The book is in the trash: for most it is not there any more. */
export type BookTrashed = {
  /** Who put it there; null: the hub, for a host application. */
  person: Person | null,
  /** Until when it can be restored. */
  until: Timestamp,
};

/** The book is there again. */
export type BookRestored = object;

/** The book is in the library. */
export type BookShelved = object;

/** The book is not in the library any more. */
export type BookUnshelved = object;

/** Title and metadata are now these. */
export type MetadataChanged = {
  /** The title. */
  title: string,
  /** All metadata. */
  metadata: Metadata,
};

/** The book looks like this now. */
export type FormatChanged = {
  /** All of it. */
  format: Format,
};

/** Who gets what of the royalties is decided anew. */
export type RoyaltiesChanged = {
  /** From its time on, whatever was to come then or later. */
  split: Split,
};

/** The book was submitted to be published. */
export type PublishSubmitted = {
  /** As it was at this point of its history. */
  point: Seq,
  /** Who did it. */
  person: Person,
  /** What they said to it. */
  note: string | null,
};

/** What was submitted was taken back. */
export type PublishWithdrawn = {
  /** Who did it. */
  person: Person,
};

/** Something is to be changed of what was submitted. */
export type PublishChangesRequested = {
  /** What that is. */
  point: Seq,
  /** Who wants it. */
  person: Person,
  /** What they want. */
  note: string,
};

/** What was submitted may come out. */
export type PublishApproved = {
  /** What that is. */
  point: Seq,
  /** Who says so. */
  person: Person,
  /** What they said to it. */
  note: string | null,
};

/** The book is out. */
export type PublishPublished = {
  /** As it was at this point of its history. */
  point: Seq,
  /** Who did it. */
  person: Person,
  /** What they said to it. */
  note: string | null,
};

/** The book is out no more. */
export type PublishUnpublished = {
  /** Who did it. */
  person: Person,
  /** What they said to it. */
  note: string | null,
};

/** A chapter or part was added. */
export type ChapterAdded = {
  /** Which. */
  chapter: ChapterId,
  /** Its title. */
  title: string,
  /** What it is. */
  kind: ChapterKind,
  /** The part it belongs to. */
  parent: ChapterId | null,
  /** The sibling it stands after; null: first. */
  after: ChapterId | null,
};

/** A chapter or part was moved. */
export type ChapterMoved = {
  /** Which. */
  chapter: ChapterId,
  /** The part it belongs to now. */
  parent: ChapterId | null,
  /** The sibling it stands after; null: first. */
  after: ChapterId | null,
};

/** A chapter got another title. */
export type ChapterRenamed = {
  /** Which. */
  chapter: ChapterId,
  /** The new title. */
  title: string,
};

/** A chapter was removed; its threads are hidden with it. */
export type ChapterRemoved = {
  /** Which. */
  chapter: ChapterId,
  /** Who did it; absent in events from before this was told. */
  person?: Person,
};

/** A removed chapter is back, with its threads. */
export type ChapterRestored = {
  /** Which. */
  chapter: ChapterId,
  /** The part it belongs to. */
  parent: ChapterId | null,
  /** The sibling it stands after; null: first. */
  after: ChapterId | null,
};

/** From now on so many write in the chapter at a time. */
export type ChapterModeSet = {
  /** Which. */
  chapter: ChapterId,
  /** How many. */
  mode: Mode,
};

/** A chapter is somebody's task, or nobody's any more. */
export type ChapterAssigned = {
  /** Which. */
  chapter: ChapterId,
  /** Whose; null: nobody's. */
  assignment: Assignment | null,
  /** Who says so. */
  person: Person,
};

/** A version is the text of a chapter again. What it was before is a version, too. */
export type VersionRestored = {
  /** Which chapter. */
  chapter: ChapterId,
  /** The version, by its revision. */
  version: Seq,
  /** The revision of the text that says the same again. */
  rev: Seq,
  /** Who did it. */
  person: Person,
};

/** A session holds the chapter from now on. If it was waiting, it waits no longer. */
export type LockAcquired = {
  /** Which. */
  chapter: ChapterId,
  /** Who. */
  holder: Holder,
  /** The fencing token: the stamp of this event. On the wire only. */
  token: Token,
};

/** Nobody holds the chapter (until the next event says otherwise), or in a live chapter one less. */
export type LockReleased = {
  /** Which. */
  chapter: ChapterId,
  /** The session that held it. */
  session: SessionId,
  /** Why it ended. */
  reason: ReleaseReason,
  /** What the one who forced it said. */
  note?: string,
  /** The chapter was live: others may hold it still. */
  live?: boolean,
};

/** Why a lock ended. */
export type ReleaseReason = "released" | "disconnected" | "idle" | "forced" | "handed_over" | "moved" | "permission_changed" | "chapter_removed" | "book_deleted" | "replica_lost" | "restored" | "mode_changed";

/** A session waits for the chapter, behind those who waited before. */
export type LockQueued = {
  /** Which. */
  chapter: ChapterId,
  /** Who waits. */
  waiter: Person,
  /** In which tab. */
  session: SessionId,
  /** A word to the holder. */
  note: string | null,
};

/** A session no longer waits. */
export type LockWaitEnded = {
  /** Which. */
  chapter: ChapterId,
  /** Which session waited. */
  session: SessionId,
  /** Why. */
  reason: WaitEndReason,
};

/** Why somebody stopped waiting without being granted the lock. */
export type WaitEndReason = "cancelled" | "declined" | "disconnected" | "permission_changed" | "chapter_removed" | "book_deleted" | "mode_changed";

/** The holder came back on another connection: same holder, new token. */
export type LockRehomed = {
  /** Which. */
  chapter: ChapterId,
  /** The session that holds it. */
  session: SessionId,
  /** The new fencing token: the stamp of this event. On the wire only. */
  token: Token,
};

/** A waiter came back on another connection and kept its place. */
export type LockWaitRehomed = {
  /** Which. */
  chapter: ChapterId,
  /** The session that waits. */
  session: SessionId,
};

/** The holder was active (written at most hourly, so that no restart begins the idle time anew). */
export type LockActive = {
  /** Which. */
  chapter: ChapterId,
  /** Which of several holders; absent: the only one. */
  session?: SessionId,
  /** When the holder was last active. */
  active_at: Timestamp,
};

/** A thread began. */
export type CommentAdded = {
  /** The thread. */
  thread: ThreadId,
  /** Its first comment. */
  comment: CommentId,
  /** The chapter it is about. */
  chapter: ChapterId,
  /** The place; null: the whole chapter. */
  anchor: Anchor | null,
  /** Who wrote it. */
  author: Person,
  /** Plain text. */
  body: string,
  /** Members who are mentioned. */
  mentions: Array<UserId>,
};

/** Somebody answered. */
export type CommentReplied = {
  /** The thread. */
  thread: ThreadId,
  /** The comment. */
  comment: CommentId,
  /** Who wrote it. */
  author: Person,
  /** Plain text. */
  body: string,
  /** Members who are mentioned. */
  mentions: Array<UserId>,
};

/** A comment's author changed it. */
export type CommentEdited = {
  /** The thread. */
  thread: ThreadId,
  /** The comment. */
  comment: CommentId,
  /** Plain text. */
  body: string,
  /** Members who are mentioned. */
  mentions: Array<UserId>,
};

/** A comment is empty now; its place stays. */
export type CommentDeleted = {
  /** The thread. */
  thread: ThreadId,
  /** The comment. */
  comment: CommentId,
};

/** A thread is settled. */
export type ThreadResolved = {
  /** Which. */
  thread: ThreadId,
  /** By whom. */
  person: Person,
};

/** A thread is open again. */
export type ThreadReopened = {
  /** Which. */
  thread: ThreadId,
};

/** What a thread is about has gone from the text, or is there again. */
export type ThreadAnchored = {
  /** Which. */
  thread: ThreadId,
  /** It is gone. */
  detached: boolean,
};

/** An address was invited. The owner alone hears this and what becomes of invitations. */
export type MemberInvited = {
  /** The invitation. */
  invitation: InvitationId,
  /** The address. */
  email: string,
  /** The role to come. */
  role: Role,
  /** Who invited. */
  inviter: Person,
  /** When it lapses. */
  expires_at: Timestamp,
  /** A letter goes to the address. */
  mail?: boolean,
};

/** Somebody became a member. */
export type MemberJoined = {
  /** Who, and as what. */
  member: Member,
  /** The invitation that was accepted. */
  invitation: InvitationId | null,
};

/** A member has another role. */
export type MemberRoleChanged = {
  /** Who. */
  user: UserId,
  /** The role from now on. */
  role: Role,
};

/** From now on it is said until when a member is one, or nothing is said of it any more. */
export type MemberEndSet = {
  /** Who. */
  user: UserId,
  /** From this time on they are no member; null: nothing is said. */
  until: Timestamp | null,
};

/** A member was removed. */
export type MemberRemoved = {
  /** Who. */
  user: UserId,
};

/** A member left. */
export type MemberLeft = {
  /** Who. */
  user: UserId,
};

/** An invitation was taken back. */
export type InvitationRevoked = {
  /** Which. */
  invitation: InvitationId,
};

/** An invitation's expiry was renewed. */
export type InvitationResent = {
  /** Which. */
  invitation: InvitationId,
  /** When it lapses now. */
  expires_at: Timestamp,
  /** A letter goes to the address. */
  mail?: boolean,
};

/** An invitation was declined. */
export type InvitationDeclined = {
  /** Which. */
  invitation: InvitationId,
};

/** The letter of an invitation was sent, or given up. */
export type InvitationMailed = {
  /** Which. */
  invitation: InvitationId,
  /** The event that asked for it: `member.invited` or `invitation.resent`. */
  asked: Seq,
  /** Why it was given up; absent: it was sent. */
  reason?: string,
};

/** Somebody asks to be let in. The owner alone hears this, and that it was refused. */
export type AccessRequested = {
  /** Who. */
  person: Person,
  /** Their verified address; empty: they have none. */
  email: string,
  /** Why they ask. */
  note: string | null,
};

/** Somebody who asked is not let in. */
export type AccessRefused = {
  /** Who. */
  user: UserId,
};

/** The book is offered to a member, in place of whatever was offered. */
export type OwnershipOffered = {
  /** To whom. */
  to: Person,
  /** When the offer lapses. */
  expires_at: Timestamp,
};

/** The offer is over, and nothing came of it. */
export type OwnershipOfferEnded = {
  /** To whom it was. */
  to: UserId,
  /** They declined; otherwise it was taken back. */
  declined: boolean,
};

/** The book has another owner. The one before is an author. */
export type OwnershipTransferred = {
  /** Whose it was. */
  from: UserId,
  /** Whose it is. */
  to: UserId,
};

/** Something happened that this subscriber may not read. */
export type Withheld = object;

/** Who came, moved and left, collected over a tick. */
export type Presence = { "t": "presence",
  /** The book. */
  book: BookId,
  /** New entries. */
  joined: Array<RosterEntry>,
  /** Changed entries. */
  moved: Array<RosterMove>,
  /** Sessions that are gone. */
  left: Array<SessionId>,
  /** Sessions that are here now, told or not. */
  count: number,
};

/** Changed fields of one roster entry; an absent field is unchanged. */
export type RosterMove = {
  /** Which tab. */
  session: SessionId,
  /** The chapter in view. */
  chapter?: ChapterId | null,
  /** How present they are. */
  state?: PresenceState,
  /** Opaque to the hub. */
  cursor?: string | null,
};

/** A chapter's text has changed. */
export type Text = { "t": "text",
  /** The book. */
  book: BookId,
  /** The chapter. */
  chapter: ChapterId,
  /** The position in the chapter's log after it: one more than before. */
  rev: Seq,
  /** Whose session wrote it. */
  by: SessionId,
  /** A Yjs update (v1), to be merged into what came before. */
  update: Uint8Array | string,
};

/** Something for this session alone. */
export type NoticeFrame = { t: "notice" } & Notice;

/** What a notice says. */
export type Notice = { "kind": "lock_idle_soon",
  /** The book. */
  book: BookId,
  /** The chapter. */
  chapter: ChapterId,
  /** When. */
  releases_at: Timestamp,
} | { "kind": "lock_lost",
  /** The book. */
  book: BookId,
  /** The chapter. */
  chapter: ChapterId,
  /** Why. */
  reason: ReleaseReason,
  /** By whom. */
  by: By,
  /** What they said. */
  note: string | null,
} | { "kind": "lock_wanted",
  /** The book. */
  book: BookId,
  /** The chapter. */
  chapter: ChapterId,
  /** Who. */
  by: Person,
  /** What they said. */
  note: string | null,
} | { "kind": "access_changed",
  /** The book. */
  book: BookId,
  /** The role from now on. */
  role: Role | null,
  /** What it allows. */
  can: Array<Action>,
} | { "kind": "book_closed",
  /** The book. */
  book: BookId,
  /** Why. */
  reason: ClosedReason,
} | { "kind": "books_changed" } | { "kind": "library_changed",
  /** By `library.open`: what the caller may do, or how much there is. */
  access: boolean,
  /** By `users.list`. */
  users: boolean,
  /** By `library.books`. */
  books: boolean,
  /** By `inbox.open`: by which channels the library lets anybody be told. */
  notices: boolean,
  /** By `webhooks.list`. */
  webhooks: boolean,
} | { "kind": "noticed",
  /** It. */
  entry: InboxEntry,
  /** How many are unread now. */
  unread: number,
} | { "kind": "inbox_changed",
  /** How many are unread now. */
  unread: number,
};

/** Why a book was closed for a session. */
export type ClosedReason = "removed" | "deleted";

/** Reconnect after the delay; the hub process is going away. */
export type Draining = { "t": "draining",
  /** This session's own delay. */
  reconnect_after_ms: number,
};

/** Every frame that the hub sends. A client ignores frames whose `t` it does not know. */
export type ServerFrame = Welcome | Reply | EventFrame | Presence | Text | NoticeFrame | Draining | Part;

// === Answers ===

/** What the reply to a command says in `ok`, by the command's kind. */
export interface AnswerOf {
  "books.list": { books: Array<BookRow>; cursor: string | null };
  "invitations.list": { invitations: Array<InvitationRow>; cursor: string | null };
  "token.refresh": { expires_at: Timestamp };
  "inbox.open": { inbox: Array<InboxEntry>; unread: number; before: Seq | null; choices: Array<TopicChoice>; switches: Array<TopicSwitch>; mail_to: string | null };
  "inbox.list": { inbox: Array<InboxEntry>; unread: number; before: Seq | null; choices: Array<TopicChoice>; switches: Array<TopicSwitch>; mail_to: string | null };
  "inbox.read": Record<string, never>;
  "inbox.choose": Record<string, never>;
  "inbox.close": Record<string, never>;
  "library.open": LibraryView;
  "library.close": Record<string, never>;
  "library.books": { shelf: Array<LibraryBookRow>; total: number; cursor: BookId | null };
  "library.share": { shared: Array<Shared> };
  "library.allow": Record<string, never>;
  "library.join": Record<string, never>;
  "library.decline": Record<string, never>;
  "library.leave": Record<string, never>;
  "users.list": { users: Array<UserRow>; total: number; cursor: string | null };
  "user.add": { record: UserRow };
  "user.update": { record: UserRow };
  "user.remove": Record<string, never>;
  "webhooks.list": { webhooks: Array<Webhook> };
  "webhook.set": { webhook: Webhook; secret: string | null };
  "webhook.remove": Record<string, never>;
  "webhook.send": Record<string, never>;
  "webhook.deliveries": { deliveries: Array<Delivery>; waiting: number };
  "book.open": Opened;
  "book.close": Record<string, never>;
  "threads.list": { threads: Array<Thread>; cursor: string | null };
  "royalties.get": { splits: Array<Split> };
  "publish.checklist": Checklist;
  "member.lookup": { known: boolean };
  "chapter.open": OpenedText;
  "chapter.close": Record<string, never>;
  "chapter.update": { rev: Seq };
  "draft.save": Record<string, never>;
  "drafts.list": { drafts: Array<DraftRow> };
  "draft.read": { update: Uint8Array | string };
  "draft.discard": Record<string, never>;
  "versions.list": { versions: Array<VersionRow> };
  "version.read": { state: Uint8Array | string };
  "version.compare": Comparison;
  "version.save": Record<string, never>;
  "version.name": Record<string, never>;
  "version.restore": { rev: Seq };
  "points.list": { points: Array<PointRow> };
  "point.read": PointView;
  "book.create": Record<string, never>;
  "book.delete": Record<string, never>;
  "book.restore": Record<string, never>;
  "book.shelve": Record<string, never>;
  "book.unshelve": Record<string, never>;
  "metadata.set": Record<string, never>;
  "format.set": Record<string, never>;
  "royalties.set": Record<string, never>;
  "publish.start": Record<string, never>;
  "publish.withdraw": Record<string, never>;
  "publish.request_changes": Record<string, never>;
  "publish.approve": Record<string, never>;
  "publish.publish": Record<string, never>;
  "publish.unpublish": Record<string, never>;
  "chapter.add": Record<string, never>;
  "chapter.move": Record<string, never>;
  "chapter.rename": Record<string, never>;
  "chapter.remove": Record<string, never>;
  "chapter.restore": Record<string, never>;
  "chapter.set_mode": Record<string, never>;
  "chapter.assign": Record<string, never>;
  "lock.acquire": { token: Token; position?: never } | { position: number; token?: never };
  "lock.release": Record<string, never>;
  "lock.move_here": { token: Token };
  "lock.hand_over": Record<string, never>;
  "lock.keep": Record<string, never>;
  "lock.cancel_wait": Record<string, never>;
  "lock.force_release": { token?: Token };
  "comment.add": Record<string, never>;
  "comment.reply": Record<string, never>;
  "comment.edit": Record<string, never>;
  "comment.delete": Record<string, never>;
  "thread.resolve": Record<string, never>;
  "thread.reopen": Record<string, never>;
  "member.invite": { invitation: InvitationId };
  "member.set_role": Record<string, never>;
  "member.set_end": Record<string, never>;
  "member.remove": Record<string, never>;
  "member.leave": Record<string, never>;
  "invitation.revoke": Record<string, never>;
  "invitation.resend": Record<string, never>;
  "invitation.accept": Record<string, never>;
  "invitation.decline": Record<string, never>;
  "access.request": Record<string, never>;
  "access.grant": Record<string, never>;
  "access.refuse": Record<string, never>;
  "ownership.offer": Record<string, never>;
  "ownership.withdraw": Record<string, never>;
  "ownership.accept": Record<string, never>;
  "ownership.decline": Record<string, never>;
}

/** The command of one kind, without what surrounds it. */
export type CommandOf<K extends CommandKind> = Extract<Command, { t: K }>;

/** The event of one kind. */
export type EventOf<K extends EventKind> = Extract<Event, { t: K }>;

// === Names and numbers ===

/** Every kind of command. */
export const COMMAND_KINDS = [
  "books.list",
  "invitations.list",
  "token.refresh",
  "inbox.open",
  "inbox.list",
  "inbox.read",
  "inbox.choose",
  "inbox.close",
  "library.open",
  "library.close",
  "library.books",
  "library.share",
  "library.allow",
  "library.join",
  "library.decline",
  "library.leave",
  "users.list",
  "user.add",
  "user.update",
  "user.remove",
  "webhooks.list",
  "webhook.set",
  "webhook.remove",
  "webhook.send",
  "webhook.deliveries",
  "book.open",
  "book.close",
  "threads.list",
  "royalties.get",
  "publish.checklist",
  "member.lookup",
  "chapter.open",
  "chapter.close",
  "chapter.update",
  "draft.save",
  "drafts.list",
  "draft.read",
  "draft.discard",
  "versions.list",
  "version.read",
  "version.compare",
  "version.save",
  "version.name",
  "version.restore",
  "points.list",
  "point.read",
  "book.create",
  "book.delete",
  "book.restore",
  "book.shelve",
  "book.unshelve",
  "metadata.set",
  "format.set",
  "royalties.set",
  "publish.start",
  "publish.withdraw",
  "publish.request_changes",
  "publish.approve",
  "publish.publish",
  "publish.unpublish",
  "chapter.add",
  "chapter.move",
  "chapter.rename",
  "chapter.remove",
  "chapter.restore",
  "chapter.set_mode",
  "chapter.assign",
  "lock.acquire",
  "lock.release",
  "lock.move_here",
  "lock.hand_over",
  "lock.keep",
  "lock.cancel_wait",
  "lock.force_release",
  "comment.add",
  "comment.reply",
  "comment.edit",
  "comment.delete",
  "thread.resolve",
  "thread.reopen",
  "member.invite",
  "member.set_role",
  "member.set_end",
  "member.remove",
  "member.leave",
  "invitation.revoke",
  "invitation.resend",
  "invitation.accept",
  "invitation.decline",
  "access.request",
  "access.grant",
  "access.refuse",
  "ownership.offer",
  "ownership.withdraw",
  "ownership.accept",
  "ownership.decline",
] as const;
export type CommandKind = (typeof COMMAND_KINDS)[number];

/** Commands outside a book. */
export const HUB_COMMAND_KINDS = [
  "books.list",
  "invitations.list",
  "token.refresh",
  "inbox.open",
  "inbox.list",
  "inbox.read",
  "inbox.choose",
  "inbox.close",
] as const;
export type HubCommandKind = (typeof HUB_COMMAND_KINDS)[number];

/** Commands about the library. */
export const LIBRARY_COMMAND_KINDS = [
  "library.open",
  "library.close",
  "library.books",
  "library.share",
  "library.allow",
  "library.join",
  "library.decline",
  "library.leave",
  "users.list",
  "user.add",
  "user.update",
  "user.remove",
  "webhooks.list",
  "webhook.set",
  "webhook.remove",
  "webhook.send",
  "webhook.deliveries",
] as const;
export type LibraryCommandKind = (typeof LIBRARY_COMMAND_KINDS)[number];

/** Everything that somebody may be told of. */
export const TOPICS = [
  "invited",
  "role_changed",
  "removed",
  "mentioned",
  "replied",
  "lock_asked",
  "lock_received",
  "lock_taken",
  "lock_idle",
  "version_restored",
  "book_shelved",
  "assigned",
  "submitted",
  "changes_requested",
  "approved",
  "published",
  "unpublished",
  "access_requested",
  "access_granted",
  "ownership_offered",
  "ownership_transferred",
] as const;
export type TopicName = (typeof TOPICS)[number];

/** Every permission in a library. */
export const PERMISSIONS = [
  "upload",
  "list",
  "download",
  "edit",
  "delete",
  "publish",
  "list_users",
  "add_users",
  "edit_users",
  "delete_users",
  "manage_users",
  "notifications",
  "settings",
  "reports",
  "analytics",
] as const;
export type PermissionName = (typeof PERMISSIONS)[number];

/** Commands that change no book. */
export const VIEW_COMMAND_KINDS = [
  "book.open",
  "book.close",
  "threads.list",
  "royalties.get",
  "publish.checklist",
  "member.lookup",
] as const;
export type ViewCommandKind = (typeof VIEW_COMMAND_KINDS)[number];

/** Commands about a chapter's text. */
export const TEXT_COMMAND_KINDS = [
  "chapter.open",
  "chapter.close",
  "chapter.update",
] as const;
export type TextCommandKind = (typeof TEXT_COMMAND_KINDS)[number];

/** Commands about recovery drafts. */
export const DRAFT_COMMAND_KINDS = [
  "draft.save",
  "drafts.list",
  "draft.read",
  "draft.discard",
] as const;
export type DraftCommandKind = (typeof DRAFT_COMMAND_KINDS)[number];

/** Commands about the history of a text. */
export const VERSION_COMMAND_KINDS = [
  "versions.list",
  "version.read",
  "version.compare",
  "version.save",
  "version.name",
  "version.restore",
  "points.list",
  "point.read",
] as const;
export type VersionCommandKind = (typeof VERSION_COMMAND_KINDS)[number];

/** Commands that a book decides. */
export const BOOK_COMMAND_KINDS = [
  "book.create",
  "book.delete",
  "book.restore",
  "book.shelve",
  "book.unshelve",
  "metadata.set",
  "format.set",
  "royalties.set",
  "publish.start",
  "publish.withdraw",
  "publish.request_changes",
  "publish.approve",
  "publish.publish",
  "publish.unpublish",
  "chapter.add",
  "chapter.move",
  "chapter.rename",
  "chapter.remove",
  "chapter.restore",
  "chapter.set_mode",
  "chapter.assign",
  "lock.acquire",
  "lock.release",
  "lock.move_here",
  "lock.hand_over",
  "lock.keep",
  "lock.cancel_wait",
  "lock.force_release",
  "comment.add",
  "comment.reply",
  "comment.edit",
  "comment.delete",
  "thread.resolve",
  "thread.reopen",
  "member.invite",
  "member.set_role",
  "member.set_end",
  "member.remove",
  "member.leave",
  "invitation.revoke",
  "invitation.resend",
  "invitation.accept",
  "invitation.decline",
  "access.request",
  "access.grant",
  "access.refuse",
  "ownership.offer",
  "ownership.withdraw",
  "ownership.accept",
  "ownership.decline",
] as const;
export type BookCommandKind = (typeof BOOK_COMMAND_KINDS)[number];

/** Every kind of event. Others are counted by `seq` and ignored. */
export const EVENT_KINDS = [
  "book.created",
  "book.deleted",
  "book.trashed",
  "book.restored",
  "book.shelved",
  "book.unshelved",
  "metadata.changed",
  "format.changed",
  "royalties.changed",
  "publish.submitted",
  "publish.withdrawn",
  "publish.changes_requested",
  "publish.approved",
  "publish.published",
  "publish.unpublished",
  "chapter.added",
  "chapter.moved",
  "chapter.renamed",
  "chapter.removed",
  "chapter.restored",
  "chapter.mode_set",
  "chapter.assigned",
  "version.restored",
  "lock.acquired",
  "lock.released",
  "lock.queued",
  "lock.wait_ended",
  "lock.rehomed",
  "lock.wait_rehomed",
  "lock.active",
  "comment.added",
  "comment.replied",
  "comment.edited",
  "comment.deleted",
  "thread.resolved",
  "thread.reopened",
  "thread.anchored",
  "member.invited",
  "member.joined",
  "member.role_changed",
  "member.end_set",
  "member.removed",
  "member.left",
  "invitation.revoked",
  "invitation.resent",
  "invitation.declined",
  "invitation.mailed",
  "access.requested",
  "access.refused",
  "ownership.offered",
  "ownership.offer_ended",
  "ownership.transferred",
  "withheld",
] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

/** Every kind of notice. */
export const NOTICE_KINDS = [
  "lock_idle_soon",
  "lock_lost",
  "lock_wanted",
  "access_changed",
  "book_closed",
  "books_changed",
  "library_changed",
  "noticed",
  "inbox_changed",
] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];

/** Every code of a refusal. */
export const REFUSAL_CODES = [
  "unauthenticated",
  "not_found",
  "forbidden",
  "locked",
  "not_holder",
  "stale_token",
  "stale_base",
  "conflict",
  "id_taken",
  "invalid",
  "unsupported",
  "too_large",
  "limit_reached",
  "rate_limited",
  "unavailable",
  "outcome_unknown",
] as const;
export type RefusalCode = (typeof REFUSAL_CODES)[number];

/** Every role, lowest first. */
export const ROLES = [
  "reader",
  "viewer",
  "editor",
  "author",
  "owner",
] as const;
export type RoleName = (typeof ROLES)[number];

/** Everything that a right may allow. */
export const ACTIONS = [
  "view",
  "preview",
  "see_people",
  "download",
  "edit_text",
  "edit_metadata",
  "organise",
  "format",
  "comment",
  "resolve",
  "history",
  "restore_version",
  "manage_members",
  "royalties",
  "publish",
  "moderate",
  "shelve",
  "delete_book",
  "force_release",
  "audit",
  "leave",
] as const;
export type ActionName = (typeof ACTIONS)[number];

/** The preferred one first. */
export const SUBPROTOCOLS = [
  "quire.v1.msgpack",
  "quire.v1.json",
] as const;
export type Subprotocol = (typeof SUBPROTOCOLS)[number];

/** Colours for people; see the specification for whose is which. */
export const COLOURS = [
  "#b3261e",
  "#a3420a",
  "#7a5900",
  "#4f6700",
  "#2a6b2f",
  "#00695c",
  "#00658f",
  "#2557b0",
  "#5145cd",
  "#7b3fb5",
  "#9c2f87",
  "#8c3a52",
] as const;
export type Colour = (typeof COLOURS)[number];

/** Why the hub ends a connection. */
export const CLOSE_CODES = {
  normal: 1000,
  too_large: 1009,
  protocol_error: 4000,
  unauthenticated: 4001,
  disabled: 4003,
  too_slow: 4008,
  resumed_elsewhere: 4009,
  draining: 4013,
  limits: 4029,
  store_lost: 4050,
} as const;

/** Limits before `welcome` says which they are. */
export const DEFAULT_LIMITS = {
  message_bytes: 65536,
  hello_bytes: 16384,
  part_bytes: 16384,
  frame_bytes: 4194304,
  depth: 16,
  commands_per_second: 50,
  command_burst: 200,
  rate_refusals_per_second: 500,
  signals_per_second: 100,
  sessions_per_user: 50,
  pending_connections: 2000,
  connections: 15000,
  books_per_session: 32,
  locks_per_session: 16,
  waiting_per_chapter: 32,
  writers_per_chapter: 16,
  sessions_per_book: 5000,
  mailbox_commands: 1024,
  roster_entries: 200,
  cursor_bytes: 256,
  title_chars: 300,
  name_chars: 100,
  metadata_chars: 500,
  description_chars: 10000,
  metadata_entries: 50,
  comment_chars: 10000,
  quote_chars: 500,
  context_chars: 128,
  note_chars: 500,
  update_bytes: 49152,
  texts_per_session: 32,
  drafts_per_person: 20,
  versions_per_chapter: 500,
  points_per_book: 200,
  export_bytes: 67108864,
  asset_bytes: 8388608,
  asset_pixels: 67108864,
  assets_per_book: 1000,
  book_asset_bytes: 134217728,
  mentions: 50,
  chapters_per_book: 2000,
  threads_per_book: 5000,
  comments_per_thread: 300,
  members_per_book: 500,
  requests_per_book: 50,
  users_per_library: 100000,
  books_per_library: 50000,
  addresses_per_share: 100,
  grants_per_user: 100,
  user_chars: 100,
  categories_per_book: 50,
  inbox_entries: 500,
  mails_at_once: 20,
  told_people: 1000,
  list_rows: 200,
  catch_up_events: 5000,
  signins_per_address: 5,
  signins_per_peer: 100,
  invitations_per_hour: 100,
  lookups_per_hour: 60,
  requests_per_hour: 20,
  webhooks_per_library: 10,
  webhook_deliveries: 500,
  host_requests_per_second: 100,
  outbox_bytes: 1048576,
  outbox_frames: 4096,
} as const;

/** Timers before `welcome` says which they are. */
export const DEFAULT_TIMERS = {
  ping_ms: 20000,
  pong_ms: 10000,
  grace_ms: 10000,
  lock_idle_ms: 86400000,
  lock_idle_notice_ms: 600000,
  roster_idle_ms: 300000,
  presence_tick_ms: 50,
  hello_ms: 5000,
  parts_ms: 10000,
  lease_ms: 10000,
  lease_renew_ms: 3000,
  drain_ms: 15000,
  version_ms: 600000,
  version_hourly_ms: 86400000,
  version_daily_ms: 604800000,
  invitation_ms: 604800000,
  invitation_mail_ms: 60000,
  ownership_offer_ms: 0,
  trash_ms: 2592000000,
  digest_ms: 86400000,
  webhook_ms: 86400000,
  signin_ms: 900000,
  signed_in_ms: 43200000,
} as const;

/** Deepest nesting of a frame. */
export const DEPTH_MAX = 16;
