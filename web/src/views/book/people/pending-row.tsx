import type { InvitationView } from "quire-client";
import { Refused, useAction } from "../../../components/action";
import { mailWords } from "../../../lib/mail-words";
import { fromNow } from "../../../lib/time";
import { ROLE_LABEL } from "../../../lib/words";
import { opened } from "../../../state/book";
import { announce } from "../../../state/toasts";

export function PendingRow({ invitation }: { invitation: InvitationView }) {
  const { busy, error, run } = useAction();
  return (
    <li class="person" data-invitation={invitation.email}>
      <span class="avatar pending" aria-hidden="true">
        @
      </span>
      <div class="grow">
        <p>{invitation.email}</p>
        <p class="quiet small">
          {ROLE_LABEL[invitation.role]}, lapses {fromNow(invitation.expires_at)}
        </p>
        {invitation.mail && (
          <p class={invitation.mail.state === "failed" ? "refusal" : "quiet small"} aria-live="polite">
            {mailWords(invitation.mail)}
          </p>
        )}
      </div>
      <div class="row">
        <button
          type="button"
          class="button small"
          disabled={busy}
          aria-label={`Resend the invitation to ${invitation.email}`}
          onClick={() =>
            run(async () => {
              await opened().resendInvitation(invitation.id);
              announce(`The invitation to ${invitation.email} was renewed`);
            })
          }
        >
          Resend
        </button>
        <button
          type="button"
          class="button small"
          disabled={busy}
          aria-label={`Revoke the invitation to ${invitation.email}`}
          onClick={() => run(() => opened().revokeInvitation(invitation.id))}
        >
          Revoke
        </button>
      </div>
      <Refused error={error} />
    </li>
  );
}
