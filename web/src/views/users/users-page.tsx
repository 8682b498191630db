import { useEffect, useState } from "preact/hooks";
import { libraryHref } from "../../app/route";
import { Refused } from "../../components/action";
import { ConfirmDialog } from "../../components/confirm-dialog";
import { Icon } from "../../components/icon";
import { plural } from "../../lib/words";
import { connected } from "../../state/session";
import { has, library, loadUsers, users, usersQuery } from "../../state/users";
import { WebhooksDialog } from "../webhooks/webhooks-dialog";
import { LibraryLogDialog } from "./library-log-dialog";
import { ShareLibraryDialog } from "./share-library-dialog";
import { UserDialog } from "./user-dialog";
import { type Doing, STATE_LABEL, UserItem } from "./user-item";

/** Who belongs to the library, and what they may do there. */
export function UsersPage() {
  const [doing, setDoing] = useState<Doing | "share" | "add" | "log" | "webhooks" | null>(null);
  const close = () => setDoing(null);
  return (
    <main class="library" id="main" tabIndex={-1}>
      <p>
        <a href={libraryHref()}>Back to the books</a>
      </p>
      <header class="library-head">
        <h1>Users of the library</h1>
        <div class="row">
          {has("add_users") && (
            <button type="button" class="button" onClick={() => setDoing("add")}>
              Add a user…
            </button>
          )}
          {has("settings") && (
            <button type="button" class="button" onClick={() => setDoing("log")}>
              <Icon name="list" size={16} /> Audit log
            </button>
          )}
          {has("settings") && (
            <button type="button" class="button" onClick={() => setDoing("webhooks")}>
              <Icon name="link" size={16} /> Webhooks
            </button>
          )}
          {has("settings") && (
            <button type="button" class="button primary" onClick={() => setDoing("share")}>
              <Icon name="people" size={16} /> Share the library
            </button>
          )}
        </div>
      </header>
      {library.value?.owner && <p class="quiet">The library belongs to {library.value.owner.name}, who may do everything.</p>}
      {has("list_users") ? <Users onDo={setDoing} /> : <p class="empty">You may not see who the users are.</p>}
      {doing === "share" && <ShareLibraryDialog onClose={close} />}
      {doing === "log" && has("settings") && <LibraryLogDialog onClose={close} />}
      {doing === "webhooks" && has("settings") && <WebhooksDialog onClose={close} />}
      {doing === "add" && <UserDialog onClose={close} />}
      {doing !== null && typeof doing === "object" && <Deed doing={doing} onClose={close} />}
    </main>
  );
}

function Deed({ doing: { what, user }, onClose }: { doing: Doing; onClose: () => void }) {
  switch (what) {
    case "edit":
      return <UserDialog user={user} onClose={onClose} />;
    case "permissions":
      return <ShareLibraryDialog user={user} onClose={onClose} />;
    case "remove":
      return (
        <ConfirmDialog
          title="Remove the user?"
          text={`${user.details.name ?? user.email} will have no more rights in the library. What they wrote stays.`}
          action="Remove"
          work={() => connected().library.removeUser(user.email)}
          onClose={onClose}
        />
      );
  }
}

function Users({ onDo }: { onDo: (doing: Doing) => void }) {
  const query = usersQuery.value;
  useEffect(() => void loadUsers(), [query]);
  const { rows, total, more, error } = users.value;
  const set = (change: Partial<typeof query>) => (usersQuery.value = { ...query, ...change });
  return (
    <>
      <form class="filters" role="search" aria-label="Users" onSubmit={(event) => event.preventDefault()}>
        <input
          type="search"
          aria-label="Search users"
          placeholder="Name, address or organisation"
          value={query.search}
          onInput={(event) => set({ search: event.currentTarget.value })}
        />
        <input
          class="country"
          aria-label="Country"
          placeholder="Country"
          maxLength={2}
          value={query.country}
          onChange={(event) => set({ country: event.currentTarget.value.trim() })}
        />
        <input
          aria-label="Role"
          placeholder="Role"
          value={query.role}
          onChange={(event) => set({ role: event.currentTarget.value.trim() })}
        />
        <select aria-label="State" value={query.state} onChange={(event) => set({ state: event.currentTarget.value })}>
          <option value="">All states</option>
          {Object.entries(STATE_LABEL).map(([state, label]) => (
            <option key={state} value={state}>
              {label}
            </option>
          ))}
        </select>
      </form>
      <Refused error={error} />
      <p class="quiet small" role="status">
        {plural(total, "user")}
      </p>
      <ul class="people" aria-label="Users of the library">
        {rows.map((row) => (
          <UserItem key={row.email} row={row} onDo={onDo} />
        ))}
      </ul>
      {more && (
        <button type="button" class="button" onClick={() => void loadUsers(true)}>
          Show more
        </button>
      )}
    </>
  );
}
