import type { Grant, UserRow } from "quire-client";
import { Refused, useAction } from "../../components/action";
import { Avatar } from "../../components/avatar";
import { Menu, type MenuItem } from "../../components/menu";
import { mailWords } from "../../lib/mail-words";
import { summaryOf } from "../../lib/permissions";
import { connected, user as me } from "../../state/session";
import { announce } from "../../state/toasts";
import { has } from "../../state/users";

export const STATE_LABEL: Record<UserRow["state"], string> = {
  asked: "Asked to join",
  lapsed: "Asked, lapsed",
  joined: "Joined",
  inactive: "Inactive",
};

export type Doing = { what: "edit" | "permissions" | "remove"; user: UserRow };

/** Asks somebody once more to join, for what is to be given to them. */
async function asksAgain(email: string, grants: Grant[]): Promise<void> {
  const [asked] = await connected().library.share([email], grants);
  if (asked?.err) throw new Error(asked.err.message);
  announce(`${email} is asked once more`);
}

/** One user. What the row offers is decided by the hub; what it refuses is said beside it. */
export function UserItem({ row, onDo }: { row: UserRow; onDo: (doing: Doing) => void }) {
  const { error, run } = useAction();
  const { name, organisation, country, role } = row.details;
  const mine = row.user !== null && row.user === me.value?.id;
  const items: MenuItem[] = [];
  if (has("edit_users")) items.push({ label: "Edit…", icon: "info", onSelect: () => onDo({ what: "edit", user: row }) });
  if (has("settings") && !mine) {
    items.push({ label: "Permissions…", icon: "people", onSelect: () => onDo({ what: "permissions", user: row }) });
  }
  const { grants } = row;
  if (has("settings") && grants && (row.state === "asked" || row.state === "lapsed")) {
    items.push({ label: "Ask again", icon: "redo", onSelect: () => run(() => asksAgain(row.email, grants)) });
  }
  if (has("edit_users") && !mine && (row.state === "joined" || row.state === "inactive")) {
    const active = row.state === "inactive";
    const set = () => run(() => connected().library.updateUser(row.email, { active }));
    items.push({ label: active ? "Activate" : "Deactivate", icon: active ? "undo" : "leave", onSelect: set });
  }
  if (has("delete_users") && !mine) {
    items.push({ label: "Remove…", icon: "trash", danger: true, onSelect: () => onDo({ what: "remove", user: row }) });
  }
  return (
    <li class="person" data-user={row.email}>
      <Avatar user={row.user ?? row.email} name={name ?? row.email} />
      <div class="grow">
        <p>
          <strong>{name ?? row.email}</strong>
          {mine && <span class="quiet"> (you)</span>}
        </p>
        <p class="quiet small">{[row.email, organisation, country, role].filter(Boolean).join(" · ")}</p>
        {row.grants && <p class="quiet small">May: {summaryOf(row.grants)}</p>}
        {row.mail && (
          <p class={row.mail.state === "failed" ? "refusal" : "quiet small"} aria-live="polite">
            {mailWords(row.mail)}
          </p>
        )}
      </div>
      <span class={`badge state-${row.state}`}>{STATE_LABEL[row.state]}</span>
      {items.length > 0 && <Menu label={`Change ${name ?? row.email}`} items={items} />}
      <Refused error={error} />
    </li>
  );
}
