import { Dialog } from "../../../../components/dialog";
import { keyName, TOOLBAR } from "../../../../editor/actions";

/** What is typed and becomes something else. */
const TYPED: readonly [string, string][] = [
  ["# ## ###", "Heading 1 to 3"],
  ["- ", "Bullet list"],
  ["1. ", "Numbered list"],
  ["> ", "Quote"],
  ["***", "Scene break"],
];

/** The keys of the editor. */
export function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  const groups = TOOLBAR.map(({ label, actions }) => ({ label, rows: actions.flatMap(({ label: name, key }) => (key === undefined ? [] : [{ name, key }])) }));
  return (
    <Dialog title="Keyboard shortcuts" wide onClose={onClose}>
      <div class="shortcuts">
        {groups.map(({ label, rows }) => (
          <section key={label}>
            <h3>{label}</h3>
            <dl>
              {rows.map(({ name, key }) => (
                <div key={name}>
                  <dt>{name.replace("…", "")}</dt>
                  <dd>
                    <kbd>{keyName(key)}</kbd>
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
        <section>
          <h3>At the beginning of a line</h3>
          <dl>
            {TYPED.map(([typed, name]) => (
              <div key={typed}>
                <dt>{name}</dt>
                <dd>
                  <kbd>{typed}</kbd>
                </dd>
              </div>
            ))}
          </dl>
        </section>
      </div>
    </Dialog>
  );
}
