/** Commands by name instead of by frame: those of a hub, and those of a book. */
import type {
  Acquired,
  AnswerTo,
  BookState,
  CommentText,
  Inbox,
  Library,
  RequestOptions,
} from "./api.js";
import { bytesOf, type Codec } from "./codec.js";
import type { Environment } from "./environment.js";
import type {
  Anchor,
  At,
  BookRow,
  ChapterKind,
  Checklist,
  Command,
  CommandOf,
  Comparison,
  DraftRow,
  InvitationRow,
  Format,
  MetadataPatch,
  Mode,
  PointRow,
  PointView,
  Role,
  Share,
  Split,
  VersionRow,
} from "./generated/protocol.js";
import { QuireRefusal } from "./errors.js";
import { unpacked } from "./gzip.js";
import { newId } from "./ids.js";
import { InboxCommands } from "./inbox.js";
import { LibraryCommands } from "./library.js";

/** Commands outside a book. */
export abstract class HubCommands {
  readonly inbox: Inbox = new InboxCommands((command) => this.request(command));
  readonly library: Library = new LibraryCommands((command, book) => this.request(command, book));
  abstract readonly environment: Environment;
  protected abstract send(command: Command, book: string | undefined, options?: RequestOptions): Promise<never>;
  protected abstract get rowsPerPage(): number;

  request<C extends Command>(command: C, book?: string, options?: RequestOptions): Promise<AnswerTo<C["t"]>> {
    return this.send(command, book, options);
  }

  async createBook(title: string, metadata?: MetadataPatch, book = newId(this.environment)): Promise<string> {
    await this.request({ t: "book.create", title, ...(metadata && { metadata }) }, book);
    return book;
  }

  listBooks(options?: RequestOptions): Promise<BookRow[]> {
    return this.#pages((page) => this.request({ t: "books.list", ...page }, undefined, options), (answer) => answer.books);
  }

  listTrash(options?: RequestOptions): Promise<BookRow[]> {
    const ask = (page: Page): Promise<AnswerTo<"books.list">> => this.request({ t: "books.list", trashed: true, ...page }, undefined, options);
    return this.#pages(ask, (answer) => answer.books);
  }

  async requestAccess(book: string, note?: string): Promise<void> {
    await this.request({ t: "access.request", ...(note !== undefined && { note }) }, book);
  }

  async restoreBook(book: string): Promise<void> {
    await this.request({ t: "book.restore" }, book);
  }

  async deleteForever(book: string): Promise<void> {
    await this.request({ t: "book.delete", forever: true }, book);
  }

  listInvitations(options?: RequestOptions): Promise<InvitationRow[]> {
    const ask = (page: Page): Promise<AnswerTo<"invitations.list">> =>
      this.request({ t: "invitations.list", ...page }, undefined, options);
    return this.#pages(ask, (answer) => answer.invitations);
  }

  async acceptInvitation(book: string, invitation: string): Promise<void> {
    await this.request({ t: "invitation.accept", invitation }, book);
  }

  async declineInvitation(book: string, invitation: string): Promise<void> {
    await this.request({ t: "invitation.decline", invitation }, book);
  }

  async #pages<A extends { cursor: string | null }, Row>(ask: (page: Page) => Promise<A>, rows: (answer: A) => Row[]): Promise<Row[]> {
    const all: Row[] = [];
    let cursor: string | null = null;
    do {
      const answer: A = await ask({ limit: this.rowsPerPage, ...(cursor !== null && { cursor }) });
      all.push(...rows(answer));
      cursor = answer.cursor;
    } while (cursor !== null);
    return all;
  }
}

interface Page {
  limit: number;
  cursor?: string;
}

/** Commands that name the token under which the chapter is held. */
type AsHolder = CommandOf<"lock.release" | "lock.hand_over" | "lock.keep" | "version.restore">;

/** Commands of one book. */
export abstract class BookCommands {
  protected abstract readonly environment: Environment;
  protected abstract readonly codec: Codec;
  abstract readonly state: BookState | null;
  abstract heldToken(chapter: string): number | undefined;
  /** Waits until all is stored that this session wrote in a chapter; undefined: it has none of its text open. */
  protected abstract flushedText(chapter: string): Promise<number> | undefined;
  abstract request<C extends Command>(command: C, options?: RequestOptions): Promise<AnswerTo<C["t"]>>;

  acquire(chapter: string, options: { wait?: boolean; note?: string; signal?: AbortSignal } = {}): Promise<Acquired> {
    const { signal, ...how } = options;
    return this.request({ t: "lock.acquire", chapter, ...how }, signal && { signal });
  }

  async release(chapter: string): Promise<void> {
    const flushed = this.flushedText(chapter);
    const after = flushed && { after_n: await flushed };
    await this.#asHolder(chapter, (token) => ({ t: "lock.release", chapter, token, ...after }));
  }

  async moveHere(chapter: string): Promise<number> {
    const { token } = await this.request({ t: "lock.move_here", chapter });
    return token;
  }

  async handOver(chapter: string, toSession: string): Promise<void> {
    const flushed = this.flushedText(chapter);
    const after = flushed && { after_n: await flushed };
    await this.#asHolder(chapter, (token) => ({ t: "lock.hand_over", chapter, token, to: toSession, ...after }));
  }

  async keep(chapter: string, toSession: string): Promise<void> {
    await this.#asHolder(chapter, (token) => ({ t: "lock.keep", chapter, token, to: toSession }));
  }

  cancelWait(chapter: string): Promise<void> {
    return this.#done({ t: "lock.cancel_wait", chapter });
  }

  async forceRelease(chapter: string, reason: string, options: { take?: boolean } = {}): Promise<number | undefined> {
    const { token } = await this.request({ t: "lock.force_release", chapter, reason, ...options });
    return token;
  }

  async addChapter(added: { title: string; kind: ChapterKind; at?: At; parent?: string | null; id?: string }): Promise<string> {
    const { id = newId(this.environment), ...rest } = added;
    await this.request({ t: "chapter.add", chapter: id, ...rest });
    return id;
  }

  moveChapter(chapter: string, to: { at?: At; parent?: string | null }): Promise<void> {
    return this.#done({ t: "chapter.move", chapter, ...to });
  }

  renameChapter(chapter: string, title: string): Promise<void> {
    return this.#done({ t: "chapter.rename", chapter, title });
  }

  removeChapter(chapter: string): Promise<void> {
    return this.#done({ t: "chapter.remove", chapter });
  }

  restoreChapter(chapter: string): Promise<void> {
    return this.#done({ t: "chapter.restore", chapter });
  }

  setMode(chapter: string, mode: Mode): Promise<void> {
    return this.#done({ t: "chapter.set_mode", chapter, mode });
  }

  assign(chapter: string, user: string | null, dueAt?: number): Promise<void> {
    return this.#done({ t: "chapter.assign", chapter, ...(user !== null && { user }), ...(dueAt !== undefined && { due_at: dueAt }) });
  }

  setMetadata(change: { title?: string; metadata?: MetadataPatch; baseSeq?: number }): Promise<void> {
    const { baseSeq, ...rest } = change;
    return this.#done({ t: "metadata.set", ...rest, ...(baseSeq !== undefined && { base_seq: baseSeq }) });
  }

  setFormat({ format, baseSeq }: { format: Partial<Format>; baseSeq?: number }): Promise<void> {
    return this.#done({ t: "format.set", format, ...(baseSeq !== undefined && { base_seq: baseSeq }) });
  }

  async isKnown(email: string): Promise<boolean> {
    const { known } = await this.request({ t: "member.lookup", email });
    return known;
  }

  checklist(): Promise<Checklist> {
    return this.request({ t: "publish.checklist" });
  }

  submit(note?: string): Promise<void> {
    return this.#done({ t: "publish.start", ...(note && { note }) });
  }

  withdraw(): Promise<void> {
    return this.#done({ t: "publish.withdraw" });
  }

  setRoyalties(shares: Share[], effectiveAt?: number): Promise<void> {
    return this.#done({ t: "royalties.set", shares, ...(effectiveAt !== undefined && { effective_at: effectiveAt }) });
  }

  async listRoyalties(): Promise<Split[]> {
    const { splits } = await this.request({ t: "royalties.get" });
    return splits;
  }

  shelve(): Promise<void> {
    return this.#done({ t: "book.shelve" });
  }

  unshelve(): Promise<void> {
    return this.#done({ t: "book.unshelve" });
  }

  deleteBook(): Promise<void> {
    return this.#done({ t: "book.delete" });
  }

  async saveDraft(draft: { chapter: string; excerpt: string; update: Uint8Array; id?: string }): Promise<string> {
    const { id = newId(this.environment), chapter, excerpt } = draft;
    await this.request({ t: "draft.save", draft: id, chapter, excerpt, update: this.codec.toPart(draft.update) });
    return id;
  }

  async listDrafts(): Promise<DraftRow[]> {
    const { drafts } = await this.request({ t: "drafts.list" });
    return drafts;
  }

  async readDraft(draft: string): Promise<Uint8Array> {
    const { update } = await this.request({ t: "draft.read", draft });
    return this.codec.fromPart(update);
  }

  discardDraft(draft: string): Promise<void> {
    return this.#done({ t: "draft.discard", draft });
  }

  async listVersions(chapter: string): Promise<VersionRow[]> {
    const { versions } = await this.request({ t: "versions.list", chapter });
    return versions;
  }

  async readVersion(chapter: string, rev: number): Promise<Uint8Array> {
    const { state } = await this.request({ t: "version.read", chapter, rev });
    return unpacked(this.codec.fromPart(state));
  }

  compareVersions(chapter: string, from: number, to?: number): Promise<Comparison> {
    return this.request({ t: "version.compare", chapter, from, ...(to !== undefined && { to }) });
  }

  saveVersion(label: string, chapter?: string): Promise<void> {
    return this.#done({ t: "version.save", label, ...(chapter !== undefined && { chapter }) });
  }

  nameVersion(chapter: string, rev: number, label: string | null): Promise<void> {
    return this.#done({ t: "version.name", chapter, rev, label });
  }

  async restoreVersion(chapter: string, version: number): Promise<number> {
    const answer = await this.#asHolder(chapter, (token) => ({ t: "version.restore", chapter, token, rev: version }));
    return answer.rev;
  }

  async listPoints(): Promise<PointRow[]> {
    const { points } = await this.request({ t: "points.list" });
    return points;
  }

  readPoint(point: number): Promise<PointView> {
    return this.request({ t: "point.read", point });
  }

  async addComment(added: CommentText & { chapter: string; anchor?: Anchor | null; thread?: string }): Promise<string> {
    const { thread = newId(this.environment), anchor, ...rest } = added;
    const about = anchor === undefined ? {} : { anchor: anchor && this.#written(anchor) };
    await this.request({ t: "comment.add", thread, comment: newId(this.environment), ...rest, ...about });
    return thread;
  }

  /** An anchor with its positions as this connection writes bytes. */
  #written(anchor: Anchor): Anchor {
    const { relative } = anchor;
    if (relative === undefined) return anchor;
    const [start, end] = [relative.start, relative.end].map((position) => this.codec.toPart(bytesOf(position)));
    return { ...anchor, relative: { lineage: relative.lineage, start: start ?? "", end: end ?? "" } };
  }

  async reply(thread: string, text: CommentText): Promise<string> {
    const comment = newId(this.environment);
    await this.request({ t: "comment.reply", thread, comment, ...text });
    return comment;
  }

  editComment(thread: string, comment: string, text: CommentText): Promise<void> {
    return this.#done({ t: "comment.edit", thread, comment, ...text });
  }

  deleteComment(thread: string, comment: string): Promise<void> {
    return this.#done({ t: "comment.delete", thread, comment });
  }

  resolve(thread: string): Promise<void> {
    return this.#done({ t: "thread.resolve", thread });
  }

  reopen(thread: string): Promise<void> {
    return this.#done({ t: "thread.reopen", thread });
  }

  async invite(email: string, role: Role): Promise<string> {
    const { invitation } = await this.request({ t: "member.invite", invitation: newId(this.environment), email, role });
    return invitation;
  }

  setRole(user: string, role: Role): Promise<void> {
    return this.#done({ t: "member.set_role", user, role });
  }

  setEnd(user: string, until_at: number | null): Promise<void> {
    return this.#done({ t: "member.set_end", user, ...(until_at !== null && { until: until_at }) });
  }

  grantAccess(user: string, role: Role): Promise<void> {
    return this.#done({ t: "access.grant", user, role });
  }

  refuseAccess(user: string): Promise<void> {
    return this.#done({ t: "access.refuse", user });
  }

  offerOwnership(user: string): Promise<void> {
    return this.#done({ t: "ownership.offer", user });
  }

  withdrawOwnership(): Promise<void> {
    return this.#done({ t: "ownership.withdraw" });
  }

  acceptOwnership(): Promise<void> {
    return this.#done({ t: "ownership.accept" });
  }

  declineOwnership(): Promise<void> {
    return this.#done({ t: "ownership.decline" });
  }

  removeMember(user: string): Promise<void> {
    return this.#done({ t: "member.remove", user });
  }

  leave(): Promise<void> {
    return this.#done({ t: "member.leave" });
  }

  revokeInvitation(invitation: string): Promise<void> {
    return this.#done({ t: "invitation.revoke", invitation });
  }

  resendInvitation(invitation: string): Promise<void> {
    return this.#done({ t: "invitation.resend", invitation });
  }

  async #done(command: Command): Promise<void> {
    await this.request(command);
  }

  /**
   * A command that names the token. A reconnect re-homes the lock under a new one: what was asked under the old one
   * is asked once more, because the wish is about the chapter, not about the token.
   */
  async #asHolder<C extends AsHolder>(chapter: string, command: (token: number) => C): Promise<AnswerTo<C["t"]>> {
    // Without a token the hub is asked all the same: it knows best who holds the chapter, and refuses in its words.
    const token = this.heldToken(chapter) ?? 0;
    try {
      return await this.request(command(token));
    } catch (error) {
      const current = this.heldToken(chapter);
      const renewed = current !== undefined && current !== token;
      if (!(error instanceof QuireRefusal && error.code === "stale_token" && renewed)) throw error;
      return await this.request(command(current));
    }
  }
}
