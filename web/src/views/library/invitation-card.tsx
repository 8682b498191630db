import type { InvitationRow } from "quire-client";
import { Refused, useAction } from "../../components/action";
import { Avatar } from "../../components/avatar";
import { fromNow } from "../../lib/time";
import { roleName } from "../../lib/words";
import { acceptInvitation, declineInvitation } from "../../state/library";
import { toast } from "../../state/toasts";

export function InvitationCard({ row }: { row: InvitationRow }) {
  const { busy, error, run } = useAction();
  return (
    <li class="invitation">
      <Avatar user={row.by.user} name={row.by.name} />
      <div class="grow">
        <p>
          <strong>{row.by.name}</strong> invites you to <cite>{row.title}</cite> as {roleName(row.role)}.
        </p>
        <p class="quiet small">Lapses {fromNow(row.expires_at)}</p>
        <Refused error={error} />
      </div>
      <div class="row">
        <button
          type="button"
          class="button primary"
          disabled={busy}
          onClick={() => run(async () => {
            await acceptInvitation(row);
            toast(`“${row.title}” is among your books now.`);
          })}
        >
          Accept
        </button>
        <button type="button" class="button" disabled={busy} onClick={() => run(() => declineInvitation(row))}>
          Decline
        </button>
      </div>
    </li>
  );
}
