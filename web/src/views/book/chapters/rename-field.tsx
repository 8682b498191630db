import { useState } from "preact/hooks";
import type { ChapterView } from "quire-client";
import { Refused, useAction } from "../../../components/action";
import { useInitialFocus } from "../../../components/focus";
import { opened } from "../../../state/book";
import { focusChapter, renaming } from "./list-state";

/** A chapter's title, being changed in place: Enter keeps, Escape forgets. */
export function RenameField({ chapter }: { chapter: ChapterView }) {
  const [title, setTitle] = useState(chapter.title);
  const { busy, error, run } = useAction();
  const field = useInitialFocus<HTMLInputElement>();

  const close = () => {
    renaming.value = null;
    focusChapter(chapter.id);
  };
  const save = () => {
    if (title.trim() === chapter.title) close();
    else run(() => opened().renameChapter(chapter.id, title.trim()), close);
  };

  return (
    <form
      class="rename"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <input
        aria-label={`New title of ${chapter.title}`}
        ref={field}
        required
        value={title}
        onInput={(event) => setTitle(event.currentTarget.value)}
        onKeyDown={(event) => event.key === "Escape" && close()}
      />
      <div class="row end">
        <button type="button" class="button small plain" onClick={close}>
          Cancel
        </button>
        <button type="submit" class="button small primary" disabled={busy}>
          Rename
        </button>
      </div>
      <Refused error={error} />
    </form>
  );
}
