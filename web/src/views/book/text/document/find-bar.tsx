import type { Editor } from "@tiptap/core";
import { useEffect, useRef, useState } from "preact/hooks";
import { IconButton } from "../../../../components/icon-button";
import { replaceAll, replaceOne, search, searchOf, step } from "../../../../editor/search";
import { announce } from "../../../../state/toasts";
import { useEditor } from "./use-editor";

/** A selection beyond this is text to work on, not something to look for. */
const WORDS_MAX = 100;

function selectedWords({ state }: Editor): string {
  const { $from, $to } = state.selection;
  const words = $from.sameParent($to) ? state.doc.textBetween($from.pos, $to.pos) : "";
  return words.length > WORDS_MAX ? "" : words;
}

/** Pixels at the foot of the window where other things stand over the text. */
const FOOT_PX = 110;

function reveal(editor: Editor): void {
  const found = editor.view.dom.querySelector(".found.current");
  const bars = editor.view.dom.closest(".page")?.querySelector(".page-bars");
  const box = found?.getBoundingClientRect();
  if (!box || !bars) return;
  const isHidden = box.top < bars.getBoundingClientRect().bottom || box.bottom > innerHeight - FOOT_PX;
  if (isHidden) found?.scrollIntoView({ block: "center" });
}

/** Finds words in the chapter; whoever writes it can replace them. */
export function FindBar({ editor, onClose }: { editor: Editor; onClose: () => void }) {
  const [words, setWords] = useState(() => selectedWords(editor));
  const [matchCase, setMatchCase] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const { current, count } = useEditor(
    editor,
    ({ state }) => ({ current: searchOf(state).current, count: searchOf(state).matches.length }),
    (left, right) => left.current === right.current && left.count === right.count,
  );

  useEffect(() => {
    input.current?.select();
    return () => {
      if (!editor.isDestroyed) search(editor.view, null);
    };
  }, [editor]);
  useEffect(() => {
    search(editor.view, { words, matchCase });
    reveal(editor);
  }, [editor, words, matchCase]);

  const go = (by: 1 | -1) => {
    step(editor.view, by);
    reveal(editor);
  };
  const close = () => {
    onClose();
    if (editor.isEditable) editor.view.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    close();
  };
  const found = count === 0 ? "None found" : `${(current ?? 0) + 1} of ${count}`;
  return (
    <search class="find-bar" aria-label="Find in the chapter" onKeyDown={onKeyDown}>
      <form
        class="find-row"
        onSubmit={(event) => {
          event.preventDefault();
          go(1);
        }}
      >
        <input
          ref={input}
          autofocus
          aria-label="Find"
          placeholder="Find"
          value={words}
          onInput={(event) => setWords(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || !event.shiftKey) return;
            event.preventDefault();
            go(-1);
          }}
        />
        <span class="found-count" role="status">
          {words !== "" && found}
        </span>
        <button
          type="button"
          class="tool"
          aria-label="Match case"
          title="Match case"
          aria-pressed={matchCase}
          onClick={() => setMatchCase(!matchCase)}
        >
          <span class="letters" data-letters="Aa" />
        </button>
        <IconButton icon="up" small label="Previous (Shift+Enter)" disabled={count === 0} onClick={() => go(-1)} />
        <IconButton icon="down" small label="Next (Enter)" disabled={count === 0} onClick={() => go(1)} />
        <IconButton icon="close" small label="Close (Escape)" onClick={close} />
      </form>
      {editor.isEditable && <ReplaceRow editor={editor} count={count} onReplaced={() => reveal(editor)} />}
    </search>
  );
}

function ReplaceRow({ editor, count, onReplaced }: { editor: Editor; count: number; onReplaced: () => void }) {
  const [words, setWords] = useState("");
  const one = () => {
    replaceOne(editor, words);
    onReplaced();
  };
  return (
    <form
      class="find-row"
      onSubmit={(event) => {
        event.preventDefault();
        one();
      }}
    >
      <input aria-label="Replace with" placeholder="Replace with" value={words} onInput={(event) => setWords(event.currentTarget.value)} />
      <button type="submit" class="button small" disabled={count === 0}>
        Replace
      </button>
      <button
        type="button"
        class="button small"
        disabled={count === 0}
        onClick={() => announce(`${replaceAll(editor, words)} replaced`)}
      >
        Replace all
      </button>
    </form>
  );
}
