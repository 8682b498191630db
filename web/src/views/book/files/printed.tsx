import { useEffect, useRef, useState } from "preact/hooks";
import type { BookState, Format } from "quire-client";
import { Refused } from "../../../components/action";
import { preview } from "../../../lib/files";
import { textFragment } from "../../../lib/html";
import { showPicturesIn } from "../../../lib/pictures";
import { messageOf } from "../../../lib/refusal";

/** Of the page on paper: its width, and the white on each side, in millimetres. */
const WIDTH_MM: Record<Format["trim"], number> = { a5: 148, six_by_nine: 152.4, five_by_eight: 127 };
const MARGIN_MM: Record<Format["margins"], number> = { narrow: 12.7, normal: 19, wide: 25.4 };
const FAMILY: Record<Format["font"], string> = {
  serif: "var(--serif)",
  old_style: '"EB Garamond", Garamond, "Adobe Garamond Pro", Sabon, var(--serif)',
  transitional: 'Baskerville, "Libre Baskerville", "Baskerville Old Face", var(--serif)',
  sans: '"Source Sans 3", "Helvetica Neue", Arial, sans-serif',
  typewriter: '"Courier Prime", "Courier New", Courier, monospace',
};

/** How a sheet of that format looks. */
export function sheetStyle(format: Format): Record<string, string> {
  return {
    "--sheet-width": `${WIDTH_MM[format.trim]}mm`,
    "--sheet-margin": `${MARGIN_MM[format.margins]}mm`,
    "font-family": FAMILY[format.font],
    "font-size": `${format.font_size_tenths_pt / 10}pt`,
    "line-height": `${format.line_height_percent / 100}`,
    "text-align": format.justify ? "justify" : "start",
    hyphens: format.hyphenation ? "auto" : "manual",
  };
}

/** The whole book from its title page to its end, as it will be read; made anew when its format changes. */
export function Printed({ state, format }: { state: BookState; format: Format }) {
  const root = useRef<HTMLDivElement>(null);
  const [shown, setShown] = useState<"loading" | "shown" | { error: string }>("loading");
  useEffect(() => {
    const ended = new AbortController();
    let endPictures = (): void => {};
    preview(state.id, ended.signal).then(
      (html) => {
        if (!root.current || ended.signal.aborted) return;
        root.current.replaceChildren(textFragment(html));
        endPictures = showPicturesIn(root.current, state.id);
        setShown("shown");
      },
      (error) => !ended.signal.aborted && setShown({ error: messageOf(error) }),
    );
    return () => {
      ended.abort();
      endPictures();
    };
  }, [state.id, state.formatSeq]);
  return (
    <div class="desk" tabIndex={0} role="region" aria-label="The book as it will be read" aria-busy={shown === "loading"}>
      {shown === "loading" && <div class="prose loading" aria-hidden="true" />}
      {typeof shown === "object" && <Refused error={shown.error} />}
      <div
        class="sheet"
        hidden={shown === "loading"}
        ref={root}
        style={sheetStyle(format)}
        data-paragraphs={format.paragraphs}
        data-ornament={format.ornament}
      />
    </div>
  );
}
