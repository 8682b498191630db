import type { OfferView } from "quire-client";
import { Refused, useAction } from "../../../components/action";
import { fromNow } from "../../../lib/time";
import { can, opened } from "../../../state/book";
import { user } from "../../../state/session";

/** That the book is offered to somebody: they answer, the owner may take it back, everybody else sees it. */
export function OfferCard({ offer }: { offer: OfferView | null }) {
  const { busy, error, run } = useAction();
  if (offer === null) return null;
  const mine = offer.to.user === user.value?.id;
  const lapses = `The offer lapses ${fromNow(offer.expires_at)}.`;
  return (
    <section class="invite" aria-label="The book is offered">
      <p class="grow">
        {mine ? `This book is offered to you: you would be its owner. ${lapses}` : `The book is offered to ${offer.to.name}. ${lapses}`}
      </p>
      {mine && (
        <>
          <button type="button" class="button small primary" disabled={busy} onClick={() => run(() => opened().acceptOwnership())}>
            Become the owner
          </button>
          <button type="button" class="button small" disabled={busy} onClick={() => run(() => opened().declineOwnership())}>
            Decline
          </button>
        </>
      )}
      {can("manage_members") && (
        <button type="button" class="button small" disabled={busy} onClick={() => run(() => opened().withdrawOwnership())}>
          Take it back
        </button>
      )}
      <Refused error={error} />
    </section>
  );
}
