import type { Member } from "quire-client";
import { describe, expect, it } from "vitest";
import { mentionBeingTyped, mentionable, mentionsIn, splitMentions } from "../src/lib/mentions";

function member(user: string, name: string, role: Member["role"] = "author"): Member {
  return { user, name, role, email: `${user}@example.org` };
}

const MEMBERS = [member("ann", "Ann"), member("annlee", "Ann Lee"), member("ben", "Ben"), member("rae", "Rae", "reader")];

describe("a comment", () => {
  it("names the longest name that fits", () => {
    expect(mentionsIn("@Ann Lee and @Ben, not @Bea", MEMBERS)).toEqual(["annlee", "ben"]);
  });

  it("names each person once", () => {
    expect(mentionsIn("@Ben @Ben", MEMBERS)).toEqual(["ben"]);
  });

  it("is cut into pieces that are the whole", () => {
    const body = "Well, @Ann: @nobody? @";
    expect(splitMentions(body, MEMBERS).map(({ text }) => text).join("")).toBe(body);
  });

  it("cannot name a reader, who sees no comments", () => {
    expect(mentionsIn("@Rae", mentionable(MEMBERS))).toEqual([]);
  });
});

describe("a name that is being typed", () => {
  it.each([
    ["Hello @An", { at: 6, typed: "An" }],
    ["@", { at: 0, typed: "" }],
    ["ann@example", undefined],
    ["no name", undefined],
  ])("in %j", (body, typed) => expect(mentionBeingTyped(body, body.length)).toEqual(typed));
});
