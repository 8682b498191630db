import { QuireRefusal } from "quire-client";

/** The sentence for a person: the hub's own where it refused. */
export function messageOf(reason: unknown): string {
  if (reason instanceof QuireRefusal) return reason.message;
  if (reason instanceof Error && reason.message !== "") return reason.message;
  return "That did not work.";
}
