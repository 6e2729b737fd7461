/** What all of it is for: a login and a filing on the demonstration site, whose server verifies them; and every kind of request in its lab. */

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { names } from "../lib/browsers.mjs";
import { screenshots } from "../lib/files.mjs";
import { Stage } from "../lib/stage.mjs";
import { patience } from "../lib/wait.mjs";
import { texts } from "../lib/window.mjs";

await mkdir(screenshots, { recursive: true });

for (const name of names) {
  describe(`success in ${name}`, () => {
    const stage = Stage.set(name, { demo: true });
    const picture = (what) => join(screenshots, `${name}-${what}.png`);

    /** Clicks a button of the lab and waits for what its server said. */
    async function lab(kind, consent) {
      await stage.pinentry.answers("pin ABC123");
      const page = await stage.open("/lab", stage.demo.origin);
      await page.click(`#${kind}`);
      const window = await stage.window();
      await window.state("consent");
      await consent(window);
      await window.state("done");
      const result = await page.waitForSelector(`#${kind}-result:not([data-result=""], [data-result="running"])`, { timeout: patience });
      assert.equal(await result.evaluate((element) => element.dataset.result), "ok");
      await stage.idle(1);
      return JSON.parse(await result.evaluate((element) => element.textContent));
    }
    const agree = (window) => window.click("accept");

    test("a login and a filing", async () => {
      await stage.pinentry.answers("pin 1234", "pin ABC123");
      const page = await stage.open("/", stage.demo.origin);
      await page.setViewport({ width: 1100, height: 900 });
      await page.screenshot({ path: picture("login") });
      await page.click("#login");
      const login = await stage.window();
      await login.state("done");
      assert.match(await stage.pinentry.log(), new RegExp(stage.demo.origin), "the dialog says who asks");
      await stage.idle(1);

      await page.waitForSelector("#continue");
      await page.click("#continue");
      await page.waitForSelector("#sign");
      await page.click("#sign");
      const filing = await stage.window();
      const consent = await filing.state("consent");
      await filing.sees("#accept:not([disabled])");
      await filing.screenshot(picture("consent"));
      assert.equal(consent.origin, stage.demo.origin);
      const { issuer_foreign: foreign, attribute_name: personal } = await texts("ja");
      assert.ok(consent.text.includes(foreign.message), "a simulated card is called one");
      assert.ok(consent.text.includes(personal.message), "the personal data are named");
      await filing.click("accept");
      await filing.state("done");
      await page.waitForSelector("#receipt-number");
      await page.screenshot({ path: picture("result"), fullPage: true });
      const joined = (text) => text.replace(/\s/g, "");
      assert.ok(joined(await stage.pinentry.log()).includes(joined(consent.digest)), "the dialog has the digest that the window showed");
      await stage.idle(2);
    });

    test("a hundred documents under one PIN", async () => {
      assert.equal((await lab("batch", agree)).verified, 100);
    });

    test("a document of 50 MiB", async () => {
      assert.equal((await lab("large", agree)).bytes, 50 << 20);
    });

    test("a digest whose content nobody sees", async () => {
      const result = await lab("hidden", async (window) => {
        await window.click("accept");
        await window.state("hidden");
        await window.click("accept");
      });
      assert.deepEqual(result, { verified: 1, issuer: "foreign" });
    });

    test("a raw signature", async () => {
      assert.deepEqual(await lab("raw", agree), { verified: 1, algorithm: "RS256", issuer: "foreign" });
    });

    test("versions, without a window", async () => {
      const page = await stage.call("status");
      const { result, detail } = await stage.outcome(page);
      assert.equal(result, "ok");
      assert.equal(detail.protocol, 1);
      assert.equal(detail.capabilities.prompt, "dialog");
      assert.equal(await stage.windows(), 0);
      await stage.idle(0);
    });

    test("a dialog that waits, and a failure, as they look", async () => {
      await stage.pinentry.answers("wait");
      const page = await stage.call("english");
      const window = await stage.window();
      const { lang } = await window.state("dialog");
      assert.equal(lang, "en");
      await window.screenshot(picture("dialog"));
      await window.click("refuse");
      await window.state("error");
      await window.screenshot(picture("error"));
      await stage.failed(page, window, "CANCELLED");
    });
  });
}
