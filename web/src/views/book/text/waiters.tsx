import type { ChapterView, WaiterView } from "quire-client";
import { Refused, useAction } from "../../../components/action";
import { opened } from "../../../state/book";

/** Who asks for the chapter that this tab holds. */
export function Waiters({ chapter, waiting }: { chapter: ChapterView; waiting: readonly WaiterView[] }) {
  if (waiting.length === 0) return null;
  return (
    <ul class="waiters" aria-label="Who asks for this chapter">
      {waiting.map((waiter) => (
        <WaiterRow key={waiter.session} chapter={chapter} waiter={waiter} />
      ))}
    </ul>
  );
}

function WaiterRow({ chapter, waiter }: { chapter: ChapterView; waiter: WaiterView }) {
  const { busy, error, run } = useAction();
  return (
    <li class="waiter">
      <p class="grow">
        <strong>{waiter.name}</strong> asks for this chapter
        {waiter.note && <span class="waiter-note">“{waiter.note}”</span>}
      </p>
      <div class="row">
        <button
          type="button"
          class="button small primary"
          disabled={busy}
          onClick={() => run(() => opened().handOver(chapter.id, waiter.session))}
        >
          Hand over
        </button>
        <button
          type="button"
          class="button small"
          disabled={busy}
          onClick={() => run(() => opened().keep(chapter.id, waiter.session))}
        >
          Keep
        </button>
      </div>
      <Refused error={error} />
    </li>
  );
}
