import { useId, useState } from "preact/hooks";
import type { ChapterView, VersionRow } from "quire-client";
import { Refused, useAction } from "../../../components/action";
import { Dialog } from "../../../components/dialog";
import { keepVersion } from "../../../state/history";
import { connected } from "../../../state/session";

interface Props {
  /** The chapter that is meant, if not the whole book; null: there is no choice. */
  chapter: ChapterView | null;
  /** The version that says what the chapter says now. */
  same: VersionRow | undefined;
  onKept: (label: string) => void;
  onClose: () => void;
}

/** Keeps the text as it is under a name, of this chapter or of the whole book. */
export function KeepDialog({ chapter, same, onKept, onClose }: Props) {
  const [label, setLabel] = useState("");
  const [whole, setWhole] = useState(chapter === null);
  const { busy, error, run } = useAction();
  const id = useId();
  return (
    <Dialog title={chapter ? "Keep a version" : "Keep the book as it is"} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          run(() => keepVersion(label.trim(), whole ? undefined : chapter?.id), () => onKept(label.trim()));
        }}
      >
        <p>
          {chapter
            ? "The text as it is now stays in the history under this name, however old it becomes."
            : "The order of the chapters and what each of them says now stay in the history under this name, whatever becomes of the book."}
        </p>
        <div class="field">
          <label for={id}>Name</label>
          <input
            id={id}
            name="label"
            required
            autofocus
            maxLength={connected().limits.title_chars}
            placeholder="Sent to the printer"
            value={label}
            onInput={(event) => setLabel(event.currentTarget.value)}
          />
          {!whole && same?.label != null && <p class="hint">This text is kept as “{same.label}” already; it gets this name too.</p>}
        </div>
        {chapter && (
          <fieldset class="choices">
            <legend class="sr-only">Of what</legend>
            <label>
              <input type="radio" name="whole" checked={!whole} onChange={() => setWhole(false)} /> Of this chapter
            </label>
            <label>
              <input type="radio" name="whole" checked={whole} onChange={() => setWhole(true)} /> Of every chapter of the book
            </label>
          </fieldset>
        )}
        <Refused error={error} />
        <div class="row end">
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="button primary" disabled={busy}>
            Keep
          </button>
        </div>
      </form>
    </Dialog>
  );
}
