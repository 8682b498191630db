/** A live view of one chapter's text: everything that the hub has of it, in order, and what is on its way there. */
import type { TextChange, TextStatus, TextView, Unsubscribe } from "../api.js";
import type { Codec } from "../codec.js";
import { Emitter } from "../emitter.js";
import type { Environment } from "../environment.js";
import { QuireClosed, QuireRefusal } from "../errors.js";
import { holdersOf } from "../book/model.js";
import type { ChapterView, Command, HolderView, OpenedText, Text } from "../generated/protocol.js";
import { unpacked } from "../gzip.js";
import type { Outcome, Treatment } from "../requests.js";

/** Pause before an update is sent again of which nobody knows whether it was stored. */
const UNKNOWN_MS = 1_000;

/** What a text needs of its book. */
export interface TextHost {
  readonly environment: Environment;
  readonly session: string | null;
  readonly codec: Codec;
  /** The most bytes that the hub takes in one update. */
  readonly updateBytesMax: number;
  chapter(chapter: string): ChapterView | undefined;
  ask(command: Command, outcome: Outcome, treatment?: Treatment): () => void;
  textEnded(text: LiveText): void;
}

/** An update that is not stored yet, as far as is known here. */
interface Unsaved {
  update: Uint8Array;
  /** It may have been stored: the hub knows it by these bytes and no others. */
  sent: boolean;
  /** Who wrote parts of it, and waits. */
  readonly waiting: { resolve(rev: number): void; reject(error: Error): void }[];
}

/** A hold on the chapter, by when it began: its tokens change with the connection. */
type Hold = number | null;

/** What `openText` answers. */
export class LiveText implements TextView {
  readonly chapter: string;
  readonly #host: TextHost;
  readonly #merge: ((updates: Uint8Array[]) => Uint8Array) | undefined;
  readonly #changes: Emitter<{ change: TextChange; status: TextView }>;
  #status: TextStatus = "opening";
  #refusal: QuireRefusal | null = null;
  #position: { epoch: string | null; rev: number } | null = null;
  /** In the order in which they were written. The first may be on its way. */
  #unsaved: Unsaved[] = [];
  #isSending = false;
  /** The whole text was asked for: what is written waits for it, because it may build on it. */
  #isAwaited = false;
  /** The hold that the unsaved updates belong to. */
  #hold: Hold = null;
  /** Updates of the hold that were stored. */
  #stored = 0;
  #cancel: () => void = () => {};
  /** What was heard while the whole text was unpacked. */
  #early: Text[] | null = null;
  /** It was asked for on this connection: the hub may tell of it. */
  #isAsked = false;
  /** How often it was opened and not closed. */
  #users = 0;

  constructor(host: TextHost, chapter: string, merge?: (updates: Uint8Array[]) => Uint8Array) {
    this.#host = host;
    this.chapter = chapter;
    this.#merge = merge;
    this.#changes = new Emitter((error) => host.environment.report(error));
  }

  get status(): TextStatus {
    return this.#status;
  }
  get refusal(): QuireRefusal | null {
    return this.#refusal;
  }
  get rev(): number {
    return this.#position?.rev ?? 0;
  }
  get unsaved(): readonly Uint8Array[] {
    return this.#unsaved.map(({ update }) => update);
  }

  subscribe(listener: (change: TextChange) => void): Unsubscribe {
    return this.#changes.on("change", listener);
  }

  onStatus(listener: (text: TextView) => void): Unsubscribe {
    return this.#changes.on("status", listener);
  }

  write(update: Uint8Array): Promise<number> {
    this.lockChanged();
    if (this.#status === "closed") return Promise.reject(new QuireClosed("closed", "The text was closed."));
    if (this.#hold === null) return Promise.reject(new QuireClosed("not_held", "This session does not hold the chapter."));
    return new Promise((resolve, reject) => {
      this.#unsaved.push({ update, sent: false, waiting: [{ resolve, reject }] });
      this.#send();
      this.#announce();
    });
  }

  /** Waits until nothing is unsaved: it was stored, or the hold is over. Answers how many updates of the hold are stored. */
  flushed(): Promise<number> {
    return new Promise((resolve) => {
      let stop: Unsubscribe = () => {};
      const look = (): void => {
        if (this.#unsaved.length > 0 && this.#status !== "closed") return;
        stop();
        resolve(this.#stored);
      };
      stop = this.onStatus(look);
      look();
    });
  }

  /** One more user of this view. */
  opened(): void {
    this.#users += 1;
  }

  close(): void {
    this.#users -= 1;
    if (this.#users > 0 || this.#status === "closed") return;
    const subscribed = this.#isAsked;
    this.end(null);
    const nobody: Outcome = { ok: () => {}, failed: () => {} };
    if (subscribed) this.#host.ask({ t: "chapter.close", chapter: this.chapter }, nobody, { ofConnection: true });
  }

  /** Ends the view. */
  end(refusal: QuireRefusal | null): void {
    if (this.#status === "closed") return;
    this.#cancel();
    this.#early = null;
    this.#refusal = refusal;
    this.#fail(refusal ?? new QuireClosed("closed", "The text was closed."));
    this.#host.textEnded(this);
    this.#become("closed");
  }

  /** The book is open on a connection that knows nothing of this text. `afresh`: somebody new wants all of it. */
  connected(afresh = false): void {
    this.#cancel();
    this.#early = null;
    this.#isSending = false;
    this.#isAwaited = true;
    const outcome: Outcome = {
      ok: (answer: OpenedText) => this.#opened(answer),
      failed: (error) => {
        if (error instanceof QuireRefusal && error.code !== "unauthenticated") this.end(error);
      },
    };
    this.#isAsked = true;
    const { epoch = null, rev = 0 } = this.#position ?? {};
    const known = afresh || epoch === null ? {} : { have: { epoch, rev } };
    const command = { t: "chapter.open", chapter: this.chapter, ...known } as const;
    this.#cancel = this.#host.ask(command, outcome, { ofConnection: true, patient: true });
  }

  /** The connection is gone, or the book is asked for anew. */
  disconnected(): void {
    this.#cancel();
    this.#isAsked = false;
    this.#early = null;
    this.#isSending = false;
    if (this.#status === "live") this.#become("stale");
  }

  /** Somebody else wrote. */
  heard(frame: Text): void {
    if (this.#early !== null) return void this.#early.push(frame);
    if (this.#status !== "live" || frame.rev <= this.rev) return;
    if (!this.#advance(frame.rev)) return;
    this.#changes.emit("change", { kind: "update", rev: frame.rev, by: frame.by, update: this.#bytes(frame.update) });
  }

  /** The book has changed, perhaps this chapter's lock. */
  lockChanged(): void {
    const lock = this.#lock();
    const hold = lock?.since_at ?? null;
    if (hold === this.#hold) return;
    this.#hold = hold;
    this.#stored = 0;
    this.#fail(new QuireClosed("not_held", "The chapter was lost before that was stored."));
  }

  #lock(): HolderView | null {
    const chapter = this.#host.chapter(this.chapter);
    if (chapter === undefined) return null;
    return holdersOf(chapter).find(({ holder }) => holder.session === this.#host.session) ?? null;
  }

  #bytes(value: Uint8Array | string): Uint8Array {
    return this.#host.codec.fromPart(value);
  }

  #opened(answer: OpenedText): void {
    if (answer.state === undefined) return this.#took(answer, []);
    const early: Text[] = [];
    this.#early = early;
    unpacked(this.#bytes(answer.state)).then(
      (state) => {
        if (this.#early !== early) return;
        this.#early = null;
        this.#took(answer, [state]);
        for (const frame of early) this.heard(frame);
      },
      (error: unknown) => {
        this.#host.environment.report(error);
        if (this.#early === early) this.end(null);
      },
    );
  }

  #took(answer: OpenedText, state: Uint8Array[]): void {
    this.#isAwaited = false;
    this.#position = { epoch: answer.epoch, rev: answer.rev };
    const updates = [...state, ...answer.updates.map((update) => this.#bytes(update))];
    const { rev, lineage = null } = answer;
    if (answer.after === undefined) this.#changes.emit("change", { kind: "whole", rev, updates, lineage });
    else this.#changes.emit("change", { kind: "missed", rev, updates });
    this.#become("live");
    this.lockChanged();
    // What is on its way goes again under its number. Else the hub knows best: this view may be new in an old hold.
    if (answer.n !== undefined && this.#unsaved[0]?.sent !== true) this.#stored = answer.n;
    this.#send();
  }

  /** Goes on to the next revision; with a gap, asks for everything. */
  #advance(rev: number): boolean {
    if (this.#position === null || rev > this.#position.rev + 1) {
      this.#become("stale");
      this.connected();
      return false;
    }
    this.#position.rev = Math.max(this.#position.rev, rev);
    return true;
  }

  /** One update at a time, so that none overtakes another however often the hub puts one off; the rest waits as one. */
  #send(): void {
    const lock = this.#lock();
    if (this.#isSending || this.#isAwaited || this.#status !== "live" || lock === null) return;
    this.#mergeWaiting();
    const first = this.#unsaved[0];
    if (first === undefined) return;
    this.#isSending = true;
    first.sent = true;
    const { chapter } = this;
    const { token } = lock;
    const [n, update] = [this.#stored + 1, this.#host.codec.toPart(first.update)];
    const outcome: Outcome = {
      ok: ({ rev }: { rev: number }) => this.#saved(first, rev),
      failed: (error) => this.#refused(error, token),
    };
    this.#cancel = this.#host.ask({ t: "chapter.update", chapter, token, n, update }, outcome, { ofConnection: true, patient: true });
  }

  /** Makes one update of as many as wait and fit; one is never longer than those that it is made of. */
  #mergeWaiting(): void {
    const sent = this.#unsaved.filter((unsaved) => unsaved.sent);
    const fresh = this.#unsaved.slice(sent.length);
    let bytes = 0;
    const over = fresh.findIndex(({ update }) => (bytes += update.length) > this.#host.updateBytesMax);
    const some = over < 0 ? fresh : fresh.slice(0, over);
    if (this.#merge === undefined || some.length < 2) return;
    const update = this.#merge(some.map((unsaved) => unsaved.update));
    const merged = { update, sent: false, waiting: some.flatMap(({ waiting }) => waiting) };
    this.#unsaved = [...sent, merged, ...fresh.slice(some.length)];
  }

  #saved(saved: Unsaved, rev: number): void {
    this.#isSending = false;
    this.#stored += 1;
    this.#unsaved.shift();
    for (const { resolve } of saved.waiting) resolve(rev);
    this.#announce();
    if (this.#advance(rev)) this.#send();
  }

  #refused(error: unknown, token: number): void {
    this.#isSending = false;
    if (!(error instanceof QuireRefusal)) return this.#fail(error as Error);
    // A resumed session holds on under a new token.
    if (error.code === "stale_token" && (this.#lock()?.token ?? token) !== token) return this.#send();
    if (error.code === "outcome_unknown") {
      this.#cancel = this.#host.environment.after(UNKNOWN_MS, () => this.#send());
      return;
    }
    this.#fail(error);
  }

  /** What is unsaved will not be stored. */
  #fail(error: Error): void {
    const unsaved = this.#unsaved;
    this.#unsaved = [];
    this.#isSending = false;
    for (const { waiting } of unsaved) for (const { reject } of waiting) reject(error);
    if (unsaved.length > 0) this.#announce();
  }

  #become(status: TextStatus): void {
    this.#status = status;
    this.#announce();
  }

  #announce(): void {
    this.#changes.emit("status", this);
  }
}
