import { useState } from "preact/hooks";
import type { RequestView, Role } from "quire-client";
import { Refused, useAction } from "../../../components/action";
import { Avatar } from "../../../components/avatar";
import { fromNow } from "../../../lib/time";
import { GIVEN_ROLES, ROLE_LABEL } from "../../../lib/words";
import { opened } from "../../../state/book";

/** Somebody who asks to be let in: as what, or not at all. */
export function RequestRow({ request }: { request: RequestView }) {
  const { person, email, note, at } = request;
  const [role, setRole] = useState<Role>("viewer");
  const { busy, error, run } = useAction();
  return (
    <li class="person">
      <Avatar user={person.user} name={person.name} />
      <div class="grow">
        <p>
          <strong>{person.name}</strong>
        </p>
        <p class="quiet small">
          {email === "" ? "without a proven address" : email}, {fromNow(at)}
        </p>
        {note !== null && <p class="small">“{note}”</p>}
      </div>
      <div class="row">
        <select
          class="role-select"
          aria-label={`Role for ${person.name}`}
          value={role}
          onChange={(event) => setRole(event.currentTarget.value as Role)}
        >
          {GIVEN_ROLES.map((given) => (
            <option key={given.role} value={given.role}>
              {ROLE_LABEL[given.role]}
            </option>
          ))}
        </select>
        <button
          type="button"
          class="button small primary"
          disabled={busy}
          aria-label={`Let in ${person.name}`}
          onClick={() => run(() => opened().grantAccess(person.user, role))}
        >
          Let in
        </button>
        <button
          type="button"
          class="button small"
          disabled={busy}
          aria-label={`Refuse ${person.name}`}
          onClick={() => run(() => opened().refuseAccess(person.user))}
        >
          Refuse
        </button>
      </div>
      <Refused error={error} />
    </li>
  );
}
