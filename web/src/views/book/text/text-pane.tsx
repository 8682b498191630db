import { useEffect, useMemo } from "preact/hooks";
import type { ChapterView } from "quire-client";
import { applyUpdate, Doc, encodeStateAsUpdate } from "yjs";
import { chapterHref } from "../../../app/route";
import { KIND_LABEL } from "../../../lib/words";
import { book, holdOf } from "../../../state/book";
import { FROM_HUB, reloadText, text, writingOf } from "../../../state/text";
import { DocumentView } from "./document-view";
import { LockBar } from "./lock-bar";
import { Prose } from "./prose";

/** The chapter in view: its title, who writes in it, and its text. */
export function TextPane({ chapter }: { chapter: ChapterView }) {
  const part = book.value?.chapters.find((entry) => entry.id === chapter.parent);
  const over = part?.title ?? (chapter.kind === "chapter" ? undefined : KIND_LABEL[chapter.kind]);
  return (
    <article class="page" aria-labelledby="chapter-title">
      <LockBar chapter={chapter} />
      <header class="page-head">
        {over !== undefined && <p class="over-title">{over}</p>}
        <h1 id="chapter-title">{chapter.title}</h1>
      </header>
      <Body chapter={chapter} />
      <Neighbours chapter={chapter} />
    </article>
  );
}

function Body({ chapter }: { chapter: ChapterView }) {
  const shown = text.value;
  if (shown.kind === "none" || shown.chapter !== chapter.id || shown.kind === "loading") {
    return <div class="prose loading" aria-busy="true" aria-label="Loading the text" />;
  }
  if (shown.kind === "failed") {
    return (
      <div class="empty">
        <p role="alert">{shown.message}</p>
        <button type="button" class="button small" onClick={reloadText}>
          Try again
        </button>
      </div>
    );
  }
  const writing = holdOf(chapter).kind === "mine" ? writingOf(chapter.id) : null;
  if (writing) {
    const seeded = () => {
      writing.seed = null;
    };
    const { number, doc, seed } = writing;
    const key = `${chapter.id} ${number}`;
    return <DocumentView key={key} doc={doc} base={shown.rev} title={chapter.title} editable seed={seed} onSeeded={seeded} />;
  }
  if (shown.kind === "document") return <Watched key={chapter.id} doc={shown.doc} base={shown.rev} title={chapter.title} />;
  if (shown.html.trim() === "") return <p class="empty">There is no text in this chapter yet.</p>;
  return <Prose key={chapter.id} html={shown.html} base={shown.rev} title={chapter.title} />;
}

/** The text as somebody else writes it. An editor may change what it shows, so it gets a copy that nobody sends. */
function Watched({ doc, base, title }: { doc: Doc; base: number; title: string }) {
  const copy = useMemo(() => new Doc(), [doc]);
  useEffect(() => {
    const took = (update: Uint8Array): void => applyUpdate(copy, update, FROM_HUB);
    took(encodeStateAsUpdate(doc));
    doc.on("update", took);
    return () => doc.off("update", took);
  }, [doc]);
  return <DocumentView doc={copy} base={base} title={title} editable={false} />;
}

/** On to the chapter before and the chapter behind, as at the foot of a page. */
function Neighbours({ chapter }: { chapter: ChapterView }) {
  const readable = (book.value?.chapters ?? []).filter((entry) => entry.kind !== "part");
  const at = readable.findIndex((entry) => entry.id === chapter.id);
  const before = readable[at - 1];
  const after = readable[at + 1];
  const link = (entry: ChapterView | undefined, label: string) =>
    entry ? (
      <a href={chapterHref(book.value?.id ?? "", entry.id)}>
        <span class="quiet small">{label}</span>
        <span>{entry.title}</span>
      </a>
    ) : (
      <span />
    );
  return (
    <nav class="neighbours" aria-label="Neighbouring chapters">
      {link(before, "Before")}
      {link(after, "Next")}
    </nav>
  );
}
