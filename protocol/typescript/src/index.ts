/**
 * The client of a quire hub. Start at {@link connect}; `api.ts` documents what it answers.
 *
 * ```ts
 * const client = connect({ url: "wss://hub.example/v1/socket", token: fetchToken });
 * const book = client.openBook("moby-dick");
 * book.subscribe(({ state }) => show(state));
 * ```
 */
export type * from "./api.js";
export { QuireClosed, QuireRefusal, type NoAnswerReason } from "./errors.js";
export { browserEnvironment, type Environment, type Listenable, type Locks, type Socket } from "./environment.js";
export { connect } from "./client.js";
export { holdersOf } from "./book/model.js";
export { bytesOf } from "./codec.js";
export { colour, initials } from "./person.js";
export { newId } from "./ids.js";
export type * from "./generated/protocol.js";
