import type { Editor } from "@tiptap/core";
import { DOMSerializer, type Node as ProseMirrorNode } from "@tiptap/pm/model";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { IconButton } from "../../../../components/icon-button";
import { editFootnote, type FootnoteText } from "../../../../editor/footnote-text";
import { footnotesOf, openFootnote, type PlacedFootnote } from "../../../../editor/footnote";
import { useEditor } from "./use-editor";

function sameNotes(left: readonly PlacedFootnote[], right: readonly PlacedFootnote[]): boolean {
  return left.length === right.length && left.every(({ node }, index) => node === right[index]?.node);
}

const noteId = (index: number): string => `footnote-${index + 1}`;

function markOf(editor: Editor, index: number): HTMLElement | null {
  return editor.view.dom.querySelector<HTMLElement>(`.footnote-mark[data-number="${index + 1}"]`);
}

/** What a click or Enter on a footnote's number does: whoever writes edits it, whoever reads goes to its text. */
export function enterFootnote(editor: Editor, target: EventTarget | null): boolean {
  const mark = target instanceof Element ? target.closest<HTMLElement>(".footnote-mark") : null;
  const index = Number(mark?.dataset["number"] ?? "0") - 1;
  const footnote = footnotesOf(editor.state).list[index];
  if (!footnote) return false;
  if (editor.isEditable) openFootnote(editor.view, footnote.pos);
  else document.getElementById(noteId(index))?.querySelector<HTMLElement>("button")?.focus();
  return true;
}

/** All footnotes at the foot of the chapter, and the one that is being edited beside its number. */
export function Footnotes({ editor }: { editor: Editor }) {
  const list = useEditor(editor, ({ state }) => footnotesOf(state).list, sameNotes);
  const open = useEditor(editor, ({ state }) => footnotesOf(state).open);
  if (list.length === 0) return null;
  return (
    <section class="footnotes" role="doc-endnotes" aria-label="Footnotes">
      <ol>
        {list.map(({ node }, index) => (
          <li key={index} id={noteId(index)} class="footnote">
            <button
              type="button"
              class="footnote-number"
              aria-label={`To footnote ${index + 1} in the text`}
              onClick={() => markOf(editor, index)?.scrollIntoView({ block: "center" })}
            >
              {index + 1}
            </button>
            <FootnoteWords node={node} />
            {editor.isEditable && (
              <IconButton
                icon="pen"
                small
                label={`Edit footnote ${index + 1}`}
                onClick={() => {
                  markOf(editor, index)?.scrollIntoView({ block: "nearest" });
                  const placed = footnotesOf(editor.state).list[index];
                  if (placed) openFootnote(editor.view, placed.pos);
                }}
              />
            )}
          </li>
        ))}
      </ol>
      {open !== null && <FootnotePopover key={open} editor={editor} index={open} />}
    </section>
  );
}

function FootnoteWords({ node }: { node: ProseMirrorNode }) {
  const root = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const words = DOMSerializer.fromSchema(node.type.schema).serializeFragment(node.content);
    root.current?.replaceChildren(words);
  }, [node]);
  return <span class="footnote-words" ref={root} />;
}

/** Where the popover stands: below the number in the text, within the window. */
function placeBelow(popover: HTMLElement, mark: HTMLElement): void {
  const at = mark.getBoundingClientRect();
  const { width, height } = popover.getBoundingClientRect();
  const left = Math.min(Math.max(at.left - width / 2, 12), innerWidth - width - 12);
  const below = at.bottom + 8;
  popover.style.left = `${left}px`;
  popover.style.top = `${below + height > innerHeight - 12 ? Math.max(12, at.top - height - 8) : below}px`;
}

function FootnotePopover({ editor, index }: { editor: Editor; index: number }) {
  const root = useRef<HTMLDivElement>(null);
  const place = useRef<HTMLDivElement>(null);

  // Before it is painted: the next key is meant for it.
  useLayoutEffect(() => {
    if (!root.current || !place.current) return undefined;
    const popover = root.current;
    const placed = (): PlacedFootnote | undefined => footnotesOf(editor.state).list[index];
    const close = (): void => openFootnote(editor.view, null);
    const done = (): void => {
      close();
      editor.view.focus();
    };
    const text: FootnoteText = editFootnote(place.current, editor, () => placed()?.pos ?? 0, done);
    const show = (): void => {
      const now = placed();
      if (now) text.show(now.node);
    };
    const stand = (): void => {
      const mark = markOf(editor, index);
      if (mark) placeBelow(popover, mark);
    };
    const outside = (event: PointerEvent): void => {
      if (event.target instanceof Element && !popover.contains(event.target) && !event.target.closest(".toolbar")) close();
    };
    stand();
    editor.on("update", show);
    editor.on("update", stand);
    addEventListener("scroll", stand, { capture: true, passive: true });
    addEventListener("resize", stand);
    document.addEventListener("pointerdown", outside);
    return () => {
      editor.off("update", show);
      editor.off("update", stand);
      removeEventListener("scroll", stand, { capture: true });
      removeEventListener("resize", stand);
      document.removeEventListener("pointerdown", outside);
      text.destroy();
    };
  }, [editor, index]);

  return (
    <div class="footnote-popover" role="dialog" aria-label={`Footnote ${index + 1}`} ref={root}>
      <span class="footnote-popover-number" aria-hidden="true">
        {index + 1}
      </span>
      <div class="footnote-text" ref={place} />
      <button type="button" class="button small" onClick={() => openFootnote(editor.view, null)}>
        Done
      </button>
    </div>
  );
}
