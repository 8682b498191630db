import { Dialog } from "../../../components/dialog";
import { plural } from "../../../lib/words";
import { book, can } from "../../../state/book";
import { InviteForm } from "./invite-form";
import { MemberRow } from "./member-row";
import { OfferCard } from "./offer-card";
import { PendingRow } from "./pending-row";
import { RequestRow } from "./request-row";

/** Who belongs to the book. The owner invites and changes; everybody else sees. */
export function ShareDialog({ onClose, onLeave }: { onClose: () => void; onLeave: () => void }) {
  const state = book.value;
  if (!state) return null;
  const manages = can("manage_members");
  const pending = state.invitations ?? [];
  const requests = state.requests ?? [];
  return (
    <Dialog title={manages ? `Share “${state.title}”` : `Members of “${state.title}”`} onClose={onClose} wide>
      <OfferCard offer={state.offer} />
      {manages && <InviteForm />}
      {manages && requests.length > 0 && (
        <section aria-labelledby="requests-title">
          <h3 id="requests-title" class="section-title">
            Asking to be let in
          </h3>
          <ul class="people">
            {requests.map((request) => (
              <RequestRow key={request.person.user} request={request} />
            ))}
          </ul>
        </section>
      )}
      <section aria-labelledby="members-title">
        <h3 id="members-title" class="section-title">
          {plural(state.members.length, "member")}
        </h3>
        <ul class="people">
          {state.members.map((member) => (
            <MemberRow key={member.user} member={member} manages={manages} />
          ))}
        </ul>
      </section>
      {manages && pending.length > 0 && (
        <section aria-labelledby="pending-title">
          <h3 id="pending-title" class="section-title">
            Pending invitations
          </h3>
          <ul class="people">
            {pending.map((invitation) => (
              <PendingRow key={invitation.id} invitation={invitation} />
            ))}
          </ul>
        </section>
      )}
      {!manages && <p class="quiet small">Only the owner can invite people and change roles.</p>}
      {can("leave") && (
        <div class="row">
          <button type="button" class="button danger" onClick={onLeave}>
            Leave the book…
          </button>
        </div>
      )}
    </Dialog>
  );
}
