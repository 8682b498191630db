import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { CommentText, Member } from "quire-client";
import { Refused, useAction } from "../../../components/action";
import { useInitialFocus } from "../../../components/focus";
import { mentionBeingTyped, mentionable, mentionsIn } from "../../../lib/mentions";
import { book } from "../../../state/book";
import { MentionList } from "./mention-list";

interface Props {
  label: string;
  submit: string;
  initial?: string;
  onSubmit: (text: CommentText) => Promise<void>;
  onCancel: () => void;
}

interface Suggestions {
  /** Where the `@` stands. */
  at: number;
  members: Member[];
  chosen: number;
}

/** As many names as fit below a comment. */
const SUGGESTIONS_MAX = 6;

function suggestionsFor(body: string, caret: number): Suggestions | null {
  const typed = mentionBeingTyped(body, caret);
  if (!typed) return null;
  const wanted = typed.typed.toLowerCase();
  const members = mentionable(book.value?.members ?? [])
    .filter((member) => member.name.toLowerCase().startsWith(wanted) && member.name.toLowerCase() !== wanted.trimEnd())
    .slice(0, SUGGESTIONS_MAX);
  return members.length > 0 ? { at: typed.at, members, chosen: 0 } : null;
}

/** Where a comment is written: `@` offers members, Ctrl+Enter sends, Escape leaves. */
export function Composer({ label, submit, initial = "", onSubmit, onCancel }: Props) {
  const [body, setBody] = useState(initial);
  const [suggestions, setSuggestions] = useState<Suggestions | null>(null);
  const { busy, error, run } = useAction();
  const field = useInitialFocus<HTMLTextAreaElement>();
  /** Where the caret belongs once an inserted name is drawn. */
  const caretAfter = useRef<number | null>(null);
  const id = useId();

  useLayoutEffect(() => {
    if (caretAfter.current === null) return;
    field.current?.setSelectionRange(caretAfter.current, caretAfter.current);
    caretAfter.current = null;
  }, [body]);

  const send = () => {
    const text = body.trim();
    if (text === "") return;
    run(() => onSubmit({ body: text, mentions: mentionsIn(text, mentionable(book.value?.members ?? [])) }));
  };

  const insert = (member: Member) => {
    if (!suggestions || !field.current) return;
    const rest = body.slice(field.current.selectionStart);
    const head = `${body.slice(0, suggestions.at)}@${member.name} `;
    caretAfter.current = head.length;
    setBody(head + rest);
    setSuggestions(null);
    field.current.focus();
  };

  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (suggestions) {
      const { members, chosen } = suggestions;
      const step = { ArrowDown: 1, ArrowUp: members.length - 1 }[event.key];
      if (step !== undefined) {
        setSuggestions({ ...suggestions, chosen: (chosen + step) % members.length });
      } else if (event.key === "Enter" || event.key === "Tab") {
        const member = members[chosen];
        if (member) insert(member);
      } else if (event.key === "Escape") {
        setSuggestions(null);
      } else {
        return;
      }
      event.preventDefault();
    } else if (event.key === "Escape") {
      onCancel();
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      send();
    }
  };

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        ref={field}
        aria-label={label}
        placeholder={`${label}; @ names somebody`}
        rows={3}
        value={body}
        aria-autocomplete="list"
        aria-controls={suggestions ? `${id}-names` : undefined}
        aria-activedescendant={suggestions ? `${id}-names-${suggestions.chosen}` : undefined}
        onInput={(event) => {
          setBody(event.currentTarget.value);
          setSuggestions(suggestionsFor(event.currentTarget.value, event.currentTarget.selectionStart));
        }}
        onKeyDown={onKeyDown}
        onBlur={() => setSuggestions(null)}
      />
      {suggestions && <MentionList id={`${id}-names`} members={suggestions.members} chosen={suggestions.chosen} onChoose={insert} />}
      <Refused error={error} />
      <div class="row end">
        <button type="button" class="button small plain" onClick={onCancel}>
          Cancel
        </button>
        <button type="submit" class="button small primary" disabled={busy || body.trim() === ""}>
          {submit}
        </button>
      </div>
    </form>
  );
}
