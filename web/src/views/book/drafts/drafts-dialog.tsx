import { useState } from "preact/hooks";
import type { Doc } from "yjs";
import { Refused, useAction } from "../../../components/action";
import { Dialog } from "../../../components/dialog";
import { copyText } from "../../../lib/clipboard";
import { pointInTime } from "../../../lib/time";
import { written } from "../../../lib/written";
import { book } from "../../../state/book";
import { discardDraft, discardKeepsake, documentOf, drafts, readDraft, stranded } from "../../../state/drafts";

/** What this person typed and could not store: to read, to copy, to throw away. It is never put back by itself. */
export function DraftsDialog({ onClose }: { onClose: () => void }) {
  const kept = drafts.value ?? [];
  const none = kept.length === 0 && stranded.value.length === 0;
  return (
    <Dialog title="Drafts" onClose={onClose} wide>
      <p class="quiet">
        Words that you typed when a chapter was not yours any more. Only you see them. Copy what you need into a chapter that you hold.
      </p>
      {none && <p class="empty">There are no drafts.</p>}
      <ul class="drafts">
        {kept.map((draft) => (
          <DraftItem
            key={draft.id}
            about={{ chapter: draft.chapter, excerpt: draft.excerpt, at: draft.saved_at }}
            read={() => readDraft(draft)}
            discard={() => discardDraft(draft)}
          />
        ))}
        {stranded.value.map((keepsake) => (
          <DraftItem
            key={keepsake.id}
            about={keepsake}
            note="Only in this browser: the hub did not take it."
            read={() => Promise.resolve(documentOf(keepsake.update))}
            discard={() => discardKeepsake(keepsake)}
          />
        ))}
      </ul>
    </Dialog>
  );
}

interface Item {
  about: { chapter: string; excerpt: string; at: number };
  note?: string;
  read: () => Promise<Doc>;
  discard: () => Promise<void>;
}

function DraftItem({ about, note, read, discard }: Item) {
  const { busy, error, run } = useAction();
  const [doc, setDoc] = useState<Doc | null>(null);
  const [copied, setCopied] = useState(false);
  const title = book.value?.chapters.find(({ id }) => id === about.chapter)?.title ?? "A removed chapter";
  const copy = async () => {
    await copyText(doc ? () => Promise.resolve(doc) : read);
    setCopied(true);
  };
  return (
    <li>
      <p>
        <strong>{title}</strong> <span class="quiet small">{pointInTime(about.at)}</span>
      </p>
      {doc === null ? <p class="draft-excerpt">{about.excerpt}</p> : <div class="draft-text prose written">{written(doc)}</div>}
      {note !== undefined && <p class="quiet small">{note}</p>}
      <div class="row">
        {doc === null && (
          <button type="button" class="button small" disabled={busy} onClick={() => run(async () => setDoc(await read()))}>
            Show all
          </button>
        )}
        <button type="button" class="button small" disabled={busy} onClick={() => run(copy)}>
          {copied ? "Copied" : "Copy"}
        </button>
        <button type="button" class="button small" disabled={busy} onClick={() => run(discard)}>
          Discard
        </button>
      </div>
      <Refused error={error} />
    </li>
  );
}
