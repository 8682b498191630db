import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { IconButton } from "./icon-button";

interface Props {
  title: string;
  onClose: () => void;
  wide?: boolean;
  /** As much room as there is. */
  full?: boolean;
  children: ComponentChildren;
}

/** A modal dialog. The browser keeps the focus inside, closes it on Escape and gives the focus back. */
export function Dialog({ title, onClose, wide = false, full = false, children }: Props) {
  const element = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const gone = useRef(false);

  useEffect(() => {
    const dialog = element.current;
    const opener = document.activeElement;
    dialog?.showModal();
    return () => {
      gone.current = true;
      dialog?.close();
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    };
  }, []);

  return (
    <dialog
      ref={element}
      class={full ? "dialog full" : wide ? "dialog wide" : "dialog"}
      aria-labelledby={heading}
      // The browser tells of the end later, when another dialog may be open already.
      onClose={() => gone.current || onClose()}
      // The chapter list hears Escape too; what closes a dialog must not release a chapter.
      onKeyDown={(event) => event.stopPropagation()}
      onClick={(event) => event.target === element.current && onClose()}
    >
      <div class="dialog-body">
        <div class="dialog-head">
          <h2 id={heading}>{title}</h2>
          <IconButton icon="close" label="Close" onClick={onClose} />
        </div>
        {children}
      </div>
    </dialog>
  );
}
