import { book } from "../../../state/book";
import { session } from "../../../state/session";

/** As many dots as say "some". */
const DOTS_MAX = 4;

/** Who else has the chapter in view, as small dots in their colours. */
export function Viewers({ chapter }: { chapter: string }) {
  const others = (book.value?.roster ?? []).filter(
    (entry) => entry.chapter === chapter && entry.session !== session.value && entry.state !== "away",
  );
  if (others.length === 0) return null;
  const names = [...new Set(others.map((entry) => entry.name))].join(", ");
  return (
    <span class="viewers" role="img" aria-label={`Reading here: ${names}`} title={`Reading here: ${names}`}>
      {others.slice(0, DOTS_MAX).map((entry) => (
        <span key={entry.session} class={`viewer ${entry.state}`} style={{ "--person": entry.colour }} />
      ))}
    </span>
  );
}
