import type { BookState } from "quire-client";
import { Dialog } from "../../../components/dialog";
import { Printed } from "./printed";

/** The whole book from its title page to its end, as it will be read. */
export function PreviewDialog({ state, onClose }: { state: BookState; onClose: () => void }) {
  return (
    <Dialog title="Preview" onClose={onClose} wide>
      <Printed state={state} format={state.format} />
    </Dialog>
  );
}
