import { useId, useState } from "preact/hooks";
import type { VersionRow } from "quire-client";
import { Refused, useAction } from "../../../components/action";
import { Dialog } from "../../../components/dialog";
import { keptWhen } from "../../../lib/version-words";
import { opened } from "../../../state/book";
import { connected } from "../../../state/session";

interface Props {
  chapter: string;
  version: VersionRow;
  onNamed: (label: string | null) => void;
  onClose: () => void;
}

/** Gives a version a name, another one, or none. */
export function NameDialog({ chapter, version, onNamed, onClose }: Props) {
  const [label, setLabel] = useState(version.label ?? "");
  const { busy, error, run } = useAction();
  const id = useId();
  const name = (to: string | null) => run(() => opened().nameVersion(chapter, version.rev, to), () => onNamed(to));
  return (
    <Dialog title={version.label === null ? "Name this version" : "Rename this version"} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          name(label.trim());
        }}
      >
        <div class="field">
          <label for={id}>Name</label>
          <input
            id={id}
            name="label"
            required
            autofocus
            maxLength={connected().limits.title_chars}
            value={label}
            onInput={(event) => setLabel(event.currentTarget.value)}
          />
          <p class="hint">
            The version of {keptWhen(version)}.{" "}
            {version.pinned
              ? "It belongs to the history of the book: it stays, with a name or without."
              : "Named versions stay, however old they become."}
          </p>
        </div>
        <Refused error={error} />
        <div class="row end">
          {version.label !== null && (
            <button type="button" class="button danger" disabled={busy} onClick={() => name(null)}>
              Remove the name
            </button>
          )}
          <span class="grow" />
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="button primary" disabled={busy}>
            Save
          </button>
        </div>
      </form>
    </Dialog>
  );
}
