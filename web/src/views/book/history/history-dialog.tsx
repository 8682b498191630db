import { useEffect, useRef, useState } from "preact/hooks";
import { Refused } from "../../../components/action";
import { Dialog } from "../../../components/dialog";
import { Icon } from "../../../components/icon";
import { can } from "../../../state/book";
import { closeHistory, type HistoryOf, revOf } from "../../../state/history";
import { type Question, Questions } from "./questions";
import { useSaid } from "./use-said";
import { useVersions } from "./use-versions";
import { VersionList } from "./version-list";
import { VersionPane } from "./version-pane";

/** What a chapter said before: its versions, what each of them says, and what changed. */
export function HistoryDialog({ of }: { of: HistoryOf }) {
  const { versions, error, reload } = useVersions(of.id);
  const [chosen, setChosen] = useState<number | null>(null);
  // A narrow page shows the list or the version, a wide one both.
  const [inside, setInside] = useState(false);
  const [onlyNamed, setOnlyNamed] = useState(false);
  const [question, setQuestion] = useState<Question | null>(null);
  const { said, say } = useSaid();
  const root = useRef<HTMLDivElement>(null);

  const all = versions ?? [];
  const named = all.filter(({ label }) => label !== null);
  const listed = onlyNamed ? named : all;
  const shown = chosen === null ? listed[0] : all.find(({ rev }) => rev === chosen);
  const now = revOf(of.id);

  useFocus(root.current, chosen !== null, inside, question);

  const choose = (rev: number) => {
    setChosen(rev);
    setInside(true);
    say("");
  };
  const done = (sentence: string, rev: number | null) => {
    setQuestion(null);
    if (rev !== shown?.rev) setOnlyNamed(false);
    setChosen(rev);
    say(sentence);
    reload();
  };

  return (
    <>
      <Dialog title={`History of “${of.title}”`} onClose={closeHistory} full>
        <div class="history" data-shown={inside ? "version" : "list"} ref={root}>
          <section class="versions" aria-label="Versions">
            <Head
              named={named.length}
              onlyNamed={onlyNamed}
              onOnlyNamed={setOnlyNamed}
              onKeep={of.chapter ? () => setQuestion("keep") : undefined}
            />
            <Refused error={error} />
            <VersionList
              versions={versions && listed}
              all={all}
              onlyNamed={onlyNamed}
              shown={shown?.rev ?? null}
              now={now}
              onChoose={choose}
            />
          </section>
          <p class="said" role="status">
            {said}
          </p>
          {shown && (
            <VersionPane
              chapter={of.id}
              version={shown}
              all={all}
              isNow={shown.rev === now}
              onBack={() => setInside(false)}
              onName={() => setQuestion("name")}
              onRestore={of.chapter && can("restore_version") ? () => setQuestion("restore") : undefined}
            />
          )}
        </div>
      </Dialog>
      <Questions
        question={question}
        of={of}
        shown={shown}
        same={all.find(({ rev }) => rev === now)}
        onDone={done}
        onClose={() => setQuestion(null)}
      />
    </>
  );
}

/** Keeps the focus on something that can be seen. */
function useFocus(root: HTMLElement | null, isChosen: boolean, inside: boolean, question: Question | null): void {
  useEffect(() => {
    // A narrow page has just hidden what had the focus.
    if (isChosen) focusIn(root, inside ? ".version-back" : ".version-row[aria-current]");
  }, [inside]);
  useEffect(() => {
    // What opened a question may be gone when it closes.
    if (question === null && document.activeElement === document.body) {
      focusIn(root, '.version-row[tabindex="0"], .version-back');
    }
  }, [question]);
}

function focusIn(root: HTMLElement | null, selector: string): void {
  root?.querySelector<HTMLElement>(selector)?.focus();
}

interface HeadProps {
  /** How many versions have a name. */
  named: number;
  onlyNamed: boolean;
  onOnlyNamed: (only: boolean) => void;
  /** Absent, where there is no text to keep. */
  onKeep: (() => void) | undefined;
}

function Head({ named, onlyNamed, onOnlyNamed, onKeep }: HeadProps) {
  return (
    <div class="versions-head">
      <div class="tabs" role="group" aria-label="Which versions">
        <button type="button" aria-pressed={!onlyNamed} onClick={() => onOnlyNamed(false)}>
          All
        </button>
        <button type="button" aria-pressed={onlyNamed} onClick={() => onOnlyNamed(true)}>
          Only named{named > 0 && ` (${named})`}
        </button>
      </div>
      {onKeep && (
        <button type="button" class="button small" onClick={onKeep}>
          <Icon name="mark" size={16} /> Keep a version…
        </button>
      )}
    </div>
  );
}
