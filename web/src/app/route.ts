import { computed, signal } from "@preact/signals";

/** Where the page is: `#/`, `#/users`, `#/notices`, `#/book/ID` or `#/book/ID/CHAPTER`. A fragment, so that the hub serves one page. */
export interface Route {
  book: string | undefined;
  chapter: string | undefined;
  /** The users of the library. */
  users: boolean;
  /** What I was told, and how I want to be: mailed letters lead here. */
  notices: boolean;
}

const ID = /^[A-Za-z0-9_-]{1,64}$/;

function parse(hash: string): Route {
  const [, place, book, chapter] = hash.slice(1).split("/");
  const named = (id: string | undefined) => (id !== undefined && ID.test(id) ? id : undefined);
  if (place === "book") return { book: named(book), chapter: named(chapter), users: false, notices: false };
  return { book: undefined, chapter: undefined, users: place === "users", notices: place === "notices" };
}

const current = signal<Route>(parse(location.hash));

addEventListener("hashchange", () => {
  current.value = parse(location.hash);
});

export const routeBook = computed(() => current.value.book);
export const routeChapter = computed(() => current.value.chapter);

export const routeUsers = computed(() => current.value.users);

export const routeNotices = computed(() => current.value.notices);

export function usersHref(): string {
  return "#/users";
}

export function libraryHref(): string {
  return "#/";
}

export function bookHref(book: string): string {
  return `#/book/${book}`;
}

export function chapterHref(book: string, chapter: string): string {
  return `#/book/${book}/${chapter}`;
}

export function go(href: string): void {
  location.hash = href;
}

const SIGN_IN_PATH = "/signin";

/** What a mailed link holds (`/signin#token=…`); the address bar forgets it at once. */
export function takeSignInToken(): string | undefined {
  return location.pathname === SIGN_IN_PATH ? takeTokenFromFragment() : undefined;
}

/** Leaves the place that mailed links lead to. */
export function clearSignInPath(): void {
  if (location.pathname === SIGN_IN_PATH) history.replaceState(null, "", `/${location.hash}`);
}

/** A token given in the fragment (`#token=…`); the address bar forgets it at once. */
export function takeTokenFromFragment(): string | undefined {
  const token = new URLSearchParams(location.hash.slice(1)).get("token");
  if (token === null) return undefined;
  history.replaceState(null, "", `${location.pathname}${location.search}`);
  return token;
}
