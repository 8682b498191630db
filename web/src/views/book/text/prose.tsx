import { useEffect, useRef, useState } from "preact/hooks";
import { textFragment } from "../../../lib/html";
import { showPicturesIn } from "../../../lib/pictures";
import { can, view } from "../../../state/book";
import { mayReadComments, shownText } from "../../../state/threads";
import { CommentOnSelection } from "./comment-on-selection";
import { useHighlights } from "./use-highlights";

interface Props {
  html: string;
  /** The position of the text, for anchors. */
  base: number;
  title: string;
}

/** An imported chapter often begins with its own title, which the page shows already. */
function hideRepeatedTitle(root: HTMLElement, title: string): void {
  const first = root.querySelector("h1, h2, h3");
  const leads = first && root.textContent?.trimStart().startsWith(first.textContent ?? "");
  if (leads && first.textContent?.trim().toLowerCase() === title.trim().toLowerCase()) first.classList.add("sr-only");
}

/** The text itself, with its commented stretches marked. Marks are painted beside the DOM, so they never change it. */
export function Prose({ html, base, title }: Props) {
  const root = useRef<HTMLDivElement>(null);
  const [drawn, setDrawn] = useState(false);

  useEffect(() => {
    const element = root.current;
    if (!element) return undefined;
    element.replaceChildren(textFragment(html));
    hideRepeatedTitle(element, title);
    shownText.value = element.textContent;
    setDrawn(true);
    const book = view.peek()?.id;
    const end = book === undefined ? undefined : showPicturesIn(element, book);
    return () => {
      end?.();
      shownText.value = null;
    };
  }, [html]);

  const onClick = useHighlights(root, drawn);

  return (
    <>
      <div class="prose" ref={root} onClick={onClick} />
      {mayReadComments.value && can("comment") && <CommentOnSelection root={root} base={base} />}
    </>
  );
}
