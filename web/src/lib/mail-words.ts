import type { InvitationMail } from "quire-client";
import { fromNow } from "./time";

/** What became of the letter of an invitation. */
export function mailWords({ state, at, reason }: InvitationMail): string {
  if (state === "waiting") return "A letter is on its way.";
  if (state === "sent") return `Mailed ${fromNow(at)}.`;
  return `The letter could not be sent: ${reason ?? "nobody knows why"}`;
}
