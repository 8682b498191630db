import { useId, useState } from "preact/hooks";
import { Refused, useAction } from "../components/action";
import { Brand } from "../components/brand";
import { askForLink, forgetLink, lastName, openLink } from "../state/sign-in";

/** Asks for an address and says that a link is under way, whoever's address it is. */
export function ByMail() {
  const [email, setEmail] = useState("");
  const [sent, setSent] = useState(false);
  const { busy, error, run } = useAction();
  const id = useId();

  if (sent) {
    return (
      <div class="form" role="status">
        <p>
          We sent a link to <strong>{email}</strong>. Open it on this device to sign in.
        </p>
        <p class="hint">It works once, and not for long. If nothing comes, look among the spam.</p>
        <button type="button" class="link" onClick={() => setSent(false)}>
          Use another address, or ask again
        </button>
      </div>
    );
  }
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        run(
          () => askForLink(email.trim()),
          () => setSent(true),
        );
      }}
    >
      <div class="field">
        <label for={id}>Your e-mail address</label>
        <input
          id={id}
          name="email"
          type="email"
          autocomplete="email"
          required
          value={email}
          onInput={(event) => setEmail(event.currentTarget.value)}
        />
        <p class="hint">We send a link there. Whoever opens it is signed in; there is no password.</p>
      </div>
      <Refused error={error} />
      <button type="submit" class="button primary" disabled={busy}>
        Send me a link
      </button>
    </form>
  );
}

/** Somebody opened a mailed link. It is used up by a press of the button only: programs that look into mail open links, too. */
export function Arrival({ link }: { link: string }) {
  const [name, setName] = useState(lastName());
  const { busy, error, run } = useAction();
  const id = useId();
  return (
    <main class="sign-in" id="main">
      <div class="sign-in-card">
        <Brand />
        <h1>Welcome.</h1>
        <form
          class="form"
          onSubmit={(event) => {
            event.preventDefault();
            run(() => openLink(link, name.trim()));
          }}
        >
          <div class="field">
            <label for={id}>Your name</label>
            <input
              id={id}
              name="name"
              autocomplete="name"
              required
              maxLength={100}
              value={name}
              onInput={(event) => setName(event.currentTarget.value)}
            />
            <p class="hint">This is what others in your books see.</p>
          </div>
          <Refused error={error} />
          <button type="submit" class="button primary" disabled={busy}>
            Sign in
          </button>
        </form>
        <button type="button" class="link" onClick={forgetLink}>
          Sign in another way
        </button>
      </div>
    </main>
  );
}
