import { connection, token, user } from "../state/session";

/** The id of a picture: half of a hash of its bytes. */
const ID = /^[0-9a-f]{32}$/;
/** Pictures that nobody shows any more stay for those who scroll back, up to these. */
const KEPT_MAX = 100;
const KEPT_BYTES_MAX = 64 * 1024 * 1024;
/** Whoever sends a picture is not kept waiting for ever. */
const UPLOAD_MS = 120_000;

/** What the hub takes; the bytes decide, this is for whoever chooses a file. */
export const PICTURE_TYPES = ["image/png", "image/jpeg", "image/gif", "image/webp"];

/** What the hub says of a picture that is in the book now. */
export interface Added {
  asset: string;
  type: string;
  width: number;
  height: number;
  bytes: number;
}

/** A picture as the browser shows it. */
interface Entry {
  url: Promise<string>;
  /** Known once it is there. */
  made: string | null;
  bytes: number;
  /** How many show it. */
  users: number;
}

/** By book and picture, those that were shown last at the end. */
const entries = new Map<string, Entry>();

export function isPictureId(value: unknown): value is string {
  return typeof value === "string" && ID.test(value);
}

/** A part of a line's width as documents say it, 1 to 100; undefined: as large as the picture is. */
export function percentOf(value: unknown): number | undefined {
  const number = typeof value === "string" ? Number(value.replace(/%$/, "")) : value;
  return typeof number === "number" && number >= 1 && number <= 100 ? Math.round(number) : undefined;
}

async function load(book: string, asset: string, entry: Entry): Promise<string> {
  const path = `/v1/books/${encodeURIComponent(book)}/assets/${asset}`;
  const response = await fetch(path, { headers: { authorization: `Bearer ${token()}` } });
  if (!response.ok) throw new Error("The hub has no such picture.");
  const blob = await response.blob();
  entry.bytes = blob.size;
  entry.made = URL.createObjectURL(blob);
  trim();
  return entry.made;
}

/** Forgets what nobody shows, the oldest first, down to what is kept. */
function trim(all = false): void {
  let bytes = 0;
  let count = 0;
  for (const [key, entry] of [...entries].reverse()) {
    if (entry.users > 0 && !all) continue;
    bytes += entry.bytes;
    count += 1;
    if (!all && count <= KEPT_MAX && bytes <= KEPT_BYTES_MAX) continue;
    entries.delete(key);
    if (entry.made !== null) URL.revokeObjectURL(entry.made);
  }
}

// Pictures are for whoever is signed in.
user.subscribe((person) => person === null && trim(true));

/** Asks for those again that could not be loaded, each for one element. */
const missing = new Set<() => void>();

connection.subscribe(({ status }) => {
  if (status !== "online") return;
  const again = [...missing];
  missing.clear();
  for (const ask of again) ask();
});

/** The entry of a picture, which somebody shows from now on. */
function use(key: string, book: string, asset: string): Entry {
  let entry = entries.get(key);
  if (!entry) {
    const fresh: Entry = { url: Promise.resolve(""), made: null, bytes: 0, users: 0 };
    fresh.url = load(book, asset, fresh);
    entry = fresh;
  }
  entries.delete(key);
  entries.set(key, entry);
  entry.users += 1;
  return entry;
}

/**
 * Shows a picture of a book in an element; what cannot be loaded is asked for again when the hub is there again. Whoever shows it no
 * more calls what this answers.
 */
export function showPicture(image: HTMLImageElement, book: string, asset: string): () => void {
  const key = `${book}/${asset}`;
  let isOver = false;
  let shown: Entry | undefined;
  const release = (): void => {
    if (shown) shown.users -= 1;
    shown = undefined;
    trim();
  };
  const ask = (): void => {
    const asked = use(key, book, asset);
    shown = asked;
    asked.url.then(
      (url) => {
        if (isOver) return;
        image.classList.remove("missing");
        image.src = url;
      },
      () => {
        // Whoever shows it next asks again.
        if (entries.get(key) === asked) entries.delete(key);
        if (isOver) return;
        release();
        image.classList.add("missing");
        missing.add(ask);
      },
    );
  };
  ask();
  return () => {
    if (isOver) return;
    isOver = true;
    missing.delete(ask);
    release();
  };
}

/** Shows all pictures that are named in an element; answers what to call when it goes. */
export function showPicturesIn(root: ParentNode, book: string): () => void {
  const images = [...root.querySelectorAll<HTMLImageElement>("img[data-asset]")];
  const ends = images.map((image) => showPicture(image, book, image.dataset["asset"] ?? ""));
  return () => ends.forEach((end) => end());
}

/** Brings a picture into a book. `onProgress` hears how much of it is there, from 0 to 1. */
export function bringPicture(book: string, file: Blob, onProgress: (part: number) => void, signal: AbortSignal): Promise<Added> {
  return new Promise((resolve, reject) => {
    // `fetch` says nothing of what was sent so far.
    const request = new XMLHttpRequest();
    request.open("POST", `/v1/books/${encodeURIComponent(book)}/assets`);
    request.setRequestHeader("authorization", `Bearer ${token()}`);
    request.responseType = "json";
    request.timeout = UPLOAD_MS;
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.onload = () => {
      const answer = (request.response ?? {}) as Partial<Added> & { detail?: string };
      if (request.status === 200 && isPictureId(answer.asset)) resolve(answer as Added);
      else reject(new Error(answer.detail ?? "The hub did not take the picture."));
    };
    request.onerror = () => reject(new Error("The hub cannot be reached."));
    request.ontimeout = () => reject(new Error("The hub did not take the picture in time."));
    request.onabort = () => reject(new DOMException("Given up.", "AbortError"));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(file);
  });
}
