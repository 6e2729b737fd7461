/** Pages that call from the wrong place, at the wrong time, or with ill will. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { foreignHost, names } from "../lib/browsers.mjs";
import { Stage } from "../lib/stage.mjs";
import { eventually } from "../lib/wait.mjs";

for (const name of names) {
  describe(`pages in ${name}`, () => {
    const stage = Stage.set(name);

    /** Nothing came of it: no window, no program, no try. */
    async function nothingHappened() {
      assert.equal(await stage.windows(), 0);
      await stage.idle(0);
    }

    test("a page in a frame", async () => {
      const page = await stage.open("/frames.html");
      const frame = page.frames()[1];
      await (await frame.waitForSelector("#login")).click();
      assert.equal((await stage.outcome(frame)).result, "NOT_TOP_FRAME");
      await nothingHappened();
    });

    test("a page without https", async () => {
      const page = await stage.open("/", `http://${foreignHost}:${stage.pages.port}`);
      await page.click("#login");
      assert.equal((await stage.outcome(page)).result, "INSECURE_CONTEXT");
      await nothingHappened();
    });

    test("a call that nobody clicked for", async () => {
      const page = await stage.open("/#unasked");
      // The page is not asked before: what a driver of browsers evaluates counts as a click.
      await eventually("the end of the call", async () => page.url().endsWith("#over"));
      assert.equal((await stage.outcome(page)).result, "NO_USER_ACTIVATION");
      await nothingHappened();
    });

    test("a second page meanwhile", async () => {
      await stage.pinentry.answers("wait");
      const first = await stage.call("login");
      const window = await stage.window();
      await stage.pinentry.waiting();
      const second = await stage.call("login");
      assert.equal((await stage.outcome(second)).result, "BUSY");
      await window.sees("#notice:not(:empty)");
      assert.ok((await window.state("dialog")).text.includes(stage.pages.origin), "the window names who asked");
      assert.equal(await stage.windows(), 1);
      await window.click("refuse");
      await stage.failed(first, window, "CANCELLED");
    });

    /** Clicks a button of the hostile page and returns what the page heard. */
    async function attack(kind) {
      const page = await stage.open("/hostile.html");
      await page.click(`#${kind}`);
      const { detail } = await stage.outcome(page);
      await page.close();
      return detail;
    }

    const refusals = {
      "another-origin": { code: "INVALID_REQUEST", field: "origin" },
      "a-pin": { code: "INVALID_REQUEST", field: "type" },
      "its-own-activation": { code: "INVALID_REQUEST", field: "activated" },
      "no-json": { code: "INVALID_REQUEST", field: "message" },
      "two-starts": { code: "INVALID_REQUEST", field: "type" },
      "arguments-first": { code: "INVALID_REQUEST", field: "type" },
    };
    for (const [kind, refusal] of Object.entries(refusals)) {
      test(`a page that says what it may not: ${kind}`, async () => {
        assert.deepEqual(await attack(kind), refusal);
        await stage.idle(0);
      });
    }

    test("a page that makes several calls of one click", async () => {
      await stage.pinentry.answers("pin 1234");
      assert.deepEqual(await attack("two-calls"), ["ok", "INVALID_REQUEST", "NO_USER_ACTIVATION"]);
      await stage.idle(1);
    });

    test("a page that uses the port of a call that is over", async () => {
      assert.equal(await attack("replay"), 2, "connected, then the error, and nothing more");
      await stage.idle(0);
    });

    test("a frame that speaks for the page around it", async () => {
      assert.deepEqual(await attack("from-a-frame"), []);
      await nothingHappened();
    });
  });
}
