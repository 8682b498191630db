import { Toasts } from "../components/toasts";
import { client } from "../state/session";
import { BookPage } from "../views/book/book-page";
import { Library } from "../views/library/library";
import { SignIn } from "../views/sign-in";
import { routeBook } from "./route";
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
      {routeBook.value === undefined ? <Library /> : <BookPage key={routeBook.value} />}
    </div>
  );
}
