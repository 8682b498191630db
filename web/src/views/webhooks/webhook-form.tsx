import { useId, useState } from "preact/hooks";
import { newId, type Topic, type Webhook } from "quire-client";
import { Refused, useAction } from "../../components/action";
import { EVENT_LABEL, EVENTS } from "../../lib/webhooks";
import { connected } from "../../state/session";

interface Props {
  /** Absent: a new one. */
  webhook?: Webhook;
  onBack: () => void;
  /** It is set; with its secret, if that is new. */
  onSet: (secret: string | null) => void;
}

/** Where a webhook leads, and what it is told of. */
export function WebhookForm({ webhook, onBack, onSet }: Props) {
  const [url, setUrl] = useState(webhook?.url ?? "");
  const [topics, setTopics] = useState<readonly Topic[]>(webhook?.topics ?? EVENTS);
  const [on, setOn] = useState(webhook?.on ?? true);
  const [renew, setRenew] = useState(false);
  // Asked for once more, it is the same one.
  const [id] = useState(() => webhook?.id ?? newId());
  const { busy, error, run } = useAction();
  const field = useId();
  const set = async () => {
    const { secret } = await connected().library.setWebhook({ webhook: id, url: url.trim(), topics: [...topics], on, renew });
    onSet(secret);
  };
  const choose = (topic: Topic, chosen: boolean) =>
    setTopics(EVENTS.filter((one) => (one === topic ? chosen : topics.includes(one))));
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        run(set);
      }}
    >
      <div class="field">
        <label for={field}>
          Address <span class="quiet small">begins with https://</span>
        </label>
        <input id={field} type="url" required autofocus value={url} onInput={(event) => setUrl(event.currentTarget.value)} />
      </div>
      <fieldset class="events">
        <legend>What it is told of</legend>
        <div class="row">
          <button type="button" class="button" onClick={() => setTopics(EVENTS)}>
            All
          </button>
          <button type="button" class="button" onClick={() => setTopics([])}>
            None
          </button>
        </div>
        <div class="event-grid">
          {EVENTS.map((topic) => (
            <label key={topic}>
              <input
                type="checkbox"
                checked={topics.includes(topic)}
                onChange={(event) => choose(topic, event.currentTarget.checked)}
              />
              {EVENT_LABEL[topic]}
            </label>
          ))}
        </div>
      </fieldset>
      <p class="quiet small">It is told what you may know of the books of the library, for as long as you may manage settings.</p>
      <label class="check">
        <input type="checkbox" checked={on} onChange={(event) => setOn(event.currentTarget.checked)} />
        It is on
      </label>
      {webhook && (
        <label class="check">
          <input type="checkbox" checked={renew} onChange={(event) => setRenew(event.currentTarget.checked)} />
          Make a new secret; the one in use ends
        </label>
      )}
      <Refused error={error} />
      <div class="row end">
        <button type="button" class="button" onClick={onBack}>
          Back
        </button>
        <button type="submit" class="button primary" disabled={busy}>
          {webhook ? "Save" : "Add"}
        </button>
      </div>
    </form>
  );
}
