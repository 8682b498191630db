import type { Member } from "quire-client";

/** A stretch of a comment; with the member it names, if it names one. */
export interface Piece {
  text: string;
  member?: Member;
}

/** Those who may be mentioned: a Reader sees no comments. */
export function mentionable(members: readonly Member[]): Member[] {
  return members.filter((member) => member.role !== "reader");
}

/** Cuts a comment at each `@Name`; of names that begin alike the longest is meant. */
export function splitMentions(body: string, members: readonly Member[]): Piece[] {
  const longestFirst = [...members].sort((left, right) => right.name.length - left.name.length);
  const pieces: Piece[] = [];
  let plain = 0;
  for (let at = body.indexOf("@"); at >= 0; at = body.indexOf("@", at + 1)) {
    if (at < plain) continue;
    const member = longestFirst.find(({ name }) => name !== "" && body.startsWith(name, at + 1));
    if (!member) continue;
    const end = at + 1 + member.name.length;
    if (at > plain) pieces.push({ text: body.slice(plain, at) });
    pieces.push({ text: body.slice(at, end), member });
    plain = end;
  }
  if (plain < body.length) pieces.push({ text: body.slice(plain) });
  return pieces;
}

/** The users whom a comment names. */
export function mentionsIn(body: string, members: readonly Member[]): string[] {
  return [...new Set(splitMentions(body, members).flatMap(({ member }) => (member ? [member.user] : [])))];
}

/** The beginning of a name that is being typed directly before the caret. */
export function mentionBeingTyped(body: string, caret: number): { at: number; typed: string } | undefined {
  const match = /(?:^|\s)@([^@\n]{0,40})$/.exec(body.slice(0, caret));
  return match ? { at: caret - (match[1]?.length ?? 0) - 1, typed: match[1] ?? "" } : undefined;
}
