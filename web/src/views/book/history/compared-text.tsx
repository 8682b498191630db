import { useState } from "preact/hooks";
import type { ComparedBlock, ComparedPiece } from "quire-client";
import type { Stretch } from "../../../lib/compared";
import { plural } from "../../../lib/words";

/** Two texts as one. What came is underlined, what went is struck through, and a sign in the margin says which. */
export function ComparedText({ stretches, at }: { stretches: readonly Stretch[]; at: number }) {
  return (
    <div class="prose compared">
      {stretches.map((stretch, index) =>
        stretch.kind === "same" ? (
          <Same key={index} blocks={stretch.blocks} />
        ) : (
          <Block key={index} block={stretch.block} change={stretch.change} isCurrent={stretch.change !== null && stretch.change === at} />
        ),
      )}
    </div>
  );
}

/** Paragraphs that both texts have, folded until somebody wants to see them. */
function Same({ blocks }: { blocks: readonly ComparedBlock[] }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" class="fold" aria-expanded={open} onClick={() => setOpen(!open)}>
        {plural(blocks.length, "unchanged paragraph")}
      </button>
      {open && blocks.map((block, index) => <Block key={index} block={block} change={null} isCurrent={false} />)}
    </>
  );
}

/** Blocks that say nothing themselves. */
const WORDLESS: Record<string, string> = {
  horizontalRule: "A line",
  sceneBreak: "Scene break",
  image: "A picture",
};

interface BlockProps {
  block: ComparedBlock;
  change: number | null;
  isCurrent: boolean;
}

function Block({ block, change, isCurrent }: BlockProps) {
  const kinds = new Set(block.pieces.map((piece) => piece.change));
  const kind = change === null ? "" : kinds.size > 1 ? "both" : kinds.has("inserted") ? "came" : "went";
  const wordless = WORDLESS[block.name];
  const classes = ["block", kind, block.name === "heading" && "heading", wordless !== undefined && "wordless", isCurrent && "current"];
  return (
    <p class={classes.filter(Boolean).join(" ")} data-change={change ?? undefined} aria-current={isCurrent ? "true" : undefined}>
      {block.pieces.map((piece, index) => (
        <Piece key={index} change={piece.change} text={piece.text === "" ? (wordless ?? (change === null ? "" : "¶")) : piece.text} />
      ))}
    </p>
  );
}

function Piece({ change, text }: ComparedPiece) {
  switch (change) {
    case "inserted":
      return (
        <ins>
          <span class="sr-only">[inserted: </span>
          {text}
          <span class="sr-only">]</span>
        </ins>
      );
    case "deleted":
      return (
        <del>
          <span class="sr-only">[deleted: </span>
          {text}
          <span class="sr-only">]</span>
        </del>
      );
    default:
      return <>{text}</>;
  }
}
