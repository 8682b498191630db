import { token } from "../state/session";

/** What a book can be taken away as, by the hub's names. */
export const FILE_KINDS = [
  { kind: "epub", label: "EPUB", about: "for e-book readers and shops", extension: "epub" },
  { kind: "pdf", label: "PDF", about: "pages in type, to be printed", extension: "pdf" },
  { kind: "docx", label: "Word", about: "for those who work on it elsewhere", extension: "docx" },
  { kind: "html", label: "Web page", about: "one file, readable anywhere", extension: "html" },
  { kind: "markdown", label: "Markdown", about: "text with its structure", extension: "md" },
  { kind: "text", label: "Plain text", about: "the words alone", extension: "txt" },
] as const;

/** The hub is asked again for this long: it works on no file and no report any longer. */
const PATIENCE_MS = 60_000;
/** A file that the browser was given is forgotten after this time. */
const FORGET_MS = 60_000;

export type FileKind = (typeof FILE_KINDS)[number];

const NOT_DONE = "The hub did not do it.";

/** What the hub did not do, and after how long it might. */
class NotDone extends Error {
  constructor(
    message: string,
    readonly retryAfterMs: number | undefined,
  ) {
    super(message);
  }
}

interface How {
  method?: string;
  body?: BodyInit;
  accept?: string;
}

/** What the hub answers over HTTP to whoever is signed in. */
export async function ask(path: string, signal: AbortSignal, { accept = "*/*", ...how }: How = {}): Promise<Response> {
  const response = await fetch(path, { ...how, headers: { accept, authorization: `Bearer ${token()}` }, signal });
  if (response.ok) return response;
  const refusal = (await response.json().catch(() => ({}))) as { code?: string; detail?: string; retry_after_ms?: number };
  throw new NotDone(refusal.detail ?? NOT_DONE, refusal.code === "unavailable" ? refusal.retry_after_ms : undefined);
}

/** What an answer says, line by line, as it comes. */
export async function* linesOf(response: Response): AsyncGenerator<string> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
    const lines = (rest + read.value).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}

/** A book that the hub made of a file. */
export interface Brought {
  book: string;
  /** What of the file could not be kept, a sentence each. */
  report: string[];
}

/** How far the hub is with that. */
export interface Progress {
  stage: "reading" | "chapters" | "pictures";
  done: number;
  /** Of how many; null where that is not known. */
  of: number | null;
}

/** Has a book made of a file; whoever is signed in owns it. */
export async function bringIn(file: File, onProgress: (progress: Progress) => void, signal: AbortSignal): Promise<Brought> {
  const path = `/v1/books/import?name=${encodeURIComponent(file.name)}`;
  const response = await ask(path, signal, { method: "POST", body: file, accept: "application/x-ndjson" });
  for await (const line of linesOf(response)) {
    const said = JSON.parse(line) as Progress | Brought | { detail?: string };
    if ("stage" in said) onProgress(said);
    else if ("book" in said) return said;
    else throw new Error(said.detail ?? NOT_DONE);
  }
  throw new Error(NOT_DONE);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), reject(signal.reason)), { once: true });
  });
}

/** The same, from a hub that has too much to do just now: it is asked again when it may be done. */
export async function askPatiently(path: string, signal: AbortSignal): Promise<Response> {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await ask(path, signal);
    } catch (reason) {
      const wait = reason instanceof NotDone ? reason.retryAfterMs : undefined;
      if (wait === undefined || Date.now() + wait > until) throw reason;
      await pause(wait, signal);
    }
  }
}

/** The book as a page, in HTML. The hub makes one file at a time for each person. */
export async function preview(book: string, signal: AbortSignal): Promise<string> {
  return (await askPatiently(`/v1/books/${encodeURIComponent(book)}/preview`, signal)).text();
}

/**
 * Has the book made into a file, as it is or as it was at a point of its history, and gives it to the browser. Answers
 * what of the book is not in it as it should be.
 */
export async function download(book: string, file: FileKind, signal: AbortSignal, point?: number): Promise<string[]> {
  const then = point === undefined ? "" : `?point=${point}`;
  const response = await ask(`/v1/books/${encodeURIComponent(book)}/export/${file.kind}${then}`, signal);
  await give(response, `book.${file.extension}`);
  // Headers of one name are read together here; a comma within a note is encoded.
  return response.headers.get("quire-note")?.split(", ").map(decodeURIComponent) ?? [];
}

/** Gives what was answered to the browser as a file, under the name that the hub says. */
export async function give(response: Response, otherwise: string): Promise<void> {
  const called = /filename\*=UTF-8''([^;]+)/.exec(response.headers.get("content-disposition") ?? "")?.[1];
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await response.blob());
  link.download = called === undefined ? otherwise : decodeURIComponent(called);
  link.click();
  // Nobody says when the browser has begun to read it.
  setTimeout(() => URL.revokeObjectURL(link.href), FORGET_MS);
}
