import { book } from "../../../state/book";
import { open } from "../../../state/writing";

/** What a book shows before a chapter is chosen: its title page. */
export function TitlePage() {
  const state = book.value;
  if (!state) return null;
  const { subtitle, authors, publisher, description } = state.metadata;
  const first = state.chapters.find((entry) => entry.kind !== "part");
  return (
    <div class="title-page">
      {authors.length > 0 && <p class="title-page-authors">{authors.join(", ")}</p>}
      <h1>{state.title}</h1>
      {subtitle && <p class="title-page-subtitle">{subtitle}</p>}
      <hr />
      {description && <p class="title-page-description">{description}</p>}
      {first && (
        <button type="button" class="button primary" onClick={() => open(first.id)}>
          Begin reading
        </button>
      )}
      {publisher && <p class="quiet small">{publisher}</p>}
    </div>
  );
}
