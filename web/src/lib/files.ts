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

/** A file that the browser was given is forgotten after this time. */
const FORGET_MS = 60_000;

export type FileKind = (typeof FILE_KINDS)[number];

async function ask(path: string, signal: AbortSignal, how: RequestInit = {}): Promise<Response> {
  const response = await fetch(path, { ...how, headers: { authorization: `Bearer ${token()}` }, signal });
  if (response.ok) return response;
  const refusal = (await response.json().catch(() => ({}))) as { message?: string };
  throw new Error(refusal.message ?? "The hub did not do it.");
}

/** A book that the hub made of a file. */
export interface Brought {
  book: string;
  /** What of the file could not be kept, a sentence each. */
  report: string[];
}

/** Has a book made of a file; whoever is signed in owns it. */
export async function bringIn(file: File, signal: AbortSignal): Promise<Brought> {
  const path = `/v1/books/import?name=${encodeURIComponent(file.name)}`;
  const response = await ask(path, signal, { method: "POST", body: file });
  return (await response.json()) as Brought;
}

/** The book as a page, in HTML. */
export async function preview(book: string, signal: AbortSignal): Promise<string> {
  return (await ask(`/v1/books/${encodeURIComponent(book)}/preview`, signal)).text();
}

/** Has the book made into a file, and gives it to the browser. */
export async function download(book: string, file: FileKind, signal: AbortSignal): Promise<void> {
  const response = await ask(`/v1/books/${encodeURIComponent(book)}/export/${file.kind}`, signal);
  const called = /filename\*=UTF-8''([^;]+)/.exec(response.headers.get("content-disposition") ?? "")?.[1];
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await response.blob());
  link.download = called === undefined ? `book.${file.extension}` : decodeURIComponent(called);
  link.click();
  // Nobody says when the browser has begun to read it.
  setTimeout(() => URL.revokeObjectURL(link.href), FORGET_MS);
}
