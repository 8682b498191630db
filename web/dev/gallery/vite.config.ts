import { defineConfig, mergeConfig } from "vite";
import page from "../../vite.config";

const here = (path: string) => new URL(path, import.meta.url).pathname;

/** The page over a made-up client, to look at it without a hub. Never part of `dist`. */
export default mergeConfig(
  page,
  defineConfig({
    root: here("../.."),
    resolve: { alias: { "quire-client": here("fake-client.ts") } },
    build: { outDir: here("../../node_modules/.gallery"), emptyOutDir: true },
    plugins: [
      {
        name: "gallery-token",
        configureServer(server) {
          server.middlewares.use("/v1", (_request, response) => {
            response.setHeader("content-type", "application/json");
            response.end(JSON.stringify({ token: "gallery" }));
          });
        },
      },
    ],
  }),
);
