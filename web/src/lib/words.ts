import type { ChapterKind, Role } from "quire-client";

/** "an editor", for sentences. */
export function roleName(role: Role): string {
  return { owner: "the owner", author: "an author", editor: "an editor", viewer: "a viewer", reader: "a reader" }[role];
}

export const ROLE_LABEL: Record<Role, string> = {
  owner: "Owner",
  author: "Author",
  editor: "Editor",
  viewer: "Viewer",
  reader: "Reader",
};

/** Roles that an owner can give, with what they allow. */
export const GIVEN_ROLES: readonly { role: Role; allows: string }[] = [
  { role: "author", allows: "writes, organises, comments" },
  { role: "editor", allows: "writes, organises, comments" },
  { role: "viewer", allows: "reads and comments" },
  { role: "reader", allows: "reads" },
];

export const KIND_LABEL: Record<ChapterKind, string> = {
  front: "Front matter",
  chapter: "Chapter",
  back: "Back matter",
  part: "Part",
};

/** Names in a sentence: “Ann”, “Ann and Ben”, “Ann, Ben and Cat”. */
export function listed(names: readonly string[]): string {
  const last = names.at(-1) ?? "";
  return names.length < 2 ? last : `${names.slice(0, -1).join(", ")} and ${last}`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

const ORDINALS = new Intl.PluralRules("en", { type: "ordinal" });
const SUFFIX: Record<string, string> = { one: "st", two: "nd", few: "rd", other: "th" };

/** "1st", "2nd", "3rd". */
export function ordinal(count: number): string {
  return `${count}${SUFFIX[ORDINALS.select(count)] ?? "th"}`;
}
