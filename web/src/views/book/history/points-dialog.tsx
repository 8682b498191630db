import { useEffect, useRef, useState } from "preact/hooks";
import type { BookState, PointRow } from "quire-client";
import { Refused } from "../../../components/action";
import { Dialog } from "../../../components/dialog";
import { Icon } from "../../../components/icon";
import { messageOf } from "../../../lib/refusal";
import { can, opened } from "../../../state/book";
import { DownloadDialog } from "../files/download-dialog";
import { KeepDialog } from "./keep-dialog";
import { PointList } from "./point-list";
import { PointPane } from "./point-pane";
import { useSaid } from "./use-said";

/** What the whole book was: the points at which somebody kept it, and what each of its chapters said then. */
export function PointsDialog({ state, onClose }: { state: BookState; onClose: () => void }) {
  const { points, error, reload } = usePoints();
  const [chosen, setChosen] = useState<number | null>(null);
  // A narrow page shows the list or the point, a wide one both.
  const [inside, setInside] = useState(false);
  const [question, setQuestion] = useState<"keep" | "download" | null>(null);
  const { said, say } = useSaid();
  const root = useRef<HTMLDivElement>(null);
  const shown = chosen === null ? points?.[0] : points?.find(({ point }) => point === chosen);

  useEffect(() => {
    // A narrow page has just hidden what had the focus.
    const selector = inside ? ".version-back" : ".version-row[aria-current]";
    if (chosen !== null) root.current?.querySelector<HTMLElement>(selector)?.focus();
  }, [inside]);

  const choose = (point: number) => {
    setChosen(point);
    setInside(true);
    say("");
  };
  const kept = (label: string) => {
    setQuestion(null);
    // The newest.
    setChosen(null);
    say(`Kept as “${label}”.`);
    reload();
  };

  return (
    <>
      <Dialog title="History of the book" onClose={onClose} full>
        <div class="history" data-shown={inside ? "version" : "list"} ref={root}>
          <section class="versions" aria-label="Points in time">
            <div class="versions-head">
              <button type="button" class="button small" onClick={() => setQuestion("keep")}>
                <Icon name="mark" size={16} /> Keep the book as it is…
              </button>
            </div>
            <Refused error={error} />
            {error === undefined && <PointList points={points} shown={shown?.point ?? null} onChoose={choose} />}
          </section>
          <p class="said" role="status">
            {said}
          </p>
          {shown && (
            <PointPane
              key={shown.point}
              point={shown}
              state={state}
              onBack={() => setInside(false)}
              onDownload={can("download") ? () => setQuestion("download") : undefined}
            />
          )}
        </div>
      </Dialog>
      {question === "keep" && <KeepDialog chapter={null} same={undefined} onKept={kept} onClose={() => setQuestion(null)} />}
      {question === "download" && shown && <DownloadDialog point={shown} onClose={() => setQuestion(null)} />}
    </>
  );
}

/** The points of the book, the newest first; null before the first answer. */
function usePoints() {
  const [points, setPoints] = useState<readonly PointRow[] | null>(null);
  const [error, setError] = useState<string>();
  const [round, setRound] = useState(0);
  useEffect(() => {
    let isOver = false;
    opened()
      .listPoints()
      .then(
        (listed) => {
          if (isOver) return;
          setPoints(listed);
          setError(undefined);
        },
        (reason: unknown) => !isOver && setError(messageOf(reason)),
      );
    return () => {
      isOver = true;
    };
  }, [round]);
  return { points, error, reload: () => setRound((last) => last + 1) };
}
