import { useLayoutEffect, useMemo } from "preact/hooks";
import { applyUpdate, Doc, encodeStateAsUpdate } from "yjs";
import { FROM_HUB } from "../../../../state/text";
import { DocumentView } from "./document-view";

interface Props {
  chapter: string;
  doc: Doc;
  base: number;
  lineage: number | null;
  title: string;
}

/** The text as somebody else writes it. An editor may change what it shows, so it gets a copy that nobody sends. */
export function Watched({ doc, ...shown }: Props) {
  const copy = useMemo(() => {
    const fresh = new Doc();
    applyUpdate(fresh, encodeStateAsUpdate(doc), FROM_HUB);
    return fresh;
  }, [doc]);
  // Nothing is heard between the copying and this: both are done before the page is drawn.
  useLayoutEffect(() => {
    const took = (update: Uint8Array): void => applyUpdate(copy, update, FROM_HUB);
    doc.on("update", took);
    return () => doc.off("update", took);
  }, [doc]);
  return <DocumentView {...shown} doc={copy} editable={false} />;
}
