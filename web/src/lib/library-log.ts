import type { Grant, TopicSwitch } from "quire-client";
import type { ActivityRow, Family, Stage } from "./activity";
import { LABEL } from "./permissions";
import { badge } from "./publishing";
import { TOPIC_LABEL } from "./told-words";
import { listed, plural } from "./words";

/** The families of events that the library's log can be narrowed to. */
export const LIBRARY_FAMILIES: readonly Family[] = [
  { kind: "user", label: "Users" },
  { kind: "user.granted", label: "Permissions" },
  { kind: "book", label: "Books" },
  { kind: "book.state_changed", label: "Publishing" },
  { kind: "settings", label: "Settings" },
  { kind: "webhook", label: "Webhooks" },
  { kind: "library", label: "The library itself" },
];

const FIELDS: Record<string, string> = { owner: "who owns it" };

/** Whom it is about: by their name once they joined, by their address before. */
function user(row: ActivityRow): string {
  return row.member?.name ?? row.address ?? "somebody";
}

function book(row: ActivityRow): string {
  const title = row.book?.title;
  return title === undefined || title === null ? "a book" : `“${title}”`;
}

function fields(row: ActivityRow): string {
  const changed = (row.detail?.fields ?? []).map((field) => FIELDS[field] ?? field);
  return changed.length === 0 ? "" : `: ${listed(changed)}`;
}

/** "Edit books (own)", "List books (in Sea and Land)". */
export function grantWords({ permission, books, users }: Grant): string {
  const bounds: string[] = [];
  if (books !== undefined && "own" in books) bounds.push("own");
  if (books !== undefined && "titles" in books) bounds.push(listed(books.titles.map((title) => `“${title}”`)) || "none");
  if (books !== undefined && "categories" in books) bounds.push(books.categories.length === 0 ? "none" : `in ${listed(books.categories)}`);
  if (users?.countries !== undefined) bounds.push(users.countries.length === 0 ? "nobody" : `from ${listed(users.countries.map((code) => code.toUpperCase()))}`);
  if (users?.roles !== undefined) bounds.push(users.roles.length === 0 ? "nobody" : `who are ${listed(users.roles)}`);
  return bounds.length === 0 ? LABEL[permission] : `${LABEL[permission]} (${bounds.join(", ")})`;
}

function granted(row: ActivityRow): string {
  const { given = [], taken = [] } = row.detail?.grants ?? {};
  if (given.length === 0 && taken.length === 0) return `left what ${user(row)} may do as it was`;
  const parts: string[] = [];
  if (given.length > 0) parts.push(`gave ${user(row)} ${listed(given.map(grantWords))}`);
  const from = given.length > 0 ? "them" : user(row);
  if (taken.length > 0) parts.push(`took ${listed(taken.map(grantWords))} from ${from}`);
  return parts.join(", and ");
}

function stage({ state, revision }: Stage): string {
  return badge(state, revision).toLowerCase();
}

function switched(row: ActivityRow): string {
  const words = ({ topic, inbox, mail }: TopicSwitch): string => {
    const by = inbox && mail ? "bell and mail" : inbox ? "bell alone" : mail ? "mail alone" : "nothing";
    return `${TOPIC_LABEL[topic]} by ${by}`;
  };
  return `said what anybody may be told: ${listed((row.detail?.switches ?? []).map(words))}`;
}

function webhookSet(row: ActivityRow): string {
  const { host, on, topics } = row.detail?.webhook ?? { host: "an address", on: true, topics: [] };
  return on ? `set the webhook to ${host}, which is told of ${plural(topics.length, "event")}` : `turned the webhook to ${host} off`;
}

/** What they did to the library, as a sentence goes on. */
export function libraryDeed(row: ActivityRow): string {
  switch (row.what) {
    case "library.claimed":
      return "became the owner of the library";
    case "user.added":
      return `added ${user(row)}`;
    case "user.updated":
      return `changed what is said of ${user(row)}${fields(row)}`;
    case "user.activated":
      return `let ${user(row)} in again`;
    case "user.deactivated":
      return `locked ${user(row)} out`;
    case "user.granted":
      return granted(row);
    case "user.asked":
      return `asked ${user(row)} to join again`;
    case "user.mailed":
      return row.note === undefined ? `mailed ${user(row)} the invitation` : `could not mail ${user(row)} the invitation`;
    case "user.joined":
      return "joined the library";
    case "user.declined":
      return "declined to join the library";
    case "user.left":
      return "left the library";
    case "user.removed":
      return `removed ${user(row)}`;
    case "settings.switched":
      return switched(row);
    case "webhook.set":
      return webhookSet(row);
    case "webhook.removed":
      return "removed a webhook";
    case "book.shelved":
      return `brought ${book(row)} into the library`;
    case "book.changed":
      return `changed ${book(row)}${fields(row)}`;
    case "book.state_changed":
      return row.state === undefined ? `moved ${book(row)} on` : `moved ${book(row)} on: ${row.state.from === null ? "" : `${stage(row.state.from)} → `}${stage(row.state.to)}`;
    case "book.unshelved":
      return `took ${book(row)} out of the library`;
    case "log.lost":
      return `has lost ${plural(row.detail?.lost ?? 0, "event")} here`;
    default:
      return row.what;
  }
}
