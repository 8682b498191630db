/** What promises of this package reject with. */
import type { Refusal, RefusalCode } from "./generated/protocol.js";

/** The hub said no. A domain answer: `code` is stable, `message` is a sentence for a person, `facts` say more. */
export class QuireRefusal extends Error {
  override readonly name = "QuireRefusal";
  /** The stable code; one that is newer than this client is passed on as it is. */
  readonly code: RefusalCode;
  /** The whole refusal: narrow it by its `code` to reach `holder`, `retry_after_ms`, `limit`, … */
  readonly facts: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.code = refusal.code;
    this.facts = refusal;
  }
}

/** Why a request can have no answer. */
export type NoAnswerReason =
  /** The client or the view was closed, or the page was left. What was sent may have been done. */
  | "closed"
  /** Too many requests wait for an answer. Nothing was sent. */
  | "busy"
  /** The session does not hold the chapter, or lost it before what was written was stored. */
  | "not_held"
  /** The command is larger than the hub takes. Nothing was done. */
  | "too_large";

/** No answer can come any more. */
export class QuireClosed extends Error {
  override readonly name = "QuireClosed";
  readonly reason: NoAnswerReason;

  constructor(reason: NoAnswerReason, message: string) {
    super(message);
    this.reason = reason;
  }
}
