import { Refused, useAction } from "./action";
import { Dialog } from "./dialog";

interface Props {
  title: string;
  text: string;
  action: string;
  work: () => Promise<unknown>;
  onClose: () => void;
}

/** Asks once more before something that cannot simply be undone. */
export function ConfirmDialog({ title, text, action, work, onClose }: Props) {
  const { busy, error, run } = useAction();
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{text}</p>
      <Refused error={error} />
      <div class="row end">
        <button type="button" class="button" autofocus onClick={onClose}>
          Cancel
        </button>
        <button type="button" class="button danger" disabled={busy} onClick={() => run(work, onClose)}>
          {action}
        </button>
      </div>
    </Dialog>
  );
}
