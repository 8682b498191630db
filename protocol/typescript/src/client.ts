/** The client: keeps one session alive over many connections, and hands frames to those they are for. */
import { Activity } from "./activity.js";
import type { BookView, Client, ClientEvents, ClientState, ConnectOptions, DropReason, RequestOptions, Unsubscribe } from "./api.js";
import { backoffCapMs, fullJitterMs } from "./backoff.js";
import { LiveBook } from "./book/view.js";
import { HANG_UP_CODE, verdictOn } from "./closing.js";
import { json, messagePack, type Codec } from "./codec.js";
import { HubCommands } from "./commands.js";
import { Connection } from "./connection.js";
import { Emitter } from "./emitter.js";
import { browserEnvironment, type Environment } from "./environment.js";
import { QuireClosed } from "./errors.js";
import {
  CLOSE_CODES,
  DEFAULT_LIMITS,
  DEFAULT_TIMERS,
  type ClientFrame,
  type Command,
  type EventFrame,
  type Hello,
  type Limits,
  type Notice,
  type ServerFrame,
  type Timers,
  type UserView,
  type Welcome,
} from "./generated/protocol.js";
import { watchPage } from "./page.js";
import { PresenceSender } from "./presence.js";
import { Requests, type Outcome, type Treatment } from "./requests.js";
import { SessionMemory } from "./session.js";
import { TokenKeeper } from "./token.js";

/** A connection that lasted this long was a good one: the back-off begins anew after it. */
const STABLE_MS = 5_000;

/** Connects to a hub and stays connected. */
export function connect(options: ConnectOptions): Client {
  const client = new HubClient(options);
  client.start();
  return client;
}

/** What {@link connect} makes. */
export class HubClient extends HubCommands implements Client {
  readonly environment: Environment;
  readonly presence: PresenceSender;
  readonly #options: ConnectOptions;
  readonly #codec: Codec;
  readonly #emitter: Emitter<ClientEvents>;
  readonly #session: SessionMemory;
  readonly #requests: Requests;
  readonly #activity: Activity;
  readonly #token: TokenKeeper;
  readonly #books = new Map<string, LiveBook>();
  readonly #unwatchPage: () => void;
  #connection: Connection | null = null;
  #state: ClientState = { status: "connecting" };
  #user: UserView | null = null;
  #limits: Limits = DEFAULT_LIMITS;
  #timers: Timers = DEFAULT_TIMERS;
  #clockOffset: number | null = null;
  /** Which attempt is current: what an older one still brings is dropped. */
  #turn = 0;
  /** Failed attempts in a row. */
  #attempt = 0;
  #onlineSince = 0;
  /** When the hub asked to come back, while it drains. */
  #drainedAt: number | null = null;
  #cancelTimer: () => void = () => {};

  constructor(options: ConnectOptions) {
    super();
    this.#options = options;
    this.environment = options.environment ?? browserEnvironment();
    this.#codec = options.encoding === "json" ? json : messagePack;
    this.#emitter = new Emitter((error) => this.environment.report(error));
    this.#session = new SessionMemory(this.environment.locks);
    this.#requests = new Requests(this.environment, () => this.#connection?.hangUp(HANG_UP_CODE, "no answer"));
    this.#activity = new Activity(this.environment, () => this.#sendIfOnline({ t: "activity" }));
    this.#token = new TokenKeeper(this.environment, () => this.#renewToken());
    this.presence = new PresenceSender(this.environment, () => this.#timers.presence_tick_ms);
    this.#unwatchPage = watchPage(this.environment, {
      left: () => this.#pageLeft(),
      returned: () => this.#pageReturned(),
      promising: () => this.reconnectNow(),
    });
  }

  get state(): ClientState {
    return this.#state;
  }
  get session(): string | null {
    return this.#session.id;
  }
  get user(): UserView | null {
    return this.#user;
  }
  get codec(): Codec {
    return this.#codec;
  }
  get limits(): Limits {
    return this.#limits;
  }
  get timers(): Timers {
    return this.#timers;
  }
  get serverClockOffset(): number {
    return this.#clockOffset ?? 0;
  }

  /** Makes the first connection. */
  start(): void {
    void this.#connect();
  }

  on<K extends keyof ClientEvents>(name: K, listener: (value: ClientEvents[K]) => void): Unsubscribe {
    return this.#emitter.on(name, listener);
  }

  /** As `request`, answered by callbacks that run before the next frame is looked at. */
  ask(command: Command, book: string | undefined, outcome: Outcome, treatment?: Treatment): () => void {
    if (this.#state.status === "closed") {
      outcome.failed(new QuireClosed("closed", "The client is closed."));
      return () => {};
    }
    return this.#requests.add(command, book, outcome, treatment);
  }

  protected override send(command: Command, book: string | undefined, options: RequestOptions = {}): Promise<never> {
    const { signal } = options;
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      let forget = (): void => {};
      const aborted = (): void => (forget(), reject(signal?.reason));
      const done = (): void => signal?.removeEventListener("abort", aborted);
      signal?.addEventListener("abort", aborted, { once: true });
      forget = this.ask(command, book, {
        ok: (answer) => (done(), resolve(answer)),
        failed: (error) => (done(), reject(error)),
      });
    });
  }

  protected override get rowsPerPage(): number {
    return this.#limits.list_rows;
  }

  openBook(book: string): BookView {
    let view = this.#books.get(book);
    if (view === undefined) {
      view = new LiveBook(this, book);
      this.#books.set(book, view);
      if (this.#state.status === "online") view.connected();
      if (this.#state.status === "closed" && this.#state.reason !== "elsewhere") view.end("closed");
    }
    view.opened();
    return view;
  }

  /** A view has ended and hears nothing more. */
  viewEnded(view: LiveBook): void {
    if (this.#books.get(view.id) === view) this.#books.delete(view.id);
    this.presence.closed(view.id);
  }

  reconnectNow(): void {
    if (this.#connection !== null) return;
    if (this.#state.status !== "reconnecting" && this.#state.status !== "offline") return;
    if (this.#state.reason === "draining" || this.#state.retryAt <= this.environment.now()) return;
    void this.#connect();
  }

  takeBack(): void {
    if (this.#state.status !== "closed" || this.#state.reason !== "elsewhere") return;
    this.#setState({ status: "connecting" });
    const turn = ++this.#turn;
    void this.#session.takeBack().then(() => {
      if (turn === this.#turn) void this.#connect();
    });
  }

  close(): void {
    this.#disconnect("The client was closed.");
    this.#setState({ status: "closed", reason: "closed", message: "" });
    for (const view of [...this.#books.values()]) view.end("closed");
    this.#activity.stop();
    this.#unwatchPage();
  }

  async #connect(): Promise<void> {
    const turn = ++this.#turn;
    this.#cancelTimer();
    let token: string;
    try {
      token = await this.#options.token();
    } catch {
      if (turn === this.#turn) this.#retryLater("no_token");
      return;
    }
    if (turn !== this.#turn) return;
    const options = { url: this.#options.url, codec: this.#codec, hello: () => this.#hello(token) };
    try {
      this.#connection = new Connection(this.environment, options, {
        welcome: (welcome) => this.#welcomed(welcome),
        frame: (frame) => this.#heard(frame),
        closed: (code, reason) => this.#closed(code, reason),
      });
    } catch (error) {
      // Browsers throw for addresses they do not take; somebody should see that.
      this.environment.report(error);
      this.#retryLater("lost");
    }
  }

  #hello(token: string): Hello {
    const resume = this.#session.nextResume(this.#activity.idleMs);
    const { client } = this.#options;
    return { t: "hello", token, ...(client !== undefined && { client }), ...(resume && { resume }) };
  }

  #welcomed(welcome: Welcome): void {
    this.#session.welcomed(welcome);
    this.#user = welcome.user;
    this.#limits = { ...DEFAULT_LIMITS, ...welcome.limits };
    this.#timers = { ...DEFAULT_TIMERS, ...welcome.timers };
    this.#onlineSince = this.environment.now();
    this.#token.expires(welcome.expires_at, this.#serverNow());
    this.presence.connected((frame) => this.#sendIfOnline(frame));
    this.#requests.heard();
    // Books first: opening them is what re-homes this session's locks. Then whatever had no answer yet, and only then
    // may listeners ask for more.
    this.#state = { status: "online", resumed: welcome.resumed };
    this.#requests.connected((frame) => this.#connection?.send(frame) ?? 0, welcome.resumed, () => {
      for (const view of this.#books.values()) view.connected();
    });
    this.#emitter.emit("state", this.#state);
  }

  #heard(frame: Exclude<ServerFrame, Welcome>): void {
    this.#requests.heard();
    switch (frame.t) {
      case "reply":
        this.#requests.reply(frame);
        return;
      case "event":
        this.#sampleClock(frame);
        this.#books.get(frame.book)?.event(frame);
        return;
      case "presence":
        this.#books.get(frame.book)?.presence(frame);
        return;
      case "text":
        this.#books.get(frame.book)?.text(frame);
        return;
      case "notice":
        this.#noticed(frame);
        return;
      case "draining":
        this.#draining(frame.reconnect_after_ms);
        return;
      default:
        // A frame of a kind that this client does not know: newer hubs may send some.
        return;
    }
  }

  #noticed(notice: Notice): void {
    if (notice.kind === "books_changed") this.#emitter.emit("books", undefined);
    if (notice.kind === "library_changed") {
      const { access, users, books, notices, webhooks } = notice;
      this.#emitter.emit("library", { access, users, books, notices, webhooks });
    }
    if (notice.kind === "noticed") this.#emitter.emit("inbox", { unread: notice.unread, entry: notice.entry });
    if (notice.kind === "inbox_changed") this.#emitter.emit("inbox", { unread: notice.unread });
    if ("book" in notice) this.#books.get(notice.book)?.notice(notice);
    this.#emitter.emit("notice", notice);
  }

  #draining(afterMs: number): void {
    this.#drainedAt = this.environment.now() + afterMs;
    // The hub serves us until then and hangs up; if it forgets to, we do.
    this.#cancelTimer();
    this.#cancelTimer = this.environment.after(afterMs, () => this.#connection?.hangUp(CLOSE_CODES.draining, "drained"));
    this.#emitter.emit("draining", { reconnectAfterMs: afterMs });
  }

  #closed(code: number, reason: string): void {
    const wasOnline = this.#connectionGone(code === CLOSE_CODES.too_large);
    if (wasOnline && this.environment.now() - this.#onlineSince >= STABLE_MS) this.#attempt = 0;
    const verdict = verdictOn(code);
    if (!verdict.retry) {
      this.#setState({ status: "closed", reason: verdict.reason, message: reason });
      this.#requests.rejectAll(new QuireClosed("closed", reason || "The hub ended this session."));
      if (verdict.reason !== "elsewhere") for (const view of [...this.#books.values()]) view.end("closed");
      return;
    }
    this.#attempt = Math.max(this.#attempt, verdict.attemptMin);
    this.#retryLater(verdict.reason);
  }

  /** Forgets the connection; answers whether it had got as far as a welcome. */
  #connectionGone(tooLarge: boolean): boolean {
    this.#cancelTimer();
    this.#connection = null;
    this.#token.stop();
    this.presence.disconnected();
    this.#requests.disconnected(tooLarge, this.#limits.message_bytes);
    for (const view of this.#books.values()) view.disconnected();
    return this.#state.status === "online";
  }

  #retryLater(reason: DropReason): void {
    const cap = backoffCapMs([...this.#books.values()].some((view) => view.hasLocks), this.#timers.grace_ms);
    const jitter = fullJitterMs(this.#attempt, cap, this.environment.random());
    const now = this.environment.now();
    const delay = this.#drainedAt === null ? jitter : Math.max(0, this.#drainedAt - now);
    this.#drainedAt = null;
    this.#attempt += 1;
    const status = this.environment.isOnline() ? "reconnecting" : "offline";
    this.#setState({ status, reason, attempt: this.#attempt, retryAt: now + delay });
    this.#cancelTimer = this.environment.after(delay, () => void this.#connect());
  }

  /** Says goodbye: locks are free at once, and nothing is answered any more. */
  #disconnect(why: string): void {
    this.#turn += 1;
    this.#connection?.abandon(CLOSE_CODES.normal, "");
    this.#connectionGone(false);
    this.#session.forget();
    this.#requests.rejectAll(new QuireClosed("closed", why));
  }

  #pageLeft(): void {
    if (this.#state.status === "closed") return;
    this.#disconnect("The page was left.");
    this.#setState({ status: "connecting" });
  }

  #pageReturned(): void {
    if (this.#state.status === "closed") return;
    this.#attempt = 0;
    void this.#connect();
  }

  async #renewToken(): Promise<number | null> {
    try {
      const token = await this.#options.token();
      return await new Promise((resolve, reject) => {
        const outcome: Outcome = { ok: (answer: { expires_at: number }) => resolve(answer.expires_at), failed: reject };
        this.ask({ t: "token.refresh", token }, undefined, outcome, { ofConnection: true });
      });
    } catch {
      return null;
    }
  }

  #sendIfOnline(frame: ClientFrame): void {
    if (this.#state.status === "online") this.#connection?.send(frame);
  }

  /** `at` is when the event became durable, so the hub's clock is at least that far. */
  #sampleClock(frame: EventFrame): void {
    const sample = frame.at - this.environment.now();
    if (this.#clockOffset === null || sample > this.#clockOffset) this.#clockOffset = sample;
  }

  #serverNow(): number {
    return this.environment.now() + this.serverClockOffset;
  }

  #setState(state: ClientState): void {
    this.#state = state;
    this.#emitter.emit("state", state);
  }
}
