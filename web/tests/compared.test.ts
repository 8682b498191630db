import type { ComparedBlock } from "quire-client";
import { describe, expect, it } from "vitest";
import { countChanges, folded } from "../src/lib/compared";

function same(text: string): ComparedBlock {
  return { name: "paragraph", pieces: [{ change: "kept", text }] };
}

function changed(text: string): ComparedBlock {
  return { name: "paragraph", pieces: [{ change: "kept", text: "It " }, { change: "inserted", text }] };
}

/** `=text` is the same, `+text` has changed; a folded run says how long it is. */
function told(...blocks: string[]): string[] {
  const stretches = folded(blocks.map((block) => (block.startsWith("+") ? changed(block) : same(block))));
  return stretches.map((stretch) => {
    if (stretch.kind === "same") return `(${stretch.blocks.length})`;
    return `${stretch.change ?? ""}${stretch.block.pieces.at(-1)?.text}`;
  });
}

describe("a comparison", () => {
  it("numbers what changed", () => {
    expect(told("+a", "+b", "=c", "+d")).toEqual(["0+a", "1+b", "=c", "2+d"]);
    expect(countChanges(folded([changed("a"), same("b"), changed("c")]))).toBe(2);
  });

  it("folds long runs of what did not, but for what stands beside a change", () => {
    expect(told("=1", "=2", "=3", "=4", "+a", "=5", "=6", "=7", "=8", "=9", "+b", "=x", "=y", "=z", "=!")).toEqual([
      "(3)", "=4", "0+a", "=5", "(3)", "=9", "1+b", "=x", "(3)",
    ]);
  });

  it("folds nothing that is short", () => {
    expect(told("=1", "=2", "=3", "+a", "=4", "=5", "=6", "=7", "+b")).toEqual(["=1", "=2", "=3", "0+a", "=4", "=5", "=6", "=7", "1+b"]);
  });

  it("folds all of a text in which nothing changed, and knows an empty one", () => {
    expect(told("=1", "=2", "=3")).toEqual(["(3)"]);
    expect(told()).toEqual([]);
  });
});
