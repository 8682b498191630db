import type { VersionRow } from "quire-client";
import { Avatar } from "../../../components/avatar";
import { Icon } from "../../../components/icon";
import { walkRows } from "../../../components/walk";
import { timeOfDay } from "../../../lib/time";
import { authorOf, byDay, whyKept, wordCount } from "../../../lib/version-words";
import { ChangedWords } from "./changed-words";

const walk = walkRows(".version-row");

interface Props {
  /** What is listed; null: not known yet. */
  versions: readonly VersionRow[] | null;
  all: readonly VersionRow[];
  onlyNamed: boolean;
  /** The version whose text is shown. */
  shown: number | null;
  /** The position of the text as it is. */
  now: number | null;
  onChoose: (rev: number) => void;
}

/** Versions by day. One of them is in the tab order; arrows walk from it to the others. */
export function VersionList({ versions, all, onlyNamed, shown, now, onChoose }: Props) {
  if (versions === null) return <p class="empty" aria-busy="true">Looking for versions…</p>;
  if (versions.length === 0) {
    return <p class="empty">{onlyNamed ? "No version has a name yet." : "There are no versions yet. One is kept whenever somebody has written."}</p>;
  }
  const tabStop = versions.some(({ rev }) => rev === shown) ? shown : versions[0]?.rev;
  return (
    <div class="version-days" onKeyDown={walk}>
      {byDay(versions).map((day) => (
        <div key={day.name} role="group" aria-label={day.name}>
          <h3 class="section-title">{day.name}</h3>
          <ol>
            {day.versions.map((version) => (
              <li key={version.rev}>
                <button
                  type="button"
                  class={version.label === null ? "version-row" : "version-row named"}
                  data-rev={version.rev}
                  aria-current={version.rev === shown ? "true" : undefined}
                  tabIndex={version.rev === tabStop ? 0 : -1}
                  onClick={() => onChoose(version.rev)}
                >
                  <Row version={version} all={all} isNow={version.rev === now} />
                </button>
              </li>
            ))}
          </ol>
        </div>
      ))}
    </div>
  );
}

function Row({ version, all, isNow }: { version: VersionRow; all: readonly VersionRow[]; isNow: boolean }) {
  const author = authorOf(version);
  const when = timeOfDay(version.kept_at);
  return (
    <>
      <Avatar user={version.by?.user ?? ""} name={author} small />
      <span class="grow">
        <span class="version-title">
          {version.label !== null && <Icon name="mark" size={15} />}
          <span class="version-name">{version.label ?? when}</span>
          {isNow && <span class="badge">Now</span>}
        </span>{" "}
        <span class="version-by">
          {version.label !== null && `${when} · `}
          {author} · {whyKept(version, all)}
        </span>{" "}
        <span class="version-words">
          {wordCount(version.words)} <ChangedWords {...version} />
        </span>
      </span>
    </>
  );
}
