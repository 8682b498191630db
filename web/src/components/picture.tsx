import { useEffect, useRef } from "preact/hooks";
import { showPicture } from "../lib/pictures";
import { view } from "../state/book";

interface Props {
  asset: string;
  /** What is to be seen on it. */
  words: string;
  percent: number | undefined;
}

/** A picture of the open book, in a line of its own. */
export function Picture({ asset, words, percent }: Props) {
  const image = useRef<HTMLImageElement>(null);
  const book = view.value?.id;
  useEffect(() => {
    if (!image.current || book === undefined) return undefined;
    return showPicture(image.current, book, asset);
  }, [book, asset]);
  return (
    <figure class="picture">
      <img ref={image} alt={words} data-asset={asset} style={percent === undefined ? undefined : { width: `${percent}%` }} />
    </figure>
  );
}
