import { Icon } from "../../../components/icon";
import { can } from "../../../state/book";
import { showHistory } from "../../../state/history";

/** Opens the history of a chapter, for those who may see it. `title` names the chapter where it is not in view. */
export function HistoryButton({ chapter, title }: { chapter: string; title?: string }) {
  if (!can("history")) return null;
  return (
    <button
      type="button"
      class="button small history-button"
      aria-label={title === undefined ? "History" : `History of ${title}`}
      title="History"
      onClick={() => showHistory(chapter)}
    >
      <Icon name="history" size={16} /> <span>History</span>
    </button>
  );
}
