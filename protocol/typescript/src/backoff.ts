/** How long to wait before the next attempt: exponential, with full jitter, so that a crowd comes back spread out. */

/** The ceiling of the first wait. */
export const BACKOFF_BASE_MS = 250;
/** No wait is longer. */
export const BACKOFF_CAP_MS = 30_000;

/** A wait between 0 and `min(capMs, base * 2^attempt)`, every value equally likely. `random` is from 0 up to 1. */
export function fullJitterMs(attempt: number, capMs: number, random: number): number {
  return random * Math.min(capMs, BACKOFF_BASE_MS * 2 ** Math.min(attempt, 30));
}

/** Whoever has something to lose at the end of the grace tries at least twice within it. */
export function backoffCapMs(holdsOrWaits: boolean, graceMs: number): number {
  // Without a grace the locks are gone already, and there is nothing to hurry for.
  return holdsOrWaits && graceMs > 0 ? Math.min(BACKOFF_CAP_MS, graceMs / 2) : BACKOFF_CAP_MS;
}
