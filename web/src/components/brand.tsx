/** The mark (a folded sheet) and the name. */
export function Brand() {
  return (
    <span class="brand">
      <svg width="26" height="26" viewBox="0 0 32 32" aria-hidden="true">
        <path
          d="M16 9C13 6.700 9.600 5.900 5 6v18.500c4.600-.1 8 .7 11 3 3-2.300 6.400-3.100 11-3V6c-4.600-.1-8 .7-11 3Zm0 0v18.500"
          fill="none"
          stroke="currentColor"
          stroke-width="2.200"
          stroke-linejoin="round"
        />
      </svg>
      quire
    </span>
  );
}
