// Somebody without a page: the bare protocol in JSON, as far as stories need it.
import assert from "node:assert/strict";
import { WebSocket } from "ws";

export async function tokenOf(hub, { name, email }) {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${hub.url}/v1/dev/token`, { method: "POST", headers, body: JSON.stringify({ name, email }) });
  assert.equal(answer.status, 200, await answer.clone().text());
  return (await answer.json()).token;
}

/** What a person's page has as its own. */
export function asSignedIn(person) {
  return { name: `${person.name} Lee`, email: person.email };
}

export class Wire {
  #socket;
  #asked = new Map();
  #last = 0;
  welcome;

  static async connect(hub, identity) {
    const wire = new Wire();
    wire.token = await tokenOf(hub, identity);
    wire.#socket = new WebSocket(`${hub.url.replace("http", "ws")}/v1/socket`, "quire.v1.json");
    const welcomed = new Promise((resolve, reject) => {
      wire.#socket.once("error", reject);
      wire.#socket.once("close", (code, reason) => wire.#fail(new Error(`closed with ${code}: ${reason}`), reject));
      wire.#socket.on("message", (data) => {
        const frame = JSON.parse(data);
        if (frame.t === "welcome") resolve(frame);
        if (frame.t === "reply") wire.#hear(frame);
      });
    });
    await new Promise((resolve) => wire.#socket.once("open", resolve));
    wire.#socket.send(JSON.stringify({ t: "hello", token: wire.token }));
    wire.welcome = await welcomed;
    return wire;
  }

  #hear({ ref, ok, err }) {
    const asked = this.#asked.get(ref);
    this.#asked.delete(ref);
    if (err === undefined) asked.resolve(ok);
    else asked.reject(Object.assign(new Error(`${asked.kind}: ${err.code}: ${err.message}`), { refusal: err }));
  }

  #fail(error, reject) {
    reject(error);
    for (const asked of this.#asked.values()) asked.reject(error);
    this.#asked.clear();
  }

  /** A command, until it is answered; one that came too fast is sent again. */
  async does(kind, fields) {
    for (;;) {
      this.#last += 1;
      const ref = this.#last;
      const answer = new Promise((resolve, reject) => this.#asked.set(ref, { kind, resolve, reject }));
      this.#socket.send(JSON.stringify({ t: kind, ref, ...fields }));
      try {
        return await answer;
      } catch (error) {
        if (error.refusal?.code !== "rate_limited") throw error;
        await new Promise((resolve) => setTimeout(resolve, error.refusal.retry_after_ms));
      }
    }
  }

  ends() {
    this.#socket.close(1000);
  }
}
