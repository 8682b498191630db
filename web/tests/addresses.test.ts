import { describe, expect, it } from "vitest";
import { addressOf, isAllowed } from "../src/editor/addresses";

describe("an address", () => {
  it("may lead to pages, to letters and within the book", () => {
    for (const address of ["https://example.org/a?b#c", "HTTP://example.org", "mailto:ann@example.org", "#note", "/chapter/2"]) {
      expect(isAllowed(address), address).toBe(true);
    }
  });

  it("may not run, however it is disguised", () => {
    for (const address of ["javascript:alert(1)", " \u0001JavaScript:alert(1)", "java\nscript:alert(1)", "data:text/html,x", "file:///etc/passwd"]) {
      expect(isAllowed(address), address).toBe(false);
      expect(addressOf(address), address).toBeUndefined();
    }
  });

  it("is guessed from what people type", () => {
    expect(addressOf(" example.org/page ")).toBe("https://example.org/page");
    expect(addressOf("example.org:8080/page")).toBe("https://example.org:8080/page");
    expect(addressOf("ann@example.org")).toBe("mailto:ann@example.org");
    expect(addressOf("http://localhost:7400/")).toBe("http://localhost:7400/");
    for (const nothing of ["", "a word", "word", "mailto:nobody", "https://"]) expect(addressOf(nothing), nothing).toBeUndefined();
  });
});
