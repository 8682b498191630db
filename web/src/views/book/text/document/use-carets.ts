import { effect } from "@preact/signals";
import type { Editor } from "@tiptap/core";
import { useEffect } from "preact/hooks";
import { type Caret, ownPlace, showCarets } from "../../../../editor/carets";
import { writePlace } from "../../../../lib/place";
import { book, chapter, view } from "../../../../state/book";

/** Tells others where the holder is, or shows where the holder is. */
export function useCarets(editor: Editor | undefined): void {
  useEffect(() => (editor?.isEditable ? tellPlace(editor) : undefined), [editor]);
  useEffect(() => (editor && !editor.isEditable ? followHolder(editor) : undefined), [editor]);
}

function tellPlace(editor: Editor): () => void {
  const opening = view.peek();
  // The client sends the latest, at most once in 50 ms.
  const tell = (): void => {
    const place = ownPlace(editor);
    opening?.setPresence({ cursor: place && writePlace(place) });
  };
  editor.on("selectionUpdate", tell);
  editor.on("update", tell);
  tell();
  return () => {
    editor.off("selectionUpdate", tell);
    editor.off("update", tell);
    if (view.peek() === opening) opening?.setPresence({ cursor: null });
  };
}

function followHolder(editor: Editor): () => void {
  let shown = "";
  return effect(() => {
    const holder = chapter.value?.lock?.holder.session;
    const here = (book.value?.roster ?? []).filter((entry) => entry.session === holder && entry.chapter === chapter.value?.id);
    const carets: Caret[] = here.flatMap(({ name, colour, cursor }) => (cursor === null ? [] : [{ name, colour, cursor }]));
    const next = JSON.stringify(carets);
    if (next === shown) return;
    shown = next;
    showCarets(editor, carets);
  });
}
