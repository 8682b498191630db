/** Commands of the library by name. */
import type { AnswerTo, Library } from "./api.js";
import type {
  CommandOf,
  Grant,
  LibraryCommandKind,
  LibraryView,
  Shared,
  Topic,
  UserDetails,
  UserPatch,
  UserRow,
} from "./generated/protocol.js";

type Ask = <K extends LibraryCommandKind>(command: CommandOf<K>) => Promise<AnswerTo<K>>;

export class LibraryCommands implements Library {
  readonly #ask: Ask;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  open(): Promise<LibraryView> {
    return this.#ask({ t: "library.open" });
  }

  close(): Promise<void> {
    return this.#done({ t: "library.close" });
  }

  books(query: Omit<CommandOf<"library.books">, "t"> = {}): Promise<AnswerTo<"library.books">> {
    return this.#ask({ t: "library.books", ...query });
  }

  users(query: Omit<CommandOf<"users.list">, "t"> = {}): Promise<AnswerTo<"users.list">> {
    return this.#ask({ t: "users.list", ...query });
  }

  async share(emails: string[], grants: Grant[]): Promise<Shared[]> {
    const { shared } = await this.#ask({ t: "library.share", emails, grants });
    return shared;
  }

  async addUser(email: string, details?: UserDetails): Promise<UserRow> {
    const { record } = await this.#ask({ t: "user.add", email, ...(details && { details }) });
    return record;
  }

  async updateUser(email: string, change: { patch?: UserPatch; active?: boolean }): Promise<UserRow> {
    const { record } = await this.#ask({ t: "user.update", email, ...change });
    return record;
  }

  removeUser(email: string): Promise<void> {
    return this.#done({ t: "user.remove", email });
  }

  mute(topics: Topic[]): Promise<void> {
    return this.#done({ t: "library.mute", topics });
  }

  join(): Promise<void> {
    return this.#done({ t: "library.join" });
  }

  decline(): Promise<void> {
    return this.#done({ t: "library.decline" });
  }

  leave(): Promise<void> {
    return this.#done({ t: "library.leave" });
  }

  async #done<K extends LibraryCommandKind>(command: CommandOf<K>): Promise<void> {
    await this.#ask(command);
  }
}
