import { bookLog, deed, FAMILIES } from "../../../lib/activity";
import { book } from "../../../state/book";
import { LogDialog } from "../../log/log-dialog";

/** What happened to the book: who changed rights, people or the book itself, when and why. */
export function ActivityDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const members = (book.value?.members ?? []).map((member) => [member.user, member.name] as const);
  return <LogDialog title="Activity" log={bookLog(id)} families={FAMILIES} known={members} deed={deed} onClose={onClose} />;
}
