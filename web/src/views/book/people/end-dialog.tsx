import { useId, useState } from "preact/hooks";
import type { Member } from "quire-client";
import { Refused, useAction } from "../../../components/action";
import { Dialog } from "../../../components/dialog";
import { dayEnds, dayOf } from "../../../lib/time";
import { opened } from "../../../state/book";

/** Until when somebody belongs to the book. */
export function EndDialog({ member, onClose }: { member: Member; onClose: () => void }) {
  const [day, setDay] = useState(member.until === undefined ? "" : dayOf(member.until - 1));
  const { busy, error, run } = useAction();
  const id = useId();
  return (
    <Dialog title={`Until when is ${member.name} a member?`} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          run(() => opened().setEnd(member.user, dayEnds(day) ?? null), onClose);
        }}
      >
        <div class="field">
          <label for={id}>Last day</label>
          <input id={id} type="date" autofocus value={day} min={dayOf(Date.now())} onInput={(event) => setDay(event.currentTarget.value)} />
          <p class="hint">After it {member.name} is removed, and what they wrote stays. Without a day they are a member until somebody removes them.</p>
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
