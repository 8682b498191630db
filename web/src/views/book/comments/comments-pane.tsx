import { Icon } from "../../../components/icon";
import { can, chapter } from "../../../state/book";
import { draft, type PlacedThread, threadFilter, threads, threadsError } from "../../../state/threads";
import { NewThread } from "./new-thread";
import { ThreadCard } from "./thread-card";

/** The margin: what people say about the chapter in view. */
export function CommentsPane() {
  const filter = threadFilter.value;
  const all = threads.value;
  const open = all.filter(({ thread }) => !thread.resolved);
  const resolved = all.filter(({ thread }) => thread.resolved);
  const shown = filter === "open" ? open : resolved;
  const detached = shown.filter((placed) => placed.detached);
  const here = chapter.value;

  return (
    <aside class="comments-pane" aria-label="Comments">
      <header class="pane-head">
        <h2>Comments</h2>
        {here && can("comment") && (
          <button
            type="button"
            class="button small plain"
            onClick={() => {
              draft.value = { anchor: null };
              threadFilter.value = "open";
            }}
          >
            <Icon name="plus" size={16} /> On the chapter
          </button>
        )}
      </header>
      {here && (
        <div class="tabs" role="group" aria-label="Which comments">
          <button type="button" aria-pressed={filter === "open"} onClick={() => (threadFilter.value = "open")}>
            Open {open.length}
          </button>
          <button type="button" aria-pressed={filter === "resolved"} onClick={() => (threadFilter.value = "resolved")}>
            Resolved {resolved.length}
          </button>
        </div>
      )}
      {here && draft.value && <NewThread key={draft.value.anchor?.offset ?? "chapter"} chapter={here} anchor={draft.value.anchor} />}
      {threadsError.value !== undefined && (
        <p class="refusal" role="alert">
          {threadsError.value}
        </p>
      )}
      <ThreadList label={filter === "open" ? "Open threads" : "Resolved threads"} shown={shown.filter(({ detached }) => !detached)} />
      {detached.length > 0 && (
        <section class="detached" aria-label="No longer in the text">
          <h3>No longer in the text {detached.length}</h3>
          <ThreadList label="Threads whose words are gone" shown={detached} />
        </section>
      )}
      {shown.length === 0 && !draft.value && (
        <p class="empty">
          {!here
            ? "Choose a chapter to see what is said about it."
            : filter === "open"
              ? "Nothing to discuss here. Select some words in the text to comment on them."
              : "No resolved threads."}
        </p>
      )}
    </aside>
  );
}

function ThreadList({ label, shown }: { label: string; shown: readonly PlacedThread[] }) {
  return (
    <ol class="threads" aria-label={label}>
      {shown.map(({ thread, detached }) => (
        <ThreadCard key={thread.id} thread={thread} detached={detached} />
      ))}
    </ol>
  );
}
