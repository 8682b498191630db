import { useState } from "preact/hooks";
import type { Member, Role } from "quire-client";
import { Refused, useAction } from "../../../components/action";
import { Avatar } from "../../../components/avatar";
import { ConfirmDialog } from "../../../components/confirm-dialog";
import { date } from "../../../lib/time";
import { GIVEN_ROLES, ROLE_LABEL } from "../../../lib/words";
import { opened } from "../../../state/book";
import { connected, user } from "../../../state/session";
import { EndDialog } from "./end-dialog";

export function MemberRow({ member, manages }: { member: Member; manages: boolean }) {
  const [removing, setRemoving] = useState(false);
  const [ending, setEnding] = useState(false);
  const [offering, setOffering] = useState(false);
  const { busy, error, run } = useAction();
  const me = member.user === user.value?.id;
  const changeable = manages && member.role !== "owner";
  const offers = changeable && member.until === undefined && connected().timers.ownership_offer_ms > 0;

  return (
    <li class="person" data-member={member.email}>
      <Avatar user={member.user} name={member.name} />
      <div class="grow">
        <p>
          <strong>{member.name}</strong>
          {me && <span class="quiet"> (you)</span>}
        </p>
        <p class="quiet small">{member.email}</p>
        {member.until !== undefined && <p class="small member-end">until {date(member.until - 1)}</p>}
      </div>
      {changeable ? (
        <div class="row">
          <select
            class="role-select"
            aria-label={`Role of ${member.name}`}
            value={member.role}
            disabled={busy}
            onChange={(event) => {
              const role = event.currentTarget.value as Role;
              run(() => opened().setRole(member.user, role));
            }}
          >
            {GIVEN_ROLES.map(({ role }) => (
              <option key={role} value={role}>
                {ROLE_LABEL[role]}
              </option>
            ))}
          </select>
          {removing ? (
            <>
              <button
                type="button"
                class="button small danger"
                disabled={busy}
                onClick={() => run(() => opened().removeMember(member.user))}
              >
                Remove {member.name}
              </button>
              <button type="button" class="button small" onClick={() => setRemoving(false)}>
                Keep
              </button>
            </>
          ) : (
            <>
              <button type="button" class="button small" onClick={() => setEnding(true)} aria-label={`Until when ${member.name} is a member…`}>
                Until…
              </button>
              {offers && (
                <button type="button" class="button small" onClick={() => setOffering(true)} aria-label={`Offer the book to ${member.name}…`}>
                  Offer…
                </button>
              )}
              <button type="button" class="button small" onClick={() => setRemoving(true)} aria-label={`Remove ${member.name}…`}>
                Remove…
              </button>
            </>
          )}
        </div>
      ) : (
        <span class={`badge ${member.role}`}>{ROLE_LABEL[member.role]}</span>
      )}
      {offering && (
        <ConfirmDialog
          title={`Offer the book to ${member.name}?`}
          text={`If ${member.name} accepts, the book is theirs: they decide who belongs to it, and you are an author.`}
          action="Offer the book"
          work={() => opened().offerOwnership(member.user)}
          onClose={() => setOffering(false)}
        />
      )}
      {ending && <EndDialog member={member} onClose={() => setEnding(false)} />}
      <Refused error={error} />
    </li>
  );
}
