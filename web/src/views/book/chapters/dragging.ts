import type { ChapterView } from "quire-client";
import type { Action } from "../../../components/action";
import { dropPlace } from "../../../lib/moves";
import { book, can, opened } from "../../../state/book";
import { dragged, focusChapter } from "./list-state";

type RowEvent = DragEvent & { currentTarget: HTMLElement };

function half(event: RowEvent): "upper" | "lower" {
  const box = event.currentTarget.getBoundingClientRect();
  return event.clientY < box.top + box.height / 2 ? "upper" : "lower";
}

function placeFor(event: RowEvent, target: ChapterView) {
  const chapters = book.value?.chapters ?? [];
  const moved = chapters.find((entry) => entry.id === dragged.value);
  return moved && { moved, place: dropPlace(chapters, moved, target, half(event)) };
}

function mark(event: RowEvent, where: string | undefined): void {
  if (where === undefined) delete event.currentTarget.dataset.drop;
  else event.currentTarget.dataset.drop = where;
}

/** Lets a row be dragged and take what is dropped on it: before it on the upper half, behind it on the lower. */
export function dragHandlers(chapter: ChapterView, action: Action) {
  if (!can("organise")) return {};
  return {
    draggable: true,
    onDragStart: (event: RowEvent) => {
      dragged.value = chapter.id;
      event.dataTransfer?.setData("text/plain", chapter.title);
    },
    onDragEnd: () => {
      dragged.value = null;
    },
    onDragOver: (event: RowEvent) => {
      const drop = placeFor(event, chapter);
      mark(event, drop?.place && half(event));
      if (drop?.place) event.preventDefault();
    },
    onDragLeave: (event: RowEvent) => mark(event, undefined),
    onDrop: (event: RowEvent) => {
      event.preventDefault();
      mark(event, undefined);
      const drop = placeFor(event, chapter);
      if (!drop?.place) return;
      const { moved, place } = drop;
      action.run(() => opened().moveChapter(moved.id, place), () => focusChapter(moved.id));
    },
  };
}
