const PATHS = {
  alignCentre: "M4 6h16M7 10h10M4 14h16M7 18h10",
  alignLeft: "M4 6h16M4 10h10M4 14h16M4 18h10",
  alignRight: "M4 6h16M10 10h10M4 14h16M10 18h10",
  back: "M15 5l-7 7 7 7",
  bell: "M6 16.500V11a6 6 0 0 1 12 0v5.500l1.500 1.500h-15zM10 20.500h4",
  book: "M12 6.500C10 5 7.5 4.5 4 4.600v13.500c3.5-.1 6 .4 8 1.9 2-1.5 4.5-2 8-1.900V4.600c-3.5-.1-6 .4-8 1.900zm0 0V20",
  chart: "M3.5 19.500h17M6.5 16.500v-4M12 16.500V5M17.5 16.500V9",
  check: "M5 12.500l4.5 4.500L19 7.5",
  close: "M6 6l12 12M18 6L6 18",
  comment: "M5 5h14v11H10l-4 3.500V16H5z",
  down: "M6 9.500l6 6 6-6",
  find: "M10.5 4.500a6 6 0 1 0 0 12 6 6 0 0 0 0-12zM15 15l5 5",
  footnote: "M4 6h9M4 10h8M4 19h16M17 4.500l2-1.500v7M4 15.500h.01",
  grip: "M9 6h.01M15 6h.01M9 12h.01M15 12h.01M9 18h.01M15 18h.01",
  history: "M4.5 4.500v5h5M4.800 9.500a8 8 0 1 1-.6 4M12 8v4.500l3 1.800",
  info: "M12 11v6M12 7.500v.01M12 3.500a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17z",
  justify: "M4 6h16M4 10h16M4 14h16M4 18h16",
  leave: "M14 4h5v16h-5M4 12h10M10 8l4 4-4 4",
  link: "M10 14a4 4 0 0 0 5.7 0l3-3a4 4 0 0 0-5.7-5.700l-1.2 1.200M14 10a4 4 0 0 0-5.7 0l-3 3A4 4 0 0 0 11 18.700l1.2-1.2",
  list: "M8.5 6H20M8.5 12H20M8.5 18H20M4 6h.01M4 12h.01M4 18h.01",
  mark: "M7 4.500h10V20l-5-3.800L7 20z",
  moon: "M19.5 14.500A8 8 0 0 1 9.5 4.500a8 8 0 1 0 10 10z",
  more: "M5 12h.01M12 12h.01M19 12h.01",
  numbers: "M9.5 6H20M9.5 12H20M9.5 18H20M4 4.500l1.5-.9v5M4 15.800c.3-1.500 2.700-1.400 2.500.1-.1 1-2.500 1.700-2.500 3.100h2.600",
  page: "M6 3.500h12v17H6zM9 8h6M9 11.500h6M9 15h4",
  pen: "M4.5 19.500l1-4.500L16 4.500l3.5 3.500L9 18.500zM13.5 7l3.5 3.5",
  people: "M9 11.500a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20c.3-4 2.9-6 6.5-6s6.2 2 6.5 6M15.5 5a3.5 3.5 0 0 1 0 6.500M17.5 14.500c2.3.8 3.7 2.6 4 5.5",
  picture: "M4 5h16v14H4zM4 16l5-5 4 4 2.500-2.500L20 17M15.5 9h.01",
  plus: "M12 5v14M5 12h14",
  quote: "M10 7c-3 .6-4.500 2.600-4.500 5.500V17H10v-4.500H7.500M19 7c-3 .6-4.500 2.600-4.500 5.500V17H19v-4.500h-2.500",
  redo: "M16 5l4 4-4 4M20 9H10a5.500 5.500 0 0 0 0 11h4",
  scene: "M12 4v6M9.400 5.500l5.200 3M14.600 5.500l-5.200 3M6.500 14v6M3.900 15.500l5.200 3M9.100 15.500l-5.200 3M17.500 14v6M14.900 15.500l5.200 3M20.100 15.500l-5.200 3",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.500v2M12 19.500v2M2.5 12h2M19.5 12h2M5.3 5.300l1.4 1.400M17.3 17.300l1.4 1.400M18.7 5.300l-1.4 1.400M6.7 17.300l-1.4 1.4",
  system: "M4 5h16v11H4zM9 20h6M12 16v4",
  table: "M4 5h16v14H4zM4 10h16M4 14.500h16M9.500 10v9M15 10v9",
  trash: "M5 7h14M10 7V4.500h4V7M7 7l.8 12.500h8.400L17 7M10.5 10.500v6M13.5 10.500v6",
  undo: "M8 5L4 9l4 4M4 9h10a5.5 5.5 0 0 1 0 11h-4",
  up: "M6 14.500l6-6 6 6",
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
