import { Extension } from "@tiptap/core";
import { Plugin } from "@tiptap/pm/state";
import { toast } from "../../state/toasts";
import { cleanPasted } from "./clean";
import { withoutStyles } from "./styles";

/** The longest text that is pasted at once, characters: about two novels. */
const TEXT_MAX = 1_000_000;
/** The most markup that is read for it, characters: word processors write ten times what they say. */
const HTML_MAX = 20_000_000;

function isTooLong(data: DataTransfer | null): boolean {
  return (data?.getData("text/plain").length ?? 0) > TEXT_MAX || (data?.getData("text/html").length ?? 0) > HTML_MAX;
}

function refuse(): boolean {
  toast("That is too long to be pasted at once. Paste it chapter by chapter.", { tone: "warn" });
  return true;
}

/** HTML from the clipboard, as what the schema knows. What comes from an editor like this one is that already. */
export function transformPasted(html: string): string {
  return html.includes("data-pm-slice") ? withoutStyles(html) : cleanPasted(html);
}

/** What is pasted or dropped becomes what the schema knows. */
export const CleanPaste = Extension.create({
  name: "cleanPaste",
  addProseMirrorPlugins: () => [
    new Plugin({
      props: {
        handlePaste: (_view, event) => isTooLong(event.clipboardData) && refuse(),
        handleDrop: (_view, event) => isTooLong(event.dataTransfer) && refuse(),
        transformPastedHTML: transformPasted,
      },
    }),
  ],
});
