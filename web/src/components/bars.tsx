import { useId } from "preact/hooks";
import { type Bar, roundTop } from "../lib/report";

/** Of the drawing, in its own units. */
const WIDTH = 640;
const HEIGHT = 206;
const LEFT = 60;
const BOTTOM = 36;
const TOP = 16;
/** Days that are written under the bars, about so many. */
const LABELS = 6;

const number = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
const precise = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 2 });
/** Beside the lines there is room for some signs only. */
const short = new Intl.NumberFormat(undefined, { notation: "compact", maximumSignificantDigits: 3 });
const dayAndMonth = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", timeZone: "UTC" });

interface Props {
  title: string;
  /** What the values are counted in. */
  unit: string;
  bars: readonly Bar[];
  /** The days add up to something: who was there on two days was there once. */
  sums?: boolean;
}

/** A value for each day, drawn; and the same numbers in a table for whoever does not see the drawing or wants them. */
export function Bars({ title, unit, bars, sums = true }: Props) {
  const id = useId();
  const top = roundTop(bars.map(({ value }) => value));
  const told = (value: number) => (top < 1 ? precise : number).format(value);
  const [width, height] = [WIDTH - LEFT, HEIGHT - TOP - BOTTOM];
  const step = width / Math.max(1, bars.length);
  const every = Math.max(1, Math.ceil(bars.length / LABELS));
  const y = (value: number) => TOP + height * (1 - value / top);
  // Half a person is none.
  const areWhole = bars.every(({ value }) => Number.isInteger(value));
  const lines = areWhole && !Number.isInteger(top / 2) ? [0, top] : [0, top / 2, top];
  const values = bars.map(({ value }) => value);
  const summary = sums
    ? `${told(values.reduce((all, value) => all + value, 0))} ${unit} in ${bars.length} days.`
    : `At most ${told(Math.max(0, ...values))} ${unit} on one of ${bars.length} days.`;
  return (
    <figure class="plot">
      <figcaption class="section-title">{title}</figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-labelledby={`${id}-title ${id}-desc`}>
        <title id={`${id}-title`}>{title}</title>
        <desc id={`${id}-desc`}>{`${summary} The table below has the numbers.`}</desc>
        {lines.map((value) => (
          <g key={value} class="plot-line">
            <line x1={LEFT} x2={WIDTH} y1={y(value)} y2={y(value)} />
            <text x={LEFT - 8} y={y(value)} dominant-baseline="central" text-anchor="end">
              {short.format(value)}
            </text>
          </g>
        ))}
        {bars.map(({ day, value }, index) => (
          <g key={day}>
            {value > 0 && (
              <rect class="plot-bar" x={LEFT + index * step + step * 0.14} width={step * 0.72} y={y(value)} height={TOP + height - y(value)} rx={Math.min(3, step * 0.2)}>
                <title>{`${dayAndMonth.format(Date.parse(day))}: ${told(value)} ${unit}`}</title>
              </rect>
            )}
            {index % every === 0 && (
              <text class="plot-day" x={LEFT + (index + 0.5) * step} y={HEIGHT - 8} text-anchor="middle">
                {dayAndMonth.format(Date.parse(day))}
              </text>
            )}
          </g>
        ))}
      </svg>
      <details>
        <summary class="small">Numbers</summary>
        <table class="report-table">
          <thead>
            <tr>
              <th scope="col">Day</th>
              <th scope="col">{title}</th>
            </tr>
          </thead>
          <tbody>
            {bars
              .filter(({ value }) => value > 0)
              .map(({ day, value }) => (
                <tr key={day}>
                  <th scope="row">{day}</th>
                  <td>{told(value)}</td>
                </tr>
              ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
}
