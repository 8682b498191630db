// Watches a tab for anything that ran, loaded or became an element that words never become.
import assert from "node:assert/strict";
import { FOREIGN } from "./payloads.js";

/** Whoever is watched may ask nobody but the hub. */
export class Watch {
  ran = [];

  constructor(page, home) {
    page.on("dialog", (dialog) => {
      this.ran.push(`a dialog: ${dialog.message()}`);
      void dialog.dismiss().catch(() => {});
    });
    page.on("request", (request) => {
      const url = request.url();
      const isHome = home === null ? url.startsWith("file:") : url.startsWith(`${home}/`);
      if (!isHome && !/^(data|blob):/.test(url)) this.ran.push(`a request to ${url}`);
    });
    page.on("websocket", (socket) => {
      if (home === null || new URL(socket.url()).host !== new URL(home).host) this.ran.push(`a socket to ${socket.url()}`);
    });
    page.on("frameattached", () => this.ran.push("a frame"));
    page.on("popup", (popup) => this.ran.push(`a window: ${popup.url()}`));
    page.on("download", (download) => home === null && this.ran.push(`a download: ${download.url()}`));
  }

  /** Nothing has run by now, and nothing stands in the page that could. */
  async finds_nothing(page, where) {
    const found = await page.evaluate((foreign) => {
      const forbidden = [];
      const names = "iframe, frame, object, embed, portal, base, applet, math, form[action], video, audio, source, marquee, template, foreignObject, animate, set";
      for (const element of document.querySelectorAll("*")) {
        const tell = (why) => forbidden.push(`${why}: ${element.outerHTML.slice(0, 200)}`);
        if (element.matches(names)) tell("forbidden");
        if (element.localName === "script" && !(element.src && new URL(element.src).origin === location.origin)) tell("a script");
        if (element.localName === "meta" && /refresh/i.test(element.httpEquiv)) tell("a redirection");
        for (const { name, value } of element.attributes) {
          if (/^on/i.test(name)) tell("a handler");
          const address = value.replace(/[\0-\x20]/g, "").toLowerCase();
          const leads = ["href", "src", "action", "formaction", "xlink:href", "data", "poster", "background", "srcset"].includes(name);
          if (leads && /^(javascript|vbscript|data:(?!image\/))/.test(address)) tell("an address that runs");
          if (leads && name !== "href" && address.includes(foreign)) tell("something foreign");
          if (name === "style" && (value.includes(foreign) || /url\(|expression/i.test(value))) tell("a style");
        }
      }
      return forbidden;
    }, FOREIGN);
    assert.deepEqual(found, [], `what stands in the page: ${where}`);
    assert.deepEqual(this.ran, [], `what ran: ${where}`);
    assert.equal(await page.evaluate(() => Object.keys(Object.prototype).length), 0, "every object has something new");
  }
}
