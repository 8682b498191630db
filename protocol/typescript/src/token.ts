/** Renews the connection's token before it expires, so that nobody is disconnected over it. */
import type { Environment } from "./environment.js";

/** How long before its end a token is renewed. */
export const RENEW_AHEAD_MS = 60_000;
/** A token is not renewed sooner than this, however short it lives or wrong the clocks are. */
export const RENEW_MS_MIN = 30_000;

/** Asks for a new token and presents it to the hub; answers when that one expires, or null if that failed. */
export type Renew = () => Promise<number | null>;

/** The token of one connection. */
export class TokenKeeper {
  readonly #environment: Environment;
  readonly #renew: Renew;
  #cancel: () => void = () => {};

  constructor(environment: Environment, renew: Renew) {
    this.#environment = environment;
    this.#renew = renew;
  }

  /** The connection's token expires then, by the hub's clock; `serverNow` is that clock as far as it is known. */
  expires(expiresAt: number, serverNow: number): void {
    this.stop();
    let stopped = false;
    const delay = Math.max(RENEW_MS_MIN, expiresAt - serverNow - RENEW_AHEAD_MS);
    const cancel = this.#environment.after(delay, async () => {
      const next = await this.#renew();
      // Without a later one the hub will say 4001, and the next connection asks again.
      if (!stopped && next !== null && next > expiresAt) this.expires(next, serverNow + delay);
    });
    this.#cancel = () => {
      stopped = true;
      cancel();
    };
  }

  stop(): void {
    this.#cancel();
  }
}
