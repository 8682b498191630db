import type { Editor } from "@tiptap/core";
import { useId, useState } from "preact/hooks";
import { Refused } from "../../../../components/action";
import { Dialog } from "../../../../components/dialog";
import { addressOf } from "../../../../editor/addresses";

/** Where the selected words lead; without a selection, the address itself becomes the words. */
export function LinkDialog({ editor, onClose }: { editor: Editor; onClose: () => void }) {
  const before = (editor.getAttributes("link")["href"] as string | null | undefined) ?? "";
  const [typed, setTyped] = useState(before);
  const [error, setError] = useState<string>();
  const id = useId();

  const close = () => {
    onClose();
    editor.view.focus();
  };
  const take = () => {
    const href = addressOf(typed);
    if (href === undefined) {
      setError("A link leads to a web page (https://…) or to an e-mail address.");
      return;
    }
    const chain = editor.chain().extendMarkRange("link");
    if (editor.state.selection.empty && before === "") {
      chain.insertContent({ type: "text", text: typed.trim(), marks: [{ type: "link", attrs: { href } }] });
    } else {
      chain.setMark("link", { href });
    }
    chain.run();
    close();
  };
  return (
    <Dialog title="Link" onClose={close}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          take();
        }}
      >
        <div class="field">
          <label for={id}>Address</label>
          <input
            id={id}
            autofocus
            inputMode="url"
            autocomplete="url"
            placeholder="https://"
            value={typed}
            onInput={(event) => {
              setTyped(event.currentTarget.value);
              setError(undefined);
            }}
          />
        </div>
        <Refused error={error} />
        <div class="row end">
          {before !== "" && (
            <button
              type="button"
              class="button"
              onClick={() => {
                editor.chain().extendMarkRange("link").unsetMark("link").run();
                close();
              }}
            >
              Remove the link
            </button>
          )}
          <button type="button" class="button" onClick={close}>
            Cancel
          </button>
          <button type="submit" class="button primary">
            {before === "" ? "Link" : "Change"}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
