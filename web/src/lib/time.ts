const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const dayAndYear = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const weekdayAndYear = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

function sameDay(left: Date, right: Date): boolean {
  return left.toDateString() === right.toDateString();
}

/** "10:14" today, "3 Mar, 10:14" this year, "3 Mar 2024" before. */
export function pointInTime(at_ms: number, now_ms = Date.now()): string {
  const at = new Date(at_ms);
  const now = new Date(now_ms);
  if (sameDay(at, now)) return clock.format(at);
  return at.getFullYear() === now.getFullYear() ? `${day.format(at)}, ${clock.format(at)}` : dayAndYear.format(at);
}

/** "3 Mar 2024". */
export function date(at_ms: number): string {
  return dayAndYear.format(new Date(at_ms));
}

/** "10:14", where the day is said elsewhere. */
export function timeOfDay(at_ms: number): string {
  return clock.format(new Date(at_ms));
}

/** "Today", "Yesterday", "Monday, 3 March", with the year where it is another. */
export function dayName(at_ms: number, now_ms = Date.now()): string {
  const at = new Date(at_ms);
  const now = new Date(now_ms);
  if (sameDay(at, now)) return "Today";
  if (sameDay(at, new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1))) return "Yesterday";
  return (at.getFullYear() === now.getFullYear() ? weekday : weekdayAndYear).format(at);
}

/** "now", "5 minutes ago", "in 6 days". */
export function fromNow(at_ms: number, now_ms = Date.now()): string {
  const distance = at_ms - now_ms;
  const size = Math.abs(distance);
  if (size < MINUTE_MS) return relative.format(0, "second");
  if (size < HOUR_MS) return relative.format(Math.round(distance / MINUTE_MS), "minute");
  if (size < DAY_MS) return relative.format(Math.round(distance / HOUR_MS), "hour");
  return relative.format(Math.round(distance / DAY_MS), "day");
}

/** "9:59" for what is left. */
export function countdown(left_ms: number): string {
  const seconds = Math.max(0, Math.round(left_ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** The first moment of a day as a date field tells it ("2027-01-31"), where this person is; undefined: none was chosen. */
export function dayBegins(chosen: string): number | undefined {
  const [year = 0, month = 1, day = 1] = chosen.split("-").map(Number);
  return chosen === "" ? undefined : new Date(year, month - 1, day).getTime();
}

/** The first moment after a day as a date field tells it; undefined: none was chosen. */
export function dayEnds(chosen: string): number | undefined {
  const [year = 0, month = 1, day = 1] = chosen.split("-").map(Number);
  return chosen === "" ? undefined : new Date(year, month - 1, day + 1).getTime();
}

/** The day of a time as a date field has it, of this place. */
export function dayOf(at_ms: number): string {
  const at = new Date(at_ms);
  const two = (part: number) => String(part).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}
