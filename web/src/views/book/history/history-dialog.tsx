import { useEffect, useRef, useState } from "preact/hooks";
import { Refused } from "../../../components/action";
import { Dialog } from "../../../components/dialog";
import { Icon } from "../../../components/icon";
import { nameInSentence } from "../../../lib/version-words";
import { can } from "../../../state/book";
import { closeHistory, type HistoryOf, revOf } from "../../../state/history";
import { KeepDialog } from "./keep-dialog";
import { NameDialog } from "./name-dialog";
import { RestoreDialog } from "./restore-dialog";
import { useVersions } from "./use-versions";
import { VersionList } from "./version-list";
import { VersionPane } from "./version-pane";

/** How long a sentence stays that says what was done. */
const SAID_MS = 8_000;

type Asking = "keep" | "name" | "restore" | null;

/** What a chapter said before: its versions, what each of them says, and what changed. */
export function HistoryDialog({ of }: { of: HistoryOf }) {
  const { versions, error, reload } = useVersions(of.id);
  const [chosen, setChosen] = useState<number | null>(null);
  // A narrow page shows the list or the version, a wide one both.
  const [inside, setInside] = useState(false);
  const [onlyNamed, setOnlyNamed] = useState(false);
  const [asking, setAsking] = useState<Asking>(null);
  const [said, setSaid] = useState("");
  const root = useRef<HTMLDivElement>(null);

  const named = versions?.filter(({ label }) => label !== null) ?? [];
  const listed = onlyNamed ? named : (versions ?? []);
  const shown = versions?.find(({ rev }) => rev === chosen) ?? (chosen === null ? listed[0] : undefined);
  const now = revOf(of.id);

  useEffect(() => {
    // What had the focus may be out of sight on a narrow page.
    if (chosen === null) return;
    root.current?.querySelector<HTMLElement>(inside ? ".version-back" : ".version-row[aria-current]")?.focus();
  }, [inside]);

  useEffect(() => {
    const timer = setTimeout(() => setSaid(""), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);

  useEffect(() => {
    // What opened a dialog may be gone when it closes.
    if (asking === null && document.activeElement === document.body) {
      root.current?.querySelector<HTMLElement>('.version-row[tabindex="0"], .version-back')?.focus();
    }
  }, [asking]);

  const done = (sentence: string) => {
    setAsking(null);
    setSaid(sentence);
    reload();
  };
  const stop = () => setAsking(null);

  return (
    <>
      <Dialog title={`History of “${of.title}”`} onClose={closeHistory} full>
        <div class="history" data-shown={inside ? "version" : "list"} ref={root}>
          <section class="versions" aria-label="Versions">
            <div class="versions-head">
              <div class="tabs" role="group" aria-label="Which versions">
                <button type="button" aria-pressed={!onlyNamed} onClick={() => setOnlyNamed(false)}>
                  All
                </button>
                <button type="button" aria-pressed={onlyNamed} onClick={() => setOnlyNamed(true)}>
                  Only named{named.length > 0 && ` (${named.length})`}
                </button>
              </div>
              {of.chapter && (
                <button type="button" class="button small" onClick={() => setAsking("keep")}>
                  <Icon name="mark" size={16} /> Keep a version…
                </button>
              )}
            </div>
            <Refused error={error} />
            <VersionList
              versions={versions === null ? null : listed}
              all={versions ?? []}
              onlyNamed={onlyNamed}
              shown={shown?.rev ?? null}
              now={now}
              onChoose={(rev) => {
                setChosen(rev);
                setInside(true);
                setSaid("");
              }}
            />
          </section>
          <p class="said" role="status">
            {said}
          </p>
          {shown && (
            <VersionPane
              chapter={of.id}
              version={shown}
              all={versions ?? []}
              isNow={shown.rev === now}
              onBack={() => setInside(false)}
              onName={() => setAsking("name")}
              onRestore={of.chapter && can("restore_version") ? () => setAsking("restore") : undefined}
            />
          )}
        </div>
      </Dialog>
      {asking === "keep" && of.chapter && (
        <KeepDialog
          chapter={of.chapter}
          same={versions?.find(({ rev }) => rev === now)}
          onKept={(label) => {
            setChosen(null);
            done(`Kept as “${label}”.`);
          }}
          onClose={stop}
        />
      )}
      {asking === "name" && shown && (
        <NameDialog
          chapter={of.id}
          version={shown}
          onNamed={(label) => {
            setChosen(shown.rev);
            done(label === null ? "The name was removed." : `The version is called “${label}” now.`);
          }}
          onClose={stop}
        />
      )}
      {asking === "restore" && shown && of.chapter && (
        <RestoreDialog
          chapter={of.chapter}
          version={shown}
          onRestored={(rev) => {
            setOnlyNamed(false);
            setChosen(rev);
            done(`“${of.title}” says again what ${nameInSentence(shown)} says.`);
          }}
          onClose={stop}
        />
      )}
    </>
  );
}
