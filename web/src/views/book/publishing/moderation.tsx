import { useId, useState } from "preact/hooks";
import type { PublishState, RevisionState } from "quire-client";
import { Refused, useAction } from "../../../components/action";
import { connected } from "../../../state/session";
import { toast } from "../../../state/toasts";

interface Props {
  book: string;
  title: string;
  state: PublishState;
  /** What was submitted. */
  revision: { point: number; state: RevisionState } | undefined;
  onDone?: () => void;
}

/** What whoever may publish a book does with it. */
export function Moderation({ book, title, state, revision, onDone }: Props) {
  const [note, setNote] = useState("");
  const { busy, error, run } = useAction();
  const id = useId();
  const { library } = connected();
  const does = (work: () => Promise<void>, said: string) =>
    run(work, () => {
      setNote("");
      toast(said);
      onDone?.();
    });
  const point = revision?.point;
  const said = note.trim();
  const waits = revision !== undefined && revision.state !== "changes_requested";
  return (
    <section class="moderation form" aria-label="Review">
      <div class="field">
        <label for={id}>Note to the owner</label>
        <textarea id={id} rows={2} value={note} onInput={(event) => setNote(event.currentTarget.value)} />
        {waits && <p class="hint">To ask for changes, say which.</p>}
      </div>
      <Refused error={error} />
      <div class="row end wrap">
        {waits && point !== undefined && (
          <>
            <button
              type="button"
              class="button"
              disabled={busy || said === ""}
              onClick={() => does(() => library.requestChanges(book, point, said), `The owner of “${title}” is asked for changes.`)}
            >
              Ask for changes
            </button>
            {revision.state === "submitted" && (
              <button type="button" class="button" disabled={busy} onClick={() => does(() => library.approve(book, point, said), `“${title}” is approved.`)}>
                Approve
              </button>
            )}
          </>
        )}
        {state === "published" && (
          <button type="button" class="button danger" disabled={busy} onClick={() => does(() => library.unpublish(book, said), `“${title}” is taken back.`)}>
            Take it back
          </button>
        )}
        <button
          type="button"
          class="button primary"
          disabled={busy}
          onClick={() => does(() => library.publish(book, { ...(waits && point !== undefined && { point }), note: said }), `“${title}” is published.`)}
        >
          {waits ? "Publish what was submitted" : "Publish it as it is"}
        </button>
      </div>
    </section>
  );
}
