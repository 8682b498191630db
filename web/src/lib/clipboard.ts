import { render } from "preact";
import type { Doc } from "yjs";
import { linesIn } from "./typed";
import { written } from "./written";

/** Puts a text on the clipboard as it looks, and as plain lines for where looks do not count. */
export async function copyText(read: () => Promise<Doc>): Promise<void> {
  // Some browsers allow it only within the click itself, so the clipboard waits for the text, not the other way round.
  const doc = read();
  const as = (type: string, tell: (doc: Doc) => string) => doc.then((text) => new Blob([tell(text)], { type }));
  const item = new ClipboardItem({
    "text/html": as("text/html", htmlOf),
    "text/plain": as("text/plain", (text) => linesIn(text).join("\n\n")),
  });
  await navigator.clipboard.write([item]);
}

function htmlOf(doc: Doc): string {
  const box = document.createElement("div");
  render(written(doc), box);
  const html = box.innerHTML;
  render(null, box);
  return html;
}
