import { useEffect } from "preact/hooks";
import type { InboxEntry } from "quire-client";
import { Refused, useAction } from "../../components/action";
import { Dialog } from "../../components/dialog";
import { pointInTime } from "../../lib/time";
import { sentenceOf } from "../../lib/told-words";
import { entries, inboxError, loadOlder, lookAgain, older, readAll, show, unread } from "../../state/inbox";
import { TopicChoice } from "./topic-choice";

/** What concerned me, new and old; a click leads to where it happened. `choosing`: how I am told is shown at once. */
export function InboxDialog({ choosing, onClose }: { choosing: boolean; onClose: () => void }) {
  const { busy, error, run } = useAction();
  const rows = entries.value;
  useEffect(lookAgain, []);
  return (
    <Dialog title="Notices" onClose={onClose}>
      <div class="inbox-head">
        <p class="quiet small" role="status">
          {unread.value === 0 ? "Nothing new." : `${unread.value} new.`}
        </p>
        <button type="button" class="button small" disabled={busy || unread.value === 0} onClick={() => run(readAll)}>
          Mark all as read
        </button>
      </div>
      <Refused error={error ?? inboxError.value} />
      {rows?.length === 0 && <p class="empty">When somebody mentions you, answers you or asks for a chapter of yours, it is told here.</p>}
      <ul class="inbox" aria-label="Notices" aria-busy={rows === null}>
        {(rows ?? []).map((entry) => (
          <Row key={entry.n} entry={entry} onClose={onClose} />
        ))}
      </ul>
      {older.value !== null && (
        <button type="button" class="button" disabled={busy} onClick={() => run(loadOlder)}>
          Show older ones
        </button>
      )}
      <TopicChoice open={choosing} />
    </Dialog>
  );
}

function Row({ entry, onClose }: { entry: InboxEntry; onClose: () => void }) {
  const { told, read } = entry;
  return (
    <li class={read ? "notice" : "notice new"}>
      <button
        type="button"
        onClick={() => {
          onClose();
          show(entry);
        }}
      >
        <span class="notice-said">
          {!read && <span class="sr-only">New: </span>}
          {sentenceOf(told)}
        </span>
        {told.text !== undefined && told.text !== null && <span class="notice-text quiet small">“{told.text}”</span>}
        <time class="quiet small" dateTime={new Date(told.at).toISOString()}>
          {pointInTime(told.at)}
        </time>
      </button>
    </li>
  );
}
