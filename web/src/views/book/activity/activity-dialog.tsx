import { deed, FAMILIES } from "../../../lib/activity";
import { book } from "../../../state/book";
import { LogDialog } from "../../log/log-dialog";

interface Props {
  title: string;
  /** Where it is asked for. */
  log: string;
  onClose: () => void;
}

/** What happened in the book, or, for those who look into its audit log: who changed rights, people or the book itself, when and why. */
export function ActivityDialog({ title, log, onClose }: Props) {
  const members = (book.value?.members ?? []).map((member) => [member.user, member.name] as const);
  return <LogDialog title={title} log={log} families={FAMILIES} known={members} deed={deed} onClose={onClose} />;
}
