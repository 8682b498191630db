import { useId, useState } from "preact/hooks";
import type { Shared, UserRow } from "quire-client";
import { Refused, useAction } from "../../components/action";
import { Dialog } from "../../components/dialog";
import { addressesOf, choicesOf, type Choices, grantsOf } from "../../lib/permissions";
import { connected } from "../../state/session";
import { announce } from "../../state/toasts";
import { PermissionPicker } from "./permission-picker";

const DONE: Record<NonNullable<Shared["done"]>, string> = {
  asked: "is asked to join",
  granted: "has this from now on",
  unchanged: "had this already",
};

/** Gives people permissions: several at once, or one who has some already. */
export function ShareLibraryDialog({ user, onClose }: { user?: UserRow; onClose: () => void }) {
  const [emails, setEmails] = useState(user?.email ?? "");
  const [choices, setChoices] = useState<Choices>(() => choicesOf(user?.grants ?? []));
  const [shared, setShared] = useState<Shared[] | null>(null);
  const { busy, error, run } = useAction();
  const id = useId();
  const share = async () => {
    const said = await connected().library.share(addressesOf(emails), grantsOf(choices));
    announce(said.map((one) => `${one.email} ${one.done ? DONE[one.done] : one.err?.message ?? ""}`).join(". "));
    if (user && said.every((one) => one.done)) onClose();
    else setShared(said);
  };
  return (
    <Dialog title={user ? `What ${user.details.name ?? user.email} may do` : "Share the library"} onClose={onClose} wide>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          run(share);
        }}
      >
        {!user && (
          <div class="field">
            <label for={id}>E-mail addresses, separated by commas</label>
            <textarea
              id={id}
              rows={2}
              required
              autofocus
              value={emails}
              onInput={(event) => setEmails(event.currentTarget.value)}
            />
          </div>
        )}
        <PermissionPicker choices={choices} onChange={setChoices} />
        <Refused error={error} />
        {shared && (
          <ul class="shared" aria-label="What was done">
            {shared.map((one) => (
              <li key={one.email} class={one.done ? "" : "refusal"}>
                <strong>{one.email}</strong> {one.done ? DONE[one.done] : one.err?.message}
              </li>
            ))}
          </ul>
        )}
        <div class="row end">
          <button type="button" class="button" onClick={onClose}>
            {shared ? "Close" : "Cancel"}
          </button>
          <button type="submit" class="button primary" disabled={busy}>
            {user ? "Save" : "Share"}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
