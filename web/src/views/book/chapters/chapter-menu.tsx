import type { ChapterView } from "quire-client";
import type { Action } from "../../../components/action";
import { Menu, type MenuItem } from "../../../components/menu";
import { type Place, stepDown, stepUp } from "../../../lib/moves";
import { book, opened } from "../../../state/book";
import { toast } from "../../../state/toasts";
import { assigning, focusChapter, renaming } from "./list-state";

interface Props {
  chapter: ChapterView;
  action: Action;
  tabIndex: number;
}

/** What can be done with a chapter's place and name. */
export function ChapterMenu({ chapter, action, tabIndex }: Props) {
  const chapters = book.value?.chapters ?? [];
  const moving = (label: string, place: Place | undefined): MenuItem => ({
    label,
    disabled: place === undefined,
    onSelect: () => {
      if (place) action.run(() => opened().moveChapter(chapter.id, place), () => focusChapter(chapter.id));
    },
  });
  const isLive = chapter.mode === "live";
  const modeItem: MenuItem = {
    label: isLive ? "One writes at a time" : "Let several write at once",
    onSelect: () => action.run(() => opened().setMode(chapter.id, isLive ? "exclusive" : "live")),
  };
  const taskItem: MenuItem = { label: "Assign…", icon: "people", onSelect: () => (assigning.value = chapter.id) };
  const remove = async () => {
    await opened().removeChapter(chapter.id);
    toast(`“${chapter.title}” was removed.`, {
      action: {
        label: "Restore",
        run: () => opened().restoreChapter(chapter.id).catch((reason: Error) => toast(reason.message, { tone: "warn" })),
      },
    });
  };
  return (
    <Menu
      label={`Organise ${chapter.title}`}
      small
      tabIndex={tabIndex}
      items={[
        { label: "Rename", icon: "pen", onSelect: () => (renaming.value = chapter.id) },
        moving("Move up", stepUp(chapters, chapter)),
        moving("Move down", stepDown(chapters, chapter)),
        ...(chapter.kind === "part" ? [] : [taskItem, modeItem]),
        { label: "Remove", icon: "trash", danger: true, onSelect: () => action.run(remove) },
      ]}
    />
  );
}
