// A hub of its own for a test file: the real binary, a free port, a data directory that goes with it.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const BINARY = process.env.QUIRE_BIN ?? fileURLToPath(new URL("../../../target/debug/quire", import.meta.url));
/** A debug build opens its store and reads the sample book first. */
const START_MS = 30_000;

/** Resolves with the address once the hub says that it listens; rejects with what it said instead. */
function listening(child) {
  return new Promise((resolve, reject) => {
    let said = "";
    const fail = (why) => reject(new Error(`${BINARY} ${why}. It said:\n${said}`));
    const timer = setTimeout(() => fail(`did not listen within ${START_MS} ms`), START_MS);
    const hear = (chunk) => {
      said += chunk;
      const url = /listening on (http:\/\/\S+)/.exec(said)?.[1];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.once("error", (error) => fail(error.message));
    child.once("exit", (code) => fail(`ended with ${code}`));
  });
}

export class Hub {
  #child;
  #dataDir;
  url;

  static async start() {
    if (!existsSync(BINARY)) throw new Error(`There is no hub at ${BINARY}: build it, or name it in QUIRE_BIN.`);
    const hub = new Hub();
    hub.#dataDir = await mkdtemp(join(tmpdir(), "quire-browser-"));
    await hub.#spawn("127.0.0.1:0");
    return hub;
  }

  async #spawn(listen) {
    const args = ["--listen", listen, "--data-dir", this.#dataDir, "--timer", "ownership_offer_ms=7d", "--webhook-allow-private"];
    // Variables of the tests are no settings of the hub.
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("QUIRE_")));
    this.#child = spawn(BINARY, args, { env, stdio: ["ignore", "pipe", "pipe"] });
    this.url = await listening(this.#child);
  }

  /** Ends the process without a word, as a crash does. */
  async kill() {
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGKILL");
    await ended;
  }

  /** The same data on the same port, in a new process. */
  async startAgain() {
    await this.#spawn(new URL(this.url).host);
  }

  async stop() {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.kill();
    await rm(this.#dataDir, { recursive: true, force: true });
  }
}
