import { effect } from "@preact/signals";
import type { Editor } from "@tiptap/core";
import { useEffect } from "preact/hooks";
import { colour } from "quire-client";
import { type Caret, ownPlace, showCarets } from "../../../../editor/carets";
import { paced } from "../../../../lib/paced";
import { writePlace } from "../../../../lib/place";
import { book, chapterId, view } from "../../../../state/book";
import { connected, session } from "../../../../state/session";

/** A place is told five times a second at most: the eye follows that, and everybody in the book gets it. */
const PAUSE_MS = 200;
/** As many carets as anybody can tell apart. */
const CARETS_MAX = 50;

/** Shows where others are who write here, and tells them where whoever writes in this editor is. */
export function useCarets(editor: Editor | undefined): void {
  useEffect(() => (editor?.isEditable ? tellPlace(editor) : undefined), [editor]);
  useEffect(() => (editor ? showOthers(editor) : undefined), [editor]);
}

function tellPlace(editor: Editor): () => void {
  const opening = view.peek();
  let told: string | null = null;
  const pace = paced(PAUSE_MS, () => {
    const place = ownPlace(editor);
    const cursor = place && writePlace(place);
    const fits = cursor === null || cursor.length <= connected().limits.cursor_bytes;
    if (cursor === told || !fits) return;
    told = cursor;
    opening?.setPresence({ cursor });
  });
  // What a footnote's editor does is a transaction of the chapter's.
  editor.on("transaction", pace.ask);
  pace.ask();
  return () => {
    pace.cancel();
    editor.off("transaction", pace.ask);
    if (view.peek() === opening) opening?.setPresence({ cursor: null });
  };
}

/** The carets of all other sessions that tell their place in the chapter in view, while somebody sits at them. */
function othersHere(): Caret[] {
  const here = (book.value?.roster ?? []).filter(
    (entry) => entry.chapter === chapterId.value && entry.session !== session.value && entry.state === "active",
  );
  const carets = here.flatMap(({ session, user, name, cursor }) =>
    cursor === null ? [] : [{ session, name, colour: colour(user), cursor }],
  );
  return carets.slice(0, CARETS_MAX);
}

function showOthers(editor: Editor): () => void {
  let shown = "[]";
  return effect(() => {
    const carets = othersHere();
    const next = JSON.stringify(carets);
    if (next === shown) return;
    shown = next;
    showCarets(editor, carets);
  });
}
