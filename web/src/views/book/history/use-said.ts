import { useEffect, useState } from "preact/hooks";

/** How long a sentence stays that says what was done. */
const SAID_MS = 8_000;

/** A sentence that says what was done, and goes by itself. */
export function useSaid() {
  const [said, say] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => say(""), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);
  return { said, say };
}
