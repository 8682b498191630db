import type { EditorState } from "@tiptap/pm/state";
import { yUndoPluginKey } from "@tiptap/y-tiptap";

/** What comes now is undone by itself, however soon after what was before. */
export function startStep(state: EditorState): void {
  yUndoPluginKey.getState(state)?.undoManager.stopCapturing();
}

/** Whether there is a step back or forth to be taken. */
export function hasSteps(state: EditorState, stack: "undoStack" | "redoStack"): boolean {
  return (yUndoPluginKey.getState(state)?.undoManager[stack].length ?? 0) > 0;
}
