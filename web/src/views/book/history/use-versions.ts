import { useEffect, useState } from "preact/hooks";
import type { VersionRow } from "quire-client";
import { messageOf } from "../../../lib/refusal";
import { book, opened } from "../../../state/book";
import { revOf } from "../../../state/history";

/** The hub keeps a version soon after a hold has ended, and says nothing about it: it is asked again after these times. */
const LATER_MS: readonly number[] = [300, 700, 1_500, 3_000, 6_000];

interface Versions {
  /** The newest first; null before the first answer. */
  versions: readonly VersionRow[] | null;
  error: string | undefined;
  reload: () => void;
}

/** The versions of a chapter, asked for again whenever a hold begins or ends. */
export function useVersions(chapter: string): Versions {
  const [versions, setVersions] = useState<readonly VersionRow[] | null>(null);
  const [error, setError] = useState<string>();
  const [round, setRound] = useState(0);
  const held_since = heldSince(chapter);

  useEffect(() => {
    let isOver = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async ([next, ...later]: readonly number[]): Promise<void> => {
      try {
        const listed = await opened().listVersions(chapter);
        if (isOver) return;
        setVersions(listed);
        setError(undefined);
        if (next !== undefined && isOneAwaited(chapter, listed)) timer = setTimeout(() => void ask(later), next);
      } catch (reason) {
        if (!isOver) setError(messageOf(reason));
      }
    };
    void ask(LATER_MS);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [chapter, held_since, round]);

  return { versions, error, reload: () => setRound((last) => last + 1) };
}

function heldSince(chapter: string): number | undefined {
  return book.value?.chapters.find(({ id }) => id === chapter)?.lock?.since_at;
}

/** Nobody writes any more, and what is there is not among the versions yet. */
function isOneAwaited(chapter: string, versions: readonly VersionRow[]): boolean {
  const rev = revOf(chapter);
  return rev !== null && heldSince(chapter) === undefined && (versions[0]?.rev ?? 0) < rev;
}
