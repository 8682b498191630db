/** What the client takes from its surroundings, in the hands of a test: a clock that is turned, sockets without a network. */
import { json, messagePack } from "../src/codec.js";
import type { Environment, Listenable, Locks, Socket } from "../src/environment.js";
import {
  DEFAULT_LIMITS,
  DEFAULT_TIMERS,
  type ClientFrame,
  type CommandFrame,
  type EventFrame,
  type Hello,
  type Limits,
  type Opened,
  type ServerFrame,
  type Snapshot,
  type Timers,
} from "../src/generated/protocol.js";
import { connect, type Client, type ConnectOptions } from "../src/index.js";
import { Assembler } from "../src/parts.js";

/** 2026-01-01, so that nothing depends on the day of the test. */
export const START = 1_767_225_600_000;
export const EPOCH = "00000000000000aa";

/** Lets everything that promises have brought about happen. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

interface Timer {
  at: number;
  run: () => void;
}

/** One side's end of a WebSocket, and the hub behind it. */
export class FakeSocket implements Socket {
  binaryType = "";
  protocol: string;
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  onerror: ((event: never) => void) | null = null;
  readonly url: string;
  /** Every frame that the client sent, parts put together. */
  readonly frames: ClientFrame[] = [];
  /** The size of every message. */
  readonly messageBytes: number[] = [];
  closedBy: { code: number | undefined; reason: string | undefined } | null = null;
  readonly #assembler = new Assembler(64 * 1024 * 1024);
  readonly #codec: typeof json;

  constructor(url: string, subprotocol: string) {
    this.url = url;
    this.protocol = subprotocol;
    this.#codec = subprotocol === json.subprotocol ? json : messagePack;
  }

  send(data: string | Uint8Array): void {
    const bytes = this.#codec.fromMessage(data);
    this.messageBytes.push(bytes.length);
    const frame = this.#codec.decode(bytes) as unknown as ClientFrame;
    if (frame.t !== "part") {
      this.frames.push(frame);
      return;
    }
    const whole = this.#assembler.add(this.#codec.fromPart(frame.data), frame.last);
    if (whole) this.frames.push(this.#codec.decode(whole) as unknown as ClientFrame);
  }

  close(code?: number, reason?: string): void {
    this.closedBy = { code, reason };
  }

  open(): void {
    this.onopen?.(undefined as never);
  }

  says(frame: ServerFrame | Record<string, unknown>): void {
    this.saysRaw(this.#codec.toMessage(this.#codec.encode(frame as never)));
  }

  saysRaw(data: unknown): void {
    this.onmessage?.({ data });
  }

  hangsUp(code: number, reason = ""): void {
    this.onclose?.({ code, reason });
  }

  get hello(): Hello {
    return this.frames.find((frame) => frame.t === "hello") as Hello;
  }

  /** The commands so far, of one kind or all. */
  commands(kind?: string): CommandFrame[] {
    return this.frames.filter((frame) => "ref" in frame && (kind === undefined || frame.t === kind)) as CommandFrame[];
  }

  last(kind: string): CommandFrame {
    const command = this.commands(kind).at(-1);
    if (command === undefined) throw new Error(`no ${kind} was sent`);
    return command;
  }

  answers(kind: string, ok: object, seq?: number): void {
    this.says({ t: "reply", ref: this.last(kind).ref, ...(seq !== undefined && { seq }), ok });
  }

  refuses(kind: string, err: { code: string } & Record<string, unknown>): void {
    this.says({ t: "reply", ref: this.last(kind).ref, err: { message: `${err.code}.`, ...err } });
  }
}

class FakePage implements Listenable {
  visibilityState = "visible";
  readonly #listeners = new Map<string, Set<(event: Event) => void>>();

  addEventListener(name: string, listener: (event: Event) => void): void {
    this.#listeners.set(name, (this.#listeners.get(name) ?? new Set()).add(listener));
  }

  removeEventListener(name: string, listener: (event: Event) => void): void {
    this.#listeners.get(name)?.delete(listener);
  }

  get listeners(): number {
    return [...this.#listeners.values()].reduce((sum, set) => sum + set.size, 0);
  }

  fire(name: string, fields: object = {}): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) listener(fields as Event);
  }
}

/** Web Locks of one browser. */
export class FakeLocks implements Locks {
  readonly held = new Map<string, () => void>();

  stolenByAnotherTab(name: string): void {
    this.request(name, { steal: true }, () => new Promise(() => {})).catch(() => {});
  }

  async request(
    name: string,
    { steal }: { ifAvailable?: boolean; steal?: boolean },
    hold: (lock: unknown) => Promise<void> | undefined,
  ): Promise<unknown> {
    if (this.held.has(name) && !steal) return hold(null);
    this.held.get(name)?.();
    return new Promise((resolve, reject) => {
      const stolen = (): void => reject(new Error("stolen"));
      this.held.set(name, stolen);
      void hold({ name })?.then(() => {
        if (this.held.get(name) === stolen) this.held.delete(name);
        resolve(undefined);
      });
    });
  }
}

/** The surroundings of one tab. */
export class World implements Environment {
  time = START;
  chance = 0.5;
  network = true;
  readonly sockets: FakeSocket[] = [];
  readonly reported: unknown[] = [];
  readonly page = new FakePage();
  readonly document = new FakePage();
  locks: FakeLocks | undefined = new FakeLocks();
  #timers = new Set<Timer>();
  #bytes = 0;

  readonly openSocket = (url: string, subprotocol: string): FakeSocket => {
    const socket = new FakeSocket(url, subprotocol);
    this.sockets.push(socket);
    return socket;
  };
  readonly now = (): number => this.time;
  readonly after = (ms: number, run: () => void): (() => void) => {
    const timer = { at: this.time + ms, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };
  readonly soon = (run: () => void): void => queueMicrotask(run);
  readonly random = (): number => this.chance;
  readonly randomBytes = (count: number): Uint8Array => Uint8Array.from({ length: count }, () => (this.#bytes += 7) % 256);
  readonly report = (error: unknown): void => void this.reported.push(error);
  readonly isOnline = (): boolean => this.network;

  /** Time passes, timer by timer. */
  async passes(ms: number): Promise<void> {
    const end = this.time + ms;
    await settle();
    while (await this.#nextTimer(end));
    this.time = end;
  }

  /** Time passes until the next connection is attempted. */
  async untilNextAttempt(): Promise<void> {
    const sockets = this.sockets.length;
    await settle();
    while (this.sockets.length === sockets) {
      if (!(await this.#nextTimer(Number.POSITIVE_INFINITY))) throw new Error("no attempt will be made");
    }
  }

  async #nextTimer(end: number): Promise<boolean> {
    const next = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
    if (next === undefined) return false;
    this.#timers.delete(next);
    this.time = Math.max(this.time, next.at);
    next.run();
    await settle();
    return true;
  }

  get socket(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error("no connection was made");
    return socket;
  }

  connects(options: Partial<ConnectOptions> = {}): Client {
    return connect({ url: "ws://hub/v1/socket", token: () => "jwt", environment: this, ...options });
  }

  /** The hub greets on the latest connection. */
  async welcomes(fields: WelcomeFields = {}): Promise<FakeSocket> {
    await settle();
    const { socket } = this;
    socket.open();
    const { resume } = socket.hello;
    const { limits, timers, ...rest } = fields;
    socket.says({
      t: "welcome",
      session: resume?.session ?? `s${this.sockets.length}`,
      incarnation: resume?.incarnation ?? 0,
      user: { id: "ann", name: "Ann Lee", email: "ann@example.org" },
      replica: "r1",
      resumed: resume !== undefined,
      expires_at: this.time + 3_600_000,
      limits: { ...DEFAULT_LIMITS, ...limits },
      timers: { ...DEFAULT_TIMERS, ...timers },
      ...rest,
    });
    await settle();
    return socket;
  }

  /** A client that is online. */
  async online(options: Partial<ConnectOptions> = {}, welcome: WelcomeFields = {}): Promise<Client> {
    const client = this.connects(options);
    await this.welcomes(welcome);
    return client;
  }

  /** The connection is lost, and the next attempt begins. */
  async reconnects(code = 1006): Promise<FakeSocket> {
    this.socket.hangsUp(code);
    await this.untilNextAttempt();
    return this.welcomes();
  }
}

type WelcomeFields = { session?: string; resumed?: boolean; expires_at?: number; limits?: Partial<Limits>; timers?: Partial<Timers> };

/** A small book: a part with one chapter, then a chapter of no part. */
export function snapshot(fields: Partial<Snapshot> = {}): Snapshot {
  return {
    id: "b1",
    title: "Moby-Dick",
    metadata: { subtitle: null, authors: [], language: null, description: null, publisher: null, isbn: null, keywords: [], categories: [] },
    metadata_seq: 1,
    format: {
      trim: "a5",
      margins: "normal",
      font: "serif",
      font_size_tenths_pt: 110,
      line_height_percent: 140,
      opening: "new_page",
      numbering: "none",
      ornament: "asterisks",
      paragraphs: "indented",
      hyphenation: true,
      justify: true,
    },
    format_seq: 0,
    shelved: false,
    publishing: { state: "draft", was_published: false },
    chapters: [
      { id: "p1", title: "Part One", kind: "part", parent: null, lock: null },
      { id: "c1", title: "Loomings", kind: "chapter", parent: "p1", lock: null },
      { id: "c2", title: "The Carpet-Bag", kind: "chapter", parent: null, lock: null },
    ],
    removed: [],
    threads: [],
    members: [{ user: "ann", name: "Ann Lee", email: "ann@example.org", role: "owner" }],
    invitations: [],
    requests: [],
    ...fields,
  };
}

/** The answer to `book.open` at seq 10. */
export function openedWith(fields: Partial<Opened> = {}): Opened {
  return {
    epoch: EPOCH,
    seq: 10,
    role: "owner",
    can: ["view", "comment", "organise", "edit_text", "manage_members"],
    roster: [],
    roster_count: 0,
    ...(fields.events === undefined && { snapshot: snapshot() }),
    ...fields,
  };
}

/** An event of the book. */
export function event(seq: number, what: EventFrame["event"] | ({ t: string } & Record<string, unknown>), fields: Partial<EventFrame> = {}): EventFrame {
  const by = { user: "bob", session: "s-bob" };
  return { t: "event", book: "b1", epoch: EPOCH, seq, at: START + seq, by, event: what as EventFrame["event"], ...fields };
}

/** Bob's hold on a chapter. */
export function held(chapter: string, session = "s-bob", token = 100): EventFrame["event"] {
  return { t: "lock.acquired", chapter, holder: { user: "bob", name: "Bob", initials: "B", session }, token };
}
