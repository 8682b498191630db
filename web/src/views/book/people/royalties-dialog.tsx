import { useEffect, useId, useState } from "preact/hooks";
import type { Member, Split } from "quire-client";
import { Refused, useAction } from "../../../components/action";
import { Dialog } from "../../../components/dialog";
import { messageOf } from "../../../lib/refusal";
import { percentOf, sharesOf, type Standing, standing, sumOf, WHOLE } from "../../../lib/royalties";
import { date, dayBegins } from "../../../lib/time";
import { book, can, opened } from "../../../state/book";

/** Who gets what of what the book earns. Whoever decides about it sees and changes all of it, others see their own share. */
export function RoyaltiesDialog({ onClose }: { onClose: () => void }) {
  const [splits, setSplits] = useState<readonly Split[] | null>(null);
  const [error, setError] = useState<string>();
  const decides = can("royalties");
  const load = () => opened().listRoyalties().then(setSplits, (reason) => setError(messageOf(reason)));
  useEffect(() => void load(), []);
  return (
    <Dialog title={decides ? "Royalties" : "Your share of the royalties"} onClose={onClose}>
      <Refused error={error} />
      {splits === null ? (
        error === undefined && <p aria-busy="true">Loading…</p>
      ) : (
        <>
          {decides && <SplitForm key={splits.at(-1)?.effective_at ?? 0} last={splits.at(-1)} onSaved={load} />}
          <Splits splits={splits} decides={decides} />
        </>
      )}
    </Dialog>
  );
}

function SplitForm({ last, onSaved }: { last: Split | undefined; onSaved: () => Promise<void> }) {
  const members = book.value?.members ?? [];
  const [typed, setTyped] = useState<ReadonlyMap<string, string>>(() => begun(members, last));
  const [from, setFrom] = useState("");
  const { busy, error, run } = useAction();
  const id = useId();
  const shares = sharesOf(typed);
  const sum = shares && sumOf(shares);
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (shares) run(() => opened().setRoyalties(shares, dayBegins(from)).then(onSaved));
      }}
    >
      <ul class="people">
        {members.map((member) => (
          <li class="person" key={member.user}>
            <label class="grow" for={`${id}-${member.user}`}>
              {member.name}
            </label>
            <input
              id={`${id}-${member.user}`}
              class="percent"
              inputMode="decimal"
              value={typed.get(member.user) ?? ""}
              onInput={(event) => setTyped(new Map(typed).set(member.user, event.currentTarget.value))}
            />
            <span aria-hidden="true">%</span>
          </li>
        ))}
      </ul>
      <p role="status" class={sum === WHOLE ? "quiet" : "refusal"}>
        {sum === null ? "A share is a percentage with at most two decimals." : `Together ${percentOf(sum)} % of 100 %.`}
      </p>
      <div class="field">
        <label for={`${id}-from`}>From</label>
        <input id={`${id}-from`} type="date" value={from} onInput={(event) => setFrom(event.currentTarget.value)} />
        <p class="hint">Without a day it holds from now on. What was decided for later than that is replaced.</p>
      </div>
      <Refused error={error} />
      <div class="row end">
        <button type="submit" class="button primary" disabled={busy || sum !== WHOLE}>
          Save the split
        </button>
      </div>
    </form>
  );
}

/** What the fields begin with: the last split, or everything for the owner. */
function begun(members: readonly Member[], last: Split | undefined): ReadonlyMap<string, string> {
  const owner = members.find(({ role }) => role === "owner");
  const shares = last?.shares ?? (owner ? [{ user: owner.user, basis_points: WHOLE }] : []);
  return new Map(shares.map((share) => [share.user, percentOf(share.basis_points)]));
}

const SINCE: Record<Standing, string> = { past: "From", now: "Since", later: "From" };

function Splits({ splits, decides }: { splits: readonly Split[]; decides: boolean }) {
  const name = (user: string) => book.value?.members.find((member) => member.user === user)?.name ?? "A former member";
  if (splits.length === 0) {
    return <p class="quiet">{decides ? "Nothing was decided yet: all of it is yours." : "You have no share of this book’s royalties."}</p>;
  }
  return (
    <ol class="splits" aria-label="What was decided">
      {standing(splits).map(({ split, stands }) => (
        <li key={split.effective_at} class={stands === "now" ? "current" : "quiet"}>
          <strong>
            {SINCE[stands]} {date(split.effective_at)}
          </strong>
          <ul>
            {split.shares.map((share) => (
              <li key={share.user}>
                {decides && `${name(share.user)}: `}
                {percentOf(share.basis_points)} %
              </li>
            ))}
            {split.shares.length === 0 && <li>No share any more</li>}
          </ul>
        </li>
      ))}
    </ol>
  );
}
