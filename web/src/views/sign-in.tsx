import { useId, useState } from "preact/hooks";
import { Refused, useAction } from "../components/action";
import { Brand } from "../components/brand";
import { NoDevelopmentMode, signIn, signInNote, signInWithToken } from "../state/session";

/** By name and address where the hub hands out tokens itself (development mode), otherwise with a token. */
export function SignIn() {
  const [withToken, setWithToken] = useState<"no" | "wanted" | "needed">("no");
  return (
    <main class="sign-in" id="main">
      <div class="sign-in-card">
        <Brand />
        <h1>Write a book together.</h1>
        {signInNote.value !== undefined && (
          <p class="note" role="status">
            {signInNote.value}
          </p>
        )}
        {withToken === "no" ? (
          <ByName onNeedsToken={() => setWithToken("needed")} />
        ) : (
          <ByToken needed={withToken === "needed"} />
        )}
        <button
          type="button"
          class="link"
          onClick={() => setWithToken(withToken === "no" ? "wanted" : "no")}
        >
          {withToken === "no" ? "Sign in with a token instead" : "Sign in with name and address instead"}
        </button>
      </div>
    </main>
  );
}

function ByName({ onNeedsToken }: { onNeedsToken: () => void }) {
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const { busy, error, run } = useAction();
  const id = useId();

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    run(async () => {
      try {
        await signIn(name.trim(), email.trim());
      } catch (reason) {
        if (!(reason instanceof NoDevelopmentMode)) throw reason;
        onNeedsToken();
      }
    });
  };

  return (
    <form class="form" onSubmit={submit}>
      <div class="field">
        <label for={`${id}-name`}>Your name</label>
        <input
          id={`${id}-name`}
          name="name"
          autocomplete="name"
          required
          maxLength={100}
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </div>
      <div class="field">
        <label for={`${id}-email`}>Your e-mail address</label>
        <input
          id={`${id}-email`}
          name="email"
          type="email"
          autocomplete="email"
          required
          value={email}
          onInput={(event) => setEmail(event.currentTarget.value)}
        />
        <p class="hint">Invitations to this address will find you.</p>
      </div>
      <Refused error={error} />
      <button type="submit" class="button primary" disabled={busy}>
        Sign in
      </button>
    </form>
  );
}

function ByToken({ needed }: { needed: boolean }) {
  const [token, setToken] = useState("");
  const id = useId();
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        signInWithToken(token.trim());
      }}
    >
      {needed && (
        <p class="note" role="status">
          This hub does not sign people in by name. Open it through your publisher’s sign-in, or paste the token you
          were given.
        </p>
      )}
      <div class="field">
        <label for={id}>Token</label>
        <input
          id={id}
          name="token"
          required
          autocomplete="off"
          spellcheck={false}
          value={token}
          onInput={(event) => setToken(event.currentTarget.value)}
        />
      </div>
      <button type="submit" class="button primary">
        Sign in
      </button>
    </form>
  );
}
