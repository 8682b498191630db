// Pictures in chapters: brought by one, seen by the other, in the preview and in the history.
import assert from "node:assert/strict";
import { deflateSync } from "node:zlib";
import { story } from "./harness/story.js";
import { crc32 } from "./harness/zip.js";

function chunk(name, data) {
  const body = Buffer.concat([Buffer.from(name), data]);
  const around = Buffer.alloc(8);
  around.writeUInt32BE(data.length, 0);
  around.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([around.subarray(0, 4), body, around.subarray(4)]);
}

/** A picture of a sky in these colours, with something that a camera would say. */
function png(width, height, [red, green, blue] = [90, 140, 220]) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8);
  const rows = Buffer.alloc(height * (1 + 3 * width));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) rows.set([red, green, (blue + 60 * (y / height)) & 255], y * (1 + 3 * width) + 1 + 3 * x);
  }
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const parts = [chunk("IHDR", header), chunk("tEXt", Buffer.from("Author\0Secret")), chunk("IDAT", deflateSync(rows))];
  return Buffer.concat([signature, ...parts, chunk("IEND", Buffer.alloc(0))]);
}

const tool = (person, name) => person.page.getByRole("toolbar", { name: "Format" }).getByRole("button", { name, exact: true });

/** Waits until a picture is not only there, but drawn. */
async function seesDrawn(person, image, what) {
  await person.sees(image, what);
  const until = Date.now() + 10_000;
  for (;;) {
    const width = await image.evaluate((element) => (element.complete ? element.naturalWidth : 0));
    if (width > 0) return width;
    assert.ok(Date.now() < until, `${person.name} does not see ${what} drawn`);
    await image.evaluate(() => new Promise((done) => requestAnimationFrame(() => done())));
  }
}

async function chooses(person, name, buffer) {
  const [chooser] = await Promise.all([person.page.waitForEvent("filechooser"), tool(person, "Picture…").click()]);
  await chooser.setFiles({ name, mimeType: "image/png", buffer });
}

story("a picture is brought by one, seen by the other, and in the preview and the history", async (town) => {
  const { ann, ben } = await town.bookOfTwo();
  await ben.views("Dawn");
  await ann.writes("Dawn");
  await ann.page.getByRole("textbox", { name: "Dawn" }).click();
  await ann.page.keyboard.type("The sky before the storm:");
  await chooses(ann, "sky.png", png(640, 360));
  const dialog = ann.page.getByRole("dialog", { name: "Picture" });
  await dialog.getByLabel("What is to be seen on it").fill("A blue sky");
  await dialog.getByLabel("Medium").check();
  await ann.screenshot("picture-dialog");
  await dialog.getByRole("button", { name: "Save" }).click();
  const hers = ann.page.locator(".prose figure.picture img[alt='A blue sky']");
  assert.equal(await seesDrawn(ann, hers, "her picture"), 640);
  await ann.page.keyboard.press("ArrowRight");
  await ann.page.keyboard.type("It broke at noon.");
  await ann.sees(ann.lockBar.getByText("Saved"), "that it is saved");

  const his = ben.page.locator(".prose figure.picture img[alt='A blue sky']");
  assert.equal(await seesDrawn(ben, his, "the picture as he watches"), 640);
  await ben.sees(ben.page.locator(".prose", { hasText: "It broke at noon." }), "the text behind it");
  const widths = await his.evaluate((image) => image.getBoundingClientRect().width / image.closest(".ProseMirror").getBoundingClientRect().width);
  assert.ok(Math.abs(widths - 0.66) < 0.02, `two thirds of the text: ${widths}`);
  await ben.screenshot("picture-watched");
  await ann.screenshot("picture-written");

  await ben.page.getByRole("button", { name: "This book" }).click();
  await ben.page.getByRole("menuitem", { name: "Preview" }).click();
  const preview = ben.page.getByRole("dialog", { name: "Preview" });
  await seesDrawn(ben, preview.locator("img[alt='A blue sky']"), "the picture in the preview");
  await preview.locator("img[alt='A blue sky']").scrollIntoViewIfNeeded();
  await ben.screenshot("picture-preview");
  await preview.getByRole("button", { name: "Close", exact: true }).click();

  await ann.lockBar.getByRole("button", { name: "Release" }).click();
  await ann.sees(ann.lockBar.getByRole("button", { name: "Write" }), "that the chapter is free");
  await ann.lockBar.getByRole("button", { name: "History" }).click();
  const history = ann.page.getByRole("dialog", { name: /History/ });
  await seesDrawn(ann, history.locator(".version-body img[alt='A blue sky']"), "the picture in the history");
  await ann.screenshot("picture-history");
});

story("pictures are pasted and dropped, and what is none is refused with its reason", async (town) => {
  const { ann } = await town.bookOfTwo();
  town.expected.push(/status of 400/);
  await ann.writes("Dawn");
  await ann.page.getByRole("textbox", { name: "Dawn" }).click();
  await ann.page.keyboard.type("Before.");
  const gives = (kind, bytes, texts = {}) =>
    ann.page.evaluate(
      ([kind, bytes, texts]) => {
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(bytes)], "given.png", { type: "image/png" }));
        for (const [type, text] of Object.entries(texts)) data.setData(type, text);
        const editor = document.querySelector(".ProseMirror");
        const { left, top } = editor.querySelector("p").getBoundingClientRect();
        const event =
          kind === "paste"
            ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })
            : new DragEvent("drop", { dataTransfer: data, clientX: left + 2, clientY: top + 4, bubbles: true, cancelable: true });
        editor.dispatchEvent(event);
      },
      [kind, [...bytes], texts],
    );
  const pictures = ann.page.locator(".prose figure.picture img");
  await gives("paste", png(40, 30));
  await seesDrawn(ann, pictures.first(), "the pasted picture");
  await gives("drop", png(50, 20, [200, 60, 60]));
  await ann.sees(pictures.nth(1), "the dropped picture");
  await seesDrawn(ann, pictures.nth(1), "the second picture");
  assert.deepEqual((await pictures.evaluateAll((all) => all.map((image) => image.naturalWidth))).sort(), [40, 50]);
  // Text that brings a picture of itself is text.
  await gives("paste", png(60, 60), { "text/plain": "Words.", "text/html": "<p>Words.</p>" });
  await ann.sees(ann.page.locator(".prose p", { hasText: "Words." }), "the words");
  assert.equal(await pictures.count(), 2);

  await gives("paste", Buffer.from("<svg xmlns='http://www.w3.org/2000/svg'/>"));
  await ann.sees(ann.toasts.getByText(/The picture was not taken.*SVG/), "why it was refused");
  await ann.seesNoMore(ann.page.locator(".uploading"), "a picture on its way");
  assert.equal(await pictures.count(), 2);
  await ann.screenshot("picture-refused");
  await ann.sees(ann.lockBar.getByText("Saved"), "that it is saved");
  await ann.page.reload();
  await seesDrawn(ann, pictures.nth(1), "both pictures after a reload");
});
