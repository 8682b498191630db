import type { ComponentChildren } from "preact";
import type { ByMail, TopicChoice as Choice, TopicSwitch } from "quire-client";
import { Refused, useAction } from "../../components/action";
import { TOPIC_LABEL } from "../../lib/told-words";
import { allow, choices, mailTo, switches, want } from "../../state/inbox";
import { has } from "../../state/users";

const BY_MAIL: readonly [ByMail, string][] = [
  ["off", "Never"],
  ["at_once", "At once"],
  ["daily", "Daily"],
];

const HEADS = ["What", "Bell", "Mail"];

type Run = (task: () => Promise<void>) => void;

/** How I want to be told of what; for whoever manages the library, how anybody may be. */
export function TopicChoice({ open }: { open: boolean }) {
  const { busy, error, run } = useAction();
  return (
    <>
      <details class="topics" open={open}>
        <summary>What I am told</summary>
        <p class="quiet small">
          {mailTo.value === null ? "No mail reaches you from here: none is sent, or your address is not known." : `Mail goes to ${mailTo.value}.`}
        </p>
        <Refused error={error} />
        <Topics label="What I am told">
          {choices.value.map((choice) => (
            <Mine key={choice.topic} choice={choice} busy={busy} run={run} />
          ))}
        </Topics>
      </details>
      {has("settings") && (
        <details class="topics">
          <summary>What anybody may be told</summary>
          <Topics label="What anybody may be told">
            {switches.value.map((one) => (
              <Anybodys key={one.topic} one={one} busy={busy} run={run} />
            ))}
          </Topics>
        </details>
      )}
    </>
  );
}

function Topics({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <table class="topic-table" aria-label={label}>
      <thead>
        <tr>
          {HEADS.map((head) => (
            <th key={head} scope="col">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  );
}

/** What the library switched off for everybody, in words. */
function switchedOff({ inbox, mail }: TopicSwitch): string | undefined {
  if (inbox && mail) return undefined;
  const what = inbox ? "Mail is" : mail ? "The bell is" : "It is";
  return `${what} switched off for everybody`;
}

/** What the library switched off stays as I chose it, and cannot be chosen meanwhile. */
function Mine({ choice, busy, run }: { choice: Choice; busy: boolean; run: Run }) {
  const { topic, inbox, mail } = choice;
  const allowed = switches.value.find((one) => one.topic === topic) ?? { topic, inbox: true, mail: true };
  const name = TOPIC_LABEL[topic];
  const off = switchedOff(allowed);
  return (
    <tr>
      <th scope="row">
        {name}
        {off !== undefined && <span class="quiet small topic-off">{off}</span>}
      </th>
      <td>
        <input
          type="checkbox"
          aria-label={`${name}: in the bell`}
          checked={inbox && allowed.inbox}
          disabled={busy || !allowed.inbox}
          onChange={(event) => {
            const inbox = event.currentTarget.checked;
            run(() => want({ ...choice, inbox }));
          }}
        />
      </td>
      <td>
        {topic === "invited" ? (
          <span class="quiet small">A letter of its own</span>
        ) : (
          <select
            aria-label={`${name}: by mail`}
            value={allowed.mail ? mail : "off"}
            disabled={busy || !allowed.mail}
            onChange={(event) => {
              const chosen = BY_MAIL.find(([value]) => value === event.currentTarget.value);
              if (chosen) run(() => want({ ...choice, mail: chosen[0] }));
            }}
          >
            {BY_MAIL.map(([value, says]) => (
              <option key={value} value={value}>
                {says}
              </option>
            ))}
          </select>
        )}
      </td>
    </tr>
  );
}

function Anybodys({ one, busy, run }: { one: TopicSwitch; busy: boolean; run: Run }) {
  const name = TOPIC_LABEL[one.topic];
  const box = (channel: "inbox" | "mail", says: string) => (
    <input
      type="checkbox"
      aria-label={`${name}: ${says}`}
      checked={one[channel]}
      disabled={busy}
      onChange={(event) => {
        const told = event.currentTarget.checked;
        run(() => allow({ ...one, [channel]: told }));
      }}
    />
  );
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{box("inbox", "anybody in the bell")}</td>
      <td>{box("mail", "anybody by mail")}</td>
    </tr>
  );
}
