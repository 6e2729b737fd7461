/** The citizen, or the page, changes their mind at every stage. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { names } from "../lib/browsers.mjs";
import { Stage } from "../lib/stage.mjs";

for (const name of names) {
  describe(`cancelling in ${name}`, () => {
    const stage = Stage.set(name);

    /** Makes a call and brings it to a dialog that nobody answers. */
    async function dialogOpen() {
      await stage.pinentry.answers("wait");
      const page = await stage.call("login");
      const window = await stage.window();
      await stage.pinentry.waiting();
      await window.state("dialog");
      return { page, window };
    }

    test("while the site makes up its mind", async () => {
      const page = await stage.call("late-login");
      const window = await stage.window();
      await window.state("waiting-site");
      await window.click("refuse");
      await stage.failed(page, window, "CANCELLED");
    });

    test("while documents arrive", async () => {
      const page = await stage.call("sign-endless");
      const window = await stage.window();
      await window.sees("progress"); // the host has the first half
      await window.click("refuse");
      await stage.failed(page, window, "CANCELLED");
    });

    test("while it waits for a card", async () => {
      await stage.removeCard();
      const page = await stage.call("login");
      const window = await stage.window();
      await window.state("waiting-card");
      await window.click("refuse");
      await stage.failed(page, window, "NO_CARD");
    });

    test("at the consent", async () => {
      const page = await stage.call("sign");
      const window = await stage.window();
      await window.state("consent");
      await window.click("refuse");
      await stage.failed(page, window, "CANCELLED");
    });

    test("at the consent, by the keyboard", async () => {
      const page = await stage.call("sign");
      const window = await stage.window();
      await window.state("consent");
      await window.press("Escape");
      await stage.failed(page, window, "CANCELLED");
    });

    test("at the second question, about hidden content", async () => {
      const page = await stage.call("sign-hidden");
      const window = await stage.window();
      await window.state("consent");
      await window.click("accept");
      await window.state("hidden");
      await window.click("refuse");
      await stage.failed(page, window, "CANCELLED");
    });

    test("in the dialog", async () => {
      await stage.pinentry.answers("cancel");
      const page = await stage.call("login");
      await stage.failed(page, await stage.window(), "CANCELLED");
    });

    test("in the window, with the dialog open", async () => {
      const { page, window } = await dialogOpen();
      await window.click("refuse");
      await stage.failed(page, window, "CANCELLED");
    });

    test("by closing the window, with the dialog open", async () => {
      const { page, window } = await dialogOpen();
      await window.close();
      await stage.failed(page, undefined, "CANCELLED");
    });

    test("by closing the tab, with the dialog open", async () => {
      const { page, window } = await dialogOpen();
      await page.close();
      await stage.abandoned(window);
    });

    test("by leaving the page, with the dialog open", async () => {
      const { page, window } = await dialogOpen();
      await page.goto(`${stage.pages.origin}/?elsewhere`);
      await stage.abandoned(window);
    });

    test("by closing the tab at the consent", async () => {
      const page = await stage.call("sign");
      const window = await stage.window();
      await window.state("consent");
      await page.close();
      await stage.abandoned(window);
    });

    test("by the page's AbortSignal, with the dialog open", async () => {
      const { page, window } = await dialogOpen();
      await page.click("#abort");
      assert.equal((await stage.outcome(page)).result, "CANCELLED");
      await stage.abandoned(window);
    });

    test("by the page's AbortSignal, before it has its arguments", async () => {
      const page = await stage.call("late-login");
      const window = await stage.window();
      await window.state("waiting-site");
      await page.click("#abort");
      assert.equal((await stage.outcome(page)).result, "CANCELLED");
      await stage.abandoned(window);
    });
  });
}
