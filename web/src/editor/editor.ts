import { Editor } from "@tiptap/core";
import Collaboration from "@tiptap/extension-collaboration";
import StarterKit from "@tiptap/starter-kit";
import type { Doc } from "yjs";

/** The hub takes no other addresses. */
const SCHEMES = ["http", "https", "mailto"];

/** An editor on a chapter's document. It writes nothing by itself: what it does not show stays in the document. */
export function editorOf(element: HTMLElement, doc: Doc, editable: boolean, label: string): Editor {
  return new Editor({
    element,
    editable,
    // The hub's content security policy allows no style that a script writes into the page.
    injectCSS: false,
    extensions: [
      StarterKit.configure({
        // Undoing is the document's: only what this person wrote.
        undoRedo: false,
        trailingNode: false,
        link: { openOnClick: !editable, autolink: editable, isAllowedUri: (uri) => isAllowed(uri) },
      }),
      Collaboration.configure({ document: doc, field: "default" }),
    ],
    editorProps: {
      attributes: editable
        ? { role: "textbox", "aria-multiline": "true", "aria-label": label, spellcheck: "true" }
        : { "aria-label": label },
    },
  });
}

function isAllowed(uri: string): boolean {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(uri.trim())?.[1]?.toLowerCase();
  return scheme === undefined || SCHEMES.includes(scheme);
}
