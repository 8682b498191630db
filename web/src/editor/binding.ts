import type { EditorState } from "@tiptap/pm/state";
import { absolutePositionToRelativePosition, relativePositionToAbsolutePosition, ySyncPluginKey } from "@tiptap/y-tiptap";
import { createAbsolutePositionFromRelativePosition, createRelativePositionFromTypeIndex, type RelativePosition } from "yjs";

/** What ties an editor to its document. */
export interface Binding {
  doc: Parameters<typeof relativePositionToAbsolutePosition>[0];
  type: Parameters<typeof relativePositionToAbsolutePosition>[1];
  mapping: Parameters<typeof relativePositionToAbsolutePosition>[3];
}

interface Sync {
  binding: Binding | null;
  /** The last change came from the document. */
  isChangeOrigin: boolean;
}

function syncOf(state: EditorState): Sync | undefined {
  return ySyncPluginKey.getState(state) as Sync | undefined;
}

/** The editor's binding; null before it has one. */
export function bindingOf(state: EditorState): Binding | null {
  return syncOf(state)?.binding ?? null;
}

/** The state says what the document says: what this person does reaches the document only after it. */
export function isFromDocument(state: EditorState): boolean {
  return syncOf(state)?.isChangeOrigin ?? false;
}

/** What stands at a position, so that it can be found again; null where that cannot be told. */
export function toRelative(binding: Binding, pos: number): RelativePosition | null {
  try {
    return absolutePositionToRelativePosition(pos, binding.type, binding.mapping);
  } catch {
    return null;
  }
}

/** Where in the editor something stands now; null if it is gone, or never was here. It may come from anybody. */
export function toAbsolute(binding: Binding, position: RelativePosition, size: number): number | null {
  try {
    const place = createAbsolutePositionFromRelativePosition(position, binding.doc);
    if (place === null) return null;
    // The binding takes a position beside the first unit of a document for misplaced; not one beside what goes before.
    const again = createRelativePositionFromTypeIndex(place.type, place.index, -1);
    const found = relativePositionToAbsolutePosition(binding.doc, binding.type, again, binding.mapping);
    return found === null || found < 0 || found > size ? null : found;
  } catch {
    return null;
  }
}
