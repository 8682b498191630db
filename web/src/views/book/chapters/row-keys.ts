import type { ChapterView } from "quire-client";
import type { Action } from "../../../components/action";
import { stepDown, stepUp } from "../../../lib/moves";
import { book, can, chapterId, holdOf, opened } from "../../../state/book";
import { release, write } from "../../../state/writing";
import { focusChapter, focusNeighbour, renaming } from "./list-state";

function move(chapter: ChapterView, step: typeof stepUp, action: Action): void {
  const place = step(book.value?.chapters ?? [], chapter);
  if (place) action.run(() => opened().moveChapter(chapter.id, place), () => focusChapter(chapter.id));
}

/** What the keys do on a row that may be written in or organised; answers whether the key was one of them. */
function command(event: KeyboardEvent, chapter: ChapterView, action: Action): boolean {
  const hold = holdOf(chapter).kind;
  const organises = can("organise");
  const writable = can("edit_text") && chapter.kind !== "part" && hold === "free";
  const again = event.key === "Enter" && chapterId.value === chapter.id;
  if (event.altKey && organises && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
    move(chapter, event.key === "ArrowUp" ? stepUp : stepDown, action);
  } else if (event.altKey || event.ctrlKey || event.metaKey) {
    return false;
  } else if (writable && (again || event.key.toLowerCase() === "e")) {
    action.run(() => write(chapter.id));
  } else if (event.key === "Escape" && hold === "mine") {
    action.run(() => release(chapter.id));
  } else if (event.key === "F2" && organises) {
    renaming.value = chapter.id;
  } else {
    return false;
  }
  return true;
}

const WALK = { ArrowUp: "previous", ArrowDown: "next", Home: "first", End: "last" } as const;

/** The keys of a row: arrows walk, E writes, Escape gives back, F2 renames, Alt with an arrow moves. */
export function rowKeys(chapter: ChapterView, action: Action) {
  return (event: KeyboardEvent & { currentTarget: HTMLElement }) => {
    if (command(event, chapter, action)) {
      event.preventDefault();
    } else if (event.key in WALK && !event.altKey) {
      focusNeighbour(event.currentTarget, WALK[event.key as keyof typeof WALK]);
      event.preventDefault();
    }
  };
}
