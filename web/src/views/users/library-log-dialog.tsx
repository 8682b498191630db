import { LIBRARY_LOG } from "../../lib/activity";
import { LIBRARY_FAMILIES, libraryDeed } from "../../lib/library-log";
import { users } from "../../state/users";
import { LogDialog } from "../log/log-dialog";

/** What happened to the library: who changed users, permissions, settings and books, when and why. */
export function LibraryLogDialog({ onClose }: { onClose: () => void }) {
  const joined = users.value.rows.flatMap(({ user, details, email }) => (user === null ? [] : [[user, details.name ?? email] as const]));
  return (
    <LogDialog title="Audit log" log={LIBRARY_LOG} families={LIBRARY_FAMILIES} known={joined} deed={libraryDeed} onClose={onClose} />
  );
}
