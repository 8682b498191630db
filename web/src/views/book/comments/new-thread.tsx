import type { Anchor, ChapterView } from "quire-client";
import { opened } from "../../../state/book";
import { activeThread, draft } from "../../../state/threads";
import { Composer } from "./composer";

/** A comment that begins a thread, on a stretch of the text or on the whole chapter. */
export function NewThread({ chapter, anchor }: { chapter: ChapterView; anchor: Anchor | null }) {
  return (
    <section class="thread new" aria-label="New comment">
      {anchor ? <blockquote class="quote">{anchor.quote}</blockquote> : <p class="quiet small">On the whole chapter</p>}
      <Composer
        label="Your comment"
        submit="Comment"
        onCancel={() => (draft.value = null)}
        onSubmit={async (text) => {
          const thread = await opened().addComment({ ...text, chapter: chapter.id, anchor });
          draft.value = null;
          activeThread.value = thread;
        }}
      />
    </section>
  );
}
