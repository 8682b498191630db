/**
 * What this tab remembers of its session: in memory only (browsers copy `sessionStorage` when a tab is duplicated),
 * and to be resumed only while this page holds the session's Web Lock.
 */
import type { Locks } from "./environment.js";
import type { Resume, Welcome } from "./generated/protocol.js";

/**
 * How far `takeBack` jumps: the other connection may have counted on since this one lost the session, and the hub
 * refuses an incarnation that is not higher than all before.
 */
const TAKE_BACK_STEP = 1_000;

/** The session of one tab. */
export class SessionMemory {
  readonly #lock: SessionLock;
  #id: string | null = null;
  #incarnation = 0;

  constructor(locks: Locks | undefined) {
    this.#lock = new SessionLock(locks);
  }

  get id(): string | null {
    return this.#id;
  }

  /** What to resume, one incarnation higher than ever before; undefined: begin a new session. */
  nextResume(idleMs: number): Resume | undefined {
    if (this.#id === null || !this.#lock.permits) return undefined;
    this.#incarnation += 1;
    return { session: this.#id, incarnation: this.#incarnation, idle_ms: Math.max(0, Math.round(idleMs)) };
  }

  /** The hub said which session this is. */
  welcomed(welcome: Welcome): void {
    if (this.#id !== welcome.session) {
      this.#id = welcome.session;
      this.#incarnation = welcome.incarnation;
      this.#lock.take(welcome.session, "if free");
    }
    this.#incarnation = Math.max(this.#incarnation, welcome.incarnation);
  }

  /** Prepares to take the session from the connection that resumed it. */
  async takeBack(): Promise<void> {
    this.#incarnation += TAKE_BACK_STEP;
    if (this.#id !== null && !this.#lock.permits) await this.#lock.take(this.#id, "by force");
  }

  /** The session is over: the next connection begins a new one. */
  forget(): void {
    this.#id = null;
    this.#incarnation = 0;
    this.#lock.drop();
  }
}

/** The Web Lock of one session at a time. */
class SessionLock {
  readonly #locks: Locks | undefined;
  #turn = 0;
  #held = false;
  #letGo: () => void = () => {};

  constructor(locks: Locks | undefined) {
    this.#locks = locks;
  }

  /** Held; or there are no Web Locks, and memory alone tells tabs apart. */
  get permits(): boolean {
    return this.#locks === undefined || this.#held;
  }

  /** Settles when it is known whether the lock is held. */
  take(session: string, how: "if free" | "by force"): Promise<void> {
    this.drop();
    const locks = this.#locks;
    if (locks === undefined) return Promise.resolve();
    const turn = this.#turn;
    return new Promise((known) => {
      const hold = (lock: unknown): Promise<void> | undefined => {
        if (!lock || turn !== this.#turn) return undefined;
        this.#held = true;
        known();
        return new Promise((letGo) => {
          this.#letGo = letGo;
        });
      };
      const over = (): void => {
        // Let go, refused, or stolen by another tab.
        if (turn === this.#turn) this.#held = false;
        known();
      };
      const options = how === "by force" ? { steal: true } : { ifAvailable: true };
      locks.request(`quire-session-${session}`, options, hold).then(over, over);
    });
  }

  drop(): void {
    this.#turn += 1;
    this.#held = false;
    this.#letGo();
    this.#letGo = () => {};
  }
}
