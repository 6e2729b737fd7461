/** The extension as it is shipped: no site is on until the citizen switches it on. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { foreignHost, names } from "../lib/browsers.mjs";
import { startPages } from "../lib/sites.mjs";
import { Stage } from "../lib/stage.mjs";
import { eventually } from "../lib/wait.mjs";

for (const name of names) {
  describe(`sites in ${name}`, () => {
    const stage = Stage.set(name, { production: true });

    /** Calls from a tab and returns the outcome. */
    async function call(page, kind) {
      await page.bringToFront();
      await page.click(`#${kind}`);
      return (await stage.outcome(page)).result;
    }

    /** Waits until a call has another outcome than it had before the switch. */
    const becomes = (page, result) => eventually(`status() to become ${result}`, async () => (await call(page, "status")) === result);

    /** Asks for the site of that tab in the popup; resolves when Chromium's own question has taken the popup's place. */
    async function ask(page) {
      await page.bringToFront();
      const [extension] = (await stage.browser.extensions()).values();
      const opened = stage.browser.waitForTarget((target) => target.url().endsWith("/popup.html"));
      await page.triggerExtensionAction(extension);
      const popup = await (await opened).asPage();
      await popup.waitForSelector("#site-switch:not([hidden])");
      assert.equal(await popup.$eval("#origin", (element) => element.textContent), stage.pages.origin);
      const asked = new Promise((resolve) => popup.once("close", resolve));
      await popup.click("#site-switch");
      await asked;
    }

    /** Switches the site of that tab on as a citizen does: in Chromium from the popup, in Firefox by its address. */
    const switchOn = {
      async chromium(page) {
        await stage.display.point();
        // Chromium offers "Deny" alone for a moment, against hasty clicks, and tells no driver when "Allow" can be reached: who was hasty asks anew, and
        // takes more time.
        for (let patience = 800; (await granted()).length === 0; patience *= 2) {
          assert.ok(patience < 10_000, "Chromium's question was never answered with Allow");
          await ask(page);
          await pause(patience);
          await stage.display.key("Tab");
          await stage.display.key("Return");
          await pause(300);
        }
      },
      async firefox() {
        await stage.settings.bringToFront();
        await stage.settings.type("#address", `${stage.pages.origin}/`);
        await stage.settings.click("#add-submit");
      },
    };

    /** The sites that the settings list. */
    const granted = () => stage.settings.$$eval("#sites span", (spans) => spans.map((span) => span.textContent));

    test("a site is off, and then on without a reload, and off again", async () => {
      const page = await stage.open();
      assert.equal(await call(page, "status"), "UNAVAILABLE");
      assert.equal(await call(page, "login"), "UNAVAILABLE");
      assert.equal(await stage.windows(), 0);

      await switchOn[name](page);
      await becomes(page, "ok");
      assert.deepEqual(await granted(), [`https://${foreignHost}`]);
      await stage.pinentry.answers("pin 1234");
      await page.bringToFront();
      await page.click("#login");
      await stage.succeeded(page, await stage.window(), { spent: 1 });

      await stage.settings.bringToFront();
      await stage.settings.click("#sites button");
      await becomes(page, "UNAVAILABLE");
      assert.deepEqual(await granted(), []);
      await stage.idle(1);
    });

    test("this machine itself is no site", async () => {
      const pages = await startPages();
      const page = await stage.open("/", pages.origin);
      assert.equal(await call(page, "login"), "UNAVAILABLE");
      await pages.stop();
    });
  });
}
