import type { VersionRow } from "quire-client";
import { describe, expect, it } from "vitest";
import { authorOf, byDay, changeWords, signed, whyKept, wordCount } from "../src/lib/version-words";

const NOW_MS = new Date(2026, 2, 3, 12).getTime();
const HOUR_MS = 3_600_000;

function version(rev: number, hours_ago: number, more: Partial<VersionRow> = {}): VersionRow {
  const kept_at = NOW_MS - hours_ago * HOUR_MS;
  return { rev, kept_at, by: null, cause: "written", label: null, restored: null, pinned: false, words: 0, added: 0, removed: 0, ...more };
}

describe("versions in words", () => {
  it("are grouped by the day on which they were kept", () => {
    const days = byDay([version(5, 1), version(4, 11), version(3, 13), version(2, 37), version(1, 24 * 400)], NOW_MS);
    expect(days.map(({ versions }) => versions.map(({ rev }) => rev))).toEqual([[5, 4], [3], [2], [1]]);
    expect(days.slice(0, 2).map(({ name }) => name)).toEqual(["Today", "Yesterday"]);
    expect(days[2]!.name).not.toContain("2026");
    expect(days[3]!.name).toContain("2025");
  });

  it("say why they were kept", () => {
    const old = version(1, 5, { label: "First draft" });
    const back = version(4, 1, { cause: "restored", restored: 1 });
    const all = [back, version(3, 2, { cause: "replaced" }), version(2, 3, { cause: "saved" }), old];
    const first = version(0, 6, { cause: "imported" });
    expect([...all, first].map((row) => whyKept(row, all))).toEqual([
      "Restored from “First draft”", "Replaced by a restore", "Saved by hand", "Written", "As it was brought in",
    ]);
    expect([authorOf(first), authorOf(old)]).toEqual(["The file", "Somebody"]);
    expect(whyKept(back, [back])).toBe("Restored from an earlier version");
  });

  it("say how many words came and went", () => {
    expect([signed("+", 12), signed("−", 0)]).toEqual(["+12", ""]);
    expect(changeWords(12, 1)).toBe("12 words added, 1 word removed");
    expect(changeWords(0, 0)).toBe("no words added or removed");
    expect([wordCount(1), wordCount(0)]).toEqual(["1 word", "0 words"]);
  });
});
