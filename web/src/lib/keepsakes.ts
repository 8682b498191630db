/** Typed text that is not stored by the hub, kept by the browser: it survives a crash of the tab. */

/** What one tab has typed in one chapter and does not know to be stored. */
export interface Keepsake {
  /** Also the draft's id, so that it is never kept twice. */
  id: string;
  /** The tab that typed it; while it lives, it looks after it. */
  tab: string;
  user: string;
  book: string;
  chapter: string;
  excerpt: string;
  update: Uint8Array;
  at: number;
}

const DATABASE = "quire";
const STORE = "typed";

let opening: Promise<IDBDatabase> | undefined;

function database(): Promise<IDBDatabase> {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "id" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opening;
}

async function inStore<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const transaction = (await database()).transaction(STORE, mode);
  const request = work(transaction.objectStore(STORE));
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error);
  });
}

/** Puts these in the place of those; all of it happens or nothing. */
export async function replaceKeepsakes(old: readonly string[], fresh: readonly Keepsake[]): Promise<void> {
  await inStore("readwrite", (store) => {
    for (const id of old) store.delete(id);
    for (const keepsake of fresh) store.put(keepsake);
    return store.count();
  });
}

export function dropKeepsake(id: string): Promise<undefined> {
  return inStore("readwrite", (store) => store.delete(id));
}

export function allKeepsakes(): Promise<Keepsake[]> {
  return inStore<Keepsake[]>("readonly", (store) => store.getAll());
}
