import { useId, useState } from "preact/hooks";
import type { BookState, Metadata, MetadataPatch } from "quire-client";
import { Refused, useAction } from "../../components/action";
import { Dialog } from "../../components/dialog";
import { can, opened } from "../../state/book";

type TextField = "subtitle" | "language" | "publisher" | "isbn" | "description";

const FIELDS: readonly { name: TextField; label: string; hint?: string; long?: boolean }[] = [
  { name: "subtitle", label: "Subtitle" },
  { name: "publisher", label: "Publisher" },
  { name: "language", label: "Language", hint: "as a tag, such as en or de-CH" },
  { name: "isbn", label: "ISBN" },
  { name: "description", label: "Description", long: true },
];

/** One per line, so that a name may contain commas. */
function lines(text: string): string[] {
  return text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
}

interface Draft extends Record<TextField, string> {
  title: string;
  authors: string;
  keywords: string;
  categories: string;
}

function draftOf(title: string, metadata: Metadata): Draft {
  const { subtitle, language, publisher, isbn, description, authors, keywords, categories } = metadata;
  return {
    title,
    subtitle: subtitle ?? "",
    language: language ?? "",
    publisher: publisher ?? "",
    isbn: isbn ?? "",
    description: description ?? "",
    authors: authors.join("\n"),
    keywords: keywords.join("\n"),
    categories: categories.join("\n"),
  };
}

/** Only what was changed, so that two people can edit different fields. */
function changes(before: Draft, after: Draft): { title?: string; metadata: MetadataPatch } {
  const metadata: MetadataPatch = {};
  for (const { name } of FIELDS) {
    if (before[name] !== after[name]) metadata[name] = after[name].trim() || null;
  }
  if (before.authors !== after.authors) metadata.authors = lines(after.authors);
  if (before.keywords !== after.keywords) metadata.keywords = lines(after.keywords);
  if (before.categories !== after.categories) metadata.categories = lines(after.categories);
  return before.title === after.title ? { metadata } : { title: after.title.trim(), metadata };
}

/** What the book says about itself: to read, and for those who may, to change. */
export function MetadataDialog({ state, onClose }: { state: BookState; onClose: () => void }) {
  // What was there when the dialog opened: the hub refuses to save over somebody else's change since then.
  const [opening] = useState(() => ({ draft: draftOf(state.title, state.metadata), baseSeq: state.metadataSeq }));
  const [draft, setDraft] = useState(opening.draft);
  const { busy, error, run } = useAction();
  const id = useId();
  const readOnly = !can("edit_metadata");

  const field = (name: keyof Draft, label: string, options: { hint?: string; long?: boolean; required?: boolean } = {}) => {
    const shared = {
      id: `${id}-${name}`,
      name,
      readOnly,
      value: draft[name],
      "aria-describedby": options.hint ? `${id}-${name}-hint` : undefined,
    };
    const set = (value: string) => setDraft({ ...draft, [name]: value });
    return (
      <div class={options.long ? "field full" : "field"} key={name}>
        <label for={shared.id}>{label}</label>
        {options.long ? (
          <textarea {...shared} rows={3} onInput={(event) => set(event.currentTarget.value)} />
        ) : (
          <input {...shared} required={options.required} onInput={(event) => set(event.currentTarget.value)} />
        )}
        {options.hint && (
          <p class="hint" id={`${id}-${name}-hint`}>
            {options.hint}
          </p>
        )}
      </div>
    );
  };

  return (
    <Dialog title="About this book" onClose={onClose} wide>
      <form
        class="metadata-form"
        onSubmit={(event) => {
          event.preventDefault();
          run(() => opened().setMetadata({ ...changes(opening.draft, draft), baseSeq: opening.baseSeq }), onClose);
        }}
      >
        {field("title", "Title", { required: true })}
        {FIELDS.filter(({ long }) => !long).map(({ name, label, hint }) => field(name, label, hint ? { hint } : {}))}
        {field("authors", "Authors", { hint: "one per line", long: true })}
        {field("description", "Description", { long: true })}
        {field("keywords", "Keywords", { hint: "one per line", long: true })}
        {field("categories", "Categories in the library", { hint: "one per line", long: true })}
        <div class="full">
          <Refused error={error} />
        </div>
        <div class="row end full">
          <button type="button" class="button" onClick={onClose}>
            {readOnly ? "Close" : "Cancel"}
          </button>
          {!readOnly && (
            <button type="submit" class="button primary" disabled={busy}>
              Save
            </button>
          )}
        </div>
      </form>
    </Dialog>
  );
}
