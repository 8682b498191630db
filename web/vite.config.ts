import { defineConfig } from "vite";

const here = (path: string) => new URL(path, import.meta.url).pathname;

export default defineConfig({
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  resolve: {
    // The client is built from its source, so that the page and the client of one commit always fit each other.
    alias: {
      "quire-client": here("../protocol/typescript/src/index.ts"),
      "@msgpack/msgpack": here("node_modules/@msgpack/msgpack"),
    },
  },
  // What is developed and tested together may be read together: the client's source, and the hub's lists of names.
  server: { fs: { allow: [here("..")] } },
  build: {
    target: ["chrome123", "firefox128", "safari17.5"],
    // Everything is a file of its own: the hub's content security policy allows nothing inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
