import type { Editor } from "@tiptap/core";
import { isInTable } from "@tiptap/pm/tables";
import { useRef, useState } from "preact/hooks";
import { Icon } from "../../../../components/icon";
import { type Action, keyName, perform, TABLE_ACTIONS, TOOLBAR } from "../../../../editor/actions";
import { useEditor } from "./use-editor";

/** How each button stands: `a`ctive, `d`isabled, or neither. */
type States = Record<string, string>;

function statesOf(editor: Editor): States {
  const inTable = isInTable(editor.state);
  const actions = [...TOOLBAR.flatMap((group) => group.actions), ...(inTable ? TABLE_ACTIONS : [])];
  const states = actions.map((action) => {
    const active = action.isActive?.(editor) === true;
    const disabled = action.isEnabled?.(editor) === false;
    return [action.id, `${active ? "a" : ""}${disabled ? "d" : ""}`];
  });
  return { ...Object.fromEntries(states), inTable: `${inTable}` };
}

function equalStates(left: States, right: States): boolean {
  const ids = Object.keys(left);
  return ids.length === Object.keys(right).length && ids.every((id) => left[id] === right[id]);
}

/** What the holder can do to the text. One stop for Tab; the arrows walk within. */
export function Toolbar({ editor }: { editor: Editor }) {
  const root = useRef<HTMLDivElement>(null);
  const [current, setCurrent] = useState(TOOLBAR[0]?.actions[0]?.id);
  const states = useEditor(editor, statesOf, equalStates);
  const inTable = states["inTable"] === "true";
  const groups = inTable ? [...TOOLBAR, { label: "Table", actions: TABLE_ACTIONS }] : TOOLBAR;
  const isThere = groups.some(({ actions }) => actions.some(({ id }) => id === current));
  const stop = isThere ? current : TOOLBAR[0]?.actions[0]?.id;

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      editor.view.focus();
      return;
    }
    const buttons = [...(root.current?.querySelectorAll<HTMLButtonElement>("button") ?? [])];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    buttons.at(next % buttons.length)?.focus();
  };

  return (
    <div class="toolbar" role="toolbar" aria-label="Format" aria-controls={editor.view.dom.id} ref={root} onKeyDown={onKeyDown}>
      {groups.map(({ label, actions }) => (
        <div key={label} class={label === "Table" ? "tool-group in-table" : "tool-group"} role="group" aria-label={label}>
          {actions.map((action) => (
            <Tool
              key={action.id}
              action={action}
              state={states[action.id] ?? ""}
              isStop={action.id === stop}
              onFocus={() => setCurrent(action.id)}
              onPress={() => perform(editor, action)}
            />
          ))}
        </div>
      ))}
    </div>
  );
}

interface ToolProps {
  action: Action;
  state: string;
  isStop: boolean;
  onFocus: () => void;
  onPress: () => void;
}

function Tool({ action, state, isStop, onFocus, onPress }: ToolProps) {
  const { label, key, face } = action;
  return (
    <button
      type="button"
      class={"letters" in face && face.letters.length > 2 ? "tool wide" : "tool"}
      aria-label={label}
      title={key === undefined ? label : `${label} (${keyName(key)})`}
      aria-pressed={action.isActive ? state.includes("a") : undefined}
      // Not `disabled`: the arrows must not lose their place, nor the focus what it is on.
      aria-disabled={state.includes("d")}
      tabIndex={isStop ? 0 : -1}
      onFocus={onFocus}
      // The selection stays in the text.
      onPointerDown={(event) => event.preventDefault()}
      onClick={onPress}
    >
      {"icon" in face ? <Icon name={face.icon} size={18} /> : <span class={`letters ${face.style ?? ""}`} data-letters={face.letters} />}
    </button>
  );
}
