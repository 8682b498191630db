// An editor of another make: the unchanged provider of y-websocket, before a chapter of the hub.
import assert from "node:assert/strict";
import { WebSocket } from "ws";
import { WebsocketProvider } from "y-websocket";
import { Doc, XmlElement, XmlText } from "yjs";
import { PROMISED_MS } from "./harness/person.js";
import { story } from "./harness/story.js";

async function token(hub, person) {
  const body = JSON.stringify({ email: person.email, name: `${person.name} Lee` });
  const answer = await fetch(`${hub.url}/v1/dev/token`, { method: "POST", headers: { "content-type": "application/json" }, body });
  return (await answer.json()).token;
}

/** The chapter in view, as an address says it: book and chapter. */
function room(person) {
  const [, book, chapter] = /#\/?books?\/([^/]+)\/([^/?]+)/.exec(person.page.url()) ?? [];
  assert.ok(book && chapter, `${person.page.url()} names a chapter`);
  return `${book}/${chapter}`;
}

/** What providers say of writes that were not taken: they say it to the console alone. */
const denied = [];
const warn = console.warn;
console.warn = (...said) => (String(said[0]).startsWith("Permission denied") ? denied.push(said.join(" ")) : warn(...said));

/** An editor without a screen, which writes as TipTap would. */
class Editor {

  constructor(hub, where, jwt, doc = new Doc()) {
    this.doc = doc;
    this.root = doc.getXmlFragment("default");
    this.provider = new WebsocketProvider(`${hub.url.replace("http", "ws")}/v1/yjs`, where, doc, {
      WebSocketPolyfill: WebSocket,
      protocols: ["quire.yjs.v1", `token.${jwt}`],
      disableBc: true,
    });
  }

  /** Waits until what is asked of the document is so. */
  async until(what, holds) {
    const until = Date.now() + 10_000;
    while (!holds()) {
      assert.ok(Date.now() < until, `${what}; the document says ${JSON.stringify(this.text)}`);
      await new Promise((next) => {
        const timer = setTimeout(done, 200);
        const { doc, provider } = this;
        function done() {
          clearTimeout(timer);
          doc.off("update", done);
          provider.awareness.off("change", done);
          next();
        }
        doc.on("update", done);
        provider.awareness.on("change", done);
      });
    }
  }

  get text() {
    return this.root.toArray().map((block) => block.toArray().join("")).join("\n");
  }

  types(words) {
    this.doc.transact(() => {
      const paragraph = new XmlElement("paragraph");
      paragraph.insert(0, [new XmlText(words)]);
      this.root.push([paragraph]);
    });
  }

  ends() {
    this.provider.destroy();
    this.doc.destroy();
  }
}

story("an unchanged y-websocket provider watches, and writes when the chapter is free or live", async (town) => {
  const { ann, ben } = await town.bookOfTwo({ role: "author" });
  await ann.writes("Dawn");
  const editing = ann.page.getByRole("textbox", { name: "Dawn" });
  const watching = ann.page.locator(".prose .ProseMirror");
  await editing.click();
  await ann.page.keyboard.type("It was a bright cold day.");
  const other = new Editor(town.hub, room(ann), await token(town.hub, ben));
  try {
    await other.until("the provider has the text", () => other.text === "It was a bright cold day.");
    await ann.page.keyboard.type(" In April.");
    await other.until("the provider hears what is typed", () => other.text.endsWith("In April."));
    await other.until("the provider sees who is there", () =>
      [...other.provider.awareness.getStates().values()].some((state) => state.user?.name === "Ann Lee"));

    // While Ann holds the chapter, nobody writes over her.
    other.types("Too early.");
    await other.until("the provider is denied", () => denied.length > 0);
    assert.match(denied[0], /Ann Lee/);
    assert.doesNotMatch(await watching.innerText(), /Too early/);
    await ann.lockBar.getByRole("button", { name: "Release" }).click();
    await ann.sees(ann.lockBar.getByText("Nobody is writing here."), "that the chapter is free");

    // Now it is free: what was kept comes with what is written next.
    other.types("The clocks were striking thirteen.");
    await ann.sees(watching.getByText("striking thirteen."), "what the provider writes");
    await ann.sees(watching.getByText("Too early."), "what it wrote before", PROMISED_MS);
    await ann.sees(ann.lockBar.getByText("Ben Lee is writing here"), "who writes", PROMISED_MS);

    // Both at once.
    await ann.row("Dawn").hover();
    await ann.page.getByRole("button", { name: "Organise Dawn" }).click();
    await ann.page.getByRole("menuitem", { name: "Let several write at once" }).click();
    await ann.lockBar.getByRole("button", { name: "Write too" }).click();
    await ann.sees(ann.lockBar.getByText("You are writing here with Ben Lee"), "that Ben writes beside her");
    await editing.click();
    await ann.page.keyboard.press("Control+End");
    await ann.page.keyboard.type(" So they say.");
    await other.until("the provider hears Ann", () => other.text.endsWith("So they say."));
    other.types("And so it was.");
    await ann.sees(editing.getByText("And so it was."), "what the provider adds", PROMISED_MS);

    // Whoever goes gives the chapter back, and whoever comes back brings what was written meanwhile.
    other.provider.disconnect();
    await ann.seesNoMore(ann.lockBar.getByText("with Ben Lee"), "that Ben writes", PROMISED_MS);
    other.types("Written without a connection.");
    await ann.page.keyboard.type(" Indeed.");
    other.provider.connect();
    await ann.sees(editing.getByText("without a connection."), "what was written meanwhile");
    await other.until("the provider hears what it missed", () => other.text.includes("Indeed."));

    // After a crash of the hub the same document goes on.
    town.expected.push(/ERR_CONNECTION|WebSocket/);
    await town.hub.kill();
    other.types("Written while the hub was away.");
    await town.hub.startAgain();
    await ann.sees(editing.getByText("while the hub was away."), "what was written meanwhile", 20_000);
    assert.equal(other.text.match(/bright cold day/g).length, 1, "nothing is doubled");
  } finally {
    other.ends();
  }
});

story("a provider watches a book that was brought in, and goes on with it", async (town) => {
  const ann = await town.person("Ann");
  await ann.openBook("Pride and Prejudice");
  await ann.views("Chapter 3");
  const watching = ann.page.locator(".prose .ProseMirror");
  await ann.sees(watching.getByText("Not all that Mrs. Bennet"), "the text");
  const other = new Editor(town.hub, room(ann), await token(town.hub, ann));
  try {
    await other.until("the provider has the text", () => other.text.includes("Not all that Mrs. Bennet"));
    const blocks = other.root.length;
    assert.equal(blocks, await watching.locator("> *").count());
    other.types("And so they danced.");
    await ann.sees(watching.getByText("And so they danced."), "what the provider writes");
    await ann.page.reload();
    await ann.sees(watching.getByText("And so they danced."), "it once more");
    assert.equal(await watching.locator("> *").count(), blocks + 1, "nothing is doubled");
  } finally {
    other.ends();
  }
});

story("a viewer's provider watches and writes nothing; a stranger's gets nothing", async (town) => {
  const { ann, ben } = await town.bookOfTwo({ role: "viewer" });
  const eve = await town.person("Eve");
  await ann.writes("Dawn");
  await ann.page.getByRole("textbox", { name: "Dawn" }).click();
  await ann.page.keyboard.type("It was a bright cold day.");
  await ann.sees(ann.lockBar.getByText("Saved"), "that it is saved");
  await ann.lockBar.getByRole("button", { name: "Release" }).click();
  denied.length = 0;
  const viewer = new Editor(town.hub, room(ann), await token(town.hub, ben));
  const stranger = new Editor(town.hub, room(ann), await token(town.hub, eve));
  try {
    const refused = new Promise((done) => stranger.provider.on("connection-close", done));
    await viewer.until("the viewer has the text", () => viewer.text === "It was a bright cold day.");
    viewer.types("Not mine to write.");
    await viewer.until("the viewer is denied", () => denied.length > 0);
    assert.equal((await refused).code, 1008);
    assert.equal(stranger.text, "");
    assert.doesNotMatch(await ann.page.locator(".prose .ProseMirror").innerText(), /Not mine/);
  } finally {
    viewer.ends();
    stranger.ends();
  }
});
