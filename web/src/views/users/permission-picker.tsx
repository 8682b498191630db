import { useId } from "preact/hooks";
import type { Permission } from "quire-client";
import { ANY, type Choice, type Choices, impliedBy, LABEL, type Reach, ROWS } from "../../lib/permissions";

const REACHES: readonly { reach: Reach; label: string }[] = [
  { reach: "any", label: "any book" },
  { reach: "own", label: "their own books" },
  { reach: "titles", label: "books with the titles…" },
  { reach: "categories", label: "books of the categories…" },
];

/** Ticks rows of the table; what comes along is shown ticked, and with what it comes. */
export function PermissionPicker({ choices, onChange }: { choices: Choices; onChange: (next: Choices) => void }) {
  const implied = impliedBy(choices);
  const set = (permission: Permission, choice: Choice | undefined) => {
    const next = new Map(choices);
    if (choice) next.set(permission, choice);
    else next.delete(permission);
    onChange(next);
  };
  return (
    <fieldset class="permissions">
      <legend>They may</legend>
      <ul>
        {ROWS.map((row) => {
          const choice = choices.get(row.permission);
          const by = implied.get(row.permission);
          return (
            <li key={row.permission} class="permission" data-permission={row.permission}>
              <label class="check">
                <input
                  type="checkbox"
                  checked={choice !== undefined || by !== undefined}
                  disabled={by !== undefined}
                  onChange={(event) => set(row.permission, event.currentTarget.checked ? ANY : undefined)}
                />
                <span>
                  {row.label}{" "}
                  <span class="quiet small">
                    {by === undefined ? row.allows : `comes with “${LABEL[by]}”, with the same bounds`}
                  </span>
                </span>
              </label>
              {choice && row.subject === "books" && (
                <BookBounds label={row.label} choice={choice} onChange={(next) => set(row.permission, next)} />
              )}
              {choice && row.subject === "users" && (
                <UserBounds label={row.label} choice={choice} onChange={(next) => set(row.permission, next)} />
              )}
            </li>
          );
        })}
      </ul>
    </fieldset>
  );
}

interface Bounds {
  label: string;
  choice: Choice;
  onChange: (next: Choice) => void;
}

function BookBounds({ label, choice, onChange }: Bounds) {
  const named = choice.reach === "titles" || choice.reach === "categories";
  return (
    <div class="bounds">
      <select
        aria-label={`${label}: which`}
        value={choice.reach}
        onChange={(event) => onChange({ ...choice, reach: event.currentTarget.value as Reach })}
      >
        {REACHES.map(({ reach, label: text }) => (
          <option key={reach} value={reach}>
            {text}
          </option>
        ))}
      </select>
      {named && (
        <input
          aria-label={`${label}: ${choice.reach}`}
          placeholder="separated by semicolons"
          value={choice.names}
          onInput={(event) => onChange({ ...choice, names: event.currentTarget.value })}
        />
      )}
    </div>
  );
}

function UserBounds({ label, choice, onChange }: Bounds) {
  const id = useId();
  return (
    <div class="bounds">
      <label for={`${id}-countries`}>of countries</label>
      <input
        id={`${id}-countries`}
        aria-label={`${label}: countries`}
        placeholder="all, or such as KE, FR"
        value={choice.countries}
        onInput={(event) => onChange({ ...choice, countries: event.currentTarget.value })}
      />
      <label for={`${id}-roles`}>with roles</label>
      <input
        id={`${id}-roles`}
        aria-label={`${label}: roles`}
        placeholder="all"
        value={choice.roles}
        onInput={(event) => onChange({ ...choice, roles: event.currentTarget.value })}
      />
    </div>
  );
}
