import { describe, expect, it } from "vitest";

import { BACKOFF_BASE_MS, BACKOFF_CAP_MS, backoffCapMs, fullJitterMs } from "../src/backoff.js";

describe("full jitter", () => {
  it("is anywhere from nothing to the ceiling, which doubles with every attempt", () => {
    for (const attempt of [0, 1, 2, 3]) {
      const ceiling = BACKOFF_BASE_MS * 2 ** attempt;
      expect(fullJitterMs(attempt, BACKOFF_CAP_MS, 0)).toBe(0);
      expect(fullJitterMs(attempt, BACKOFF_CAP_MS, 0.5)).toBe(ceiling / 2);
      expect(fullJitterMs(attempt, BACKOFF_CAP_MS, 0.999)).toBeLessThan(ceiling);
    }
  });

  it("never exceeds the cap, however many attempts failed", () => {
    for (const attempt of [7, 31, 5_000]) expect(fullJitterMs(attempt, BACKOFF_CAP_MS, 0.999)).toBe(BACKOFF_CAP_MS * 0.999);
  });

  it("hurries those who have a lock to lose", () => {
    expect(backoffCapMs(true, 10_000)).toBe(5_000);
    expect(backoffCapMs(false, 10_000)).toBe(BACKOFF_CAP_MS);
  });

  it("does not become a busy loop where there is no grace", () => {
    expect(backoffCapMs(true, 0)).toBe(BACKOFF_CAP_MS);
  });
});
