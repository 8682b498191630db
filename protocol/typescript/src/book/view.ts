/** A live view of one book: opens it on every connection, applies what it hears, and asks anew where that fails. */
import type { AnswerTo, BookClosedReason, BookState, BookStatus, BookView, OutlineEntry, PresencePatch, RequestOptions, TextView, Unsubscribe } from "../api.js";
import { BACKOFF_CAP_MS, fullJitterMs } from "../backoff.js";
import type { Codec } from "../codec.js";
import { BookCommands } from "../commands.js";
import { Emitter } from "../emitter.js";
import type { Environment } from "../environment.js";
import { QuireClosed, QuireRefusal } from "../errors.js";
import type { Action, ChapterView, Command, EventFrame, Limits, Notice, Opened, Presence, Reply, Text, Thread } from "../generated/protocol.js";
import type { PresenceSender } from "../presence.js";
import type { Outcome, Treatment } from "../requests.js";
import { LiveText } from "../text/view.js";
import { loaded } from "./comments.js";
import { masked } from "./members.js";
import { holdersOf, Unexplained, type BookModel } from "./model.js";
import { opened, outlineOf } from "./opened.js";
import { apply } from "./reducer.js";
import { applyPresence } from "./roster.js";

/** What a view needs of its client. */
export interface BookHost {
  readonly environment: Environment;
  readonly session: string | null;
  readonly limits: Limits;
  readonly presence: PresenceSender;
  readonly codec: Codec;
  ask(command: Command, book: string, outcome: Outcome, treatment?: Treatment): () => void;
  request<C extends Command>(command: C, book: string, options?: RequestOptions): Promise<AnswerTo<C["t"]>>;
  viewEnded(view: LiveBook): void;
}

/** All threads of the book, as a key beside the chapters whose threads are loaded. */
const WHOLE_BOOK = "";

/** How often a page of threads that is older than the state is asked for again. */
const OLD_PAGES_MAX = 3;

/** The two ends of a promise. */
interface Settle {
  resolve(state: BookState): void;
  reject(error: Error): void;
}

/** What `openBook` answers. */
export class LiveBook extends BookCommands implements BookView {
  readonly id: string;
  readonly ready: Promise<BookState>;
  readonly #host: BookHost;
  readonly #changes: Emitter<{ change: BookView }>;
  /** Chapters whose threads are kept loaded. */
  readonly #loadedChapters = new Set<string>();
  readonly #texts = new Map<string, LiveText>();
  #model: BookModel | null = null;
  #status: BookStatus = "opening";
  #closedReason: BookClosedReason | null = null;
  #refusal: QuireRefusal | null = null;
  #outline: { of: readonly ChapterView[]; entries: OutlineEntry[] } = { of: [], entries: [] };
  /** How often it was opened and not closed. */
  #users = 0;
  /** What is heard belongs to an open that was answered; nothing else is applied. */
  #hears = false;
  /** Fresh copies in a row that did not explain what came next. */
  #puzzles = 0;
  #cancelOpen: () => void = () => {};
  #announced = false;
  readonly #settleReady: Settle;

  constructor(host: BookHost, id: string) {
    super();
    this.#host = host;
    this.id = id;
    this.#changes = new Emitter((error) => host.environment.report(error));
    const settle: Settle = { resolve: () => {}, reject: () => {} };
    this.ready = new Promise((resolve, reject) => Object.assign(settle, { resolve, reject }));
    this.#settleReady = settle;
    // Whoever does not wait for it is not to be bothered with its failure.
    this.ready.catch(() => {});
  }

  protected override get environment(): Environment {
    return this.#host.environment;
  }
  protected override get codec(): Codec {
    return this.#host.codec;
  }
  get status(): BookStatus {
    return this.#status;
  }
  get closedReason(): BookClosedReason | null {
    return this.#closedReason;
  }
  get refusal(): QuireRefusal | null {
    return this.#refusal;
  }
  override get state(): BookState | null {
    return this.#model;
  }

  get outline(): readonly OutlineEntry[] {
    const chapters = this.#model?.chapters ?? [];
    if (this.#outline.of !== chapters) this.#outline = { of: chapters, entries: outlineOf(chapters) };
    return this.#outline.entries;
  }

  /** This session holds or waits for some chapter, and so has a grace to lose. */
  get hasLocks(): boolean {
    return (this.#model?.chapters ?? []).some(({ id }) => this.heldToken(id) !== undefined || this.waitingPosition(id) > 0);
  }

  subscribe(listener: (view: BookView) => void): Unsubscribe {
    return this.#changes.on("change", listener);
  }

  can(action: Action): boolean {
    return this.#model?.can.includes(action) ?? false;
  }

  chapter(chapter: string): ChapterView | undefined {
    return this.#model?.chapters.find(({ id }) => id === chapter);
  }

  override heldToken(chapter: string): number | undefined {
    const entry = this.chapter(chapter);
    return entry && holdersOf(entry).find(({ holder }) => holder.session === this.#host.session)?.token;
  }

  waitingPosition(chapter: string): number {
    const waiting = this.chapter(chapter)?.lock?.waiting ?? this.#model?.queues.get(chapter) ?? [];
    return waiting.findIndex(({ session }) => session === this.#host.session) + 1;
  }

  override request<C extends Command>(command: C, options?: RequestOptions): Promise<AnswerTo<C["t"]>> {
    return this.#host.request(command, this.id, options);
  }

  setPresence(patch: PresencePatch): void {
    const { cursor_bytes: bytesMax } = this.#host.limits;
    if (new TextEncoder().encode(patch.cursor ?? "").length > bytesMax) throw new RangeError(`a cursor is at most ${bytesMax} bytes`);
    if (this.#status !== "closed") this.#host.presence.set(this.id, patch);
  }

  async loadThreads(chapter: string = WHOLE_BOOK): Promise<void> {
    await this.#load(chapter);
    this.#loadedChapters.add(chapter);
  }

  openText(chapter: string, options: { merge?: (updates: Uint8Array[]) => Uint8Array } = {}): TextView {
    const known = this.#texts.get(chapter);
    const text = known ?? this.#newText(chapter, options.merge);
    text.opened();
    // Whoever comes later is told the whole too.
    if (known?.status === "live") known.connected(true);
    return text;
  }

  #newText(chapter: string, merge?: (updates: Uint8Array[]) => Uint8Array): LiveText {
    const host = this.#host;
    const text = new LiveText(
      {
        environment: host.environment,
        codec: host.codec,
        get session() {
          return host.session;
        },
        get updateBytesMax() {
          return host.limits.update_bytes;
        },
        chapter: (id) => this.chapter(id),
        ask: (command, outcome, treatment) => host.ask(command, this.id, outcome, treatment),
        textEnded: (ended) => void (this.#texts.get(chapter) === ended && this.#texts.delete(chapter)),
      },
      chapter,
      merge,
    );
    this.#texts.set(chapter, text);
    if (this.#hears) text.connected();
    if (this.#status === "closed") text.end(this.#refusal);
    return text;
  }

  protected override flushedText(chapter: string): Promise<number> | undefined {
    return this.#texts.get(chapter)?.flushed();
  }

  /** A chapter's text has changed. */
  text(frame: Text): void {
    this.#texts.get(frame.chapter)?.heard(frame);
  }

  /** One more user of this view. */
  opened(): void {
    this.#users += 1;
  }

  close(): void {
    this.#users -= 1;
    if (this.#users > 0 || this.#status === "closed") return;
    const subscribed = this.#hears;
    this.end("closed");
    // Nobody waits for the answer; if the connection goes first, so does the subscription.
    if (subscribed) this.#host.ask({ t: "book.close" }, this.id, { ok: () => {}, failed: () => {} }, { ofConnection: true });
  }

  /** Ends the view. */
  end(reason: BookClosedReason, refusal: QuireRefusal | null = null): void {
    if (this.#status === "closed") return;
    this.#cancelOpen();
    this.#hears = false;
    this.#closedReason = reason;
    this.#refusal = refusal;
    this.#settleReady.reject(refusal ?? new QuireClosed("closed", "The book was closed."));
    this.#host.viewEnded(this);
    for (const text of [...this.#texts.values()]) text.end(refusal);
    this.#become("closed");
  }

  /** There is a new connection, which knows nothing of this view. */
  connected(): void {
    const { position } = this.#model ?? {};
    this.#open(position && { after: { ...position } });
  }

  /** The connection is gone; the last state stays. */
  disconnected(): void {
    this.#cancelOpen();
    this.#hears = false;
    for (const text of this.#texts.values()) text.disconnected();
    if (this.#status === "live") this.#become("stale");
  }

  /** An event of this book. */
  event(frame: EventFrame): void {
    const model = this.#model;
    if (!this.#hears || model === null) return;
    this.#explaining(() => {
      const applied = apply(model, frame);
      if (applied.outcome === "gap") throw new Unexplained(`event ${frame.seq} after ${model.position.seq}`);
      if (applied.outcome === "known") return;
      this.#puzzles = 0;
      this.#change(applied.model);
    });
  }

  /** Who came, moved and left. */
  presence(frame: Presence): void {
    if (this.#hears && this.#model !== null) this.#change(applyPresence(this.#model, frame));
  }

  /** Something for this session about this book. */
  notice(notice: Notice): void {
    if (notice.kind === "book_closed") this.end(notice.reason);
    if (notice.kind !== "access_changed" || this.#model === null) return;
    this.#change(masked(this.#model, notice.role, notice.can));
    // What the new rights show was withheld until now.
    if (this.#hears) this.#open();
  }

  #open(from: { after?: { epoch: string; seq: number } } = {}): void {
    this.#cancelOpen();
    this.#hears = false;
    const outcome: Outcome = {
      ok: (answer: Opened) => this.#explaining(() => this.#received(answer)),
      failed: (error) => this.#refused(error),
    };
    this.#cancelOpen = this.#host.ask({ t: "book.open", ...from }, this.id, outcome, { ofConnection: true, patient: true });
  }

  #received(answer: Opened): void {
    const model = opened(answer, this.#model);
    this.#hears = true;
    this.#change(model);
    this.#become("live");
    this.#settleReady.resolve(model);
    this.#host.presence.opened(this.id);
    for (const text of [...this.#texts.values()]) text.connected();
    if (answer.snapshot !== undefined) for (const chapter of this.#loadedChapters) this.#load(chapter).catch(() => {});
  }

  #refused(error: unknown): void {
    // A token that ends here ends the connection too; the next one opens the book again.
    if (!(error instanceof QuireRefusal) || error.code === "unauthenticated") return;
    const lostAccess = this.#model !== null && error.code === "not_found";
    this.end(lostAccess ? "removed" : "refused", error);
  }

  /** Runs what applies something; where the state does not explain it, asks for a fresh copy. */
  #explaining(run: () => void): void {
    try {
      run();
    } catch (error) {
      if (!(error instanceof Unexplained)) throw error;
      const delay = this.#puzzles === 0 ? 0 : fullJitterMs(this.#puzzles, BACKOFF_CAP_MS, this.environment.random());
      this.#puzzles += 1;
      this.#hears = false;
      if (this.#status === "live") this.#become("stale");
      if (delay === 0) this.#open();
      else this.#cancelOpen = this.environment.after(delay, () => this.#open());
    }
  }

  /** Loads threads page by page. Pages join the state before the next event is looked at, so that none is missed. */
  #load(chapter: string): Promise<void> {
    return new Promise((resolve, reject) => {
      let oldPages = 0;
      const page = (cursor: string | null): void => {
        const about = chapter === WHOLE_BOOK ? {} : { chapter };
        const command = { t: "threads.list", limit: this.#host.limits.list_rows, ...about, ...(cursor !== null && { cursor }) } as const;
        const ok = (answer: { threads: Thread[]; cursor: string | null }, reply: Reply): void => {
          // Older than what is known here: asked again rather than mixed.
          const isOld = reply.seq !== undefined && reply.seq < (this.#model?.position.seq ?? 0);
          if (isOld && oldPages++ < OLD_PAGES_MAX) return page(cursor);
          if (this.#model !== null) this.#change(loaded(this.#model, answer.threads));
          if (answer.cursor === null) resolve();
          else page(answer.cursor);
        };
        this.#host.ask(command, this.id, { ok, failed: reject });
      };
      page(null);
    });
  }

  #change(model: BookModel): void {
    if (model === this.#model) return;
    this.#model = model;
    for (const text of [...this.#texts.values()]) text.lockChanged();
    this.#announce();
  }

  #become(status: BookStatus): void {
    this.#status = status;
    this.#announce();
  }

  /** Once for all that happens in this turn. */
  #announce(): void {
    if (this.#announced) return;
    this.#announced = true;
    this.environment.soon(() => {
      this.#announced = false;
      this.#changes.emit("change", this);
    });
  }
}
