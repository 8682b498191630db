import { useEffect } from "preact/hooks";
import { libraryHref, routeChapter } from "../../app/route";
import { Icon, type IconName } from "../../components/icon";
import { book, chapter, chapterId, openingError, unknown } from "../../state/book";
import { shownHistory } from "../../state/history";
import { type Pane, pane } from "../../state/pane";
import { mayReadComments, threads } from "../../state/threads";
import { AskAccess } from "./people/ask-access";
import { ChapterList } from "./chapters/chapter-list";
import { CommentsPane } from "./comments/comments-pane";
import { HistoryDialog } from "./history/history-dialog";
import { TextPane } from "./text/text-pane";
import { TitlePage } from "./text/title-page";

/** One book: its chapters, the text, and the margin. */
export function BookPage() {
  useEffect(() => {
    pane.value = routeChapter.peek() === undefined ? "chapters" : "text";
  }, []);
  const shown = chapterId.value;
  useEffect(() => document.getElementById("main")?.scrollTo(0, 0), [shown]);

  if (openingError.value !== undefined) {
    return (
      <main class="library" id="main" tabIndex={-1}>
        <div class="empty">
          <h1>No book to show</h1>
          <p role="alert">{openingError.value}</p>
          {unknown.value !== undefined && <AskAccess key={unknown.value} book={unknown.value} />}
          <p>
            <a href={libraryHref()}>Back to your books</a>
          </p>
        </div>
      </main>
    );
  }
  if (!book.value) {
    return (
      <main class="library" id="main" tabIndex={-1} aria-busy="true">
        <p class="empty">Opening the book…</p>
      </main>
    );
  }
  const comments = mayReadComments.value;
  return (
    <div class={comments ? "panes" : "panes without-margin"} data-pane={pane.value}>
      <ChapterList />
      <main class="text-pane" id="main" tabIndex={-1}>
        {chapter.value ? <TextPane key={chapter.value.id} chapter={chapter.value} /> : <TitlePage />}
      </main>
      {comments && <CommentsPane />}
      <PaneBar comments={comments} />
      {shownHistory.value && <HistoryDialog key={shownHistory.value.id} of={shownHistory.value} />}
    </div>
  );
}

/** On narrow pages: which pane is shown. */
function PaneBar({ comments }: { comments: boolean }) {
  const open = threads.value.filter(({ thread }) => !thread.resolved).length;
  const entry = (name: Pane, label: string, icon: IconName, count = 0) => (
    <button type="button" aria-pressed={pane.value === name} onClick={() => (pane.value = name)}>
      <Icon name={icon} />
      {label}
      {count > 0 && <span class="count">{count}</span>}
    </button>
  );
  return (
    <div class="pane-bar" role="group" aria-label="What is shown">
      {entry("chapters", "Chapters", "list")}
      {entry("text", "Text", "book")}
      {comments && entry("comments", "Comments", "comment", open)}
    </div>
  );
}
