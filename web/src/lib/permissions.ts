/** What can be given in a library, in words, and the form in which somebody gives it. */
import type { BookScope, Grant, Permission } from "quire-client";

export type Subject = "books" | "users" | "library";

interface Row {
  permission: Permission;
  label: string;
  allows: string;
  subject: Subject;
  /** What comes along, with the same bounds. The hub decides; this only shows it ahead. */
  brings: readonly Permission[];
}

/** The fifteen permissions in the order in which they are offered. */
export const ROWS: readonly Row[] = [
  { permission: "upload", label: "Upload books", allows: "bring their own books in", subject: "library", brings: [] },
  { permission: "list", label: "List books", allows: "see titles and categories", subject: "books", brings: [] },
  { permission: "download", label: "Download books", allows: "read, preview and download", subject: "books", brings: ["list"] },
  { permission: "edit", label: "Edit books", allows: "write, organise, comment", subject: "books", brings: ["list", "download"] },
  { permission: "delete", label: "Delete books", allows: "delete them for good", subject: "books", brings: ["list"] },
  { permission: "publish", label: "Publish books", allows: "publish and take back", subject: "books", brings: ["list"] },
  { permission: "list_users", label: "List users", allows: "see who there is", subject: "users", brings: [] },
  { permission: "add_users", label: "Add users", allows: "ask people to join", subject: "users", brings: [] },
  { permission: "edit_users", label: "Edit users", allows: "change what is said of them", subject: "users", brings: [] },
  { permission: "delete_users", label: "Delete users", allows: "remove them", subject: "users", brings: [] },
  {
    permission: "manage_users",
    label: "Manage users",
    allows: "all four above, for everybody",
    subject: "library",
    brings: ["list_users", "add_users", "edit_users", "delete_users"],
  },
  { permission: "notifications", label: "Receive notifications", allows: "be told what happens", subject: "library", brings: [] },
  {
    permission: "settings",
    label: "Manage settings",
    allows: "everything, and give permissions",
    subject: "library",
    brings: [
      "upload", "list", "download", "edit", "delete", "publish", "list_users", "add_users", "edit_users",
      "delete_users", "manage_users", "notifications", "reports", "analytics",
    ],
  },
  { permission: "reports", label: "View reports", allows: "who did what", subject: "library", brings: [] },
  { permission: "analytics", label: "View analytics", allows: "how much is done", subject: "library", brings: [] },
];

export const LABEL = Object.fromEntries(ROWS.map((row) => [row.permission, row.label])) as Record<Permission, string>;

export type Reach = "any" | "own" | "titles" | "categories";

/** One ticked row as it is filled in. */
export interface Choice {
  reach: Reach;
  /** Titles or categories, separated by semicolons: titles have commas. */
  names: string;
  countries: string;
  roles: string;
}

export const ANY: Choice = { reach: "any", names: "", countries: "", roles: "" };

export type Choices = ReadonlyMap<Permission, Choice>;

function words(text: string, separator: RegExp): string[] {
  return text.split(separator).map((word) => word.trim()).filter((word) => word !== "");
}

function scopeOf({ reach, names }: Choice): BookScope | undefined {
  switch (reach) {
    case "any":
      return undefined;
    case "own":
      return { own: true };
    case "titles":
      return { titles: words(names, /;/) };
    case "categories":
      return { categories: words(names, /;/) };
  }
}

/** What is given when the form is sent. */
export function grantsOf(choices: Choices): Grant[] {
  return ROWS.flatMap(({ permission, subject }) => {
    const choice = choices.get(permission);
    if (!choice) return [];
    if (subject === "books") {
      const books = scopeOf(choice);
      return [{ permission, ...(books && { books }) }];
    }
    if (subject === "library") return [{ permission }];
    const countries = words(choice.countries, /[;,\s]/).map((code) => code.toUpperCase());
    const roles = words(choice.roles, /[;,]/);
    const users = { ...(countries.length > 0 && { countries }), ...(roles.length > 0 && { roles }) };
    return [{ permission, ...(Object.keys(users).length > 0 && { users }) }];
  });
}

/** The form that shows what was given. Of several bounds of one permission, which only a program gives, the last. */
export function choicesOf(grants: readonly Grant[]): Map<Permission, Choice> {
  const choice = ({ books, users }: Grant): Choice => {
    const given = { ...ANY, countries: users?.countries?.join(", ") ?? "", roles: users?.roles?.join(", ") ?? "" };
    if (books === undefined || "any" in books) return given;
    if ("own" in books) return { ...given, reach: "own" };
    if ("titles" in books) return { ...given, reach: "titles", names: books.titles.join("; ") };
    return { ...given, reach: "categories", names: books.categories.join("; ") };
  };
  return new Map(grants.map((grant) => [grant.permission, choice(grant)]));
}

/** What ticked rows bring along besides themselves, and by which of them. */
export function impliedBy(choices: Choices): Map<Permission, Permission> {
  const implied = new Map<Permission, Permission>();
  for (const { permission, brings } of ROWS) {
    if (!choices.has(permission)) continue;
    for (const other of brings) if (!choices.has(other)) implied.set(other, permission);
  }
  return implied;
}

/** Addresses as somebody types them, one or many. */
export function addressesOf(text: string): string[] {
  return words(text, /[,;\s]/);
}

/** What somebody may do, in a few words. */
export function summaryOf(grants: readonly Grant[]): string {
  if (grants.length === 0) return "nothing yet";
  return grants.map((grant) => `${LABEL[grant.permission]}${boundsOf(grant)}`).join(", ");
}

function boundsOf({ books, users }: Grant): string {
  const bounds = [...(users?.countries ?? []), ...(users?.roles ?? [])];
  if (books && "own" in books) bounds.push("own");
  else if (books && "titles" in books) bounds.push(...books.titles);
  else if (books && "categories" in books) bounds.push(...books.categories);
  return bounds.length > 0 ? ` (${bounds.join("; ")})` : "";
}
