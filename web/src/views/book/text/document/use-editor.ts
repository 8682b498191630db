import type { Editor } from "@tiptap/core";
import { useEffect, useState } from "preact/hooks";

/** Something read from the editor, again after each of its changes; what is equal is drawn once. */
export function useEditor<T>(editor: Editor, read: (editor: Editor) => T, isEqual: (left: T, right: T) => boolean = Object.is): T {
  const [value, setValue] = useState(() => read(editor));
  useEffect(() => {
    const look = (): void => {
      // What is drawn beside an editor may outlive it for a moment.
      if (editor.isDestroyed) return;
      const next = read(editor);
      setValue((before) => (isEqual(before, next) ? before : next));
    };
    look();
    editor.on("transaction", look);
    return () => void editor.off("transaction", look);
  }, [editor]);
  return value;
}
