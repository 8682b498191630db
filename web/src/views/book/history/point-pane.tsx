import { useEffect, useRef, useState } from "preact/hooks";
import type { BookState, PointChapter, PointRow, PointView } from "quire-client";
import { Refused } from "../../../components/action";
import { Icon } from "../../../components/icon";
import { messageOf } from "../../../lib/refusal";
import { keptWhen, wordCount } from "../../../lib/version-words";
import { plural } from "../../../lib/words";
import { opened } from "../../../state/book";
import { PointText } from "./point-text";

interface Props {
  point: PointRow;
  state: BookState;
  onBack: () => void;
  /** Absent, where this person takes no files away. */
  onDownload: (() => void) | undefined;
}

/** The book at one point: its chapters as they stood, or what one of them said. */
export function PointPane({ point, state, onBack, onDownload }: Props) {
  const { view, error } = usePoint(point.point);
  const [read, setRead] = useState<PointChapter | null>(null);
  const left = useRef<string | null>(null);
  const body = useRef<HTMLElement>(null);
  useEffect(() => {
    if (read !== null) left.current = read.chapter;
    else body.current?.querySelector<HTMLElement>(`[data-chapter="${left.current}"]`)?.focus();
  }, [read]);
  return (
    <section class="version" aria-labelledby="point-heading" ref={body}>
      <header class="version-head">
        <button type="button" class="button small plain version-back" onClick={onBack}>
          <Icon name="back" size={16} /> All points
        </button>
        <div class="row">
          <div class="grow">
            <h3 id="point-heading">{point.label}</h3>
            <p class="quiet small">
              {keptWhen(point)} · {point.by.name} · {plural(point.chapter_count, "chapter")} · {wordCount(point.words)}
              {point.title !== state.title && ` · called “${point.title}”`}
            </p>
          </div>
          {onDownload && (
            <button type="button" class="button small" onClick={onDownload}>
              <Icon name="down" size={16} /> Download as…
            </button>
          )}
        </div>
      </header>
      <Refused error={error} />
      {read?.rev != null ? (
        <PointText key={read.chapter} chapter={read.chapter} title={read.title} rev={read.rev} onBack={() => setRead(null)} />
      ) : (
        <Chapters view={view} state={state} isBusy={error === undefined} onRead={setRead} />
      )}
    </section>
  );
}

/** A point with its chapters; null before the answer. */
function usePoint(point: number) {
  const [view, setView] = useState<PointView | null>(null);
  const [error, setError] = useState<string>();
  useEffect(() => {
    let isOver = false;
    opened()
      .readPoint(point)
      .then(
        (answer) => !isOver && setView(answer),
        (reason: unknown) => !isOver && setError(messageOf(reason)),
      );
    return () => {
      isOver = true;
    };
  }, [point]);
  return { view, error };
}

interface ChaptersProps {
  view: PointView | null;
  state: BookState;
  isBusy: boolean;
  onRead: (chapter: PointChapter) => void;
}

/** The chapters in the order that they had. */
function Chapters({ view, state, isBusy, onRead }: ChaptersProps) {
  if (view === null) return <div class="version-body" aria-busy={isBusy} />;
  return (
    <div class="version-body" role="region" aria-label="The book as it was" tabIndex={0}>
      {view.chapters.length === 0 && <p class="empty">The book had no chapters.</p>}
      <ol class="point-chapters">
        {view.chapters.map((entry) => (
          <li key={entry.chapter} class={entry.kind === "part" ? "part" : entry.parent === null ? undefined : "inner"}>
            <Entry entry={entry} since={since(entry, state)} onRead={() => onRead(entry)} />
          </li>
        ))}
      </ol>
    </div>
  );
}

/** What has become of a chapter since; nothing, if it is called as it was. */
function since(entry: PointChapter, state: BookState): string | null {
  const now = state.chapters.find(({ id }) => id === entry.chapter);
  if (now === undefined) return "Removed since";
  return now.title === entry.title ? null : `Now “${now.title}”`;
}

interface EntryProps {
  entry: PointChapter;
  since: string | null;
  onRead: () => void;
}

function Entry({ entry, since, onRead }: EntryProps) {
  const said = (
    <>
      <span class="grow point-title">{entry.title}</span>
      {since !== null && <span class="badge">{since}</span>}
    </>
  );
  if (entry.kind === "part") return <p class="point-chapter">{said}</p>;
  if (entry.rev === null) {
    return (
      <p class="point-chapter">
        {said} <span class="quiet small">No text</span>
      </p>
    );
  }
  return (
    <button type="button" class="point-chapter" data-chapter={entry.chapter} onClick={onRead}>
      {said} <span class="quiet small">{wordCount(entry.words)}</span>
    </button>
  );
}
