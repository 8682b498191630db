/** Commands of the library by name. */
import type { AnswerTo, Library } from "./api.js";
import type {
  CommandOf,
  Grant,
  LibraryCommandKind,
  LibraryView,
  Shared,
  TopicSwitch,
  UserDetails,
  UserPatch,
  UserRow,
  Webhook,
} from "./generated/protocol.js";

/** What whoever may publish books does with one, whether it is open or not. */
type Moderation = "publish.request_changes" | "publish.approve" | "publish.publish" | "publish.unpublish";
type Kind = LibraryCommandKind | Moderation;
type Ask = <K extends Kind>(command: CommandOf<K>, book?: string) => Promise<AnswerTo<K>>;

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

  requestChanges(book: string, point: number, note: string): Promise<void> {
    return this.#done({ t: "publish.request_changes", point, note }, book);
  }

  approve(book: string, point: number, note?: string): Promise<void> {
    return this.#done({ t: "publish.approve", point, ...(note && { note }) }, book);
  }

  publish(book: string, { point, note }: { point?: number; note?: string } = {}): Promise<void> {
    return this.#done({ t: "publish.publish", ...(point !== undefined && { point }), ...(note && { note }) }, book);
  }

  unpublish(book: string, note?: string): Promise<void> {
    return this.#done({ t: "publish.unpublish", ...(note && { note }) }, book);
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

  allow(switches: TopicSwitch[]): Promise<void> {
    return this.#done({ t: "library.allow", switches });
  }

  async webhooks(): Promise<Webhook[]> {
    const { webhooks } = await this.#ask({ t: "webhooks.list" });
    return webhooks;
  }

  setWebhook(webhook: Omit<CommandOf<"webhook.set">, "t">): Promise<AnswerTo<"webhook.set">> {
    return this.#ask({ t: "webhook.set", ...webhook });
  }

  removeWebhook(webhook: string): Promise<void> {
    return this.#done({ t: "webhook.remove", webhook });
  }

  sendToWebhook(webhook: string, delivery?: string): Promise<void> {
    return this.#done({ t: "webhook.send", webhook, ...(delivery !== undefined && { delivery }) });
  }

  deliveries(webhook: string): Promise<AnswerTo<"webhook.deliveries">> {
    return this.#ask({ t: "webhook.deliveries", webhook });
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

  async #done<K extends Kind>(command: CommandOf<K>, book?: string): Promise<void> {
    await this.#ask(command, book);
  }
}
