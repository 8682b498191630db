import { useEffect, useRef, useState } from "preact/hooks";
import type { Delivery, Webhook } from "quire-client";
import { Refused, useAction } from "../../components/action";
import { pointInTime } from "../../lib/time";
import { attemptsSay, DELIVERY_LABEL, deliveryName, hostOf } from "../../lib/webhooks";
import { connected } from "../../state/session";
import { followDeliveries } from "../../state/webhooks";

/** What a webhook is still to be told, and what it was told last. */
export function Deliveries({ webhook, onBack }: { webhook: Webhook; onBack: () => void }) {
  const [deliveries, setDeliveries] = useState<readonly Delivery[] | null>(null);
  const [problem, setProblem] = useState<string>();
  const look = useRef<() => Promise<void>>(async () => undefined);
  useEffect(() => {
    const following = followDeliveries(webhook.id, setDeliveries, setProblem);
    look.current = following.look;
    return following.stop;
  }, [webhook.id]);
  return (
    <>
      <p class="quiet">What was sent to {hostOf(webhook.url)}, and what waits: the newest first.</p>
      <Refused error={problem} />
      {deliveries?.length === 0 && <p class="empty">Nothing was sent yet.</p>}
      <ul class="deliveries" aria-label="Deliveries">
        {deliveries?.map((delivery) => (
          <Row key={delivery.id} webhook={webhook} delivery={delivery} onSent={() => void look.current()} />
        ))}
      </ul>
      <div class="row end">
        <button type="button" class="button" onClick={() => void look.current()}>
          Look again
        </button>
        <button type="button" class="button primary" autofocus onClick={onBack}>
          Back
        </button>
      </div>
    </>
  );
}

function Row({ webhook, delivery, onSent }: { webhook: Webhook; delivery: Delivery; onSent: () => void }) {
  const { busy, error, run } = useAction();
  const { id, state, at, attempts, book } = delivery;
  const again = async () => {
    await connected().library.sendToWebhook(webhook.id, id);
    onSent();
  };
  return (
    <li data-state={state}>
      <div>
        <strong>{deliveryName(delivery)}</strong>{" "}
        <time class="quiet small" dateTime={new Date(at).toISOString()}>
          {pointInTime(at)}
        </time>
        <p class={state === "given_up" || state === "dropped" ? "small refusal" : "small"}>
          {DELIVERY_LABEL[state]}: {attemptsSay(attempts)}
        </p>
        <p class="quiet small">
          {id}
          {book !== null && `, in ${book}`}
        </p>
        <Refused error={error} />
      </div>
      {state !== "waiting" && (
        <button type="button" class="button" disabled={busy} onClick={() => run(again)} aria-label={`Send again: ${id}`}>
          Send again
        </button>
      )}
    </li>
  );
}
