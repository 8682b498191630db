// Fails when web/dist is not what the sources build: builds into a temporary folder and compares byte for byte.
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const root = fileURLToPath(new URL("..", import.meta.url));
const committed = join(root, "dist");
const fresh = await mkdtemp(join(tmpdir(), "quire-page-"));

async function files(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1)).sort();
}

try {
  await build({ root, logLevel: "warn", build: { outDir: fresh, emptyOutDir: true } });
  const expected = await files(fresh);
  const found = await files(committed).catch(() => []);
  const stale = [...new Set([...expected, ...found])].filter((name) => !expected.includes(name) || !found.includes(name));
  for (const name of expected.filter((name) => found.includes(name))) {
    const [left, right] = await Promise.all([readFile(join(fresh, name)), readFile(join(committed, name))]);
    if (!left.equals(right)) stale.push(name);
  }
  if (stale.length > 0) {
    console.error(`web/dist is stale; run "npm run build" in web/ and commit it. Different:\n  ${stale.join("\n  ")}`);
    process.exitCode = 1;
  }
} finally {
  await rm(fresh, { recursive: true });
}
