// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { download, FILE_KINDS, preview } from "../src/lib/files";

const answers: (() => Response)[] = [];
let asked = 0;
const paths: string[] = [];

const refusal = (status: number, told: object) => (): Response => new Response(JSON.stringify(told), { status });
const busy = refusal(503, { code: "unavailable", detail: "Try again.", retry_after_ms: 1_000 });

beforeEach(() => {
  sessionStorage.setItem("quire.token", "t");
  vi.useFakeTimers();
  answers.length = 0;
  asked = 0;
  paths.length = 0;
  vi.stubGlobal("fetch", (path: string, { signal }: { signal: AbortSignal }) => {
    signal.throwIfAborted();
    asked += 1;
    paths.push(path);
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    return Promise.resolve(answer?.());
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("a preview", () => {
  it("is asked for again while the hub makes another file for the same person", async () => {
    answers.push(busy, busy, () => new Response("<h1>Moby-Dick</h1>"));
    const made = preview("b1", new AbortController().signal);
    await vi.advanceTimersByTimeAsync(999);
    expect(asked).toBe(1);
    await vi.advanceTimersByTimeAsync(1_001);
    await expect(made).resolves.toBe("<h1>Moby-Dick</h1>");
    expect(asked).toBe(3);
  });

  it("is given up in time, at once where that changes nothing, and when nobody waits", async () => {
    answers.push(busy);
    const never = preview("b1", new AbortController().signal);
    const refused = expect(never).rejects.toThrow("Try again.");
    await vi.advanceTimersByTimeAsync(70_000);
    await refused;
    expect(asked).toBeGreaterThan(50);
    expect(asked).toBeLessThan(62);

    asked = 0;
    answers[0] = refusal(403, { code: "forbidden", detail: "No." });
    await expect(preview("b1", new AbortController().signal)).rejects.toThrow("No.");
    answers[0] = busy;
    const closing = new AbortController();
    const closed = expect(preview("b1", closing.signal)).rejects.toThrow();
    await vi.advanceTimersByTimeAsync(10);
    closing.abort();
    await closed;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(asked).toBe(2);
  });
});

it("tells what is not in a file as it should be", async () => {
  vi.stubGlobal("URL", Object.assign(URL, { createObjectURL: () => "blob:1", revokeObjectURL: () => {} }));
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(() => {});
  const headers = new Headers();
  headers.append("quire-note", "one%2C and %E6%BC%A2");
  headers.append("quire-note", "two");
  answers.push(() => new Response("%PDF", { headers }));
  const pdf = FILE_KINDS.find(({ kind }) => kind === "pdf")!;
  await expect(download("b1", pdf, new AbortController().signal)).resolves.toEqual(["one, and 漢", "two"]);
  answers[0] = () => new Response("%PDF");
  await expect(download("b1", pdf, new AbortController().signal)).resolves.toEqual([]);
  await download("b1", pdf, new AbortController().signal, 7);
  expect(paths.slice(-2)).toEqual(["/v1/books/b1/export/pdf", "/v1/books/b1/export/pdf?point=7"]);
});
