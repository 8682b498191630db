import type { BookState, ChapterKind, ChapterView, LockView, Member, RosterEntry, Thread } from "quire-client";
import { colour, initials } from "../../../protocol/typescript/src/person";

export const NOW = Date.now();
const HOUR = 3_600_000;

export const people: Member[] = [
  { user: "ann", name: "Ann Lee", email: "ann@example.org", role: "owner" },
  { user: "ben", name: "Ben Okafor", email: "ben@example.org", role: "author" },
  { user: "chloe", name: "Chloé Dubois", email: "chloe@example.org", role: "editor" },
  { user: "dev", name: "Dev Patel", email: "dev@example.org", role: "viewer" },
];

function lock(member: Member, more: Partial<LockView> = {}): LockView {
  const holder = { user: member.user, name: member.name, initials: initials(member.name), session: `s-${member.user}` };
  return { holder, token: 1, since_at: NOW - 2 * HOUR, away: false, waiting: [], ...more };
}

const [ann, ben, chloe, dev] = people as [Member, Member, Member, Member];

function entry(id: string, title: string, kind: ChapterKind, parent: string | null, held: LockView | null = null): ChapterView {
  return { id, title, kind, parent, lock: held };
}

const waiting = [{ user: "chloe", name: "Chloé Dubois", session: "s-chloe", note: "Only the last paragraph, please.", asked_at: NOW }];

export const chapters: ChapterView[] = [
  entry("ded", "Dedication", "front", null),
  entry("pre", "Preface to the new edition", "front", null, lock(chloe)),
  entry("p1", "Volume the First", "part", null),
  entry("c1", "Chapter 1", "chapter", "p1", lock(ann, { waiting })),
  entry("c2", "Chapter 2", "chapter", "p1", lock(ben)),
  entry("c3", "Chapter 3", "chapter", "p1"),
  entry("c4", "Chapter 4, in which Mr. Bingley’s character is weighed", "chapter", "p1", lock(ben, { away: true })),
  entry("p2", "Volume the Second", "part", null),
  entry("c5", "Chapter 5", "chapter", "p2"),
  entry("c6", "Chapter 6", "chapter", "p2"),
  entry("ack", "Acknowledgements", "back", null),
];

function present(member: Member, chapter: string | null, state: RosterEntry["state"]): RosterEntry {
  return {
    session: `s-${member.user}`, user: member.user, name: member.name, initials: initials(member.name),
    colour: colour(member.user), chapter, state, cursor: null,
  };
}

const anchor = { quote: "a single man in possession of a good fortune", prefix: "", suffix: "", offset: 44, base: 1 };
const author = ({ user, name }: Member) => ({ user, name });
const said = (id: string, by: Member, body: string, mentions: string[] = []) =>
  ({ id, author: author(by), body, mentions, at: NOW - HOUR, edited_at: null, deleted: false });

const threads: Thread[] = [
  {
    id: "t1", chapter: "c1", anchor, resolved: null,
    comments: [
      said("k1", ben, "Should we keep the comma after “acknowledged”? The first edition has it. @Ann Lee, what do you think?", ["ann"]),
      said("k2", ann, "Keep it. It is hers."),
    ],
  },
  { id: "t2", chapter: "c1", anchor: null, resolved: null, comments: [said("k3", dev, "A perfect opening; nothing to add.")] },
  { id: "t3", chapter: "c1", anchor: null, resolved: { by: author(ann), at: NOW }, comments: [said("k4", ben, "Check the quotation marks.")] },
];

const OWNER = ["view", "see_people", "edit_text", "edit_metadata", "organise", "comment", "resolve", "manage_members", "delete_book", "force_release"] as const;
const READER = ["view", "see_people", "leave"] as const;

export function bookState(reader: boolean): BookState {
  return {
    id: "pride", title: "Pride and Prejudice", metadataSeq: 1, shelved: false, publishing: { state: "draft", was_published: false }, formatSeq: 0,
    format: {
      trim: "a5", margins: "normal", font: "serif", font_size_tenths_pt: 110, line_height_percent: 140, opening: "new_page",
      numbering: "none", ornament: "asterisks", paragraphs: "indented", hyphenation: true, justify: true,
    },
    metadata: {
      subtitle: "A novel in three volumes", authors: ["Jane Austen"], language: "en", publisher: "T. Egerton, Whitehall",
      description: "The turbulent relationship between Elizabeth Bennet and Fitzwilliam Darcy.", isbn: null, keywords: [],
      categories: [],
    },
    chapters,
    removed: [{ id: "old", title: "First Impressions", kind: "chapter", removed_at: NOW - HOUR, by: author(ben) }],
    threads: reader ? null : threads.map(({ id, chapter, anchor: at, resolved, comments }) => ({ id, chapter, anchor: at, resolved, count: comments.length, last_at: NOW })),
    comments: new Map(threads.map((thread) => [thread.id, thread])),
    members: people,
    requests: reader ? null : [{ person: { user: "kit", name: "Kit Ray" }, email: "kit@example.org", note: "I drew the maps.", at: NOW - HOUR }],
    offer: null,
    invitations: reader ? null : [{ id: "i1", email: "eve@example.org", role: "viewer", expires_at: NOW + 6 * 24 * HOUR }],
    role: reader ? "reader" : "owner",
    can: reader ? [...READER] : [...OWNER],
    roster: [present(ann, "c1", "active"), present(ben, "c2", "active"), present(chloe, "c1", "idle"), present(dev, "c1", "away")],
    rosterCount: 4,
    position: { epoch: "0", seq: 1 }, withheldEvents: 0, unknownEvents: 0,
  };
}

/** A chapter, paragraph by paragraph. */
export const TEXT: readonly string[] = [
  "It is a truth universally acknowledged, that a single man in possession of a good fortune, must be in want of a wife.",
  "However little known the feelings or views of such a man may be on his first entering a neighbourhood, this truth is so well fixed in the minds of the surrounding families, that he is considered the rightful property of some one or other of their daughters.",
  "“My dear Mr. Bennet,” said his lady to him one day, “have you heard that Netherfield Park is let at last?”",
  "Mr. Bennet replied that he had not.",
  "“But it is,” returned she; “for Mrs. Long has just been here, and she told me all about it.”",
  "Mr. Bennet made no answer.",
  "“Do you not want to know who has taken it?” cried his wife impatiently.",
  "“You want to tell me, and I have no objection to hearing it.”",
  "This was invitation enough.",
];
