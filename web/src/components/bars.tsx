import { useId } from "preact/hooks";
import { type Bar, roundTop } from "../lib/report";

/** Of the drawing, in its own units. */
const WIDTH = 640;
const HEIGHT = 190;
const LEFT = 52;
const BOTTOM = 26;
const TOP = 10;
/** Days that are written under the bars, about so many. */
const LABELS = 6;

const number = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
const precise = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 2 });
const dayAndMonth = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", timeZone: "UTC" });

interface Props {
  title: string;
  /** What the values are counted in. */
  unit: string;
  bars: readonly Bar[];
}

/** A value for each day, drawn; and the same numbers in a table for whoever does not see the drawing or wants them. */
export function Bars({ title, unit, bars }: Props) {
  const id = useId();
  const top = roundTop(bars.map(({ value }) => value));
  const told = (value: number) => (top < 1 ? precise : number).format(value);
  const [width, height] = [WIDTH - LEFT, HEIGHT - TOP - BOTTOM];
  const step = width / Math.max(1, bars.length);
  const every = Math.max(1, Math.ceil(bars.length / LABELS));
  const y = (value: number) => TOP + height * (1 - value / top);
  const sum = bars.reduce((all, { value }) => all + value, 0);
  return (
    <figure class="plot">
      <figcaption class="section-title">{title}</figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-labelledby={`${id}-title ${id}-desc`}>
        <title id={`${id}-title`}>{title}</title>
        <desc id={`${id}-desc`}>{`${told(sum)} ${unit} in ${bars.length} days. The table below has the numbers.`}</desc>
        {[0, top / 2, top].map((value) => (
          <g key={value} class="plot-line">
            <line x1={LEFT} x2={WIDTH} y1={y(value)} y2={y(value)} />
            <text x={LEFT - 8} y={y(value) + 4} text-anchor="end">
              {told(value)}
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
