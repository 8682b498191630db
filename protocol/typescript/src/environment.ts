/**
 * Everything this package takes from its surroundings: sockets, clock, timers, chance, page. Tests pass their own;
 * an editor outside a browser passes what it has and leaves out what it lacks.
 */

/** As much of a WebSocket as is used. */
export interface Socket {
  binaryType: string;
  readonly protocol: string;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  onerror: ((event: never) => void) | null;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
}

/** As much of `navigator.locks` as is used. */
export interface Locks {
  request(
    name: string,
    options: { ifAvailable?: boolean; steal?: boolean },
    held: (lock: unknown) => Promise<void> | undefined,
  ): Promise<unknown>;
}

/** Something that can be listened to: `window`, `document`. */
export interface Listenable {
  addEventListener(name: string, listener: (event: Event) => void, options?: { passive?: boolean; capture?: boolean }): void;
  removeEventListener(name: string, listener: (event: Event) => void, options?: { capture?: boolean }): void;
}

/** What runs beside this package. */
export interface Environment {
  /** Opens a WebSocket that offers one subprotocol. */
  openSocket(url: string, subprotocol: string): Socket;
  /** The time of day, milliseconds since the Unix epoch. */
  now(): number;
  /** Runs `callback` once after `ms`; answers what cancels it. */
  after(ms: number, callback: () => void): () => void;
  /** Runs `callback` when the current turn is over. */
  soon(callback: () => void): void;
  /** From 0 up to 1, for back-off. */
  random(): number;
  /** Unpredictable bytes, for ids. */
  randomBytes(count: number): Uint8Array;
  /** Reports what a listener threw. */
  report(error: unknown): void;
  /** Whether there may be a network. */
  isOnline(): boolean;
  /** Web Locks; absent where there are none, such as on pages without TLS. */
  locks?: Locks | undefined;
  /** The window: `pagehide`, `pageshow`, `online`, and what people do. Absent outside pages. */
  page?: Listenable | undefined;
  /** The document: `visibilitychange`. Absent outside pages. */
  document?: (Listenable & { readonly visibilityState: string }) | undefined;
}

/** `setTimeout` takes no more than this; longer waits are cut and looked at again. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** The surroundings of a page, a worker, or a Node that has `WebSocket`. */
export function browserEnvironment(): Environment {
  const scope = globalThis as typeof globalThis & { window?: Window; document?: Document };
  return {
    openSocket: (url, subprotocol) => new WebSocket(url, [subprotocol]) as Socket,
    now: () => Date.now(),
    after: (ms, callback) => {
      const timer = setTimeout(callback, Math.min(ms, TIMER_MS_MAX));
      return () => clearTimeout(timer);
    },
    soon: (callback) => queueMicrotask(callback),
    random: () => Math.random(),
    randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
    report: (error) => {
      if (typeof reportError === "function") reportError(error);
      else console.error(error);
    },
    isOnline: () => scope.navigator?.onLine !== false,
    locks: scope.navigator?.locks as Locks | undefined,
    page: scope.window as Listenable | undefined,
    document: scope.document as Environment["document"],
  };
}
