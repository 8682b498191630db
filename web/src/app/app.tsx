import { Toasts } from "../components/toasts";
import { client } from "../state/session";
import { arrival } from "../state/sign-in";
import { BookPage } from "../views/book/book-page";
import { Library } from "../views/library/library";
import { SignIn } from "../views/sign-in";
import { Arrival } from "../views/sign-in-by-mail";
import { UsersPage } from "../views/users/users-page";
import { routeBook, routeUsers } from "./route";
import { TopBar } from "./top-bar";

/** The page: signed out, the library, or one book. */
export function App() {
  return (
    <>
      <Place />
      <Toasts />
    </>
  );
}

function Place() {
  if (arrival.value !== undefined) return <Arrival link={arrival.value} />;
  if (!client.value) return <SignIn />;
  return (
    <div class="shell">
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          document.getElementById("main")?.focus();
        }}
      >
        Skip to the content
      </a>
      <TopBar />
      <View />
    </div>
  );
}

function View() {
  if (routeBook.value !== undefined) return <BookPage key={routeBook.value} />;
  return routeUsers.value ? <UsersPage /> : <Library />;
}
