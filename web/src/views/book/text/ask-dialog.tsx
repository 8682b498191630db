import { useId, useState } from "preact/hooks";
import type { ChapterView } from "quire-client";
import { Refused, useAction } from "../../../components/action";
import { Dialog } from "../../../components/dialog";
import { ask } from "../../../state/writing";

/** Asks the holder for a chapter and waits for it. */
export function AskDialog({ chapter, holder, onClose }: { chapter: ChapterView; holder: string; onClose: () => void }) {
  const [note, setNote] = useState("");
  const { busy, error, run } = useAction();
  const id = useId();
  return (
    <Dialog title={`Ask for “${chapter.title}”`} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          run(() => ask(chapter.id, note.trim()), onClose);
        }}
      >
        <p>{holder} will see that you ask. You can do other things meanwhile: the chapter comes to you by itself.</p>
        <div class="field">
          <label for={id}>
            A word to {holder} <span class="quiet">(optional)</span>
          </label>
          <input
            id={id}
            name="note"
            autofocus
            maxLength={500}
            value={note}
            onInput={(event) => setNote(event.currentTarget.value)}
          />
        </div>
        <Refused error={error} />
        <div class="row end">
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="button primary" disabled={busy}>
            Ask
          </button>
        </div>
      </form>
    </Dialog>
  );
}
