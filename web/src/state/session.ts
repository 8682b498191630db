import { signal } from "@preact/signals";
import { connect, type Client, type ClientState, type UserView } from "quire-client";
import { go, libraryHref, takeTokenFromFragment } from "../app/route";

/**
 * The token outlives a reload, but not the tab, so that two tabs may be two people; that of a mailed link is there in
 * other tabs, too. The session's id stays in the client's memory.
 */
const TOKEN_KEY = "quire.token";

export const client = signal<Client | null>(null);
export const connection = signal<ClientState>({ status: "connecting" });
export const user = signal<UserView | null>(null);
export const session = signal<string | null>(null);
/** Why the person has to sign in again. */
export const signInNote = signal<string | undefined>(undefined);

/** The client of somebody who is signed in. */
export function connected(): Client {
  if (!client.value) throw new Error("You are not signed in.");
  return client.value;
}

function storedToken(): string | null {
  return sessionStorage.getItem(TOKEN_KEY) ?? localStorage.getItem(TOKEN_KEY);
}

export function token(): string {
  const stored = storedToken();
  if (stored === null) throw new Error("not signed in");
  return stored;
}

function socketUrl(): string {
  const url = new URL("/v1/socket", location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}

function hearState(state: ClientState, from: Client): void {
  connection.value = state;
  user.value = from.user;
  session.value = from.session;
  // There is nobody who renews a token silently: a refused one means signing in again.
  if (state.status === "reconnecting" && state.reason === "unauthenticated") {
    signOut("Your sign-in has expired. Please sign in again.");
  } else if (state.status === "closed" && state.reason === "disabled") {
    signOut("This account is disabled.");
  }
}

function start(): void {
  const fresh = connect({ url: socketUrl(), token, client: "quire-page/0.1.0" });
  client.value = fresh;
  connection.value = fresh.state;
  fresh.on("state", (state) => {
    if (client.value === fresh) hearState(state, fresh);
  });
}

export function signInWithToken(given: string): void {
  client.value?.close();
  sessionStorage.setItem(TOKEN_KEY, given);
  signInNote.value = undefined;
  start();
}

/** The same, for all tabs of this browser. */
export function signInForGood(given: string): void {
  localStorage.setItem(TOKEN_KEY, given);
  signInWithToken(given);
}

export async function signIn(name: string, email: string): Promise<void> {
  const response = await fetch("/v1/dev/token", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name, email }),
  });
  const answer = (await response.json().catch(() => ({}))) as { token?: string; detail?: string };
  if (!response.ok || answer.token === undefined) {
    throw new Error(answer.detail ?? "The hub did not accept this name and address.");
  }
  signInWithToken(answer.token);
}

export function signOut(note?: string): void {
  // Another person's token of another tab stays.
  if (localStorage.getItem(TOKEN_KEY) === storedToken()) localStorage.removeItem(TOKEN_KEY);
  sessionStorage.removeItem(TOKEN_KEY);
  const old = client.value;
  client.value = null;
  user.value = null;
  session.value = null;
  signInNote.value = note;
  old?.close();
  if (note === undefined) go(libraryHref());
}

/** Continues with what the address bar or an earlier load of this tab says. */
export function restore(): void {
  const given = takeTokenFromFragment();
  if (given !== undefined) signInWithToken(given);
  else if (storedToken() !== null) start();
}
