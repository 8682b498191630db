import { useId, useState } from "preact/hooks";
import type { ChapterView } from "quire-client";
import { Refused, useAction } from "../../../components/action";
import { Dialog } from "../../../components/dialog";
import { takeOver } from "../../../state/writing";

/** The owner ends somebody else's lock, with a reason that the holder reads, and takes the chapter or sets it free. */
export function TakeOverDialog({ chapter, holder, onClose }: { chapter: ChapterView; holder: string; onClose: () => void }) {
  const [reason, setReason] = useState("");
  const [take, setTake] = useState(true);
  const { busy, error, run } = useAction();
  const id = useId();
  return (
    <Dialog title={`Take over “${chapter.title}”`} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          run(() => takeOver(chapter.id, reason.trim(), take), onClose);
        }}
      >
        <p>{holder} loses the chapter at once and is told who took it and why.</p>
        <div class="field">
          <label for={id}>Reason</label>
          <input
            id={id}
            name="reason"
            required
            autofocus
            maxLength={500}
            value={reason}
            onInput={(event) => setReason(event.currentTarget.value)}
          />
        </div>
        <fieldset class="choices">
          <legend class="sr-only">And then</legend>
          <label>
            <input type="radio" name="take" checked={take} onChange={() => setTake(true)} /> I write in it
          </label>
          <label>
            <input type="radio" name="take" checked={!take} onChange={() => setTake(false)} /> It becomes free for whoever waits
          </label>
        </fieldset>
        <Refused error={error} />
        <div class="row end">
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="button danger" disabled={busy}>
            Take over
          </button>
        </div>
      </form>
    </Dialog>
  );
}
