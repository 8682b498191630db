import { Countdown } from "../components/toasts";
import { client, connection } from "../state/session";

/** Whether what is shown is live; says nothing loudly while all is well. */
export function ConnectionState() {
  const state = connection.value;
  switch (state.status) {
    case "online":
      return (
        <p class="connection online" role="status" title="Connected: everything you see is live">
          <span class="dot" />
          <span class="sr-only">Connected</span>
        </p>
      );
    case "connecting":
      return (
        <p class="connection waiting" role="status">
          <span class="dot" /> Connecting…
        </p>
      );
    case "offline":
    case "reconnecting":
      return (
        <div class="connection waiting">
          <p role="status">
            <span class="dot" /> {state.status === "offline" ? "No network" : "Reconnecting"}
            <Countdown until_at={state.retryAt} />
          </p>
          <button type="button" class="button small" onClick={() => client.value?.reconnectNow()}>
            Now
          </button>
        </div>
      );
    case "closed":
      return (
        <div class="connection closed">
          <p role="status">
            <span class="dot" /> {state.reason === "elsewhere" ? "Opened elsewhere" : "Disconnected"}
          </p>
          {state.reason === "elsewhere" ? (
            <button type="button" class="button small" onClick={() => client.value?.takeBack()}>
              Take back here
            </button>
          ) : (
            <button type="button" class="button small" onClick={() => location.reload()}>
              Reload
            </button>
          )}
        </div>
      );
  }
}
