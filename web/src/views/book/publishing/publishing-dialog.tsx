import { useEffect, useId, useState } from "preact/hooks";
import type { BookState, Checklist, PointRow, Revision } from "quire-client";
import { Refused, useAction } from "../../../components/action";
import { Dialog } from "../../../components/dialog";
import { Icon } from "../../../components/icon";
import { badge, readersHave, toDo, waitingFor } from "../../../lib/publishing";
import { messageOf } from "../../../lib/refusal";
import { pointInTime } from "../../../lib/time";
import { can, opened } from "../../../state/book";
import { toast } from "../../../state/toasts";
import { DownloadDialog } from "../files/download-dialog";
import { Moderation } from "./moderation";

/** How the book comes to its readers: what they have, what is to come, and who has to do what for it. */
export function PublishingDialog({ state, onClose }: { state: BookState; onClose: () => void }) {
  const { publishing, shelved } = state;
  const { edition, revision } = publishing;
  const { checklist, error } = useChecklist(state);
  const [taken, setTaken] = useState<Taken | null>(null);
  const waiting = checklist && waitingFor(checklist, state.chapters);
  return (
    <>
      <Dialog title="Publishing" onClose={onClose} wide>
        <p class="publishing-state" role="status">
          <strong>{badge(publishing.state, revision?.state)}</strong>
        </p>
        <p class="quiet">{readersHave(publishing)}</p>
        {edition && (
          <p class="quiet small">
            Published by {edition.by.name}, {pointInTime(edition.at)}.{" "}
            {can("download") && <Take label="Download what readers have" onClick={() => setTaken(taking(edition, "What readers have"))} />}
          </p>
        )}
        {revision && <Submitted revision={revision} onTake={() => setTaken(taking(revision, "What was submitted"))} />}
        <Refused error={error} />
        {waiting && waiting.length > 0 && <Sentences title="Not with the readers yet" sentences={waiting} />}
        {can("publish") && <Submission state={state} checklist={checklist} />}
        {can("moderate") && <Moderation book={state.id} title={state.title} state={publishing.state} revision={revision} />}
        {!shelved && <p class="hint">Only books of the library are published. Bring it in first: “This book”, “Bring into the library”.</p>}
      </Dialog>
      {taken && <DownloadDialog point={taken} onClose={() => setTaken(null)} />}
    </>
  );
}

type Taken = Pick<PointRow, "point" | "label" | "kept_at" | "by">;

function taking({ point, at, by }: Pick<Revision, "point" | "at" | "by">, label: string): Taken {
  return { point, label, kept_at: at, by };
}

/** Asked again whenever something else is submitted or out; null before the first answer. */
function useChecklist({ publishing: { edition, revision } }: BookState) {
  const [checklist, setChecklist] = useState<Checklist | null>(null);
  const [error, setError] = useState<string>();
  useEffect(() => {
    let isOver = false;
    const told = (then: () => void) => !isOver && then();
    opened()
      .checklist()
      .then(
        (answer) => told(() => setChecklist(answer)),
        (reason: unknown) => told(() => setError(messageOf(reason))),
      );
    return () => {
      isOver = true;
    };
  }, [edition?.point, revision?.point]);
  return { checklist, error };
}

function Take({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <button type="button" class="button small" onClick={onClick}>
      <Icon name="down" size={16} /> {label}
    </button>
  );
}

const DID: Record<Revision["state"], string> = {
  submitted: "Submitted by",
  changes_requested: "Changes requested by",
  approved: "Approved by",
};

function Submitted({ revision, onTake }: { revision: Revision; onTake: () => void }) {
  return (
    <section class="submitted" aria-label="What was submitted">
      <p>
        {DID[revision.state]} {revision.by.name}, {pointInTime(revision.at)}.
      </p>
      {revision.note !== null && <blockquote>{revision.note}</blockquote>}
      <Take label="Download what was submitted" onClick={onTake} />
    </section>
  );
}

function Sentences({ title, sentences }: { title: string; sentences: readonly string[] }) {
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      <ul class="sentences">
        {sentences.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </section>
  );
}

function Submission({ state, checklist }: { state: BookState; checklist: Checklist | null }) {
  const [note, setNote] = useState("");
  const { busy, error, run } = useAction();
  const id = useId();
  const { revision } = state.publishing;
  const open = checklist && toDo(checklist, state.chapters);
  if (revision?.state === "submitted") {
    return (
      <div class="row end">
        <Refused error={error} />
        <button type="button" class="button" disabled={busy} onClick={() => run(() => opened().withdraw(), () => toast("It is taken back."))}>
          Take back the submission
        </button>
      </div>
    );
  }
  return (
    <form
      class="form"
      aria-label="Submission"
      onSubmit={(event) => {
        event.preventDefault();
        run(
          () => opened().submit(note.trim()),
          () => setNote(""),
        );
      }}
    >
      {open === null ? (
        <p aria-busy="true">Looking through the book…</p>
      ) : open.length > 0 ? (
        <Sentences title="Before you submit it" sentences={open} />
      ) : (
        <p class="quiet">Nothing is left to do: no open comments, no empty chapters, nobody writing.</p>
      )}
      <div class="field">
        <label for={id}>Note to whoever reviews it</label>
        <textarea id={id} rows={2} value={note} onInput={(event) => setNote(event.currentTarget.value)} />
        <p class="hint">It is reviewed as it is now; what is written later is not in it.</p>
      </div>
      <Refused error={error} />
      <div class="row end">
        <button type="submit" class="button primary" disabled={busy || !state.shelved}>
          Submit for publishing
        </button>
      </div>
    </form>
  );
}
