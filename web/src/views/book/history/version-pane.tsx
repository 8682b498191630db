import { useEffect, useRef, useState } from "preact/hooks";
import type { VersionRow } from "quire-client";
import type { Doc } from "yjs";
import { Refused } from "../../../components/action";
import { Icon } from "../../../components/icon";
import { messageOf } from "../../../lib/refusal";
import { authorOf, keptWhen, whyKept, wordCount } from "../../../lib/version-words";
import { written } from "../../../lib/written";
import { opened } from "../../../state/book";
import { documentOf } from "../../../state/drafts";
import { ChangedWords } from "./changed-words";
import { ComparisonView } from "./comparison-view";

interface Props {
  chapter: string;
  version: VersionRow;
  all: readonly VersionRow[];
  /** It says what the chapter says now. */
  isNow: boolean;
  onBack: () => void;
  onName: () => void;
  /** Absent, where this person cannot bring it back. */
  onRestore: (() => void) | undefined;
}

/** One version: what it says, or what changed. */
export function VersionPane({ chapter, version, all, isNow, onBack, onName, onRestore }: Props) {
  const [mode, setMode] = useState<"text" | "changes">("text");
  const tab = (name: typeof mode, label: string) => (
    <button type="button" aria-pressed={mode === name} onClick={() => setMode(name)}>
      {label}
    </button>
  );
  return (
    <section class="version" aria-labelledby="version-heading">
      <header class="version-head">
        <button type="button" class="button small plain version-back" onClick={onBack}>
          <Icon name="back" size={16} /> All versions
        </button>
        <div class="row">
          <div class="grow">
            <h3 id="version-heading">{version.label ?? keptWhen(version)}</h3>
            <p class="quiet small">
              {version.label !== null && `${keptWhen(version)} · `}
              {authorOf(version)} · {whyKept(version, all)} · {wordCount(version.words)}{" "}
              <ChangedWords {...version} />
            </p>
          </div>
          {isNow && <span class="badge">As the text is now</span>}
        </div>
        <div class="row">
          <div class="tabs" role="group" aria-label="What is shown of it">
            {tab("text", "Text")}
            {tab("changes", "Compare")}
          </div>
          <span class="grow" />
          <button type="button" class="button small" onClick={onName}>
            <Icon name="mark" size={16} /> {version.label === null ? "Name…" : "Rename…"}
          </button>
          {onRestore && !isNow && (
            <button type="button" class="button small" onClick={onRestore}>
              <Icon name="undo" size={16} /> Restore…
            </button>
          )}
        </div>
      </header>
      {mode === "text" ? (
        <VersionText chapter={chapter} rev={version.rev} />
      ) : (
        <ComparisonView chapter={chapter} version={version} all={all} />
      )}
    </section>
  );
}

/** The text of a version, to read. */
export function VersionText({ chapter, rev }: { chapter: string; rev: number }) {
  const [read, setRead] = useState<{ rev: number; doc: Doc } | null>(null);
  const [error, setError] = useState<string>();
  const body = useRef<HTMLDivElement>(null);

  useEffect(() => {
    let isOver = false;
    setError(undefined);
    opened()
      .readVersion(chapter, rev)
      .then(
        (state) => !isOver && setRead({ rev, doc: documentOf(state) }),
        (reason: unknown) => !isOver && setError(messageOf(reason)),
      );
    body.current?.scrollTo(0, 0);
    return () => {
      isOver = true;
    };
  }, [chapter, rev]);

  if (error !== undefined) return <Refused error={error} />;
  const isRead = read?.rev === rev;
  const isEmpty = isRead && read.doc.getXmlFragment("default").length === 0;
  return (
    <div class="version-body" ref={body} tabIndex={0} role="region" aria-label="Text of the version" aria-busy={!isRead}>
      {isEmpty && <p class="empty">There is no text in this version.</p>}
      {isRead ? <div class="prose written">{written(read.doc)}</div> : <div class="prose loading" />}
    </div>
  );
}
