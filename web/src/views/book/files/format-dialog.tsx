import { useEffect, useId, useRef, useState } from "preact/hooks";
import { type BookState, type Format, QuireRefusal } from "quire-client";
import { Refused, useAction } from "../../../components/action";
import { Dialog } from "../../../components/dialog";
import { book, opened } from "../../../state/book";
import { Printed } from "./printed";

/** A change is sent when nothing followed it for this time. */
const QUIET_MS = 400;
/** Others may change the same settings at the same time; more often is a fault. */
const TRIES_MAX = 5;

type Choice = "trim" | "margins" | "font" | "opening" | "numbering" | "ornament" | "paragraphs";

const CHOICES: { readonly [K in Choice]: { label: string; options: { readonly [V in Format[K]]: string } } } = {
  trim: { label: "Page size", options: { a5: "A5 (148 × 210 mm)", six_by_nine: "6 × 9 inches", five_by_eight: "5 × 8 inches" } },
  margins: { label: "Margins", options: { narrow: "Narrow", normal: "Normal", wide: "Wide" } },
  font: {
    label: "Font",
    options: {
      serif: "Serif",
      old_style: "Old style (Garamond)",
      transitional: "Transitional (Baskerville)",
      sans: "Sans serif",
      typewriter: "Typewriter",
    },
  },
  opening: {
    label: "Chapters begin",
    options: { new_page: "On a new page", right_page: "On a right-hand page", same_page: "On the same page" },
  },
  numbering: {
    label: "Chapter numbers",
    options: { none: "None", arabic: "1, 2, 3", roman: "I, II, III", words: "One, Two, Three" },
  },
  ornament: {
    label: "Between scenes",
    options: { blank: "An empty line", asterisks: "* * *", asterism: "⁂", fleuron: "❦", line: "A short line" },
  },
  paragraphs: { label: "Paragraphs", options: { indented: "Indented", spaced: "Spaced" } },
};

/** Sizes as people know them; the hub's are whole numbers. */
const NUMBERS = [
  { name: "font_size_tenths_pt", label: "Font size (pt)", unit: 10, min: 6, max: 24, step: 0.5 },
  { name: "line_height_percent", label: "Line height", unit: 100, min: 1, max: 3, step: 0.05 },
] as const;

const SWITCHES = [
  { name: "justify", label: "Even right edge" },
  { name: "hyphenation", label: "Hyphenate words" },
] as const;

/** Changes settings upon what is so now; once more if somebody else was faster. */
async function changeFormat(change: Partial<Format>): Promise<void> {
  for (let tries = 1; book.value; tries += 1) {
    const { format, formatSeq } = book.value;
    try {
      return await opened().setFormat({ format: { ...format, ...change }, baseSeq: formatSeq });
    } catch (reason) {
      if (!(reason instanceof QuireRefusal && reason.code === "stale_base") || tries === TRIES_MAX) throw reason;
    }
  }
}

/** What the book looks like, beside the book: each change is made at once, for everybody. */
export function FormatDialog({ state, onClose }: { state: BookState; onClose: () => void }) {
  const [format, setFormat] = useState(state.format);
  const { busy, error, run } = useAction();
  const waiting = useRef<Partial<Format>>({});
  const sending = useRef(false);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const id = useId();

  // One change at a time: the next is made upon what this one has made.
  const send = () => {
    clearTimeout(timer.current);
    const change = waiting.current;
    if (sending.current || Object.keys(change).length === 0) return;
    waiting.current = {};
    sending.current = true;
    run(() =>
      changeFormat(change).finally(() => {
        sending.current = false;
        send();
      }),
    );
  };
  const change = (changed: Partial<Format>) => {
    waiting.current = { ...waiting.current, ...changed };
    setFormat({ ...format, ...changed });
    clearTimeout(timer.current);
    timer.current = setTimeout(send, QUIET_MS);
  };
  useEffect(() => setFormat({ ...state.format, ...waiting.current }), [state.formatSeq, error]);
  // What was changed last is not lost with the dialog.
  const last = useRef(send);
  last.current = send;
  useEffect(() => () => last.current(), []);

  return (
    <Dialog title="Formatting" onClose={onClose} full>
      <div class="formatting">
        <form class="format-form" onSubmit={(event) => event.preventDefault()}>
          {(Object.keys(CHOICES) as Choice[]).map((name) => (
            <div class="field" key={name}>
              <label for={`${id}-${name}`}>{CHOICES[name].label}</label>
              <select
                id={`${id}-${name}`}
                value={format[name]}
                onChange={(event) => change({ [name]: event.currentTarget.value } as Partial<Format>)}
              >
                {Object.entries(CHOICES[name].options).map(([value, label]) => (
                  <option key={value} value={value}>
                    {label}
                  </option>
                ))}
              </select>
            </div>
          ))}
          {NUMBERS.map(({ name, label, unit, min, max, step }) => (
            <div class="field" key={name}>
              <label for={`${id}-${name}`}>{label}</label>
              <input
                id={`${id}-${name}`}
                type="number"
                required
                {...{ min, max, step }}
                value={format[name] / unit}
                onChange={(event) => {
                  const field = event.currentTarget;
                  if (field.reportValidity()) change({ [name]: Math.round(field.valueAsNumber * unit) });
                }}
              />
            </div>
          ))}
          {SWITCHES.map(({ name, label }) => (
            <label class="switch" key={name}>
              <input type="checkbox" checked={format[name]} onChange={(event) => change({ [name]: event.currentTarget.checked })} />
              {label}
            </label>
          ))}
          <p role="status" class="quiet small">
            {busy ? "Saving…" : "Changes are made at once, for everybody in the book."}
          </p>
          <Refused error={error} />
        </form>
        <Printed state={state} format={format} />
      </div>
    </Dialog>
  );
}
