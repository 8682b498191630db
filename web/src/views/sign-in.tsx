import { useEffect, useId, useState } from "preact/hooks";
import { Refused, useAction } from "../components/action";
import { Brand } from "../components/brand";
import { signIn, signInNote, signInWithToken } from "../state/session";
import { waysToSignIn, type Ways } from "../state/sign-in";
import { ByMail } from "./sign-in-by-mail";

type Way = "name" | "mail" | "token";

const SAYS: Record<Way, string> = {
  name: "Sign in with name and address instead",
  mail: "Sign in by mail instead",
  token: "Sign in with a token instead",
};

/** What the hub offers, the easiest first: a name will do in development mode; a token always does. */
function offered({ development, mail }: Ways): Way[] {
  return [...(development ? ["name" as const] : []), ...(mail ? ["mail" as const] : []), "token"];
}

export function SignIn() {
  const [ways, setWays] = useState<Way[]>([]);
  const [chosen, setChosen] = useState<Way>();
  useEffect(() => {
    // A hub that does not answer says why when somebody tries.
    waysToSignIn().then(
      (known) => setWays(offered(known)),
      () => setWays(offered({ development: true, mail: true })),
    );
  }, []);
  const way = chosen ?? ways[0];
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
        {way === "name" && <ByName />}
        {way === "mail" && <ByMail />}
        {way === "token" && <ByToken needed={ways.length === 1} />}
        {ways
          .filter((other) => other !== way)
          .map((other) => (
            <button key={other} type="button" class="link" onClick={() => setChosen(other)}>
              {SAYS[other]}
            </button>
          ))}
      </div>
    </main>
  );
}

function ByName() {
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const { busy, error, run } = useAction();
  const id = useId();

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    run(() => signIn(name.trim(), email.trim()));
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
