/** A client without a hub: one book that stands still, and what is asked comes to nothing. For looking at the page. */
import type { BookView, Client, ClientState, TextChange, TextView } from "quire-client";
import { Doc, encodeStateAsUpdate, XmlElement, XmlText } from "yjs";
import { bookState, chapters, NOW, people, TEXT } from "./fixture";

export { colour, initials } from "../../../protocol/typescript/src/person";
export { QuireClosed, QuireRefusal } from "../../../protocol/typescript/src/errors";

const wanted = new URLSearchParams(location.search);
const me = wanted.get("as") ?? "ann";

const STATES: Record<string, ClientState> = {
  online: { status: "online", resumed: false },
  reconnecting: { status: "reconnecting", reason: "lost", attempt: 2, retryAt: NOW + 8_000 },
  elsewhere: { status: "closed", reason: "elsewhere", message: "" },
};

function refuse(): never {
  throw new Error("The store cannot be reached; nothing was changed.");
}

const still = { unsubscribe: () => undefined };

function openText(chapter: string): TextView {
  const doc = new Doc();
  doc.getXmlFragment("default").push(TEXT.map((words) => {
    const paragraph = new XmlElement("paragraph");
    paragraph.insert(0, [new XmlText(words)]);
    return paragraph;
  }));
  const whole: TextChange = { kind: "whole", rev: 1, updates: [encodeStateAsUpdate(doc)], lineage: doc.clientID };
  const known: Partial<TextView> = {
    chapter, status: "live", unsaved: [], refusal: null,
    subscribe: (listener) => {
      setTimeout(() => listener(whole));
      return still.unsubscribe;
    },
    onStatus: () => still.unsubscribe,
    close: () => undefined,
  };
  return known as TextView;
}

function view(): BookView {
  const state = bookState(me === "dev");
  const known: Partial<BookView> = {
    id: "pride", status: "live", state, closedReason: null, refusal: null, ready: Promise.resolve(state),
    subscribe: () => still.unsubscribe,
    chapter: (id) => chapters.find((chapter) => chapter.id === id),
    close: () => undefined, setPresence: () => undefined, loadThreads: async () => undefined, openText,
  };
  return new Proxy(known, { get: (target, name) => Reflect.get(target, name) ?? (async () => refuse()) }) as BookView;
}

export function connect(): Client {
  const user = people.find((person) => person.user === me);
  const state = STATES[wanted.get("state") ?? "online"];
  const known = {
    state, session: `s-${me}`, serverClockOffset: 0, limits: { quote_chars: 2000 },
    user: user && { id: user.user, name: user.name, email: user.email },
    on: (name: string, listener: (value: never) => void) => {
      if (name === "state") setTimeout(() => listener(state as never));
      return still.unsubscribe;
    },
    openBook: view,
    listBooks: async () => [
      { id: "pride", title: "Pride and Prejudice", role: "owner" },
      { id: "walden", title: "Walden; or, Life in the Woods", role: "author" },
      { id: "moby-dick", title: "Moby-Dick", role: "viewer" },
      { id: "alice", title: "Alice’s Adventures in Wonderland", role: "reader" },
    ],
    listTrash: async () => [{ id: "typee", title: "Typee", role: "owner", trashed_until: NOW + 2_000_000_000 }],
    listInvitations: async () => [
      { id: "i9", book: "emma", title: "Emma", role: "editor", by: { user: "ben", name: "Ben Okafor" }, expires_at: NOW + 500_000_000 },
    ],
    close: () => undefined,
  };
  return new Proxy(known, { get: (target, name) => Reflect.get(target, name) ?? (async () => refuse()) }) as unknown as Client;
}
