// Another program is told what happens in the library: it verifies who called, and managers see what became of each call.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import { once } from "node:events";
import { isAccessible, staysInside } from "./harness/accessible.js";
import { PROMISED_MS } from "./harness/person.js";
import { story } from "./harness/story.js";

/** A program on this machine that keeps what it is told, and answers with `status`. */
class Program {
  status = 200;
  #heard = [];
  #waits = [];

  static async start() {
    const program = new Program();
    program.server = createServer(async (request, response) => {
      const parts = [];
      for await (const part of request) parts.push(part);
      const call = { headers: request.headers, body: Buffer.concat(parts).toString() };
      const waits = program.#waits.shift();
      if (waits) waits(call);
      else program.#heard.push(call);
      response.writeHead(program.status).end();
    }).listen(0, "127.0.0.1");
    await once(program.server, "listening");
    program.url = `http://127.0.0.1:${program.server.address().port}/quire`;
    return program;
  }

  async next() {
    return this.#heard.shift() ?? (await new Promise((heard) => this.#waits.push(heard)));
  }

  stops() {
    this.server.close();
    this.server.closeAllConnections();
  }
}

function verified({ headers, body }, secret) {
  const key = Buffer.from(secret.replace("whsec_", ""), "base64");
  const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`;
  assert.equal(headers["webhook-signature"], `v1,${createHmac("sha256", key).update(signed).digest("base64")}`);
  return JSON.parse(body);
}

story("a program is told what happens in the library, verifies it, and what failed is sent again", async (town) => {
  const program = await Program.start();
  try {
    const ann = await town.person("Ann");
    await ann.page.getByRole("link", { name: "Users" }).click();
    await ann.page.getByRole("button", { name: "Webhooks" }).click();
    await ann.sees(ann.page.getByText("There are no webhooks."), "that there are none");
    await ann.page.getByRole("button", { name: "Add a webhook…" }).click();
    const dialog = ann.page.getByRole("dialog", { name: "Webhook" });
    await dialog.getByLabel("Address").fill("ftp://nowhere.example");
    await dialog.getByRole("button", { name: "Add", exact: true }).click();
    await ann.sees(dialog.getByRole("alert"), "that this is no address to call");
    await dialog.getByLabel("Address").fill(program.url);
    await dialog.getByRole("button", { name: "None" }).click();
    await dialog.getByLabel("A book comes into the library").check();
    await dialog.getByLabel("A book waits for review").check();
    await ann.screenshot("webhook-form");
    await isAccessible(ann, "what a webhook is told of");
    await dialog.getByRole("button", { name: "Add", exact: true }).click();
    await ann.sees(ann.page.getByText("Keep this secret now."), "its secret");
    const secret = await ann.page.locator(".secret code").innerText();
    await ann.screenshot("webhook-secret");
    await isAccessible(ann, "the webhooks");

    await ann.page.getByRole("button", { name: "Send a test to 127.0.0.1" }).click();
    assert.equal(verified(await program.next(), secret).type, "test");
    const deliveries = ann.page.getByRole("list", { name: "Deliveries" });
    await ann.sees(deliveries.getByText("Delivered: it answered with status 200"), "that it arrived", PROMISED_MS + 2_000);
    await ann.page.getByRole("button", { name: "Close" }).click();

    program.status = 400;
    await ann.page.getByRole("link", { name: "Back to the books" }).click();
    await ann.createBook("The Voyage Out", ["Dawn"]);
    await ann.page.getByRole("button", { name: "This book" }).click();
    await ann.page.getByRole("menuitem", { name: "Bring into the library" }).click();
    const said = verified(await program.next(), secret);
    assert.deepEqual([said.type, said.data.told.title], ["book_shelved", "The Voyage Out"]);
    program.status = 200;
    assert.deepEqual(verified(await program.next(), secret), said, "it comes again");
    await ann.page.getByRole("link", { name: "quire: all my books" }).click();
    await ann.page.getByRole("link", { name: "Users" }).click();
    await ann.page.getByRole("button", { name: "Webhooks" }).click();
    assert.equal(await ann.page.locator(".secret").count(), 0, "it is not shown again");
    await ann.page.getByRole("button", { name: "Deliveries to 127.0.0.1" }).click();
    await ann.sees(deliveries.getByText("2 attempts; the last: it answered with status 200"), "how it went", PROMISED_MS + 2_000);
    await ann.screenshot("webhook-deliveries");
    await isAccessible(ann, "the deliveries");
    const row = deliveries.getByRole("listitem").filter({ hasText: "A book comes into the library" });
    await row.getByRole("button", { name: "Send again" }).click();
    assert.deepEqual(verified(await program.next(), secret), said, "as it was");
    await ann.page.setViewportSize({ width: 360, height: 740 });
    await staysInside(ann, "the deliveries, on a phone");
    await ann.screenshot("webhook-deliveries-on-a-phone");
    await ann.page.getByRole("button", { name: "Back", exact: true }).click();
    await staysInside(ann, "the webhooks, on a phone");
    await ann.screenshot("webhooks-on-a-phone");
    await ann.page.getByRole("button", { name: "Remove 127.0.0.1" }).click();
    await ann.page.getByRole("button", { name: "Really remove 127.0.0.1" }).click();
    await ann.sees(ann.page.getByText("There are no webhooks."), "that it is gone", PROMISED_MS);
  } finally {
    program.stops();
  }
});

story("who may not manage settings sees no webhooks, and managers see each other's at once", async (town) => {
  const ann = await town.person("Ann");
  const sue = await town.person("Sue");
  const ben = await town.person("Ben");
  const share = async (email, permission) => {
    await ann.page.getByRole("button", { name: "Share the library" }).click();
    const dialog = ann.page.getByRole("dialog", { name: "Share the library" });
    await dialog.getByLabel("E-mail addresses").fill(email);
    await ann.page.locator(`[data-permission="${permission}"]`).getByRole("checkbox").check();
    await dialog.getByRole("button", { name: "Share", exact: true }).click();
    await ann.sees(dialog.getByText("is asked to join"), "that they are asked");
    await dialog.getByRole("button", { name: "Close" }).last().click();
  };
  await ann.page.getByRole("link", { name: "Users" }).click();
  await share(sue.email, "settings");
  await share(ben.email, "manage_users");
  for (const person of [sue, ben]) {
    await person.page.getByRole("button", { name: "Join" }).click();
    await person.page.getByRole("link", { name: "Users" }).click();
  }
  await ben.sees(ben.page.getByRole("heading", { name: "Users of the library" }), "the users");
  assert.equal(await ben.page.getByRole("button", { name: "Webhooks" }).count(), 0);
  await sue.page.getByRole("button", { name: "Webhooks" }).click();
  await ann.page.getByRole("button", { name: "Webhooks" }).click();
  await ann.page.getByRole("button", { name: "Add a webhook…" }).click();
  await ann.page.getByRole("dialog", { name: "Webhook" }).getByLabel("Address").fill("https://hooks.example.org/1");
  await ann.page.getByRole("button", { name: "Add", exact: true }).click();
  await sue.sees(sue.page.getByText("hooks.example.org"), "what Ann set", PROMISED_MS);
  await sue.sees(sue.page.getByText("Set by Ann Lee, told of 21 events."), "who did");
  assert.equal(await sue.page.locator(".secret").count(), 0, "whoever set it has the secret");
  await ann.page.getByRole("button", { name: "Close" }).click();
  await ann.page.getByRole("button", { name: "Audit log" }).click();
  await ann.sees(ann.page.getByText("set the webhook to hooks.example.org, which is told of 21 events"), "what was done");
});
