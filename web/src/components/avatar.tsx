import { colour, initials as initialsOf } from "quire-client";

interface Props {
  user: string;
  name: string;
  initials?: string;
  small?: boolean;
  /** How present the person is; without it the avatar stands for the person alone. */
  state?: "active" | "idle" | "away";
  away?: boolean;
}

/** A person's initials in the person's colour. The name beside it, or the host's description, says the same in words. */
export function Avatar({ user, name, initials, small = false, state, away = false }: Props) {
  const classes = ["avatar", small && "small", away && "away"].filter(Boolean).join(" ");
  return (
    <span class={classes} style={{ "--person": colour(user) }} aria-hidden="true">
      {initials ?? initialsOf(name)}
      {state && <span class={`state ${state}`} />}
    </span>
  );
}
