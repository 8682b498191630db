import type { Editor } from "@tiptap/core";
import { useId, useState } from "preact/hooks";
import { Dialog } from "../../../../components/dialog";
import { changePicture, selectedPicture, WIDTHS } from "../../../../editor/picture";
import { percentOf } from "../../../../lib/pictures";

/** What is to be seen on the selected picture, and how wide it is. */
export function PictureDialog({ editor, onClose }: { editor: Editor; onClose: () => void }) {
  const before = selectedPicture(editor.state) ?? {};
  const [words, setWords] = useState(typeof before["alt"] === "string" ? before["alt"] : "");
  const [percent, setPercent] = useState<number | null>(percentOf(before["width"]) ?? null);
  const id = useId();
  // One that another program set is offered as it is.
  const isListed = WIDTHS.some((width) => width.percent === percent);
  const widths = isListed ? WIDTHS : [...WIDTHS, { label: `${percent} %`, percent }];

  const close = () => {
    onClose();
    editor.view.focus();
  };
  return (
    <Dialog title="Picture" onClose={close}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          changePicture(editor, words.trim(), percent);
          close();
        }}
      >
        <div class="field">
          <label for={id}>What is to be seen on it</label>
          <textarea
            id={id}
            autofocus
            rows={3}
            maxLength={1_000}
            aria-describedby={`${id}-why`}
            value={words}
            onInput={(event) => setWords(event.currentTarget.value)}
          />
          <p id={`${id}-why`} class="quiet small">
            For those who cannot see it, and for files that hold no pictures. Empty if it only decorates.
          </p>
        </div>
        <fieldset class="choices">
          <legend>Width</legend>
          {widths.map((width) => (
            <label key={width.label}>
              <input type="radio" name={`${id}-width`} checked={width.percent === percent} onChange={() => setPercent(width.percent)} />
              {width.label}
            </label>
          ))}
        </fieldset>
        <div class="row end">
          <button type="button" class="button" onClick={close}>
            Cancel
          </button>
          <button type="submit" class="button primary">
            Save
          </button>
        </div>
      </form>
    </Dialog>
  );
}
