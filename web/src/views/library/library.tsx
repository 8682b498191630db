import { useState } from "preact/hooks";
import type { BookRow } from "quire-client";
import { bookHref, usersHref } from "../../app/route";
import { Icon } from "../../components/icon";
import { ROLE_LABEL } from "../../lib/words";
import { books, invitations, libraryError, trash } from "../../state/library";
import { askedToJoin, managesUsers } from "../../state/users";
import { ImportBook } from "./import-book";
import { InvitationCard } from "./invitation-card";
import { LibraryBooks } from "./library-books";
import { LibraryInvitation } from "./library-invitation";
import { NewBook } from "./new-book";
import { Trash } from "./trash";

/** My books and what I am invited to; both lists are live. */
export function Library() {
  const [creating, setCreating] = useState(false);
  const [bringing, setBringing] = useState(false);
  const rows = books.value;
  return (
    <main class="library" id="main" tabIndex={-1}>
      {(invitations.value.length > 0 || askedToJoin.value) && (
        <section class="invitations" aria-labelledby="invitations-title">
          <h2 id="invitations-title">You are invited</h2>
          <ul>
            {askedToJoin.value && <LibraryInvitation />}
            {invitations.value.map((row) => (
              <InvitationCard key={row.id} row={row} />
            ))}
          </ul>
        </section>
      )}
      <header class="library-head">
        <h1>Your books</h1>
        <div class="row">
          {managesUsers.value && (
            <a class="button" href={usersHref()}>
              <Icon name="people" size={16} /> Users
            </a>
          )}
          <button type="button" class="button" onClick={() => setBringing(true)}>
            Bring a book in…
          </button>
          <button type="button" class="button primary" onClick={() => setCreating(true)}>
            <Icon name="plus" /> New book
          </button>
        </div>
      </header>
      {libraryError.value !== undefined && (
        <p class="refusal" role="alert">
          {libraryError.value}
        </p>
      )}
      {rows?.length === 0 && (
        <p class="empty">No books yet. Create one, bring one in, or wait for an invitation: it appears here by itself.</p>
      )}
      <ul class="shelf" aria-busy={rows === null} aria-label="Your books">
        {(rows ?? []).map((row) => (
          <BookCard key={row.id} row={row} />
        ))}
      </ul>
      {!askedToJoin.value && <LibraryBooks />}
      {trash.value.length > 0 && <Trash rows={trash.value} />}
      {creating && <NewBook onClose={() => setCreating(false)} />}
      {bringing && <ImportBook onClose={() => setBringing(false)} />}
    </main>
  );
}

/** Cloths that a book can be bound in. */
const CLOTHS = 6;

function clothOf(id: string): number {
  let sum = 0;
  for (const char of id) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) >>> 0;
  return sum % CLOTHS;
}

function BookCard({ row }: { row: BookRow }) {
  return (
    <li>
      <a class="book-card" href={bookHref(row.id)}>
        <span class={`cover cloth-${clothOf(row.id)}`}>
          <span class="cover-title">{row.title}</span>
        </span>
        <span class="book-card-foot">
          <span class={`badge ${row.role ?? ""}`}>{row.role ? ROLE_LABEL[row.role] : "Library"}</span>
        </span>
      </a>
    </li>
  );
}
