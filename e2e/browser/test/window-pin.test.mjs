/** Without a display no dialog can start: the window takes the PIN itself. The card of these tests bears J-LIS's name without its key. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { names } from "../lib/browsers.mjs";
import { Stage } from "../lib/stage.mjs";
import { texts } from "../lib/window.mjs";

for (const name of names) {
  describe(`the window's PIN in ${name}`, () => {
    const stage = Stage.set(name, { dialogs: "none", own: true, flags: ["--issuer-name", "j-lis"] });

    test("a login", async () => {
      const page = await stage.call("login");
      const window = await stage.window();
      const { text } = await window.state("pin");
      const { pin_why: why } = await texts("ja");
      assert.ok(text.includes(why.message), "it says why it asks here");
      await window.enter("1234");
      await stage.succeeded(page, window, { spent: 1 });
    });

    test("a signature, and who issued the card", async () => {
      const page = await stage.call("sign");
      const window = await stage.window();
      const { text } = await window.state("consent");
      const { issuer_not_shipped: notShipped } = await texts("ja");
      assert.ok(text.includes(notShipped.message));
      await window.click("accept");
      await window.state("pin");
      await window.enter("abc123");
      await stage.succeeded(page, window, { spent: 1 });
      assert.equal((await stage.outcome(page)).detail.issuer, "not-shipped");
    });

    test("malformed ones stay in the window, a wrong one costs a try", async () => {
      const page = await stage.call("login");
      const window = await stage.window();
      await window.state("pin");
      const known = await texts("ja");
      for (const [pin, problem] of [["12", "too_short"], ["12345", "too_long"], ["12a4", "bad_character"], ["１２３４", "full_width"]]) {
        await window.enter(pin);
        await window.says(known[`problem_${problem}`].message);
      }
      assert.equal(await stage.spent(), 0);
      await window.enter("0000");
      await window.says(known.problem_wrong.message);
      await window.enter("1234");
      await stage.succeeded(page, window, { spent: 2 });
    });

    test("changed, and changed back to a weak one", async () => {
      const known = await texts("ja");
      const enter = async (window, purpose, pin) => {
        await window.reads(known[`state_pin_${purpose}`].message);
        await window.enter(pin);
      };
      const page = await stage.cardPage();
      const window = await page.start("change-authentication");
      await enter(window, "current", "0000");
      await enter(window, "new", "73");
      await window.says(known.problem_too_short.message);
      await enter(window, "new", "0000");
      await window.says(known.problem_same.message);
      await enter(window, "new", "7302");
      await enter(window, "repeat", "7303");
      await window.says(known.problem_different.message);
      await enter(window, "new", "7302");
      await enter(window, "repeat", "7302");
      await window.says(known.problem_wrong.message);
      await enter(window, "current", "1234");
      await page.succeeded("change", window, { spent: 2 });

      const back = await page.start("change-authentication");
      await enter(back, "current", "7302");
      await enter(back, "new", "1234");
      await back.state("weak-pin");
      await back.click("accept");
      await enter(back, "repeat", "1234");
      await page.succeeded("change", back, { spent: 3 });
    });

    test("cancelled", async () => {
      const page = await stage.call("login");
      const window = await stage.window();
      await window.state("pin");
      await window.click("refuse");
      await stage.failed(page, window, "CANCELLED", { next: false });
    });

    test("the tab closed meanwhile", async () => {
      const page = await stage.call("login");
      const window = await stage.window();
      await window.state("pin");
      await page.close();
      await window.closed();
      await stage.idle(0);
    });

    test("the card taken away meanwhile", async () => {
      const page = await stage.call("login");
      const window = await stage.window();
      await window.state("pin");
      await stage.bench.order("remove");
      await stage.failed(page, window, "CARD_LOST", { next: false });
    });
  });
}
