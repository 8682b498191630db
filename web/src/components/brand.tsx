/** The mark (a folded sheet) and the name. */
export function Brand() {
  return (
    <span class="brand">
      <svg width="26" height="26" viewBox="0 0 32 32" aria-hidden="true">
        <path
          d="M16 9C13 6.7 9.6 5.9 5 6v18.500c4.6-.1 8 .7 11 3 3-2.3 6.4-3.1 11-3V6c-4.6-.1-8 .7-11 3Zm0 0v18.5"
          fill="none"
          stroke="currentColor"
          stroke-width="2.2"
          stroke-linejoin="round"
        />
      </svg>
      quire
    </span>
  );
}
