import { Avatar } from "../components/avatar";
import { Brand } from "../components/brand";
import { Menu } from "../components/menu";
import { book } from "../state/book";
import { signOut, user } from "../state/session";
import { setTheme, theme } from "../state/theme";
import { BookTools } from "../views/book/book-tools";
import { InboxBell } from "../views/inbox/inbox-bell";
import { ConnectionState } from "./connection-state";
import { libraryHref, routeBook } from "./route";

export function TopBar() {
  const inBook = routeBook.value !== undefined;
  return (
    <header class="top-bar">
      <a class="brand-link" href={libraryHref()} aria-label="quire: all my books">
        <Brand />
      </a>
      {inBook && <p class="top-title">{book.value?.title ?? ""}</p>}
      <div class="grow" />
      <ConnectionState />
      {inBook && book.value && <BookTools state={book.value} />}
      {user.value && <InboxBell />}
      <Account />
    </header>
  );
}

function Account() {
  const me = user.value;
  const chosen = theme.value;
  return (
    <div class="account">
      {me && routeBook.value === undefined && (
        <>
          <Avatar user={me.id} name={me.name} small />
          <span class="account-name">{me.name}</span>
        </>
      )}
      <Menu
        label={me ? `Account of ${me.name}` : "Account"}
        items={[
          { label: "Light", icon: "sun", disabled: chosen === "light", onSelect: () => setTheme("light") },
          { label: "Dark", icon: "moon", disabled: chosen === "dark", onSelect: () => setTheme("dark") },
          { label: "As the system", icon: "system", disabled: chosen === "system", onSelect: () => setTheme("system") },
          { label: "Sign out", icon: "leave", onSelect: () => signOut() },
        ]}
      />
    </div>
  );
}
