/** Arrows walk from one row of a list to the others; one of them is in the tab order. */
export function walkRows(selector: string): (event: KeyboardEvent & { currentTarget: HTMLElement }) => void {
  return (event) => {
    const rows = [...event.currentTarget.querySelectorAll<HTMLElement>(selector)];
    const at = rows.indexOf(document.activeElement as HTMLElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (at === -1 || next === undefined) return;
    event.preventDefault();
    rows[next]?.focus();
  };
}
