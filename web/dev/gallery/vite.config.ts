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
        name: "gallery-text",
        configureServer(server) {
          server.middlewares.use("/v1", (_request, response) => {
            response.setHeader("content-type", "application/json");
            response.end(JSON.stringify({ token: "gallery", seq: 1, html: TEXT }));
          });
        },
      },
    ],
  }),
);

const TEXT = `<p>It is a truth universally acknowledged, that a single man in possession of a good fortune, must be in want
of a wife.</p><p>However little known the feelings or views of such a man may be on his first entering a neighbourhood,
this truth is so well fixed in the minds of the surrounding families, that he is considered the rightful property of
some one or other of their daughters.</p><p>“My dear Mr. Bennet,” said his lady to him one day, “have you heard that
Netherfield Park is let at last?”</p><p>Mr. Bennet replied that he had not.</p><p>“But it is,” returned she; “for Mrs.
Long has just been here, and she told me all about it.”</p><p>Mr. Bennet made no answer.</p><p>“Do you not want to know
who has taken it?” cried his wife impatiently.</p><p>“<em>You</em> want to tell me, and I have no objection to hearing
it.”</p><p>This was invitation enough.</p>`.replaceAll("\n", " ");
