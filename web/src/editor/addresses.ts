/** The hub takes no other addresses. One without a scheme stays within the book. */
const SCHEMES = ["http", "https", "mailto"];

function schemeOf(address: string): string | undefined {
  // As browsers find it: blanks and controls before it do not count, nor do tabs and line breaks within.
  const plain = address.replace(/^[\0- ]+/, "").replace(/[\t\n\r]/g, "");
  return /^([a-z][a-z0-9+.-]*):/i.exec(plain)?.[1]?.toLowerCase();
}

/** Whether a document may hold this address. */
export function isAllowed(address: string): boolean {
  const scheme = schemeOf(address);
  return scheme === undefined || SCHEMES.includes(scheme);
}

/** The address that somebody means who types this; none if it leads nowhere that it may. */
export function addressOf(typed: string): string | undefined {
  const text = typed.trim();
  if (text === "" || /\s/.test(text)) return undefined;
  const scheme = schemeOf(text);
  if (scheme === "mailto") return /^mailto:[^@]+@[^@]+$/i.test(text) ? text : undefined;
  if (scheme === "http" || scheme === "https") return URL.canParse(text) ? text : undefined;
  if (/^[^@/:]+@[^@/:]+\.[^@/:.]+$/.test(text)) return `mailto:${text}`;
  // `example.org:8080/page` has no scheme, although it looks like one.
  const isHost = /^[\p{L}\p{N}-]+(\.[\p{L}\p{N}-]+)+(:\d+)?([/?#]|$)/u.test(text);
  return isHost && URL.canParse(`https://${text}`) ? `https://${text}` : undefined;
}
