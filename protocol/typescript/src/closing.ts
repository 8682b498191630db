/** What a close code means for this client. */
import type { ClientClosedReason, DropReason } from "./api.js";
import { CLOSE_CODES } from "./generated/protocol.js";

/**
 * Hangs up without giving up the session: any code but 1000 and 1001 lets the grace run, so that a resume finds the
 * locks where they were.
 */
export const HANG_UP_CODE = 4900;

/** Going away, said by a proxy or a hub that is stopped. */
const GOING_AWAY = 1001;

/** What to do when the connection is closed. */
export type Verdict =
  /** Try again; `attemptMin` lengthens the back-off of those who were told to slow down. */
  | { readonly retry: true; readonly reason: DropReason; readonly attemptMin: number }
  /** Give up. */
  | { readonly retry: false; readonly reason: ClientClosedReason };

/** Reads a close code. Unknown ones are a lost connection: retried, with back-off. */
export function verdictOn(code: number): Verdict {
  switch (code) {
    case CLOSE_CODES.protocol_error:
      return { retry: false, reason: "protocol" };
    case CLOSE_CODES.disabled:
      return { retry: false, reason: "disabled" };
    case CLOSE_CODES.resumed_elsewhere:
      return { retry: false, reason: "elsewhere" };
    case CLOSE_CODES.unauthenticated:
      return again("unauthenticated");
    case CLOSE_CODES.too_slow:
      return again("too_slow");
    case CLOSE_CODES.limits:
      return again("limits", 3);
    case CLOSE_CODES.store_lost:
      return again("store_lost");
    case CLOSE_CODES.draining:
    case GOING_AWAY:
      return again("draining");
    default:
      return again("lost");
  }
}

function again(reason: DropReason, attemptMin = 0): Verdict {
  return { retry: true, reason, attemptMin };
}
