/** How people are shown: the same initials and colours as the hub computes. */
import { COLOURS } from "./generated/protocol.js";

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** First letters of the first and the last word of a name, in capitals; `?` for a name without letters. */
export function initials(name: string): string {
  const letters = name
    .split(/\p{White_Space}+/u)
    .map(firstLetter)
    .filter((letter) => letter !== undefined);
  const [first, last] = [letters[0], letters.length > 1 ? letters.at(-1) : undefined];
  return `${first ?? ""}${last ?? ""}`.toUpperCase() || "?";
}

function firstLetter(word: string): string | undefined {
  for (const { segment } of graphemes.segment(word)) {
    if (/[\p{Alphabetic}\p{N}]/u.test(segment)) return segment;
  }
  return undefined;
}

/** A person's colour, from their id alone (FNV-1a over its UTF-8): readable under white text. */
export function colour(user: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(user)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return COLOURS[hash % COLOURS.length] ?? COLOURS[0];
}
