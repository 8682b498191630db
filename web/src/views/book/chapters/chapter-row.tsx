import { useId } from "preact/hooks";
import type { ChapterView } from "quire-client";
import { Refused, useAction } from "../../../components/action";
import { Icon } from "../../../components/icon";
import { IconButton } from "../../../components/icon-button";
import { lockSentence } from "../../../lib/lock-words";
import { isLate, taskSentence } from "../../../lib/tasks";
import { KIND_LABEL, plural } from "../../../lib/words";
import { can, chapterId, holdOf } from "../../../state/book";
import { user } from "../../../state/session";
import { openCounts } from "../../../state/threads";
import { open, release, write } from "../../../state/writing";
import { AssignDialog } from "./assign-dialog";
import { ChapterMenu } from "./chapter-menu";
import { dragHandlers } from "./dragging";
import { HolderMark } from "./holder-mark";
import { assigning, collapsed, focused, renaming, toggleCollapsed } from "./list-state";
import { RenameField } from "./rename-field";
import { rowKeys } from "./row-keys";
import { Viewers } from "./viewers";

interface Props {
  chapter: ChapterView;
  /** This row is where Tab enters the list. */
  tabStop: boolean;
}

export function ChapterRow({ chapter, tabStop }: Props) {
  const description = useId();
  const action = useAction();
  const hold = holdOf(chapter);
  const isPart = chapter.kind === "part";
  const current = chapterId.value === chapter.id;
  const folded = collapsed.value.has(chapter.id);
  const sentence = lockSentence(chapter, hold);
  const free = !isPart && (hold.kind === "free" || hold.kind === "open") && can("edit_text");
  const organises = can("organise");
  const controls = Number(free) + Number(organises);
  const task = chapter.assignment && taskSentence(chapter.assignment, user.value?.id);
  const late = chapter.assignment !== undefined && isLate(chapter.assignment);
  const comments = openCounts.value.get(chapter.id) ?? 0;

  // Viewing never acquires. A click on the chapter in view that this tab holds gives it back, as in Ketty.
  const onClick = () => {
    if (isPart) toggleCollapsed(chapter.id);
    else if (current && hold.kind === "mine") action.run(() => release(chapter.id));
    else open(chapter.id);
  };

  const classes = ["chapter-row", chapter.kind, chapter.parent && "nested", current && "current", hold.kind].filter(Boolean);

  if (renaming.value === chapter.id) {
    return (
      <li class={classes.join(" ")} data-chapter={chapter.id}>
        <RenameField chapter={chapter} />
      </li>
    );
  }

  return (
    <li class={classes.join(" ")} data-chapter={chapter.id} {...dragHandlers(chapter, action)}>
      <div class="chapter-line">
        <button
          type="button"
          class="chapter-title has-tip"
          tabIndex={tabStop ? 0 : -1}
          aria-current={current ? "page" : undefined}
          aria-expanded={isPart ? !folded : undefined}
          aria-describedby={description}
          onFocus={() => (focused.value = chapter.id)}
          onClick={onClick}
          onKeyDown={rowKeys(chapter, action)}
        >
          {isPart && <Icon name="down" size={14} />}
          <span class="chapter-words">
            <span class="chapter-name">{chapter.title}</span>
            {task !== undefined && (
              <span class={late ? "chapter-task late" : "chapter-task"} aria-hidden="true">
                {task}
              </span>
            )}
          </span>
          {chapter.lock && <HolderMark chapter={chapter} lock={chapter.lock} hold={hold} />}
          {sentence !== undefined && (
            <span class="tip" aria-hidden="true">
              {sentence}
            </span>
          )}
        </button>
        <span class="sr-only" id={description}>
          {[chapter.kind !== "chapter" && KIND_LABEL[chapter.kind], sentence, task, late && "the day is over", comments > 0 && plural(comments, "open comment")]
            .filter(Boolean)
            .join(". ")}
        </span>
        <span class={["chapter-end", controls > 0 && "has-controls", controls > 1 && "wide"].filter(Boolean).join(" ")}>
          <span class="chapter-marks">
            <Viewers chapter={chapter.id} />
            {comments > 0 && (
              <span class="comment-count" aria-hidden="true">
                {comments}
              </span>
            )}
          </span>
          <span class="chapter-controls">
            {free && (
              <IconButton
                icon="pen"
                small
                label={`Write in ${chapter.title}`}
                tabIndex={tabStop ? 0 : -1}
                disabled={action.busy}
                onClick={() => action.run(() => write(chapter.id))}
              />
            )}
            {organises && <ChapterMenu chapter={chapter} action={action} tabIndex={tabStop ? 0 : -1} />}
          </span>
        </span>
      </div>
      <Refused error={action.error} />
      {assigning.value === chapter.id && <AssignDialog chapter={chapter} onClose={() => (assigning.value = null)} />}
    </li>
  );
}
