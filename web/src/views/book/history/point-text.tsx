import { useEffect, useRef, useState } from "preact/hooks";
import { Refused } from "../../../components/action";
import { Icon } from "../../../components/icon";
import { ComparisonView } from "./comparison-view";
import { useVersions } from "./use-versions";
import { VersionText } from "./version-pane";

interface Props {
  chapter: string;
  /** What it was called. */
  title: string;
  /** Its version at the point. */
  rev: number;
  onBack: () => void;
}

/** One chapter as it was at a point of the book: what it said, or what changed since. Also of a chapter that is gone. */
export function PointText({ chapter, title, rev, onBack }: Props) {
  const [mode, setMode] = useState<"text" | "changes">("text");
  const back = useRef<HTMLButtonElement>(null);
  useEffect(() => back.current?.focus(), []);
  const tab = (name: typeof mode, label: string) => (
    <button type="button" aria-pressed={mode === name} onClick={() => setMode(name)}>
      {label}
    </button>
  );
  return (
    <>
      <div class="point-text-head row">
        <button type="button" class="button small plain" ref={back} onClick={onBack}>
          <Icon name="back" size={16} /> All chapters
        </button>
        <h4 class="grow">{title}</h4>
        <div class="tabs" role="group" aria-label="What is shown of it">
          {tab("text", "Text")}
          {tab("changes", "Compare")}
        </div>
      </div>
      {mode === "text" ? <VersionText chapter={chapter} rev={rev} /> : <Changes chapter={chapter} rev={rev} />}
    </>
  );
}

function Changes({ chapter, rev }: { chapter: string; rev: number }) {
  const { versions, error } = useVersions(chapter);
  const version = versions?.find((row) => row.rev === rev);
  if (error !== undefined) return <Refused error={error} />;
  if (!versions || !version) return <div class="version-body" aria-busy="true" />;
  return <ComparisonView chapter={chapter} version={version} all={versions} first="now" />;
}
