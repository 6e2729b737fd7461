/** The real dialog: pinentry-gtk2 on a display, and hands that type. */

import { describe, test } from "node:test";
import { names } from "../lib/browsers.mjs";
import { Stage } from "../lib/stage.mjs";

for (const name of names) {
  describe(`the system's dialog in ${name}`, () => {
    const stage = Stage.set(name, { dialogs: "real" });

    test("cancel", async () => {
      const page = await stage.call("login");
      const window = await stage.window();
      await stage.pinentry.escape();
      await stage.failed(page, window, "CANCELLED", { next: false });
    });

    test("the tab closed", async () => {
      const page = await stage.call("login");
      const window = await stage.window();
      await stage.pinentry.waiting();
      await page.close();
      await window.closed();
      await stage.idle(0);
    });

    test("a login", async () => {
      const page = await stage.call("login");
      const window = await stage.window();
      await stage.pinentry.type("1234");
      await stage.succeeded(page, window, { spent: 1 });
    });

    test("a wrong PIN, then the right one, for a signature", async () => {
      const page = await stage.call("sign");
      const window = await stage.window();
      await window.click("accept");
      await stage.pinentry.type("abc124");
      await window.sees(".problem");
      await stage.pinentry.type("abc123");
      await stage.succeeded(page, window, { spent: 2 });
    });
  });
}
