import { decodeRelativePosition, encodeRelativePosition, type RelativePosition } from "yjs";

/** Where a holder's selection begins and ends, by what stands there: it means the same in everybody's document. */
export interface Place {
  anchor: RelativePosition;
  head: RelativePosition;
}

const SEPARATOR = ".";

function toText(position: RelativePosition): string {
  return btoa(String.fromCharCode(...encodeRelativePosition(position)));
}

function fromText(text: string): RelativePosition {
  return decodeRelativePosition(Uint8Array.from(atob(text), (char) => char.charCodeAt(0)));
}

/** A place as a presence cursor: a caret is one position, a selection two. */
export function writePlace({ anchor, head }: Place): string {
  const [from, to] = [toText(anchor), toText(head)];
  return from === to ? to : `${from}${SEPARATOR}${to}`;
}

/** What a presence cursor says; null for what is none. It comes from somebody else. */
export function readPlace(cursor: string): Place | null {
  const [from, to = from, ...more] = cursor.split(SEPARATOR);
  if (from === undefined || to === undefined || more.length > 0) return null;
  try {
    return { anchor: fromText(from), head: fromText(to) };
  } catch {
    return null;
  }
}
