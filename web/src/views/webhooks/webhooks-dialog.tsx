import { useEffect, useState } from "preact/hooks";
import type { Webhook } from "quire-client";
import { Refused, useAction } from "../../components/action";
import { Dialog } from "../../components/dialog";
import { hostOf } from "../../lib/webhooks";
import { plural } from "../../lib/words";
import { connected } from "../../state/session";
import { announce } from "../../state/toasts";
import { followWebhooks, webhooks } from "../../state/webhooks";
import { Deliveries } from "./deliveries";
import { WebhookForm } from "./webhook-form";

/** What is shown: all of them, one that is set, or what one was sent. */
type Shown = { what: "all" } | { what: "form"; webhook?: Webhook } | { what: "deliveries"; webhook: Webhook };

/** Other programs that are told what happens in the library's books. */
export function WebhooksDialog({ onClose }: { onClose: () => void }) {
  const [shown, setShown] = useState<Shown>({ what: "all" });
  const [secret, setSecret] = useState<string | null>(null);
  useEffect(followWebhooks, []);
  const all = () => setShown({ what: "all" });
  const title = { all: "Webhooks", form: "Webhook", deliveries: "Deliveries" }[shown.what];
  return (
    <Dialog title={title} onClose={onClose} wide>
      {shown.what === "all" && <All secret={secret} onShow={setShown} />}
      {shown.what === "deliveries" && <Deliveries webhook={shown.webhook} onBack={all} />}
      {shown.what === "form" && (
        <WebhookForm
          {...(shown.webhook && { webhook: shown.webhook })}
          onBack={all}
          onSet={(secret) => {
            setSecret(secret);
            all();
          }}
        />
      )}
    </Dialog>
  );
}

function All({ secret, onShow }: { secret: string | null; onShow: (shown: Shown) => void }) {
  const { rows, error } = webhooks.value;
  return (
    <>
      <p class="quiet">Other programs are told here what happens in the library's books, each by a signed call to its address.</p>
      {secret !== null && <Secret secret={secret} />}
      <Refused error={error} />
      {rows.length === 0 && error === undefined && <p class="empty">There are no webhooks.</p>}
      <ul class="webhooks" aria-label="Webhooks">
        {rows.map((webhook) => (
          <Row key={webhook.id} webhook={webhook} onShow={onShow} />
        ))}
      </ul>
      <div class="row end">
        <button type="button" class="button primary" autofocus onClick={() => onShow({ what: "form" })}>
          Add a webhook…
        </button>
      </div>
    </>
  );
}

/** It is never shown again. */
function Secret({ secret }: { secret: string }) {
  const { busy, error, run } = useAction();
  const copy = async () => {
    await navigator.clipboard.writeText(secret);
    announce("The secret is on the clipboard");
  };
  return (
    <div class="secret" role="status">
      <p>
        <strong>Keep this secret now.</strong> Calls are signed with it, and it is never shown again.
      </p>
      <div class="row">
        <code>{secret}</code>
        <button type="button" class="button" disabled={busy} onClick={() => run(copy)}>
          Copy
        </button>
      </div>
      <Refused error={error} />
    </div>
  );
}

function stateOf({ on, rests, by }: Webhook): string {
  if (!on) return "Off: what happens meanwhile is not told";
  if (rests) return `Rests: ${by.name} may not manage settings any more. Whoever saves it again has it`;
  return "On";
}

function Row({ webhook, onShow }: { webhook: Webhook; onShow: (shown: Shown) => void }) {
  const { busy, error, run } = useAction();
  const [asks, setAsks] = useState(false);
  const { id, url, topics, by } = webhook;
  const { library } = connected();
  const host = hostOf(url);
  const test = async () => {
    await library.sendToWebhook(id);
    onShow({ what: "deliveries", webhook });
  };
  return (
    <li data-webhook={id}>
      <div>
        <strong>{host}</strong>
        <p class="quiet small">{url}</p>
        <p class="quiet small">
          {stateOf(webhook)}. Set by {by.name}, told of {plural(topics.length, "event")}.
        </p>
        <Refused error={error} />
      </div>
      <div class="row">
        <button type="button" class="button" onClick={() => onShow({ what: "form", webhook })} aria-label={`Edit… ${host}`}>
          Edit…
        </button>
        <button type="button" class="button" onClick={() => onShow({ what: "deliveries", webhook })} aria-label={`Deliveries to ${host}`}>
          Deliveries
        </button>
        <button type="button" class="button" disabled={busy} onClick={() => run(test)} aria-label={`Send a test to ${host}`}>
          Send a test
        </button>
        {asks ? (
          <button type="button" class="button danger" disabled={busy} onClick={() => run(() => library.removeWebhook(id))}>
            Really remove {host}
          </button>
        ) : (
          <button type="button" class="button" onClick={() => setAsks(true)} aria-label={`Remove ${host}`}>
            Remove
          </button>
        )}
      </div>
    </li>
  );
}
