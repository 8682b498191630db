import { useId, useState } from "preact/hooks";
import { bookHref, go } from "../../app/route";
import { Refused, useAction } from "../../components/action";
import { Dialog } from "../../components/dialog";
import { createBook } from "../../state/library";

export function NewBook({ onClose }: { onClose: () => void }) {
  const [title, setTitle] = useState("");
  const { busy, error, run } = useAction();
  const id = useId();
  return (
    <Dialog title="New book" onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          run(async () => go(bookHref(await createBook(title.trim()))));
        }}
      >
        <div class="field">
          <label for={id}>Title</label>
          <input id={id} required autofocus value={title} onInput={(event) => setTitle(event.currentTarget.value)} />
        </div>
        <Refused error={error} />
        <div class="row end">
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="button primary" disabled={busy}>
            Create
          </button>
        </div>
      </form>
    </Dialog>
  );
}
