import type { VersionRow } from "quire-client";
import { nameInSentence } from "../../../lib/version-words";
import type { HistoryOf } from "../../../state/history";
import { KeepDialog } from "./keep-dialog";
import { NameDialog } from "./name-dialog";
import { RestoreDialog } from "./restore-dialog";

/** What is asked before something is done with a version. */
export type Question = "keep" | "name" | "restore";

interface Props {
  question: Question | null;
  of: HistoryOf;
  /** The version that is shown: what is named or restored. */
  shown: VersionRow | undefined;
  /** The version that says what the chapter says now. */
  same: VersionRow | undefined;
  /** Told what was done, and which version to show; null: the newest. */
  onDone: (sentence: string, rev: number | null) => void;
  onClose: () => void;
}

/** The dialog in front of the history. */
export function Questions({ question, of, shown, same, onDone, onClose }: Props) {
  if (question === "keep" && of.chapter) {
    return <KeepDialog chapter={of.chapter} same={same} onKept={(label) => onDone(`Kept as “${label}”.`, null)} onClose={onClose} />;
  }
  if (question === "name" && shown) {
    const told = (label: string | null) => (label === null ? "The name was removed." : `The version is called “${label}” now.`);
    return <NameDialog chapter={of.id} version={shown} onNamed={(label) => onDone(told(label), shown.rev)} onClose={onClose} />;
  }
  if (question === "restore" && shown && of.chapter) {
    const sentence = `“${of.title}” says again what ${nameInSentence(shown)} says.`;
    return <RestoreDialog chapter={of.chapter} version={shown} onRestored={(rev) => onDone(sentence, rev)} onClose={onClose} />;
  }
  return null;
}
