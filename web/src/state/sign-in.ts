import { signal } from "@preact/signals";
import { clearSignInPath, takeSignInToken } from "../app/route";
import { signInForGood } from "./session";

/** How people can sign in at this hub. */
export interface Ways {
  mail: boolean;
  development: boolean;
}

/** What a mailed link holds that was just opened. */
export const arrival = signal<string | undefined>(takeSignInToken());

const NAME_KEY = "quire.name";

/** What somebody called themselves when they last signed in on this machine. */
export function lastName(): string {
  return localStorage.getItem(NAME_KEY) ?? "";
}

async function ask<T>(path: string, body?: object): Promise<T> {
  const request =
    body === undefined
      ? {}
      : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetch(path, request);
  const answer = (await response.json().catch(() => ({}))) as T & { detail?: string };
  if (!response.ok) throw new Error(answer.detail ?? "The hub did not answer. Try again in a moment.");
  return answer;
}

export function waysToSignIn(): Promise<Ways> {
  return ask<Ways>("/v1/signin");
}

export async function askForLink(email: string): Promise<void> {
  await ask("/v1/signin", { email });
}

/** Uses the link up and signs in. The person's books are there in every tab until the token expires. */
export async function openLink(link: string, name: string): Promise<void> {
  const { token } = await ask<{ token: string }>("/v1/signin/token", { token: link, name });
  localStorage.setItem(NAME_KEY, name);
  forgetLink();
  signInForGood(token);
}

export function forgetLink(): void {
  arrival.value = undefined;
  clearSignInPath();
}
