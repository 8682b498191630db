import { useId, useRef, useState } from "preact/hooks";
import type { ChapterView, VersionRow } from "quire-client";
import { Refused, useAction } from "../../../components/action";
import { Dialog } from "../../../components/dialog";
import { pointInTime } from "../../../lib/time";
import { nameInSentence } from "../../../lib/version-words";
import { can, holdOf } from "../../../state/book";
import { restoreVersion } from "../../../state/history";

interface Props {
  chapter: ChapterView;
  version: VersionRow;
  /** Told the position of the text after it. */
  onRestored: (rev: number) => void;
  onClose: () => void;
}

/** Asks once more before an old version comes back, and for a reason where it is taken out of somebody's hands. */
export function RestoreDialog({ chapter, version, onRestored, onClose }: Props) {
  const [reason, setReason] = useState("");
  const { busy, error, run } = useAction();
  const id = useId();
  const asked = useRef({ isTaken: false, sentence: "" });
  // While it is done, the lock changes hands; what was asked stays.
  if (!busy) asked.current = { isTaken: holdOf(chapter).kind === "other", sentence: whoWrites(chapter) };
  const { isTaken, sentence } = asked.current;
  const restore = async () => onRestored(await restoreVersion(chapter, version.rev, reason.trim()));
  return (
    <Dialog title="Restore this version?" onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          run(restore);
        }}
      >
        <p>
          “{chapter.title}” will say again what {nameInSentence(version)} says, for everybody. What it says now is kept as a version: nothing
          is lost, and you can come back to it.
        </p>
        <p>{sentence}</p>
        {isTaken && (
          <div class="field">
            <label for={id}>Reason</label>
            <input
              id={id}
              name="reason"
              required
              maxLength={500}
              value={reason}
              onInput={(event) => setReason(event.currentTarget.value)}
            />
          </div>
        )}
        <Refused error={error} />
        <div class="row end">
          <button type="button" class="button" autofocus onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class={isTaken ? "button danger" : "button primary"} disabled={busy || (isTaken && !can("force_release"))}>
            {isTaken ? "Take over and restore" : "Restore"}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** What becomes of whoever writes in the chapter. */
function whoWrites(chapter: ChapterView): string {
  const hold = holdOf(chapter);
  const name = chapter.lock?.holder.name ?? "Somebody";
  switch (hold.kind) {
    case "mine":
      return "You hold this chapter, and go on writing from there.";
    case "elsewhere":
      return "You hold this chapter in another tab. It moves here, and you go on writing from there.";
    case "free":
      return "Nobody is writing here.";
    case "open":
      return "Others are writing here. They lose the chapter at once, and are told who took it and why; the last words are kept as a version, too.";
    case "other":
      return `${name} has been writing here since ${pointInTime(chapter.lock?.since_at ?? 0)}, and loses the chapter at once. ${name} is told who took it and why; the last words are kept as a version, too.`;
  }
}
