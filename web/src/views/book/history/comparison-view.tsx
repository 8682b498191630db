import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { Comparison, VersionRow } from "quire-client";
import { Refused } from "../../../components/action";
import { IconButton } from "../../../components/icon-button";
import { countChanges, folded, type Stretch } from "../../../lib/compared";
import { messageOf } from "../../../lib/refusal";
import { authorOf, keptWhen, nameInSentence } from "../../../lib/version-words";
import { opened } from "../../../state/book";
import { ChangedWords } from "./changed-words";
import { ComparedText } from "./compared-text";

/** What a version is compared with: the one before it, the text as it is, or another one. */
export type Other = "before" | "now" | number;

interface Props {
  chapter: string;
  version: VersionRow;
  all: readonly VersionRow[];
  /** What it is compared with at first. */
  first?: Other;
}

/** The two texts of a comparison, the earlier one first; `to` is null for the text as it is. */
interface Sides {
  from: VersionRow;
  to: VersionRow | null;
}

function sidesOf(version: VersionRow, all: readonly VersionRow[], other: Other): Sides {
  if (other === "now") return { from: version, to: null };
  const before = all.find(({ rev }) => rev < version.rev);
  const chosen = other === "before" ? before : all.find(({ rev }) => rev === other && rev !== version.rev);
  if (!chosen) return { from: version, to: null };
  return chosen.rev < version.rev ? { from: chosen, to: version } : { from: version, to: chosen };
}

/** What came and what went between a version and another. */
export function ComparisonView({ chapter, version, all, first = "before" }: Props) {
  const [other, setOther] = useState<Other>(first);
  const { from, to } = sidesOf(version, all, other);
  const [compared, setCompared] = useState<{ key: string; answer: Comparison; stretches: Stretch[] } | null>(null);
  const [error, setError] = useState<string>();
  const key = `${from.rev} ${to?.rev ?? "now"}`;

  useEffect(() => {
    let isOver = false;
    setError(undefined);
    opened()
      .compareVersions(chapter, from.rev, to?.rev)
      .then(
        (answer) => !isOver && setCompared({ key, answer, stretches: folded(answer.blocks) }),
        (reason: unknown) => !isOver && setError(messageOf(reason)),
      );
    return () => {
      isOver = true;
    };
  }, [chapter, key]);

  const shown = compared?.key === key ? compared : null;
  const isNow = to === null;
  const side = isNow ? "now" : other === "before" ? "before" : String(other);
  return (
    <>
      <div class="comparison-head">
        <Choice version={version} all={all} value={side} onChoose={setOther} />
        <p class="comparison-sides small quiet">
          What changed from {from === version ? "this version" : nameInSentence(from)} to{" "}
          {to === null ? "the text as it is" : to === version ? "this one" : nameInSentence(to)}
        </p>
      </div>
      <Refused error={error} />
      {shown ? <Changes key={key} answer={shown.answer} stretches={shown.stretches} /> : <div class="version-body" aria-busy={error === undefined} />}
    </>
  );
}

interface ChoiceProps {
  version: VersionRow;
  all: readonly VersionRow[];
  value: string;
  onChoose: (other: Other) => void;
}

function Choice({ version, all, value, onChoose }: ChoiceProps) {
  const id = useId();
  const others = all.filter(({ rev }) => rev !== version.rev);
  const hasBefore = others.some(({ rev }) => rev < version.rev);
  const groups = [
    { label: "Named versions", versions: others.filter(({ label }) => label !== null) },
    { label: "Other versions", versions: others.filter(({ label }) => label === null) },
  ];
  return (
    <div class="comparison-choice">
      <label for={id}>Compare with</label>
      <select
        id={id}
        value={value}
        onChange={({ currentTarget }) => {
          const { value: chosen } = currentTarget;
          onChoose(chosen === "before" || chosen === "now" ? chosen : Number(chosen));
        }}
      >
        {hasBefore && <option value="before">The version before it</option>}
        <option value="now">The text as it is</option>
        {groups.map(
          ({ label, versions }) =>
            versions.length > 0 && (
              <optgroup key={label} label={label}>
                {versions.map((row) => (
                  <option key={row.rev} value={String(row.rev)}>
                    {row.label === null ? `${keptWhen(row)} · ${authorOf(row)}` : `${row.label} (${keptWhen(row)})`}
                  </option>
                ))}
              </optgroup>
            ),
        )}
      </select>
    </div>
  );
}

/** The text with its changes, and a way from one to the next. */
function Changes({ answer, stretches }: { answer: Comparison; stretches: readonly Stretch[] }) {
  const count = countChanges(stretches);
  const [at, setAt] = useState(-1);
  const body = useRef<HTMLDivElement>(null);
  const element = (change: number) => body.current?.querySelector<HTMLElement>(`[data-change="${change}"]`);
  const walkTo = (change: number) => {
    setAt(change);
    element(change)?.scrollIntoView({ block: "center" });
  };
  return (
    <>
      <div class="comparison-walk" role="group" aria-label="Changes">
        {count === 0 ? (
          <p class="small">Both say the same. How text looks is not compared.</p>
        ) : (
          <>
            <IconButton icon="up" label="Change before" small disabled={at <= 0} onClick={() => walkTo(at - 1)} />
            <IconButton icon="down" label="Next change" small disabled={at >= count - 1} onClick={() => walkTo(at + 1)} />
            <p class="small" role="status">
              {at === -1 ? `${count} ${count === 1 ? "change" : "changes"}` : `Change ${at + 1} of ${count}`}
              {at >= 0 && <span class="sr-only">: {element(at)?.textContent}</span>}
            </p>
            <p class="small">
              <ChangedWords {...answer} />
            </p>
          </>
        )}
      </div>
      <div class="version-body" ref={body} tabIndex={0} role="region" aria-label="What changed">
        <ComparedText stretches={stretches} at={at} />
      </div>
    </>
  );
}
