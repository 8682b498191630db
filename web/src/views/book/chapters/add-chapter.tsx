import { useId, useState } from "preact/hooks";
import type { At, ChapterKind } from "quire-client";
import { Refused, useAction } from "../../../components/action";
import { useInitialFocus } from "../../../components/focus";
import { KIND_LABEL } from "../../../lib/words";
import { book, chapter, opened } from "../../../state/book";
import { focusChapter } from "./list-state";

const KINDS: readonly ChapterKind[] = ["chapter", "front", "back", "part"];

/** Where a new chapter goes: behind the one in view, where there is one; front matter behind the other front matter. */
function placeOf(kind: ChapterKind): { at: At; parent: string | null } {
  const chapters = book.value?.chapters ?? [];
  if (kind === "front") {
    const last = chapters.filter((entry) => entry.kind === "front" && entry.parent === null).at(-1);
    return { at: last ? { after: last.id } : "first", parent: null };
  }
  const here = chapter.value;
  if (kind === "chapter" && here?.kind === "chapter") return { at: { after: here.id }, parent: here.parent };
  return { at: "last", parent: null };
}

export function AddChapter({ onClose }: { onClose: () => void }) {
  const [title, setTitle] = useState("");
  const [kind, setKind] = useState<ChapterKind>("chapter");
  const { busy, error, run } = useAction();
  const field = useInitialFocus<HTMLInputElement>();
  const id = useId();

  return (
    <form
      class="add-chapter"
      aria-label="Add a chapter"
      onSubmit={(event) => {
        event.preventDefault();
        run(async () => {
          const added = await opened().addChapter({ title: title.trim(), kind, ...placeOf(kind) });
          focusChapter(added);
        }, onClose);
      }}
      onKeyDown={(event) => event.key === "Escape" && onClose()}
    >
      <div class="field">
        <label for={`${id}-title`}>Title</label>
        <input
          id={`${id}-title`}
          required
          ref={field}
          value={title}
          onInput={(event) => setTitle(event.currentTarget.value)}
        />
      </div>
      <div class="field">
        <label for={`${id}-kind`}>Kind</label>
        <select id={`${id}-kind`} value={kind} onChange={(event) => setKind(event.currentTarget.value as ChapterKind)}>
          {KINDS.map((entry) => (
            <option key={entry} value={entry}>
              {KIND_LABEL[entry]}
            </option>
          ))}
        </select>
      </div>
      <Refused error={error} />
      <div class="row end">
        <button type="button" class="button small plain" onClick={onClose}>
          Cancel
        </button>
        <button type="submit" class="button small primary" disabled={busy}>
          Add
        </button>
      </div>
    </form>
  );
}
