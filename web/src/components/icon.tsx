const PATHS = {
  back: "M15 5l-7 7 7 7",
  book: "M12 6.500C10 5 7.5 4.5 4 4.600v13.500c3.5-.1 6 .4 8 1.9 2-1.5 4.5-2 8-1.900V4.600c-3.5-.1-6 .4-8 1.900zm0 0V20",
  check: "M5 12.500l4.5 4.500L19 7.5",
  close: "M6 6l12 12M18 6L6 18",
  comment: "M5 5h14v11H10l-4 3.500V16H5z",
  down: "M6 9.500l6 6 6-6",
  grip: "M9 6h.01M15 6h.01M9 12h.01M15 12h.01M9 18h.01M15 18h.01",
  info: "M12 11v6M12 7.500v.01M12 3.500a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17z",
  leave: "M14 4h5v16h-5M4 12h10M10 8l4 4-4 4",
  list: "M8.5 6H20M8.5 12H20M8.5 18H20M4 6h.01M4 12h.01M4 18h.01",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  moon: "M19.5 14.500A8 8 0 0 1 9.5 4.500a8 8 0 1 0 10 10z",
  pen: "M4.5 19.500l1-4.500L16 4.500l3.5 3.500L9 18.500zM13.5 7l3.5 3.5",
  people: "M9 11.500a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20c.3-4 2.9-6 6.5-6s6.2 2 6.5 6M15.5 5a3.5 3.5 0 0 1 0 6.500M17.5 14.500c2.3.8 3.7 2.6 4 5.5",
  plus: "M12 5v14M5 12h14",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.500v2M12 19.500v2M2.5 12h2M19.5 12h2M5.3 5.300l1.4 1.400M17.3 17.300l1.4 1.400M18.7 5.300l-1.4 1.400M6.7 17.300l-1.4 1.4",
  system: "M4 5h16v11H4zM9 20h6M12 16v4",
  trash: "M5 7h14M10 7V4.500h4V7M7 7l.8 12.500h8.400L17 7M10.5 10.500v6M13.5 10.500v6",
  undo: "M8 5L4 9l4 4M4 9h10a5.5 5.5 0 0 1 0 11h-4",
  wait: "M12 7.500V12l3 2M12 3.500a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17z",
} as const;

export type IconName = keyof typeof PATHS;

/** A line drawing beside or instead of a word; whoever uses it alone gives its button a name. */
export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  const heavy = name === "grip" || name === "more";
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width={heavy ? 3 : 1.8}
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
