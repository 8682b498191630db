import { useId, useState } from "preact/hooks";
import type { Role } from "quire-client";
import { Refused, useAction } from "../../../components/action";
import { GIVEN_ROLES, ROLE_LABEL } from "../../../lib/words";
import { opened } from "../../../state/book";
import { announce } from "../../../state/toasts";

export function InviteForm() {
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("author");
  const { busy, error, run } = useAction();
  const [known, setKnown] = useState<{ email: string; known: boolean } | null>(null);
  const id = useId();

  // That nobody can say is no reason to say anything: the invitation itself is refused with words.
  const lookUp = (input: HTMLInputElement) => {
    const address = input.value.trim();
    if (address === "" || !input.validity.valid || known?.email === address) return;
    opened().isKnown(address).then(
      (found) => setKnown({ email: address, known: found }),
      () => setKnown(null),
    );
  };

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const address = email.trim();
    run(async () => {
      await opened().invite(address, role);
      announce(`${address} is invited`);
    }, () => {
      setEmail("");
      setKnown(null);
    });
  };

  return (
    <form class="invite" onSubmit={submit} aria-label="Invite somebody">
      <div class="field grow">
        <label for={`${id}-email`}>E-mail address</label>
        <input
          id={`${id}-email`}
          name="invite-email"
          type="email"
          required
          autofocus
          autocomplete="off"
          value={email}
          aria-describedby={`${id}-known`}
          onInput={(event) => setEmail(event.currentTarget.value)}
          onBlur={(event) => lookUp(event.currentTarget)}
        />
      </div>
      <div class="field">
        <label for={`${id}-role`}>Role</label>
        <select
          id={`${id}-role`}
          name="invite-role"
          aria-describedby={`${id}-allows`}
          value={role}
          onChange={(event) => setRole(event.currentTarget.value as Role)}
        >
          {GIVEN_ROLES.map(({ role: given }) => (
            <option key={given} value={given}>
              {ROLE_LABEL[given]}
            </option>
          ))}
        </select>
      </div>
      <button type="submit" class="button primary" disabled={busy}>
        Invite
      </button>
      <p class="hint quiet small" id={`${id}-known`} aria-live="polite">
        {known?.email === email.trim() &&
          (known.known ? "This address has an account here." : "Nobody with this address was here yet: they can come by the invitation.")}
      </p>
      <p class="hint quiet small" id={`${id}-allows`}>
        {ROLE_LABEL[role]}: {GIVEN_ROLES.find((given) => given.role === role)?.allows}. They decide whether to accept.
      </p>
      <Refused error={error} />
    </form>
  );
}
