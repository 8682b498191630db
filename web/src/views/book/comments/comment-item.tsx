import { useState } from "preact/hooks";
import type { Comment } from "quire-client";
import { Refused, useAction } from "../../../components/action";
import { Avatar } from "../../../components/avatar";
import { Menu, type MenuItem } from "../../../components/menu";
import { pointInTime } from "../../../lib/time";
import { splitMentions } from "../../../lib/mentions";
import { book, can, opened } from "../../../state/book";
import { user } from "../../../state/session";
import { Composer } from "./composer";

export function CommentItem({ thread, comment }: { thread: string; comment: Comment }) {
  const [editing, setEditing] = useState(false);
  const { error, run } = useAction();
  const mine = comment.author.user === user.value?.id;

  if (comment.deleted) {
    return <li class="comment deleted quiet small">A comment by {comment.author.name} was deleted.</li>;
  }

  const items: MenuItem[] = [];
  if (mine && can("comment")) items.push({ label: "Edit", icon: "pen", onSelect: () => setEditing(true) });
  if ((mine && can("comment")) || can("resolve")) {
    items.push({
      label: "Delete",
      icon: "trash",
      danger: true,
      onSelect: () => run(() => opened().deleteComment(thread, comment.id)),
    });
  }

  return (
    <li class="comment" data-comment={comment.id}>
      <Avatar user={comment.author.user} name={comment.author.name} small />
      <div class="grow">
        <div class="comment-head">
          <strong>{comment.author.name}</strong>
          <time class="quiet small" dateTime={new Date(comment.at).toISOString()}>
            {pointInTime(comment.at)}
            {comment.edited_at !== null && ", edited"}
          </time>
          <span class="grow" />
          {items.length > 0 && !editing && <Menu label={`Comment by ${comment.author.name}`} small items={items} />}
        </div>
        {editing ? (
          <Composer
            label="Your comment"
            submit="Save"
            initial={comment.body}
            onCancel={() => setEditing(false)}
            onSubmit={async (text) => {
              await opened().editComment(thread, comment.id, text);
              setEditing(false);
            }}
          />
        ) : (
          <Body comment={comment} />
        )}
        <Refused error={error} />
      </div>
    </li>
  );
}

function Body({ comment }: { comment: Comment }) {
  const mentioned = (book.value?.members ?? []).filter((member) => comment.mentions.includes(member.user));
  return (
    <p class="comment-body">
      {splitMentions(comment.body, mentioned).map((piece, index) =>
        piece.member ? (
          <span key={index} class={piece.member.user === user.value?.id ? "mention me" : "mention"}>
            {piece.text}
          </span>
        ) : (
          piece.text
        ),
      )}
    </p>
  );
}
