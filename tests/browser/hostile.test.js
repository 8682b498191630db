// Words that pretend to be something else: they are words wherever they are told, and nothing of them runs.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { marked } from "marked";
import * as Y from "yjs";
import { blocks } from "./harness/person.js";
import { FOREIGN, kept, MARKUP, PAYLOADS, visible } from "./harness/payloads.js";
import { story } from "./harness/story.js";
import { Watch } from "./harness/watch.js";
import { asSignedIn, Wire } from "./harness/wire.js";
import { unzip, zip } from "./harness/zip.js";

const LINES = PAYLOADS.map(kept);
/** So many people with hostile names come. */
const PEOPLE = 12;

/** What a file can hold of a text: XML has no room for noncharacters. */
function printed(text) {
  return visible(text.replace(/[\ufffe\uffff]|[\0-\x08\x0b\x0c\x0e-\x1f]/g, ""));
}

/** The texts of all elements that a locator finds, once there are so many. */
async function texts(person, locator, count, what) {
  await person.sees(locator.nth(count - 1), `${count} ${what}`);
  return (await locator.allTextContents()).map(visible);
}

function says(all, what) {
  const missing = LINES.map(visible).filter((line) => !all.includes(line));
  assert.deepEqual(missing, [], `shown as they were said: ${what}`);
}

async function opensMenu(person, item) {
  await person.page.getByRole("button", { name: "This book" }).click();
  await person.page.getByRole("menuitem", { name: item }).click();
}

async function closes(person) {
  await person.page.getByRole("dialog").getByRole("button", { name: "Close", exact: true }).first().click();
}

/** Ann, watched, and her own line to the hub. */
async function watched(town) {
  const ann = await town.person("Ann");
  return { ann, watch: new Watch(ann.page, town.hub.url), wire: await Wire.connect(town.hub, asSignedIn(ann)) };
}

story("names of books and chapters, metadata and formats are words", async (town) => {
  const { ann, watch, wire } = await watched(town);
  for (const [index, title] of PAYLOADS.entries()) await wire.does("book.create", { book: `t${index}`, title });
  says(await texts(ann, ann.page.locator(".cover-title"), LINES.length, "books"), "titles of books");
  await watch.finds_nothing(ann.page, "the library");

  await wire.does("book.create", { book: "hostile", title: MARKUP[4] });
  for (const [index, title] of PAYLOADS.entries()) {
    await wire.does("chapter.add", { book: "hostile", chapter: `c${index}`, title, kind: "chapter" });
  }
  const of = (lines) => ({ subtitle: lines[0], publisher: lines[1], language: lines[2], isbn: lines[3], description: PAYLOADS.join("\n"), authors: lines.slice(4, 44), keywords: lines.slice(44) });
  await wire.does("metadata.set", { book: "hostile", metadata: of(PAYLOADS) });
  for (const format of [{ trim: MARKUP[0] }, { font: "__proto__" }, { font: "constructor" }, { ornament: MARKUP[9] }, { font_size_tenths_pt: "110px;background:url(x)" }]) {
    await assert.rejects(wire.does("format.set", { book: "hostile", format }), (error) => error.refusal.code === "invalid");
  }
  await ann.page.goto(`${town.hub.url}/#/book/hostile`);
  says(await texts(ann, ann.page.locator(".chapter-name"), LINES.length, "chapters"), "titles of chapters");
  assert.ok((await ann.page.title()).includes(kept(MARKUP[4])));
  await watch.finds_nothing(ann.page, "the chapters");
  await opensMenu(ann, "About this book");
  const about = ann.page.getByRole("dialog", { name: "About this book" });
  assert.equal(await about.getByLabel("Subtitle").inputValue(), kept(PAYLOADS[0]));
  assert.deepEqual((await about.getByLabel("Authors").inputValue()).split("\n"), LINES.slice(4, 44));
  await watch.finds_nothing(ann.page, "about the book");
  await about.getByRole("button", { name: "Cancel" }).click();
  await opensMenu(ann, "Preview");
  const sheet = ann.page.locator(".sheet");
  await ann.sees(sheet.locator(".printed-chapter h1, .printed-chapter h2").first(), "the chapters of the preview");
  const preview = visible(await sheet.textContent());
  for (const line of LINES) assert.ok(preview.includes(printed(line)), `the preview says ${line}`);
  await watch.finds_nothing(ann.page, "the preview");
  wire.ends();
});

story("names of people, comments, quotes and notes are words", async (town) => {
  const { ann, watch, wire } = await watched(town);
  const { book, chapter } = { book: "margin", chapter: "c1" };
  await wire.does("book.create", { book, title: "Margins" });
  await wire.does("chapter.add", { book, chapter, title: "Dawn", kind: "chapter" });
  for (const [index, body] of PAYLOADS.entries()) {
    const anchor = { quote: body, prefix: body.slice(0, 100), suffix: body.slice(0, 100), offset: 0 };
    await wire.does("comment.add", { book, thread: `t${index}`, comment: `m${index}`, chapter, anchor, body });
  }
  const guests = [];
  for (let index = 0; index < PEOPLE; index++) {
    const name = PAYLOADS[(index * 5) % PAYLOADS.length];
    const email = `guest${index}@example.org`;
    await wire.does("member.invite", { book, invitation: `i${index}`, email, role: "author" });
    const guest = await Wire.connect(town.hub, { name, email });
    await guest.does("invitation.accept", { book, invitation: `i${index}` });
    await guest.does("book.open", { book });
    await guest.does("comment.reply", { book, thread: "t0", comment: `r${index}`, body: `@${name} ${MARKUP[index]}`, mentions: [guest.welcome.user.id] });
    guests.push(guest);
  }
  await ann.page.goto(`${town.hub.url}/#/book/${book}`);
  await ann.writes("Dawn");
  for (const [index, guest] of guests.entries()) {
    await guest.does("lock.acquire", { book, chapter, wait: true, note: PAYLOADS[index * 4] });
  }
  const waiters = await texts(ann, ann.page.locator(".waiter"), PEOPLE, "people who wait");
  for (let index = 0; index < PEOPLE; index++) {
    assert.ok(waiters[index].includes(`“${kept(PAYLOADS[index * 4])}”`), waiters[index]);
  }
  await watch.finds_nothing(ann.page, "the waiting");
  await ann.sees(ann.page.locator(".comment").first(), "the comments");
  const quotes = await texts(ann, ann.page.locator(".quote-words"), PAYLOADS.length, "quotes");
  const bodies = (await ann.page.locator(".comment-body").allTextContents()).map(visible);
  for (const payload of PAYLOADS) {
    assert.ok(quotes.includes(visible(payload)), `a quote of ${payload}`);
    assert.ok(bodies.includes(visible(kept(payload))), `a comment that says ${payload}`);
  }
  await watch.finds_nothing(ann.page, "the comments");
  const people = await ann.openShare();
  const names = visible(await people.textContent());
  for (const guest of guests) assert.ok(names.includes(visible(guest.welcome.user.name)), guest.welcome.user.name);
  await watch.finds_nothing(ann.page, "the people");
  for (const guest of guests) guest.ends();
  wire.ends();
});

/** As the browser does it: what is on the clipboard comes with the event. */
async function pastes(person, kind, text) {
  await person.page.getByRole("textbox", { name: "Dawn" }).evaluate(
    (element, [kind, text]) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData(kind, text);
      element.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
    },
    [kind, text],
  );
}

story("markup that is pasted leaves words at most", async (town) => {
  const { ann, watch, wire } = await watched(town);
  // Whoever reads it out of the way is told by Chromium what the page's policy would not let it do there, and loads and runs nothing.
  town.expected.push(/inline event handler|script-src-attr|base URI|base-uri/);
  await ann.createBook("Markup", ["Dawn"]);
  await ann.writes("Dawn");
  await ann.page.getByRole("textbox", { name: "Dawn" }).click();
  for (const markup of MARKUP) await pastes(ann, "text/html", `<div>before ${markup} behind</div>`);
  await pastes(ann, "text/html", MARKUP.map((markup) => `<p>${markup}</p>`).join("\n"));
  await ann.sees(ann.lockBar.getByText("Saved"), "that it is saved");
  await watch.finds_nothing(ann.page, "pasted markup");
  assert.match((await blocks(ann)).join(" "), /before.*behind/);
  const links = await ann.page.locator(".prose a").evaluateAll((all) => all.map((link) => link.getAttribute("href")));
  assert.deepEqual(links.filter((href) => !/^https?:/.test(href ?? "https:")), []);
  await ann.page.reload();
  await ann.sees(ann.page.locator(".prose .ProseMirror > *").first(), "the text after a reload");
  await watch.finds_nothing(ann.page, "pasted markup after a reload");
  wire.ends();
});

story("what is pasted is text, and is text in the history, the search and the preview", async (town) => {
  const { ann, watch, wire } = await watched(town);
  await ann.createBook("Pasted", ["Dawn"]);
  await ann.writes("Dawn");
  await ann.page.getByRole("textbox", { name: "Dawn" }).click();
  const lines = PAYLOADS.map((payload) => payload.replaceAll("\0", ""));
  await pastes(ann, "text/plain", lines.join("\n\n"));
  await ann.sees(ann.lockBar.getByText("Saved"), "that it is saved");
  const written = (await blocks(ann)).map(visible);
  // Two underscores on each side are bold to the editor.
  for (const line of lines.filter((line) => line !== "__proto__")) assert.ok(written.includes(visible(line)), `the text says ${line}`);
  await watch.finds_nothing(ann.page, "pasted words");

  await ann.page.keyboard.press("Control+f");
  const bar = ann.page.getByRole("search", { name: "Find in the chapter" });
  for (const markup of [MARKUP[0], MARKUP[6], "__proto__", "(", "[a-", "\\", "$&"]) {
    await bar.getByLabel("Find", { exact: true }).fill(markup);
    await ann.sees(bar.getByText(/^(\d+ of \d+|None found)$/), `what is found of ${markup}`);
  }
  await watch.finds_nothing(ann.page, "the search");
  await bar.getByRole("button", { name: /^Close/ }).click();
  await ann.lockBar.getByRole("button", { name: "Release" }).click();
  await ann.sees(ann.lockBar.getByRole("button", { name: "Write" }), "that the chapter is free");
  await ann.lockBar.getByRole("button", { name: "History" }).click();
  const history = ann.page.getByRole("dialog", { name: /History/ });
  await ann.sees(history.locator(".version-body").getByText(MARKUP[0], { exact: true }), "the version");
  await watch.finds_nothing(ann.page, "the history");
  await closes(ann);
  await opensMenu(ann, "Preview");
  const sheet = ann.page.locator(".sheet");
  await ann.sees(sheet.getByText(MARKUP[0], { exact: true }), "the preview");
  const preview = visible(await sheet.textContent());
  for (const line of written) assert.ok(preview.includes(printed(line)), `the preview says ${line}`);
  await watch.finds_nothing(ann.page, "the preview");
  wire.ends();
});

const escaped = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`).replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, "");

/** Files of each kind that can be brought in; `lines`: what they say as text. */
function files() {
  const page = (body) => `<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head><body>${body}</body></html>`;
  const paragraphs = PAYLOADS.map((payload) => `<p>${escaped(payload)}</p>`).join("");
  // What has a NUL in it is no text.
  const words = PAYLOADS.map((payload) => payload.replaceAll("\0", ""));
  const raw = words.map((payload) => `<div>${payload}</div>`).join("\n");
  const pictures = MARKUP.map((markup) => `<p><img src="data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAACAkQBADs=" alt="${escaped(markup)}"/>x</p>`).join("");
  const epub = (body) => ({
    mimetype: "application/epub+zip",
    "META-INF/container.xml": `<container><rootfiles><rootfile full-path="b.opf"/></rootfiles></container>`,
    "b.opf": `<package><metadata xmlns:dc="d"><dc:title>${escaped(MARKUP[0])}</dc:title><dc:creator>${escaped(MARKUP[4])}</dc:creator></metadata>
      <manifest><item id="n" href="n.xhtml" properties="nav"/><item id="a" href="a.xhtml"/></manifest><spine><itemref idref="a"/></spine></package>`,
    "n.xhtml": page(`<nav epub:type="toc"><ol><li><a href="a.xhtml">${escaped(MARKUP[5])}</a></li></ol></nav>`),
    "a.xhtml": page(body),
  });
  const runs = PAYLOADS.map((payload) => `<w:p><w:r><w:t>${escaped(payload)}</w:t></w:r></w:p>`).join("");
  const links = `<w:p><w:hyperlink r:id="bad"><w:r><w:t>link</w:t></w:r></w:hyperlink></w:p>`;
  const docx = {
    "[Content_Types].xml": "<Types/>",
    "word/document.xml": `<w:document xmlns:w="w" xmlns:r="r"><w:body>${runs}${links}</w:body></w:document>`,
    "word/_rels/document.xml.rels": `<Relationships><Relationship Id="bad" Type="x/hyperlink" Target="javascript:alert(1)" TargetMode="External"/></Relationships>`,
  };
  return [
    { name: "a.txt", data: LINES.join("\n\n"), lines: LINES },
    { name: "b.docx", data: zip(docx), lines: PAYLOADS },
    { name: "c.epub", data: zip(epub(`<h1>${escaped(MARKUP[7])}</h1>${paragraphs}`)), lines: PAYLOADS },
    { name: "d.html", data: `<html><body><h1>One</h1>${paragraphs}${pictures}</body></html>`, lines: PAYLOADS },
    { name: "e.epub", data: zip(epub(`<h1>One</h1>${raw}`)), lines: [] },
    { name: "f.html", data: `<html><body><h1>One</h1><p>Words.</p>${raw}</body></html>`, lines: [] },
    { name: "g.md", data: `# One\n\nWords.\n\n${words.join("\n\n")}`, lines: [] },
  ];
}

story("files of every kind bring words, and nothing that runs", async (town) => {
  const { ann, watch, wire } = await watched(town);
  for (const { name, data, lines } of files()) {
    const answer = await fetch(`${town.hub.url}/v1/books/import?name=${name}`, { method: "POST", headers: { authorization: `Bearer ${wire.token}` }, body: data });
    const { book, report, detail } = await answer.json();
    assert.equal(answer.status, 200, `${name}: ${detail}`);
    assert.ok(report.every((loss) => !loss.includes("<")), `${name}: ${report}`);
    await ann.page.goto(`${town.hub.url}/#/book/${book}`);
    await ann.sees(ann.page.locator(".chapter-name").first(), `the chapters of ${name}`);
    await opensMenu(ann, "Preview");
    const sheet = ann.page.locator(".sheet");
    await ann.sees(sheet.locator(".printed-chapter").first(), `the preview of ${name}`);
    const preview = visible(await sheet.textContent());
    for (const line of lines) {
      assert.ok(preview.includes(printed(line)), `the preview of ${name} says ${line}`);
    }
    await watch.finds_nothing(ann.page, `the preview of ${name}`);
    await closes(ann);
    for (const chapter of await ann.page.locator(".chapter-title").all()) {
      await chapter.click();
      await ann.sees(ann.page.locator(".prose > *").first(), `a chapter of ${name}`);
      await watch.finds_nothing(ann.page, `a chapter of ${name}`);
    }
  }
  wire.ends();
});

/** A holder of a chapter who writes whatever they like. */
class Writer {
  #accepted = [];

  constructor(wire, book, chapter) {
    Object.assign(this, { wire, book, chapter });
  }

  async begins() {
    const { book, chapter } = this;
    await this.wire.does("book.open", { book });
    await this.wire.does("chapter.open", { book, chapter });
    this.token = (await this.wire.does("lock.acquire", { book, chapter })).token;
  }

  /** Sends what a change makes of the text as it is; what is refused is forgotten. */
  async writes(change) {
    const doc = new Y.Doc();
    for (const update of this.#accepted) Y.applyUpdate(doc, update);
    doc.clientID = this.token;
    const before = Y.encodeStateVector(doc);
    doc.transact(() => change(doc.getXmlFragment("default"), doc));
    const update = Y.encodeStateAsUpdate(doc, before);
    const { book, chapter, token } = this;
    const n = this.#accepted.length + 1;
    await this.wire.does("chapter.update", { book, chapter, token, n, update: Buffer.from(update).toString("base64") });
    this.#accepted.push(update);
  }
}

function element(name, attributes = {}, children = []) {
  const made = new Y.XmlElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.insert(0, children);
  return made;
}

function marked_text(words, marks) {
  const text = new Y.XmlText();
  text.insert(0, words, marks);
  return text;
}

const paragraph = (words, attributes = {}) => element("paragraph", attributes, [new Y.XmlText(words)]);

/** What no editor of the profile writes: nobody takes it. */
const REFUSED = {
  "a script": () => element("script", {}, [new Y.XmlText("alert(1)")]),
  "a frame": () => element("iframe", { src: "https://foreign.invalid/" }),
  "a picture of HTML": () => element("img", { src: "x", onerror: "alert(1)" }),
  "a handler": () => paragraph("x", { onclick: "alert(1)" }),
  "a style": () => paragraph("x", { style: "background:url(https://foreign.invalid/)" }),
  "a prototype": () => { const made = paragraph("x"); made.setAttribute("__proto__", "x"); return made; },
  "a constructor": () => paragraph("x", { constructor: "x" }),
  "an element that is a method": () => element("hasOwnProperty"),
  "a mark of its own": () => element("paragraph", {}, [marked_text("x", { onclick: { a: "b" } })]),
  "a link that runs": () => element("paragraph", {}, [marked_text("x", { link: { href: "javascript:alert(1)" } })]),
  "a link that hides what it runs": () => element("paragraph", {}, [marked_text("x", { link: { href: " java\nscript:alert(1)" } })]),
  "a link to data": () => element("paragraph", {}, [marked_text("x", { link: { href: "data:text/html,<script>alert(1)</script>" } })]),
  "a link that is a list": () => element("paragraph", {}, [marked_text("x", { link: { href: ["javascript:alert(1)"] } })]),
  "a source that runs": () => element("image", { src: "javascript:alert(1)" }),
};

/** What the hub lets pass: no page, file or reader does anything with it. */
const HARMLESS = [
  ...PAYLOADS.map((payload) => () => paragraph(payload.replaceAll("\0", ""))),
  ...MARKUP.map((markup) => () => element("image", { asset: "0".repeat(32), alt: markup, title: markup, width: markup })),
  () => element("image", { src: "https://foreign.invalid/x.png", alt: "elsewhere" }),
  () => element("image", { asset: "../../../healthz", alt: MARKUP[4] }),
  () => element("image", { asset: "__proto__", alt: "constructor" }),
  () => paragraph("aligned", { textAlign: "center;background:url(https://foreign.invalid/a.png)" }),
  () => paragraph("classed", { class: "printed-title dialog\" onclick=\"alert(1)" }),
  () => element("heading", { level: "1 onclick=alert(1)" }, [new Y.XmlText("A heading")]),
  () => element("heading", { level: 1e300 }, [new Y.XmlText("A deep heading")]),
  () => element("orderedList", { start: "1\"><script>alert(1)</script>", type: "javascript:alert(1)" }, [element("listItem", {}, [paragraph("listed")])]),
  () => element("codeBlock", { language: MARKUP[4] }, [new Y.XmlText(MARKUP[0])]),
  () => element("table", {}, [element("tableRow", {}, [element("tableCell", { colspan: 1e9, rowspan: -5, colwidth: [MARKUP[6]] }, [paragraph("celled")])])]),
  () => element("paragraph", {}, [marked_text("linked", { link: { href: "https://example.org/\"onclick=alert(1)//", target: "javascript:alert(1)", rel: MARKUP[9], class: MARKUP[9] } })]),
  () => element("paragraph", {}, [marked_text("coloured", { textStyle: { color: "red;background:url(https://foreign.invalid/c.png)" } })]),
];

story("what is written past every editor is refused or harmless", async (town) => {
  const { ann, watch, wire } = await watched(town);
  // Pictures that the book does not have are asked for and not found.
  town.expected.push(/status of 404/);
  const [book, chapter] = ["raw", "c1"];
  await wire.does("book.create", { book, title: "Raw" });
  await wire.does("chapter.add", { book, chapter, title: "Dawn", kind: "chapter" });
  const writer = new Writer(wire, book, chapter);
  await writer.begins();
  await writer.writes((root) => root.push([paragraph("First.")]));
  for (const [what, make] of Object.entries(REFUSED)) {
    await assert.rejects(writer.writes((root) => root.push([make()])), (error) => error.refusal?.code === "invalid", what);
  }
  let passed = 0;
  for (const make of HARMLESS) {
    const refused = await writer.writes((root) => root.push([make()])).then(() => null, (error) => error.refusal?.code ?? error.message);
    assert.ok(refused === null || refused === "invalid", `${make}: ${refused}`);
    if (refused === null) passed += 1;
  }
  assert.ok(passed > PAYLOADS.length + MARKUP.length, `${passed} passed`);
  // An attribute is written again by what only stands beside it: the update does not say its name.
  await writer.writes((root) => root.push([element("image", { src: "https://example.org/", alt: "overwritten" })]));
  const again = (root) => root.get(root.length - 1).setAttribute("src", "javascript:alert(1)");
  await assert.rejects(writer.writes(again), (error) => error.refusal?.code === "invalid");

  await ann.page.goto(`${town.hub.url}/#/book/${book}/${chapter}`);
  await ann.sees(ann.page.locator(".prose").getByText("First."), "the text");
  await ann.sees(ann.page.locator(".prose").getByText("linked"), "the end of the text");
  const shown = (await blocks(ann)).map(visible);
  for (const payload of PAYLOADS) assert.ok(shown.includes(visible(payload.replaceAll("\0", ""))), `the text says ${payload}`);
  await watch.finds_nothing(ann.page, "what was written past the editor");
  await wire.does("version.save", { book, chapter, label: MARKUP[5] });
  await ann.lockBar.getByRole("button", { name: "History" }).click();
  await ann.sees(ann.page.getByRole("dialog", { name: /History/ }).locator(".version-body").getByText("First."), "the version");
  await watch.finds_nothing(ann.page, "its history");
  await closes(ann);
  await opensMenu(ann, "Preview");
  await ann.sees(ann.page.locator(".sheet").getByText("First."), "the preview");
  await watch.finds_nothing(ann.page, "its preview");
  wire.ends();
});

/** The book as files, each opened by itself where everything may run. */
async function opensFiles(person, files) {
  const folder = await mkdtemp(join(tmpdir(), "quire-opened-"));
  const page = await person.context.newPage();
  const watch = new Watch(page, null);
  try {
    for (const [name, text] of Object.entries(files)) {
      const path = join(folder, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
    }
    for (const name of Object.keys(files).filter((name) => /\.x?html$/.test(name))) {
      await page.goto(pathToFileURL(join(folder, name)).href, { waitUntil: "load" });
      const words = visible((await page.locator("body").textContent()) ?? "");
      assert.ok(words.length > 0, name);
      await watch.finds_nothing(page, name);
    }
  } finally {
    await page.close();
    await rm(folder, { recursive: true, force: true });
  }
}

story("files of a hostile book do nothing where they are opened", async (town) => {
  const { ann, wire } = await watched(town);
  const headers = { authorization: `Bearer ${wire.token}` };
  for (const { name, data } of files()) {
    const answer = await fetch(`${town.hub.url}/v1/books/import?name=${name}`, { method: "POST", headers, body: data });
    const { book } = await answer.json();
    await wire.does("metadata.set", { book, title: MARKUP[1], metadata: { subtitle: MARKUP[4], publisher: MARKUP[6], language: "en", description: MARKUP[33], authors: MARKUP.slice(0, 40) } });
    for (const index of [0, 7, 26]) await wire.does("chapter.add", { book, chapter: `x${index}`, title: MARKUP[index], kind: "chapter" });
    const file = async (kind) => Buffer.from(await (await fetch(`${town.hub.url}/v1/books/${book}/export/${kind}`, { headers })).arrayBuffer());
    const rendered = marked.parse((await file("markdown")).toString());
    await opensFiles(ann, {
      "web/book.html": await file("html"),
      "markdown/book.html": `<!doctype html><meta charset="utf-8"><body>${rendered}`,
      ...Object.fromEntries(Object.entries(unzip(await file("epub"))).map(([path, text]) => [`epub/${path}`, text])),
    });
  }
  wire.ends();
});
