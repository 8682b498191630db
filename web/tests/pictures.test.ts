// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { textFragment } from "../src/lib/html";
import { isPictureId, percentOf, showPicture, showPicturesIn } from "../src/lib/pictures";
import { connection } from "../src/state/session";

const id = (number: number): string => number.toString(16).padStart(32, "0");

describe("HTML of the hub", () => {
  const shown = (html: string): string => {
    const box = document.createElement("div");
    box.append(textFragment(html));
    return box.innerHTML;
  };

  it("names pictures of the book, and shows the words of others", () => {
    expect(shown(`<img data-asset="${id(7)}" alt="A map" width="50%">`)).toBe(`<img data-asset="${id(7)}" alt="A map" width="50%">`);
    expect(shown(`<img data-asset="${id(7)}" width="9999px" src="/x" onerror="x()" style="x">`)).toBe(`<img data-asset="${id(7)}">`);
    for (const attributes of ['src="https://example.org/x.png"', 'src="data:image/png;base64,AA=="', 'data-asset="../x"', ""]) {
      expect(shown(`<p>[<img ${attributes} alt="A <b>map">]</p>`)).toBe("<p>[A &lt;b&gt;map]</p>");
    }
  });
});

it("believes no other ids and widths", () => {
  expect([id(10), id(10).toUpperCase(), `${id(10)}0`, "", null].map(isPictureId)).toEqual([true, false, false, false, false]);
  expect(["50%", "33", 66.4, 100].map(percentOf)).toEqual([50, 33, 66, 100]);
  expect([0, 101, "x", "", null, NaN, {}].map(percentOf)).toEqual(Array(7).fill(undefined));
});

describe("a picture of a book", () => {
  let asked: string[];
  let alive: Set<string>;

  beforeEach(() => {
    asked = [];
    alive = new Set();
    sessionStorage.setItem("quire.token", "t");
    let made = 0;
    vi.stubGlobal("fetch", (path: string, { headers }: { headers: Record<string, string> }) => {
      expect(headers["authorization"]).toBe("Bearer t");
      asked.push(path);
      return Promise.resolve(path.includes("gone") ? new Response(null, { status: 404 }) : new Response("bytes"));
    });
    vi.stubGlobal("URL", Object.assign(URL, {
      createObjectURL: () => {
        const url = `blob:${++made}`;
        alive.add(url);
        return url;
      },
      revokeObjectURL: (url: string) => alive.delete(url),
    }));
  });

  afterEach(() => vi.unstubAllGlobals());

  const drawn = async (image: HTMLImageElement): Promise<string> => {
    await vi.waitFor(() => expect(image.getAttribute("src") ?? image.className).not.toBe(""), { interval: 1 });
    return image.getAttribute("src") ?? image.className;
  };

  /** Shows as many as are not kept, and no more. */
  async function showsMany(from: number): Promise<void> {
    const images = Array.from({ length: 150 }, () => new Image());
    const ends = images.map((image, index) => showPicture(image, "b1", id(from + index)));
    await Promise.all(images.map(drawn));
    ends.forEach((end) => end());
  }

  it("is asked for once, however often it is shown, and stays while somebody shows it", async () => {
    const [one, two] = [new Image(), new Image()];
    const ends = [showPicture(one, "b1", id(1)), showPicture(two, "b1", id(1))];
    expect(await drawn(one)).toBe(await drawn(two));
    expect(asked).toEqual([`/v1/books/b1/assets/${id(1)}`]);
    expect(await drawn(one)).not.toBe("");
    // Far more than are kept.
    await showsMany(1_000);
    expect(alive.has(one.getAttribute("src") ?? "")).toBe(true);
    expect(alive.size).toBeLessThanOrEqual(101);
    ends.forEach((end) => end());
    await showsMany(2_000);
    expect(alive.has(one.getAttribute("src") ?? "")).toBe(false);
  });

  it("is its words where the hub has it not, and is asked for again", async () => {
    for (let times = 1; times <= 2; times++) {
      const image = new Image();
      const end = showPicture(image, "gone", id(3));
      expect(await drawn(image)).toBe("missing");
      end();
      expect(asked.length).toBe(times);
    }
  });

  it("is asked for again when the hub is there again, by whoever still shows it", async () => {
    const online = { status: "online", resumed: false } as const;
    const [shown, gone] = [new Image(), new Image()];
    const end = showPicture(gone, "gone", id(5));
    showPicture(shown, "gone", id(4));
    await Promise.all([shown, gone].map(drawn));
    end();
    vi.stubGlobal("fetch", (path: string) => {
      asked.push(path);
      return Promise.resolve(new Response("bytes"));
    });
    asked = [];
    connection.value = { status: "connecting" };
    expect(asked).toEqual([]);
    connection.value = online;
    await vi.waitFor(() => expect(shown.getAttribute("src")).not.toBeNull(), { interval: 1 });
    expect(shown.className).toBe("");
    expect(asked).toEqual([`/v1/books/gone/assets/${id(4)}`]);
    connection.value = { status: "connecting" };
    connection.value = online;
    expect(asked).toHaveLength(1);
  });

  it("is shown wherever a text names it", async () => {
    const box = document.createElement("div");
    box.append(textFragment(`<p>x</p><img data-asset="${id(8)}"><ul><li><img data-asset="${id(9)}"></li></ul>`));
    const end = showPicturesIn(box, "b2");
    await Promise.all([...box.querySelectorAll("img")].map(drawn));
    expect(asked).toEqual([`/v1/books/b2/assets/${id(8)}`, `/v1/books/b2/assets/${id(9)}`]);
    end();
  });
});
