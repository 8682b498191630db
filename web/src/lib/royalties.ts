import type { Share, Split } from "quire-client";

/** The basis points of the whole. */
export const WHOLE = 10_000;

/** What was typed as a percentage, in basis points: "62.5" and "62,5" are 6250, nothing is 0; null if it is none. */
export function basisPointsOf(typed: string): number | null {
  const text = typed.trim().replace(/\s*%$/, "").replace(",", ".");
  if (text === "") return 0;
  if (!/^\d{1,3}(\.\d{0,2})?$/.test(text)) return null;
  return Math.round(Number(text) * 100);
}

/** "62.5" for 6250. */
export function percentOf(basisPoints: number): string {
  return String(basisPoints / 100);
}

/** The shares that were typed, by user, but for nothing; null while one is no percentage. */
export function sharesOf(typed: ReadonlyMap<string, string>): Share[] | null {
  const shares = [...typed].map(([user, text]) => ({ user, basis_points: basisPointsOf(text) }));
  const known = shares.filter((share): share is Share => share.basis_points !== null);
  return known.length === shares.length ? known.filter((share) => share.basis_points > 0) : null;
}

export function sumOf(shares: readonly Share[]): number {
  return shares.reduce((sum, share) => sum + share.basis_points, 0);
}

/** How a split stands in time. */
export type Standing = "past" | "now" | "later";

/** Each split with how it stands, the newest first. */
export function standing(splits: readonly Split[], now_ms = Date.now()): { split: Split; stands: Standing }[] {
  const current = splits.findLastIndex((split) => split.effective_at <= now_ms);
  const stands = (at: number): Standing => (at === current ? "now" : at < current ? "past" : "later");
  return splits.map((split, at) => ({ split, stands: stands(at) })).reverse();
}
