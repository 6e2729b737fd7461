/** What the window asks for the card page: new PINs and weak ones, and which of two cards. */

import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { names } from "../lib/browsers.mjs";
import { authenticationPIN, signaturePIN, Stage, surfacePIN } from "../lib/stage.mjs";
import { texts } from "../lib/window.mjs";

const ja = await texts("ja");

/** A CHANGE REFERENCE DATA, as the trace masks it. */
const change = /^> ..24.... \*\*\*$/gm;

for (const name of names) {
  describe(`questions in ${name}`, () => {
    const stage = Stage.set(name, { own: true, flags: ["--second-card"] });
    beforeEach(() => stage.bench.order("second remove"));

    const pins = (...list) => stage.pinentry.answers(...list.map((pin) => `pin ${pin}`));
    const changes = async () => ((await stage.bench.trace()).match(change) ?? []).length;

    async function login(pin, spent) {
      await pins(pin);
      const page = await stage.call("login");
      await stage.succeeded(page, await stage.window(), { spent });
    }

    test("a PIN, changed: two new ones that differ, a weak one turned down, a wrong one; a login with the new one; and back to a weak one", async () => {
      const page = await stage.cardPage();
      // The card is shown nothing before the new PIN is settled.
      await pins("0000", "7302", "7303", "1111", "7302", "7302", authenticationPIN);
      const window = await page.start("change-authentication");
      const { text } = await window.state("weak-pin");
      assert.ok(text.includes(ja.weak_repeated.message), text);
      await window.click("refuse");
      const { sentence } = await page.succeeded("change", window, { spent: 2 });
      assert.ok(sentence.includes(ja.pin_authentication.message));
      await login("7302", 3);

      await pins("7302", authenticationPIN, authenticationPIN);
      const back = await page.start("change-authentication");
      await back.state("weak-pin");
      await back.click("accept");
      await page.succeeded("change", back, { spent: 4 });
      await login(authenticationPIN, 5);
    });

    test("a PIN for signatures needs a letter and a digit", async () => {
      const page = await stage.cardPage();
      await stage.pinentry.answers(`pin ${signaturePIN}`, "pin 123456", "pin KADOKA", `pin ${signaturePIN}`, "cancel");
      await page.failed("change", await page.start("change-signature"), "CANCELLED", { spent: 0 });
      const log = await stage.pinentry.log();
      for (const problem of ["英字", "数字", "同じ"]) assert.match(log, new RegExp(`^SETERROR .*${problem}`, "m"));
    });

    test("a date of birth that was read is no good PIN", async () => {
      const page = await stage.cardPage();
      await pins(surfacePIN);
      await page.succeeded("attributes", await page.start("read-attributes"), { spent: 1 });
      await stage.pinentry.answers(`pin ${surfacePIN}`, "pin 0505", "cancel");
      const before = await changes();
      const window = await page.start("change-card-surface");
      assert.ok((await window.state("weak-pin")).text.includes(ja.weak_birth_date.message));
      await window.press("Escape");
      await page.failed("change", window, "CANCELLED", { spent: 1 });
      assert.equal(await changes(), before);
    });

    test("cancelled in the window, at each of the three questions", async () => {
      const before = await changes();
      const page = await stage.cardPage();
      for (const [asked, answers] of [["current", []], ["new", ["pin 1234"]], ["repeat", ["pin 1234", "pin 7302"]]]) {
        await stage.pinentry.answers(...answers, "wait");
        const window = await page.start("change-authentication");
        await stage.pinentry.waiting();
        await window.reads(ja[`state_dialog_${asked}`].message);
        await window.click("refuse");
        await page.failed("change", window, "CANCELLED");
      }
      assert.equal(await changes(), before);
    });

    test("a new PIN that the card refuses, and a card that goes while it takes one", async () => {
      const page = await stage.cardPage();
      await stage.bench.order("fault refuse-change");
      await pins(authenticationPIN, "7302", "7302");
      await page.failed("change", await page.start("change-authentication"), "PIN_REFUSED", { spent: 1 });
      await stage.bench.order("fault remove-at-change");
      await pins(surfacePIN, "7302", "7302");
      const { text } = await page.failed("change", await page.start("change-card-surface"), "CARD_LOST", { spent: 2 });
      assert.ok(text.includes(ja.pin_may_be_changed.message));
      for (const order of ["insert", "fault none"]) await stage.bench.order(order);
      await pins("7302", surfacePIN, surfacePIN);
      const back = await page.start("change-card-surface");
      await back.state("weak-pin");
      await back.click("accept");
      await page.succeeded("change", back, { spent: 3 });
    });

    test("a blocked PIN: explained, with the desk that was chosen, and nothing asked", async () => {
      await stage.bench.order("counter auth 0");
      const before = await changes();
      const page = await stage.cardPage();
      await page.chooseDesk("093-331-1661");
      const [reader] = await page.texts(".reader");
      for (const part of [ja.card_blocked.message, "093-331-1661"]) assert.ok(reader.includes(part), part);
      const { text } = await page.failed("change", await page.start("change-authentication"), "PIN_BLOCKED");
      assert.ok(text.includes("093-331-1661"));
      await page.click("change-outcome a[href='#topic-locked-pin']");
      assert.equal(await page.count("#topic-locked-pin[open]"), 1);
      assert.doesNotMatch(await stage.pinentry.log(), /GETPIN/);
      assert.equal(await changes(), before);
    });

    test("which of two cards: asked once, kept, forgotten", async () => {
      await stage.bench.order("second insert");
      const page = await stage.cardPage();
      await pins(surfacePIN, signaturePIN);
      const window = await page.start("read-attributes");
      const { text } = await window.state("choose-reader");
      for (const reader of ["Natsuin Test Reader 00 00", "Natsuin Test Reader 00 01"]) assert.ok(text.includes(reader), reader);
      await window.click("accept");
      await window.sees("#reader-problem:not(:empty)");
      await window.click("reader-1");
      await window.click("accept");
      await page.succeeded("attributes", window, { spent: 1 });
      assert.match(await page.text("#chosen-reader p"), /00 01/);

      await page.succeeded("certificate", await page.start("read-signature"), { spent: 2 });
      await login(authenticationPIN, 3);
      await page.click("forget-reader");
      assert.equal(await page.count("#forget-reader"), 0);
      const again = await page.start("read-signature");
      await again.state("choose-reader");
      await again.click("refuse");
      await page.failed("certificate", again, "CANCELLED", { spent: 3 });
    });
  });
}
