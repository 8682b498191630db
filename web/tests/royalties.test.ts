import { describe, expect, it } from "vitest";
import { basisPointsOf, percentOf, sharesOf, standing, sumOf } from "../src/lib/royalties";
import { dayBegins } from "../src/lib/time";

describe("a share", () => {
  it("is typed as a percentage with at most two decimals", () => {
    const read = ["62.5", "62,5", " 62.50 % ", "100", "0.01", "", "33.333", "a", "-1", "1e2", "."].map(basisPointsOf);
    expect(read).toEqual([6250, 6250, 6250, 10_000, 1, 0, null, null, null, null, null]);
  });

  it("is told as it was typed", () => {
    expect([6250, 10_000, 1, 29].map(percentOf)).toEqual(["62.5", "100", "0.01", "0.29"]);
  });

  it("of nothing is none, and one that cannot be read leaves all of them unknown", () => {
    const shares = sharesOf(new Map([["ann", "40"], ["ben", "60"], ["cat", ""]]));
    expect(shares).toEqual([{ user: "ann", basis_points: 4000 }, { user: "ben", basis_points: 6000 }]);
    expect(sumOf(shares ?? [])).toBe(10_000);
    expect(sharesOf(new Map([["ann", "40"], ["ben", "x"]]))).toBeNull();
  });
});

describe("splits", () => {
  const split = (effective_at: number) => ({ effective_at, shares: [] });

  it("stand in time", () => {
    const stands = (now: number) => standing([split(10), split(20), split(30)], now).map((entry) => entry.stands);
    expect(stands(25)).toEqual(["later", "now", "past"]);
    expect(stands(30)).toEqual(["now", "past", "past"]);
    expect(stands(5)).toEqual(["later", "later", "later"]);
  });

  it("begin with a day, where the person is", () => {
    expect(dayBegins("2027-01-31")).toBe(new Date(2027, 0, 31).getTime());
    expect(dayBegins("")).toBeUndefined();
  });
});
