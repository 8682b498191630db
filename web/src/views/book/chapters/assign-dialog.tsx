import { useId, useState } from "preact/hooks";
import type { ChapterView } from "quire-client";
import { Refused, useAction } from "../../../components/action";
import { Dialog } from "../../../components/dialog";
import { dayBegins, dayOf } from "../../../lib/time";
import { book, opened } from "../../../state/book";

const WRITERS = new Set(["owner", "author", "editor"]);

/** Whose task a chapter is, and until when. */
export function AssignDialog({ chapter, onClose }: { chapter: ChapterView; onClose: () => void }) {
  const { assignment } = chapter;
  const [user, setUser] = useState(assignment?.person.user ?? "");
  const [day, setDay] = useState(assignment?.due_at ? dayOf(assignment.due_at) : "");
  const { busy, error, run } = useAction();
  const id = useId();
  const writers = book.value?.members.filter(({ role }) => WRITERS.has(role)) ?? [];
  return (
    <Dialog title={`Whose task is “${chapter.title}”?`} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          run(() => opened().assign(chapter.id, user || null, user ? dayBegins(day) : undefined), onClose);
        }}
      >
        <div class="field">
          <label for={`${id}-user`}>For</label>
          <select id={`${id}-user`} value={user} onChange={(event) => setUser(event.currentTarget.value)}>
            <option value="">Nobody</option>
            {writers.map((member) => (
              <option key={member.user} value={member.user}>
                {member.name}
              </option>
            ))}
          </select>
        </div>
        <div class="field">
          <label for={`${id}-day`}>Until</label>
          <input id={`${id}-day`} type="date" value={day} disabled={user === ""} onInput={(event) => setDay(event.currentTarget.value)} />
          <p class="hint">Everybody in the book sees it. Whoever may write in the chapter still may.</p>
        </div>
        <Refused error={error} />
        <div class="row end">
          <button type="submit" class="button primary" disabled={busy}>
            Save
          </button>
        </div>
      </form>
    </Dialog>
  );
}
