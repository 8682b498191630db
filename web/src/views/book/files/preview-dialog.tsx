import { useEffect, useRef, useState } from "preact/hooks";
import { Refused } from "../../../components/action";
import { Dialog } from "../../../components/dialog";
import { preview } from "../../../lib/files";
import { textFragment } from "../../../lib/html";
import { showPicturesIn } from "../../../lib/pictures";
import { messageOf } from "../../../lib/refusal";
import { opened } from "../../../state/book";

/** The whole book from its title page to its end, as it will be read. */
export function PreviewDialog({ onClose }: { onClose: () => void }) {
  const root = useRef<HTMLDivElement>(null);
  const [state, setState] = useState<"loading" | "shown" | { error: string }>("loading");
  useEffect(() => {
    const ended = new AbortController();
    const { id } = opened();
    let endPictures = (): void => {};
    preview(id, ended.signal).then(
      (html) => {
        if (!root.current || ended.signal.aborted) return;
        root.current.replaceChildren(textFragment(html));
        endPictures = showPicturesIn(root.current, id);
        setState("shown");
      },
      (error) => !ended.signal.aborted && setState({ error: messageOf(error) }),
    );
    return () => {
      ended.abort();
      endPictures();
    };
  }, []);
  return (
    <Dialog title="Preview" onClose={onClose} wide>
      {state === "loading" && <div class="prose loading" aria-busy="true" aria-label="Putting the book together" />}
      {typeof state === "object" && <Refused error={state.error} />}
      <div class="prose preview" ref={root} />
    </Dialog>
  );
}
