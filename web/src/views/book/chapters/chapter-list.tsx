import { useState } from "preact/hooks";
import type { ChapterView } from "quire-client";
import { Icon } from "../../../components/icon";
import { book, can } from "../../../state/book";
import { AddChapter } from "./add-chapter";
import { ChapterRow } from "./chapter-row";
import { collapsed, focused } from "./list-state";
import { Removed } from "./removed";

/** Chapters that are shown: not those of a part that is folded. */
function shown(chapters: readonly ChapterView[]): ChapterView[] {
  return chapters.filter((entry) => entry.parent === null || !collapsed.value.has(entry.parent));
}

/** The chapters in reading order. One of them is in the tab order; arrows walk from it to the others. */
export function ChapterList() {
  const [adding, setAdding] = useState(false);
  const chapters = shown(book.value?.chapters ?? []);
  const tabStop = chapters.find((entry) => entry.id === focused.value)?.id ?? chapters[0]?.id;
  const organises = can("organise");

  return (
    <nav class="chapters-pane" aria-label="Chapters">
      <header class="pane-head">
        <h2>Chapters</h2>
        {organises && (
          <button type="button" class="button small plain" onClick={() => setAdding(!adding)} aria-expanded={adding}>
            <Icon name="plus" size={16} /> Add
          </button>
        )}
      </header>
      {adding && <AddChapter onClose={() => setAdding(false)} />}
      {chapters.length === 0 && <p class="empty">This book has no chapters yet.</p>}
      <ol class="chapter-list">
        {chapters.map((entry) => (
          <ChapterRow key={entry.id} chapter={entry} tabStop={entry.id === tabStop} />
        ))}
      </ol>
      {organises && <Removed />}
      {can("edit_text") && (
        <p class="keys quiet small">
          <kbd>E</kbd> write, <kbd>Esc</kbd> give back{organises && (
            <>
              , <kbd>Alt</kbd> <kbd>↑</kbd> <kbd>↓</kbd> move
            </>
          )}
        </p>
      )}
    </nav>
  );
}
