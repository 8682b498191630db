/** Commands of the caller's own inbox. */
import type { AnswerTo, Inbox } from "./api.js";
import type { CommandOf, TopicChoice } from "./generated/protocol.js";

type Kind = "inbox.open" | "inbox.list" | "inbox.read" | "inbox.choose" | "inbox.close";
type Ask = <K extends Kind>(command: CommandOf<K>) => Promise<AnswerTo<K>>;

export class InboxCommands implements Inbox {
  readonly #ask: Ask;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  open(): Promise<AnswerTo<"inbox.open">> {
    return this.#ask({ t: "inbox.open" });
  }

  list(before: number, limit?: number): Promise<AnswerTo<"inbox.list">> {
    return this.#ask({ t: "inbox.list", before, ...(limit !== undefined && { limit }) });
  }

  async readUpTo(n: number): Promise<void> {
    await this.#ask({ t: "inbox.read", up_to: n });
  }

  async read(entries: number[]): Promise<void> {
    await this.#ask({ t: "inbox.read", entries });
  }

  async choose(choices: TopicChoice[]): Promise<void> {
    await this.#ask({ t: "inbox.choose", choices });
  }

  async close(): Promise<void> {
    await this.#ask({ t: "inbox.close" });
  }
}
