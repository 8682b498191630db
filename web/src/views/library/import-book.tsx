import { useEffect, useId, useRef, useState } from "preact/hooks";
import { bookHref, go } from "../../app/route";
import { Refused, useAction } from "../../components/action";
import { Dialog } from "../../components/dialog";
import { bringIn, type Brought, type Progress } from "../../lib/files";

const DOING: Record<Progress["stage"], string> = {
  reading: "The file is being read…",
  chapters: "The chapters are being made…",
  pictures: "The pictures are being stored…",
};

/** How far it is; while nobody knows of how much, only that something is done. */
function HowFar({ progress }: { progress: Progress | null }) {
  const { stage, done, of } = progress ?? { stage: "reading", done: 0, of: null };
  return (
    <>
      <p role="status" class="quiet small">
        {DOING[stage]}
      </p>
      <progress aria-label={DOING[stage]} max={of ?? 1} value={of === null ? undefined : done} />
    </>
  );
}

/** Makes a book of a file. What could not be kept is shown before the book is opened. */
export function ImportBook({ onClose }: { onClose: () => void }) {
  const [file, setFile] = useState<File | null>(null);
  const [brought, setBrought] = useState<Brought | null>(null);
  const [progress, setProgress] = useState<Progress | null>(null);
  const { busy, error, run } = useAction();
  const ended = useRef(new AbortController());
  useEffect(() => () => ended.current.abort(), []);
  const id = useId();
  const bring = async (chosen: File) => {
    setProgress(null);
    const made = await bringIn(chosen, setProgress, ended.current.signal);
    if (made.report.length === 0) go(bookHref(made.book));
    else setBrought(made);
  };
  if (brought) {
    return (
      <Dialog title="Your book is here" onClose={onClose}>
        <p>Not everything in the file could be kept:</p>
        <ul>
          {brought.report.map((loss) => (
            <li>{loss}</li>
          ))}
        </ul>
        <div class="row end">
          <button type="button" class="button primary" onClick={() => go(bookHref(brought.book))}>
            Open the book
          </button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title="Bring a book in" onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          if (file) run(() => bring(file));
        }}
      >
        <div class="field">
          <label for={id}>EPUB, Word (DOCX), Markdown, HTML or plain text</label>
          <input
            id={id}
            type="file"
            required
            accept=".epub,.docx,.md,.markdown,.html,.htm,.txt"
            onChange={(event) => setFile(event.currentTarget.files?.[0] ?? null)}
          />
        </div>
        {busy && <HowFar progress={progress} />}
        <Refused error={error} />
        <div class="row end">
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="button primary" disabled={busy || file === null}>
            Bring it in
          </button>
        </div>
      </form>
    </Dialog>
  );
}
