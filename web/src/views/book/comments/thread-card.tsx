import { useEffect, useRef, useState } from "preact/hooks";
import type { Thread } from "quire-client";
import { Refused, useAction } from "../../../components/action";
import { IconButton } from "../../../components/icon-button";
import { pointInTime } from "../../../lib/time";
import { can, opened } from "../../../state/book";
import { activeThread } from "../../../state/threads";
import { CommentItem } from "./comment-item";
import { Composer } from "./composer";

interface Props {
  thread: Thread;
  /** Its quote was found in the text. */
  placed: boolean;
}

export function ThreadCard({ thread, placed }: Props) {
  const [replying, setReplying] = useState(false);
  const { busy, error, run } = useAction();
  const card = useRef<HTMLLIElement>(null);
  const active = activeThread.value === thread.id;

  useEffect(() => {
    if (active) card.current?.scrollIntoView({ block: "nearest" });
  }, [active]);

  const settle = () => run(() => (thread.resolved ? opened().reopen(thread.id) : opened().resolve(thread.id)));

  return (
    <li
      ref={card}
      class={active ? "thread active" : "thread"}
      data-thread={thread.id}
      onClick={() => (activeThread.value = thread.id)}
      onFocusIn={() => (activeThread.value = thread.id)}
    >
      <div class="thread-head">
        {thread.anchor ? (
          <blockquote class="quote">
            {thread.anchor.quote}
            {!placed && <span class="quote-gone">no longer in the text</span>}
          </blockquote>
        ) : (
          <p class="quiet small grow">On the whole chapter</p>
        )}
        {can("resolve") && (
          <IconButton
            icon={thread.resolved ? "undo" : "check"}
            small
            label={thread.resolved ? "Reopen thread" : "Resolve thread"}
            disabled={busy}
            onClick={settle}
          />
        )}
      </div>
      <ol class="thread-comments" aria-label="Comments of this thread">
        {thread.comments.map((comment) => (
          <CommentItem key={comment.id} thread={thread.id} comment={comment} />
        ))}
      </ol>
      {thread.resolved && (
        <p class="quiet small">
          Resolved by {thread.resolved.by.name}, {pointInTime(thread.resolved.at)}
        </p>
      )}
      <Refused error={error} />
      {can("comment") &&
        (replying ? (
          <Composer
            label="Your reply"
            submit="Reply"
            onCancel={() => setReplying(false)}
            onSubmit={async (text) => {
              await opened().reply(thread.id, text);
              setReplying(false);
            }}
          />
        ) : (
          <button type="button" class="button small plain reply-button" onClick={() => setReplying(true)}>
            Reply
          </button>
        ))}
    </li>
  );
}
