import { Extension } from "@tiptap/core";
import { Plugin } from "@tiptap/pm/state";
import { Decoration, DecorationSet } from "@tiptap/pm/view";

/** A text that was written elsewhere often begins with its own title, which the page shows above it already. */
export const OwnTitle = Extension.create<{ title: string }>({
  name: "ownTitle",
  addOptions: () => ({ title: "" }),
  addProseMirrorPlugins() {
    const title = this.options.title.trim().toLowerCase();
    return [
      new Plugin({
        props: {
          decorations: ({ doc }) => {
            const first = doc.firstChild;
            const isTitle = first?.type.name === "heading" && first.textContent.trim().toLowerCase() === title;
            return isTitle ? DecorationSet.create(doc, [Decoration.node(0, first.nodeSize, { class: "sr-only" })]) : null;
          },
        },
      }),
    ];
  },
});
