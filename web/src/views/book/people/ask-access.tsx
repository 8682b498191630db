import { useId, useState } from "preact/hooks";
import { Refused, useAction } from "../../../components/action";
import { connected } from "../../../state/session";

/** Whoever has a link to a book asks its owner. What the hub answers tells nothing of the book. */
export function AskAccess({ book }: { book: string }) {
  const [note, setNote] = useState("");
  const [asked, setAsked] = useState(false);
  const { busy, error, run } = useAction();
  const id = useId();
  if (asked) return <p role="status">If there is such a book, its owner has been asked. You find the answer under the bell.</p>;
  return (
    <form
      class="form ask-access"
      onSubmit={(event) => {
        event.preventDefault();
        run(() => connected().requestAccess(book, note.trim() || undefined), () => setAsked(true));
      }}
    >
      <div class="field">
        <label for={id}>Did somebody send you here? Say who you are.</label>
        <input id={id} value={note} onInput={(event) => setNote(event.currentTarget.value)} />
      </div>
      <Refused error={error} />
      <div class="row end">
        <button type="submit" class="button primary" disabled={busy}>
          Ask to be let in
        </button>
      </div>
    </form>
  );
}
