import { Dialog } from "../../../../components/dialog";
import { keyName, TOOLBAR } from "../../../../editor/actions";

/** Keys, and what they do. */
type Keys = readonly (readonly [string, string])[];

/** Where the focus goes. */
const MOVES: Keys = [
  ["E", "Write, from the chapters"],
  ["Escape", "Back to the chapters"],
];

/** What is typed and becomes something else. */
const TYPED: Keys = [
  ["# ## ###", "Heading 1 to 3"],
  ["- ", "Bullet list"],
  ["1. ", "Numbered list"],
  ["> ", "Quote"],
  ["***", "Scene break"],
];

/** The keys of the editor. */
export function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  const groups = TOOLBAR.map(({ label, actions }) => ({
    label,
    keys: actions.flatMap(({ label: name, key }): Keys => (key === undefined ? [] : [[keyName(key), name.replace("…", "")]])),
  }));
  return (
    <Dialog title="Keyboard shortcuts" wide onClose={onClose}>
      <div class="shortcuts">
        {groups.map(({ label, keys }) => (
          <Group key={label} label={label} keys={keys} />
        ))}
        <Group label="At the beginning of a line" keys={TYPED} />
        <Group label="To and fro" keys={MOVES} />
      </div>
    </Dialog>
  );
}

function Group({ label, keys }: { label: string; keys: Keys }) {
  return (
    <section>
      <h3>{label}</h3>
      <dl>
        {keys.map(([key, name]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <kbd>{key}</kbd>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
