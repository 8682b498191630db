import type { Topic } from "quire-client";
import { Refused, useAction } from "../../components/action";
import { TOPIC_LABEL } from "../../lib/told-words";
import { allow, muted, mutedForAll, want } from "../../state/inbox";
import { has } from "../../state/users";

/** What I want to hear of; for whoever manages the library, what anybody does. */
export function TopicChoice() {
  const { busy, error, run } = useAction();
  const manages = has("settings");
  const choice = (topic: Topic, label: string, checked: boolean, set: (told: boolean) => Promise<void>, fixed = false) => (
    <label class="check">
      <input
        type="checkbox"
        checked={checked}
        disabled={busy || fixed}
        onChange={(event) => run(() => set(event.currentTarget.checked))}
        data-topic={topic}
      />
      {label}
    </label>
  );
  return (
    <details class="topics">
      <summary>What I am told</summary>
      <Refused error={error} />
      <ul>
        {(Object.keys(TOPIC_LABEL) as Topic[]).map((topic) => {
          const off = mutedForAll.value.includes(topic);
          return (
            <li key={topic}>
              {choice(topic, TOPIC_LABEL[topic], !off && !muted.value.includes(topic), (told) => want(topic, told), off)}
              {manages && choice(topic, "Anybody is told", !off, (told) => allow(topic, told))}
              {!manages && off && <span class="quiet small">Switched off for everybody</span>}
            </li>
          );
        })}
      </ul>
    </details>
  );
}
