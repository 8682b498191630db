import { useEffect, useRef, useState } from "preact/hooks";
import type { PointRow } from "quire-client";
import { Refused, useAction } from "../../../components/action";
import { Dialog } from "../../../components/dialog";
import { download, FILE_KINDS, type FileKind } from "../../../lib/files";
import { keptWhen } from "../../../lib/version-words";
import { opened } from "../../../state/book";

interface Props {
  /** The state of the book that is wanted; absent: as it is. */
  point?: Pick<PointRow, "point" | "label" | "kept_at" | "by">;
  onClose: () => void;
}

/** The book as a file, in whichever form is wanted. Closing the dialog ends what is under way. */
export function DownloadDialog({ point, onClose }: Props) {
  const { busy, error, run } = useAction();
  const [notes, setNotes] = useState<string[]>([]);
  const ended = useRef(new AbortController());
  useEffect(() => () => ended.current.abort(), []);
  const make = async (file: FileKind): Promise<void> => {
    setNotes([]);
    setNotes(await download(opened().id, file, ended.current.signal, point?.point));
  };
  return (
    <Dialog title={point ? "Download the book as it was" : "Download the book"} onClose={onClose}>
      <p class="quiet">
        {point
          ? `The book as it was: “${point.label}” (${keptWhen(point)}). Pictures are those of now.`
          : "Everything that is saved by now, in reading order."}
      </p>
      <ul class="files">
        {FILE_KINDS.map((file) => (
          <li key={file.kind}>
            <button
              type="button"
              class="button"
              disabled={busy}
              onClick={() => run(() => make(file))}
            >
              <strong>{file.label}</strong> <span class="quiet small">{file.about}</span>
            </button>
          </li>
        ))}
      </ul>
      <p role="status" class="quiet small">
        {busy ? "The file is being made…" : ""}
      </p>
      {notes.length > 0 && (
        <div role="status">
          <p>Not everything is in the file as it should be:</p>
          <ul>
            {notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </div>
      )}
      <Refused error={error} />
    </Dialog>
  );
}
