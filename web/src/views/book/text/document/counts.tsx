import type { Editor } from "@tiptap/core";
import { useEffect, useState } from "preact/hooks";
import { IconButton } from "../../../../components/icon-button";
import { keyName } from "../../../../editor/actions";
import { type Count, countBetween, countNode } from "../../../../editor/count";
import { panel } from "../../../../editor/panel";
import { whenIdle } from "../../../../lib/idle";

interface Counts {
  all: Count;
  selected: Count | null;
}

function countsOf({ state }: Editor): Counts {
  const { from, to, empty } = state.selection;
  return { all: countNode(state.doc), selected: empty ? null : countBetween(state.doc, from, to) };
}

function words({ all, selected }: Counts, what: "words" | "characters"): string {
  const total = all[what].toLocaleString();
  const name = all[what] === 1 ? what.slice(0, -1) : what;
  return selected ? `${selected[what].toLocaleString()} of ${total} ${name}` : `${total} ${name}`;
}

/** How long the chapter is, and how much of it is selected; at the foot of the page, as it is written. */
export function CountLine({ editor }: { editor: Editor }) {
  const [counts, setCounts] = useState(() => countsOf(editor));
  useEffect(() => {
    const idle = whenIdle(() => setCounts(countsOf(editor)));
    editor.on("transaction", idle.ask);
    return () => {
      editor.off("transaction", idle.ask);
      idle.cancel();
    };
  }, [editor]);
  return (
    <div class="count-line" role="group" aria-label="Length of the chapter">
      <span>{words(counts, "words")}</span>
      <span>{words(counts, "characters")}</span>
      {!editor.isEditable && (
        <IconButton icon="find" small label={`Find (${keyName("Mod-f")})`} onClick={() => (panel.value = "find")} />
      )}
    </div>
  );
}
