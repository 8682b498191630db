import { useEffect, useState } from "preact/hooks";
import { countdown } from "../lib/time";
import { announcement, dismiss, type Toast, toasts } from "../state/toasts";
import { IconButton } from "./icon-button";

/** Notices at the edge of the page, and the live region that speaks of what is only seen. */
export function Toasts() {
  return (
    <>
      <div class="toasts" role="status" aria-live="polite">
        {toasts.value.map((entry) => (
          <ToastCard key={entry.id} entry={entry} />
        ))}
      </div>
      <div class="sr-only" role="log" aria-live="polite" aria-label="What happens in the book">
        {announcement.value}
      </div>
    </>
  );
}

function ToastCard({ entry }: { entry: Toast }) {
  return (
    <div class={`toast ${entry.tone}`}>
      <div class="grow">
        <p>
          {entry.text}
          {entry.until_at !== undefined && <Countdown until_at={entry.until_at} />}
        </p>
        {entry.detail !== undefined && <p class="quiet small">{entry.detail}</p>}
      </div>
      {entry.action && (
        <button
          type="button"
          class="button small"
          onClick={() => {
            entry.action?.run();
            dismiss(entry.id);
          }}
        >
          {entry.action.label}
        </button>
      )}
      <IconButton icon="close" label="Dismiss" small onClick={() => dismiss(entry.id)} />
    </div>
  );
}

/** What is left until a time, each second. Not spoken: the sentence before it was. */
export function Countdown({ until_at }: { until_at: number }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return <span aria-hidden="true"> {countdown(until_at - now)}</span>;
}
