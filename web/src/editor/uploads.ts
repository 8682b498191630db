import { type Editor, Extension } from "@tiptap/core";
import { type EditorState, NodeSelection, Plugin, PluginKey, Selection } from "@tiptap/pm/state";
import { Decoration, DecorationSet, type EditorView } from "@tiptap/pm/view";
import { bringPicture, type Added, PICTURE_TYPES } from "../lib/pictures";
import { messageOf } from "../lib/refusal";
import { opened } from "../state/book";
import { connected } from "../state/session";
import { announce, toast } from "../state/toasts";
import { panel } from "./panel";
import { insertBlock } from "./scene-break";

/** Pictures that are brought at once by one paste or drop. */
const AT_ONCE_MAX = 20;

/** Where pictures will stand that are on their way: the places move with the text. */
const key = new PluginKey<DecorationSet>("uploads");

interface Change {
  add?: { id: number; at: number; dom: HTMLElement };
  remove?: number;
}

let lastId = 0;

/** Shows how much of each picture is there, where it will stand. */
export const Uploads = Extension.create({
  name: "uploads",
  addProseMirrorPlugins: () => [
    new Plugin<DecorationSet>({
      key,
      state: {
        init: () => DecorationSet.empty,
        apply: (tr, before) => {
          const { add, remove } = (tr.getMeta(key) as Change | undefined) ?? {};
          let places = before.map(tr.mapping, tr.doc);
          if (add) places = places.add(tr.doc, [Decoration.widget(add.at, add.dom, { id: add.id, side: -1 })]);
          if (remove !== undefined) places = places.remove(placesOf(places, remove));
          return places;
        },
      },
      props: { decorations: (state) => key.getState(state) },
    }),
  ],
});

function placesOf(places: DecorationSet, id: number): Decoration[] {
  return places.find(undefined, undefined, (spec) => spec["id"] === id);
}

function placeOf(state: EditorState, id: number): number | undefined {
  return placesOf(key.getState(state) ?? DecorationSet.empty, id)[0]?.from;
}

/** The pictures among what was pasted or dropped. Word processors send a picture of their text along with it. */
export function picturesIn(data: DataTransfer | null): File[] {
  const files = [...(data?.files ?? [])].filter(({ type }) => type.startsWith("image/"));
  if (files.length === 0 || !data) return [];
  const html = new DOMParser().parseFromString(data.getData("text/html"), "text/html");
  const isText = (data.getData("text/plain") + (html.body.textContent ?? "")).trim() !== "";
  return isText ? [] : files;
}

/** Lets the person choose pictures and puts them where the cursor is. */
export function choosePicture(editor: Editor): void {
  const chooser = document.createElement("input");
  chooser.type = "file";
  chooser.accept = PICTURE_TYPES.join(",");
  chooser.onchange = () => {
    const [file] = chooser.files ?? [];
    if (!file || editor.isDestroyed) return;
    bringPictures(editor.view, [file], editor.state.selection.from, true);
  };
  chooser.click();
}

/** Brings pictures into the book and puts them into the text. `asks`: what is to be seen on it is asked for then. */
export function bringPictures(view: EditorView, files: readonly File[], at: number, asks = false): void {
  if (files.length > AT_ONCE_MAX) {
    toast(`Bring at most ${AT_ONCE_MAX} pictures at once.`, { tone: "warn" });
    return;
  }
  for (const file of files) void bring(view, file, at, asks);
}

async function bring(view: EditorView, file: File, at: number, asks: boolean): Promise<void> {
  const max = connected().limits.asset_bytes;
  if (file.size > max) {
    toast(`${file.name} is too large: a picture may have ${Math.floor(max / (1024 * 1024))} MB.`, { tone: "warn" });
    return;
  }
  lastId += 1;
  const id = lastId;
  const { dom, progress } = sign();
  view.dispatch(view.state.tr.setMeta(key, { add: { id, at, dom } } satisfies Change));
  const ended = new AbortController();
  try {
    const added = await bringPicture(opened().id, file, (part) => (progress.value = part), ended.signal);
    place(view, id, added, asks);
  } catch (error) {
    toast(`The picture was not taken. ${messageOf(error)}`, { tone: "warn" });
    if (!view.isDestroyed) view.dispatch(view.state.tr.setMeta(key, { remove: id } satisfies Change));
  }
}

function sign(): { dom: HTMLElement; progress: HTMLProgressElement } {
  const dom = document.createElement("span");
  dom.className = "uploading";
  dom.contentEditable = "false";
  const progress = dom.appendChild(document.createElement("progress"));
  progress.setAttribute("aria-label", "The picture is on its way");
  progress.value = 0;
  return { dom, progress };
}

/** Puts a picture where its sign stands now. */
function place(view: EditorView, id: number, added: Added, asks: boolean): void {
  const at = view.isDestroyed ? undefined : placeOf(view.state, id);
  if (at === undefined) {
    toast("The picture is in the book, but not in the text: the place for it is gone.", { tone: "warn" });
    return;
  }
  const { tr, schema } = view.state;
  const before = tr.selection.getBookmark();
  tr.setMeta(key, { remove: id } satisfies Change);
  tr.setSelection(Selection.near(tr.doc.resolve(at)));
  const pos = insertBlock(tr, schema.node("image", { asset: added.asset }));
  if (asks && pos >= 0) tr.setSelection(NodeSelection.create(tr.doc, pos));
  else tr.setSelection(before.map(tr.mapping).resolve(tr.doc));
  view.dispatch(tr.scrollIntoView());
  announce("The picture is in the text.");
  if (asks && pos >= 0) panel.value = "picture";
}
