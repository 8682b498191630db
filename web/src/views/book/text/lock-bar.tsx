import { useState } from "preact/hooks";
import type { ChapterView, HolderView, LockView } from "quire-client";
import { Refused, useAction } from "../../../components/action";
import { Avatar } from "../../../components/avatar";
import { Icon } from "../../../components/icon";
import { pointInTime } from "../../../lib/time";
import { listed, ordinal } from "../../../lib/words";
import { can, holdOf, othersIn, ownHold, status } from "../../../state/book";
import { unsaved } from "../../../state/unsaved";
import { cancelWait, moveHere, release, write } from "../../../state/writing";
import { HistoryButton } from "../history/history-button";
import { AskDialog } from "./ask-dialog";
import { TakeOverDialog } from "./take-over-dialog";
import { Waiters } from "./waiters";

/** Who writes in the chapter in view, and what this person can do about it. */
export function LockBar({ chapter }: { chapter: ChapterView }) {
  const hold = holdOf(chapter);
  const lock = chapter.lock;
  if (!lock) return can("edit_text") ? <FreeBar chapter={chapter} /> : null;
  switch (hold.kind) {
    case "mine":
      return <MineBar chapter={chapter} lock={lock} />;
    case "open":
      return <OpenBar chapter={chapter} />;
    case "elsewhere":
      return <ElsewhereBar chapter={chapter} lock={lock} />;
    default:
      return <OthersBar chapter={chapter} lock={lock} position={hold.kind === "other" ? hold.position : 0} />;
  }
}

function FreeBar({ chapter }: { chapter: ChapterView }) {
  const { busy, error, run } = useAction();
  return (
    <section class="lock-bar free" aria-label="Who writes here">
      <p class="grow quiet">Nobody is writing here.{chapter.mode === "live" && " Several may write at once."}</p>
      <HistoryButton chapter={chapter.id} />
      <button type="button" class="button small" disabled={busy} onClick={() => run(() => write(chapter.id))}>
        <Icon name="pen" size={16} /> Write
      </button>
      <Refused error={error} />
    </section>
  );
}

/** Others write in a live chapter, and everybody who may edit can join them. */
function OpenBar({ chapter }: { chapter: ChapterView }) {
  const { busy, error, run } = useAction();
  const others = othersIn(chapter);
  const names = others.map(({ holder }) => holder.name);
  return (
    <section class="lock-bar other" aria-label="Who writes here">
      <Faces holders={others} />
      <p class="grow">
        <strong>{listed(names)}</strong> {names.length > 1 ? "are" : "is"} writing here.
      </p>
      <HistoryButton chapter={chapter.id} />
      {can("edit_text") && (
        <button type="button" class="button small" disabled={busy} onClick={() => run(() => write(chapter.id))}>
          <Icon name="pen" size={16} /> Write too
        </button>
      )}
      <Refused error={error} />
    </section>
  );
}

function Faces({ holders }: { holders: readonly HolderView[] }) {
  return (
    <span class="row">
      {holders.map(({ holder, away }) => (
        <Avatar key={holder.session} user={holder.user} name={holder.name} initials={holder.initials} away={away} />
      ))}
    </span>
  );
}

function MineBar({ chapter, lock }: { chapter: ChapterView; lock: LockView }) {
  const { busy, error, run } = useAction();
  const own = ownHold(chapter) ?? lock;
  const others = othersIn(chapter);
  return (
    <section class="lock-bar mine" aria-label="Who writes here">
      <Faces holders={[own, ...others]} />
      <p class="grow">
        {chapter.mode === "live" ? (
          <strong>You are writing here{others.length > 0 && ` with ${listed(others.map(({ holder }) => holder.name))}`}</strong>
        ) : (
          <strong>You hold this chapter</strong>
        )}{" "}
        <span class="quiet">since {pointInTime(own.since_at)}</span>
        <span class="quiet saved" role="status">
          {savedWords(chapter.id)}
        </span>
      </p>
      <HistoryButton chapter={chapter.id} />
      <button type="button" class="button small" disabled={busy} onClick={() => run(() => release(chapter.id))}>
        Release
      </button>
      <Refused error={error} />
      <Waiters chapter={chapter} waiting={lock.waiting} />
    </section>
  );
}

/** Whether what was typed is stored. */
function savedWords(chapter: string): string {
  if (!unsaved.value.has(chapter)) return "Saved";
  return status.value === "live" ? "Saving…" : "Offline: not saved yet";
}

function ElsewhereBar({ chapter, lock }: { chapter: ChapterView; lock: LockView }) {
  const { busy, error, run } = useAction();
  return (
    <section class="lock-bar mine" aria-label="Who writes here">
      <Avatar user={lock.holder.user} name={lock.holder.name} initials={lock.holder.initials} away={lock.away} />
      <p class="grow">
        <strong>You hold this chapter in another tab</strong>{" "}
        <span class="quiet">since {pointInTime(lock.since_at)}</span>
      </p>
      <HistoryButton chapter={chapter.id} />
      <button type="button" class="button small" disabled={busy} onClick={() => run(() => moveHere(chapter.id))}>
        Move here
      </button>
      <Refused error={error} />
    </section>
  );
}

function OthersBar({ chapter, lock, position }: { chapter: ChapterView; lock: LockView; position: number }) {
  const [dialog, setDialog] = useState<"ask" | "take" | null>(null);
  const { busy, error, run } = useAction();
  const { holder } = lock;
  return (
    <section class="lock-bar other" aria-label="Who writes here">
      <Avatar user={holder.user} name={holder.name} initials={holder.initials} away={lock.away} />
      <p class="grow">
        <strong>{holder.name}</strong> is writing here{" "}
        <span class="quiet">
          since {pointInTime(lock.since_at)}
          {lock.away && ", away just now"}
        </span>
        {position > 0 && (
          <span class="waiting-place" role="status">
            You are {ordinal(position)} in line; it comes to you by itself.
          </span>
        )}
      </p>
      <div class="row">
        <HistoryButton chapter={chapter.id} />
        {can("edit_text") &&
          (position > 0 ? (
            <button type="button" class="button small" disabled={busy} onClick={() => run(() => cancelWait(chapter.id))}>
              Stop waiting
            </button>
          ) : (
            <button type="button" class="button small" onClick={() => setDialog("ask")}>
              <Icon name="wait" size={16} /> Ask for it…
            </button>
          ))}
        {can("force_release") && (
          <button type="button" class="button small" onClick={() => setDialog("take")}>
            Take over…
          </button>
        )}
      </div>
      <Refused error={error} />
      {dialog === "ask" && <AskDialog chapter={chapter} holder={holder.name} onClose={() => setDialog(null)} />}
      {dialog === "take" && <TakeOverDialog chapter={chapter} holder={holder.name} onClose={() => setDialog(null)} />}
    </section>
  );
}
