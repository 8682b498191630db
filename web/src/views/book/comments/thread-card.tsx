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
  /** What it is about is not in the text any more. */
  detached: boolean;
}

export function ThreadCard({ thread, detached }: Props) {
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
          <blockquote class={detached ? "quote gone" : "quote"}>
            {detached && <span class="quote-gone">The words this was about are gone</span>}
            <span class="quote-words">{thread.anchor.quote}</span>
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
