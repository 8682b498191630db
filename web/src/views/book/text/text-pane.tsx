import type { ChapterView } from "quire-client";
import { chapterHref } from "../../../app/route";
import { lazy } from "../../../components/lazy";
import { KIND_LABEL } from "../../../lib/words";
import { bars } from "../../../state/bars";
import { book, holdOf } from "../../../state/book";
import { reloadText, type Text, text, writingOf } from "../../../state/text";
import { LockBar } from "./lock-bar";

/** The chapter in view: its title, who writes in it, and its text. */
export function TextPane({ chapter }: { chapter: ChapterView }) {
  const part = book.value?.chapters.find((entry) => entry.id === chapter.parent);
  const over = part?.title ?? (chapter.kind === "chapter" ? undefined : KIND_LABEL[chapter.kind]);
  return (
    <article class="page" aria-labelledby="chapter-title">
      <div class="page-bars">
        <LockBar chapter={chapter} />
        {bars.value}
      </div>
      <header class="page-head">
        {over !== undefined && <p class="over-title">{over}</p>}
        <h1 id="chapter-title">{chapter.title}</h1>
      </header>
      <Body chapter={chapter} />
      <Neighbours chapter={chapter} />
    </article>
  );
}

const Loading = () => <div class="prose loading" aria-busy="true" aria-label="Loading the text" />;

function Body({ chapter }: { chapter: ChapterView }) {
  const shown = text.value;
  if (shown.kind === "none" || shown.chapter !== chapter.id || shown.kind === "loading") return <Loading />;
  if (shown.kind === "failed") {
    return <Failed message={shown.message} onAgain={reloadText} />;
  }
  const writing = holdOf(chapter).kind === "mine" ? writingOf(chapter.id) : null;
  if (!writing && shown.rev === 0) return <p class="empty">There is no text in this chapter yet.</p>;
  return <Document chapter={chapter} shown={shown} writing={writing} />;
}

function Failed({ message, onAgain }: { message: string; onAgain: () => void }) {
  return (
    <div class="empty">
      <p role="alert">{message}</p>
      <button type="button" class="button small" onClick={onAgain}>
        Try again
      </button>
    </div>
  );
}

const useDocument = lazy(() => import("./document"));

interface DocumentProps {
  chapter: ChapterView;
  shown: Extract<Text, { kind: "document" }>;
  writing: ReturnType<typeof writingOf>;
}

function Document({ chapter, shown, writing }: DocumentProps) {
  const loaded = useDocument();
  if (loaded.kind === "failed") {
    // Browsers remember a module that failed; only the page as a whole can try again.
    return <Failed message="The editor could not be loaded." onAgain={() => location.reload()} />;
  }
  if (loaded.kind === "loading") return <Loading />;
  const { DocumentView, Watched } = loaded.module;
  const { id, title } = chapter;
  const about = { chapter: id, base: shown.rev, lineage: shown.lineage, title };
  if (writing) return <DocumentView key={`${id} ${writing.number}`} {...about} doc={writing.doc} editable />;
  return <Watched key={id} {...about} doc={shown.doc} />;
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
