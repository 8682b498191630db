import type { ComparedBlock } from "quire-client";

/** A stretch of a comparison: a block to be shown, or some that nobody needs to see again. */
export type Stretch =
  /** `change` numbers the blocks that differ, from 0; null: it is the same in both. */
  | { kind: "block"; block: ComparedBlock; change: number | null }
  | { kind: "same"; blocks: readonly ComparedBlock[] };

/** Blocks that stay in sight beside a change. */
const BESIDE = 1;
/** Fewer are not worth a click. */
const FOLDED_MIN = 3;

export function isChanged(block: ComparedBlock): boolean {
  return block.pieces.some(({ change }) => change !== "kept");
}

/** The blocks of a comparison, long runs of those that did not change put together. */
export function folded(blocks: readonly ComparedBlock[]): Stretch[] {
  const stretches: Stretch[] = [];
  let changes = 0;
  let at = 0;
  while (at < blocks.length) {
    const end = endOfRun(blocks, at);
    const run = blocks.slice(at, end);
    if (isChanged(run[0]!)) stretches.push(...run.map((block) => ({ kind: "block" as const, block, change: changes++ })));
    else stretches.push(...foldedRun(run, at === 0, end === blocks.length));
    at = end;
  }
  return stretches;
}

/** Where the run of changed, or of unchanged, blocks ends that begins here. */
function endOfRun(blocks: readonly ComparedBlock[], start: number): number {
  const changed = isChanged(blocks[start]!);
  let end = start + 1;
  while (end < blocks.length && isChanged(blocks[end]!) === changed) end += 1;
  return end;
}

function foldedRun(run: readonly ComparedBlock[], isFirst: boolean, isLast: boolean): Stretch[] {
  const shown = (blocks: readonly ComparedBlock[]) => blocks.map((block) => ({ kind: "block" as const, block, change: null }));
  const before = isFirst ? 0 : BESIDE;
  const after = isLast ? 0 : BESIDE;
  const same = run.slice(before, run.length - after);
  if (same.length < FOLDED_MIN) return shown(run);
  return [...shown(run.slice(0, before)), { kind: "same", blocks: same }, ...shown(run.slice(run.length - after))];
}

export function countChanges(stretches: readonly Stretch[]): number {
  return stretches.filter((stretch) => stretch.kind === "block" && stretch.change !== null).length;
}
