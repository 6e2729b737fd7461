/** Government pages that ask for what they may not have, or do not get it: each hears what it hears when there is no answer, and nothing of why. */

import assert from "node:assert/strict";
import { rename } from "node:fs/promises";
import { describe, test } from "node:test";
import { names } from "../lib/browsers.mjs";
import { consent, governmentStage, portal } from "../lib/government.mjs";
import { authenticationPIN, signaturePIN, surfacePIN } from "../lib/stage.mjs";
import { eventually } from "../lib/wait.mjs";
import { fineAttributes, fineLogin, fineSignature, noAnswer, refusedByHost } from "../../portal/hostile.mjs";

for (const name of names) {
  describe(`government pages that fail in ${name}`, () => {
    const { stage, government } = governmentStage(name);

    /** Opens a page that asks for nothing by itself, and has it ask for that. */
    async function asked(...details) {
      const page = await government.open(portal, "/quiet.html");
      await government.ask(page, ...details);
      return page;
    }

    /** Checks that the citizen reads why, and that the page hears what it hears when there is no answer. Then closes the window: a page opened below it is not the one before the citizen. */
    async function failed(page, window, code, mode, { spent = 0, remedy } = {}) {
      await window?.failure(code, remedy);
      assert.deepEqual(await government.heard(page, 1), [noAnswer(mode)]);
      await stage.idle(spent);
      await window?.close().catch(() => undefined); // it may be closing by itself
    }

    test("digests that are none never reach the card", async () => {
      const before = await stage.bench.trace();
      for (const [what, detail, mode] of refusedByHost) {
        await government.rest();
        const page = await asked(detail);
        const window = await stage.window();
        await window.failure("INVALID_REQUEST", "portal_request");
        assert.deepEqual(await government.heard(page, 1), [noAnswer(mode)], what);
        await window.close().catch(() => undefined); // it may be closing by itself
        await page.close();
      }
      assert.equal(await stage.bench.trace(), before);
      await stage.idle(0);
    });

    test("the program is missing", async () => {
      await rename(stage.home.manifest, `${stage.home.manifest}.away`);
      try {
        for (const [detail, mode] of [[fineLogin, "01"], [fineSignature, "02"], [fineAttributes, "04"]]) {
          await government.rest();
          await failed(await asked(detail), await stage.window(), "HOST_MISSING", mode);
        }
      } finally {
        await rename(`${stage.home.manifest}.away`, stage.home.manifest);
      }
    });

    test("cancelled at every question", async () => {
      for (const [detail, mode, states] of [[fineLogin, "01", ["consent"]], [fineSignature, "02", ["consent"]], [fineSignature, "02", ["consent", "hidden"]], [fineAttributes, "04", ["consent"]]]) {
        await government.rest();
        const page = await asked(detail);
        const window = await stage.window();
        for (const state of states.slice(0, -1)) {
          await window.state(state);
          await window.click("accept");
        }
        await window.state(states.at(-1));
        await window.click("refuse");
        await failed(page, window, "CANCELLED", mode);
      }
    });

    test("cancelled in the dialog, or by closing the window", async () => {
      await stage.pinentry.answers("cancel");
      const first = await asked(fineLogin);
      const window = await stage.window();
      await consent(window);
      await failed(first, window, "CANCELLED", "01");

      const second = await asked(fineSignature);
      const other = await stage.window();
      await other.state("consent");
      await other.close();
      await failed(second, undefined, "CANCELLED", "02");
    });

    test("a wrong PIN ends the request: nobody is asked for another, and the page hears nothing of tries", async () => {
      for (const [i, [wrong, right, detail, mode]] of [
        ["0000", authenticationPIN, fineLogin, "01"], ["ABC124", signaturePIN, fineSignature, "02"], ["0000", surfacePIN, fineAttributes, "04"],
      ].entries()) {
        await government.rest();
        await stage.pinentry.answers(`pin ${wrong}`, `pin ${right}`);
        const page = await asked(detail);
        const window = await stage.window();
        await consent(window, ...(mode === "02" ? ["hidden"] : []));
        await failed(page, window, "PIN_WRONG", mode, { spent: i + 1 });
      }
    });

    test("blocked PINs: nothing is asked", async () => {
      for (const [pin, detail, mode] of [["auth", fineLogin, "01"], ["sign", fineSignature, "02"], ["attributes", fineAttributes, "04"]]) {
        await government.rest();
        await stage.bench.order(`counter ${pin} 0`);
        await failed(await asked(detail), await stage.window(), "PIN_BLOCKED", mode);
      }
      assert.doesNotMatch(await stage.pinentry.log(), /GETPIN/);
    });

    test("the last try is not spent without a yes", async () => {
      await stage.bench.order("counter auth 1");
      const page = await asked(fineLogin);
      const window = await stage.window();
      await consent(window);
      await window.state("last-try");
      await window.click("refuse");
      await failed(page, window, "CANCELLED", "01");
    });

    test("the page goes away during a question, or during the PIN", async () => {
      for (const dialog of [false, true]) {
        for (const leave of [(page) => page.close(), (page) => page.goto(`https://${portal}/quiet.html?elsewhere`), (page) => page.reload()]) {
          await government.rest();
          await stage.pinentry.answers("wait");
          const page = await asked(fineLogin);
          const window = await stage.window();
          await window.state("consent");
          if (dialog) {
            await window.click("accept");
            await stage.pinentry.waiting();
          }
          await leave(page);
          await window.closed();
          await stage.idle(0);
        }
      }
      await stage.worksAgain();
    });

    test("the permission goes during a question", async () => {
      const page = await asked(fineLogin);
      const window = await stage.window();
      await window.state("consent");
      await government.switchOff(portal);
      await window.closed();
      assert.deepEqual(await government.heard(page, 1), [noAnswer("01")]);
      assert.deepEqual(await government.inputs(page), []);
      await stage.idle(0);
      await government.switchOn(portal);
      await government.choose(portal, "disguise", true);
    });

    test("two requests at once, and nonsense meanwhile: the first goes on", async () => {
      await stage.pinentry.answers(`pin ${authenticationPIN}`);
      const page = await asked(fineLogin, fineSignature, "{", JSON.stringify({ mode: "05" }));
      const window = await stage.window();
      await window.state("consent");
      assert.deepEqual(await government.heard(page, 3), [noAnswer("02"), noAnswer(), noAnswer("05")]);
      await consent(window);
      const heard = await government.heard(page, 4);
      assert.equal(JSON.parse(heard[3]).result, "0");
      assert.equal(await stage.spent(), 1);
      await stage.idle(1);
    });

    test("a page that asks and asks gets one window, and then has to wait", async () => {
      const page = await asked(...Array(200).fill(fineLogin));
      for (const round of [0, 1, 2]) {
        if (round > 0) await government.ask(page, fineLogin);
        const window = await stage.window();
        await window.state("consent");
        assert.equal(await stage.windows(), 1);
        await window.click("refuse");
        await window.failure("CANCELLED");
        await window.close().catch(() => undefined); // it may be closing by itself
        await government.heard(page, 200 + round);
      }
      await government.ask(page, fineLogin);
      const heard = await government.heard(page, 203);
      assert.deepEqual(heard, Array(203).fill(noAnswer("01")));
      assert.equal(await stage.windows(), 0);
      await stage.idle(0);
    });

    // Firefox lets no driver send its background to sleep.
    if (name === "chromium") {
      test("a background that the browser sent to sleep wakes up for a page", async () => {
        await stage.pinentry.answers(`pin ${authenticationPIN}`);
        const page = await government.open(portal, "/quiet.html");
        const background = await stage.browser.waitForTarget((target) => target.type() === "service_worker");
        await (await background.worker()).close();
        await eventually("a background asleep", async () => !stage.browser.targets().includes(background));
        await government.ask(page, fineLogin);
        await consent(await stage.window());
        const [reply] = await government.heard(page, 1);
        assert.equal(JSON.parse(reply).result, "0");
        await stage.idle(1);
      });
    }

    test("a tab that nobody looks at opens no window", async () => {
      const page = await government.open(portal, "/quiet.html");
      await stage.open("/");
      await government.ask(page, fineLogin);
      assert.deepEqual(await government.heard(page, 1), [noAnswer("01")]);
      assert.equal(await stage.windows(), 0);
      await stage.idle(0);
    });

    test("a reply that a page made up is its own affair", async () => {
      await stage.pinentry.answers(`pin ${authenticationPIN}`);
      const page = await asked(fineLogin);
      const window = await stage.window();
      await page.evaluate((reply) => document.dispatchEvent(new CustomEvent("recvMsg", { detail: reply })), noAnswer("01"));
      await consent(window);
      const [, reply] = await government.heard(page, 2);
      assert.equal(JSON.parse(reply).result, "0");
      await stage.idle(1);
    });
  });
}
