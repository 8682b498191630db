import { useId, useState } from "preact/hooks";
import type { UserDetails, UserRow } from "quire-client";
import { Refused, useAction } from "../../components/action";
import { Dialog } from "../../components/dialog";
import { connected } from "../../state/session";
import { announce } from "../../state/toasts";

const FIELDS: readonly { name: keyof UserDetails; label: string; hint?: string }[] = [
  { name: "name", label: "Name" },
  { name: "organisation", label: "Organisation" },
  { name: "department", label: "Department" },
  { name: "country", label: "Country", hint: "two letters, such as KE" },
  { name: "role", label: "Role", hint: "in your own words; permissions can be limited to it" },
];

/** Adds a user, or changes what is said of one. */
export function UserDialog({ user, onClose }: { user?: UserRow; onClose: () => void }) {
  const [email, setEmail] = useState(user?.email ?? "");
  const [details, setDetails] = useState<UserDetails>(user?.details ?? {});
  const { busy, error, run } = useAction();
  const id = useId();
  const save = async () => {
    const { library } = connected();
    if (!user) {
      const given = Object.fromEntries(Object.entries(details).filter(([, text]) => text !== ""));
      await library.addUser(email.trim(), given);
      announce(`${email.trim()} is asked to join`);
      return;
    }
    const changed = FIELDS.filter(({ name }) => (details[name] ?? "") !== (user.details[name] ?? ""));
    await library.updateUser(user.email, {
      patch: Object.fromEntries(changed.map(({ name }) => [name, details[name] || null])),
    });
  };
  return (
    <Dialog title={user ? user.email : "Add a user"} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          run(save, onClose);
        }}
      >
        {!user && (
          <div class="field">
            <label for={`${id}-email`}>E-mail address</label>
            <input
              id={`${id}-email`}
              type="email"
              required
              autofocus
              value={email}
              onInput={(event) => setEmail(event.currentTarget.value)}
            />
          </div>
        )}
        {FIELDS.map(({ name, label, hint }) => (
          <div class="field" key={name}>
            <label for={`${id}-${name}`}>
              {label} {hint && <span class="quiet small">{hint}</span>}
            </label>
            <input
              id={`${id}-${name}`}
              value={details[name] ?? ""}
              onInput={(event) => setDetails({ ...details, [name]: event.currentTarget.value })}
            />
          </div>
        ))}
        <Refused error={error} />
        <div class="row end">
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="button primary" disabled={busy}>
            {user ? "Save" : "Add"}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
