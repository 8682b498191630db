import { changeWords, signed } from "../../../lib/version-words";

/** How many words came and went: in signs, and in words for those who do not see them. */
export function ChangedWords({ added, removed }: { added: number; removed: number }) {
  return (
    <>
      <span aria-hidden="true">
        <span class="came">{signed("+", added)}</span> <span class="went">{signed("−", removed)}</span>
      </span>
      <span class="sr-only">{changeWords(added, removed)}</span>
    </>
  );
}
