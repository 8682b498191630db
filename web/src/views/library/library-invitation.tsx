import { Refused, useAction } from "../../components/action";
import { Avatar } from "../../components/avatar";
import { summaryOf } from "../../lib/permissions";
import { fromNow } from "../../lib/time";
import { answerLibrary, library } from "../../state/users";
import { toast } from "../../state/toasts";

/** I am asked to join the library. */
export function LibraryInvitation() {
  const { busy, error, run } = useAction();
  const view = library.value;
  const you = view?.you;
  if (!view || !you) return null;
  const lapsed = you.state === "lapsed";
  return (
    <li class="invitation">
      {view.owner && <Avatar user={view.owner.user} name={view.owner.name} />}
      <div class="grow">
        <p>
          {view.owner ? <strong>{view.owner.name}</strong> : "Somebody"} asks you to join the library. You could:{" "}
          {summaryOf(you.grants ?? [])}.
        </p>
        {you.asked_until !== null && (
          <p class="quiet small">{lapsed ? "This has lapsed; let yourself be asked again." : `Lapses ${fromNow(you.asked_until)}`}</p>
        )}
        <Refused error={error} />
      </div>
      <div class="row">
        <button
          type="button"
          class="button primary"
          disabled={busy || lapsed}
          onClick={() =>
            run(async () => {
              await answerLibrary(true);
              toast("You belong to the library now.");
            })
          }
        >
          Join
        </button>
        <button type="button" class="button" disabled={busy} onClick={() => run(() => answerLibrary(false))}>
          Decline
        </button>
      </div>
    </li>
  );
}
