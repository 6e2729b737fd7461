/** Extension and program are of different ages, one of them is not there yet, or is replaced while it is at work. */

import assert from "node:assert/strict";
import { rm, truncate } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { manifest } from "../../../extension/manifest.mjs";
import { frameOf, names } from "../lib/browsers.mjs";
import { authenticationPIN, Stage } from "../lib/stage.mjs";
import { eventually } from "../lib/wait.mjs";
import { texts } from "../lib/window.mjs";

/** What the extension says of itself in a mismatch. */
const extension = manifest("chromium", true).version;
const older = { type: "hello", version: "0.0.9", protocol: 0 };
const newer = { type: "hello", version: "9.9.9", protocol: 3, oldest: 2, capabilities: { everything: true } };

/** Logs in once more. */
async function works(stage) {
  const spent = await stage.spent();
  const page = await stage.call("login");
  const window = await stage.window();
  await window.enter(authenticationPIN);
  await stage.succeeded(page, window, { spent: spent + 1 });
}

for (const name of names) {
  describe(`versions in ${name}`, () => {
    const stage = Stage.set(name, { dialogs: "none", own: true });

    for (const [greeting, update] of [[older, "host"], [newer, "extension"]]) {
      test(`the ${update} is too old: window, popup and settings name it, and say how to update it`, async () => {
        const known = await texts("ja");
        const remedy = known[`remedy_update_${update}`].message;
        const installed = known.versions.message.replace("$1", extension).replace("$2", greeting.version);
        await stage.home.impersonate(greeting);

        const page = await stage.call("login");
        const window = await stage.window();
        await stage.failed(page, window, "VERSION_MISMATCH", { remedy: `update_${update}`, next: false });
        assert.ok((await window.shown()).text.includes(installed));
        const { detail } = await stage.outcome(page);
        assert.equal(detail.update, update);
        assert.ok(!JSON.stringify(detail).includes(greeting.version), "a site does not learn which versions are installed");
        assert.equal((await stage.outcome(await stage.call("status"))).result, "VERSION_MISMATCH");
        for (const [open, selector] of [[() => stage.popup(), "#card"], [() => stage.options(), "#version-host"]]) {
          const own = await open();
          const read = await eventually("the remedy", () => own.evaluate((selector) => {
            const text = document.querySelector(selector)?.textContent;
            return text?.includes("https:") || text?.includes("://") ? text : undefined;
          }, selector));
          for (const text of [known.error_VERSION_MISMATCH.message, remedy, installed]) assert.ok(read.includes(text), read);
          await own.close();
        }
        await stage.home.restore();
        await works(stage);
      });
    }

    test("the program comes last: the first page says what is missing, and finds it without being touched", async () => {
      const { options_program_missing: missing, options_program_there: there } = await texts("ja");
      await rm(stage.home.manifest);
      const own = await stage.options();
      const says = (text) => eventually(text, () => own.evaluate((text) => document.querySelector("#step-program-state")?.textContent.startsWith(text), text));
      await says(missing.message);
      await stage.home.restore();
      await says(there.message.split("$1")[0]);
      await own.close();
      await works(stage);
    });

    const says = (bytes) => () => stage.home.impersonate(bytes);
    for (const [what, place, code = "HOST_FAILED"] of [
      ["says text that is no message", says(Buffer.from("Usage: natsuin [options]\n".repeat(10)))],
      ["says what is no JSON", says(frameOf("{hello}")), { firefox: "HOST_MISSING" }[name]], // to Firefox's extensions that looks like a program that is not there
      ["says another message in place of its greeting", says(frameOf(JSON.stringify({ type: "progress", id: "r", done: 1, total: 2 })))],
      ["gives a length beyond all limits", says(Buffer.from([0xff, 0xff, 0xff, 0x7f]))],
      ["says nothing", says(Buffer.alloc(0))],
      ["was left empty by its installer", () => truncate(join(stage.home.programs, "natsuin"))],
    ]) {
      test(`a program that ${what}: the citizen reads to install it anew`, async () => {
        await place();
        const page = await stage.call("login");
        await stage.failed(page, await stage.window(), code, { next: false });
        await stage.home.restore();
        await works(stage);
      });
    }

    test("a package upgrade while the PIN is asked for: the operation goes on, the next one meets the new program", async () => {
      const page = await stage.call("login");
      const window = await stage.window();
      await window.state("pin");
      await rm(stage.home.manifest);
      await stage.home.restore(); // the same program in a new file, and a new manifest
      await stage.home.impersonate(newer);
      await window.enter(authenticationPIN);
      await stage.succeeded(page, window, { spent: 1 });

      const next = await stage.call("login");
      await stage.failed(next, await stage.window(), "VERSION_MISMATCH", { spent: 1, remedy: "update_extension", next: false });
      await stage.home.restore();
      await works(stage);
    });

    // The last test: it ends the settings' tab, too.
    test("the extension itself, replaced while the PIN is asked for: the page hears that, nothing runs on, and the page goes on working without a reload", async () => {
      const page = await stage.call("login");
      const window = await stage.window();
      await window.state("pin");
      // By this the background knows that a page of ours is open, and puts off an update.
      const contexts = await stage.settings.evaluate(async () => (await chrome.runtime.getContexts({})).map(({ contextType }) => contextType));
      assert.ok(contexts.filter((type) => type === "TAB").length >= 2, contexts.join());
      await stage.settings.evaluate(() => void setTimeout(() => chrome.runtime.reload(), 0));
      await window.closed();
      assert.equal((await stage.outcome(page)).result, "UNAVAILABLE");
      await stage.idle(0);
      await stage.cardIsFree();
      await eventually("a page that works again", async () => {
        await page.click("#status");
        return (await stage.outcome(page)).result === "ok";
      });
    });
  });
}
