/** The card page: what it shows with and without a PIN, what it explains, what goes wrong, and who may not use it. */

import assert from "node:assert/strict";
import { mkdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { address, names } from "../lib/browsers.mjs";
import { screenshots } from "../lib/files.mjs";
import { signaturePIN, Stage, surfacePIN } from "../lib/stage.mjs";
import { texts } from "../lib/window.mjs";

await mkdir(screenshots, { recursive: true });
const ja = await texts("ja");
const taro = { name: "見本　太郎", address: "東京都千代田区見本一丁目２番３号", birth: "1980年5月5日" };

for (const name of names) {
  describe(`the card page in ${name}`, () => {
    const stage = Stage.set(name, { own: true, flags: ["--second-foreign", "security-key"] });
    before(() => stage.bench.order("second remove"));

    /** Opens the page and reads the attributes, or what else the button does. */
    async function read(button, section, ...pins) {
      await stage.pinentry.answers(...pins.map((pin) => `pin ${pin}`));
      const page = await stage.cardPage();
      const { text } = await page.succeeded(section, await page.start(button), { spent: pins.length });
      return { page, text };
    }

    const holdsPersonalData = async (page) => {
      const text = await page.text("body");
      return Object.values(taro).some((value) => text.includes(value));
    };

    test("readers, cards, certificates and tries, without a PIN", async () => {
      await stage.bench.order("counter sign 4");
      const page = await stage.cardPageFromPopup();
      assert.deepEqual(await page.texts(".reader h3"), ["Natsuin Test Reader 00 00", "Natsuin Test Reader 00 01"]);
      const [card, empty] = await page.texts(".reader");
      for (const key of ["token_card", "issuer_foreign", "popup_authentication", "popup_signature", "card_no_revocation", "pin_authentication", "pin_signature", "pin_card_surface"]) {
        assert.ok(card.includes(ja[key].message), key);
      }
      assert.match(card, /残り3回[^]*残り4回[^]*残り3回/);
      assert.equal(await page.count("[data-standing=valid]"), 1, "of the signature certificate nothing is known before its PIN");
      assert.ok(empty.includes(ja.card_no_card.message));
      assert.equal(await holdsPersonalData(page), false);
      await stage.idle(0);
    });

    test("the signature certificate, after its PIN; gone after a reload", async () => {
      const { page, text } = await read("read-signature", "certificate", signaturePIN);
      for (const value of [...Object.values(taro), ja.sex_male.message, ja.issuer_foreign.message, ja.card_no_revocation.message]) assert.ok(text.includes(value), value);
      assert.equal(await page.count("#certificate-outcome [data-standing=valid]"), 1);
      await page.reload();
      assert.equal(await holdsPersonalData(page), false);
    });

    test("the four attributes; gone with the button", async () => {
      const { page, text } = await read("read-attributes", "attributes", surfacePIN);
      for (const value of [...Object.values(taro), ja.sex_male.message]) assert.ok(text.includes(value), value);
      await page.click("attributes-outcome .clear");
      assert.deepEqual(await page.outcome("attributes"), { sentence: ja.card_cleared.message, code: null, text: "" });
      assert.equal(await holdsPersonalData(page), false);
    });

    test("the four attributes, compared with the certificate's: equal, different, cancelled in between; and how the page looks", async () => {
      const page = await stage.cardPage();
      await page.click("compare");
      await stage.pinentry.answers(`pin ${surfacePIN}`, `pin ${signaturePIN}`);
      const { text } = await page.succeeded("attributes", await page.start("read-attributes"), { spent: 2 });
      assert.ok(text.includes(ja.card_all_same.message));
      assert.equal(await page.count("#attributes-outcome tbody tr"), 4);
      await page.screenshot(join(screenshots, `${name}-card.png`));

      await stage.bench.order("fault attributes=unknown-sex");
      await stage.pinentry.answers(`pin ${surfacePIN}`, `pin ${signaturePIN}`);
      await page.succeeded("attributes", await page.start("read-attributes"), { spent: 4 });
      assert.ok((await page.text("#differences")).includes(ja.attribute_sex.message));

      await page.switchLanguage();
      await stage.pinentry.answers(`pin ${surfacePIN}`, "cancel");
      await page.failed("attributes", await page.start("read-attributes"), "CANCELLED", { spent: 5 });
      await page.switchLanguage();
      assert.equal((await page.outcome("attributes")).sentence, ja.error_CANCELLED.message, "an outcome changes its language with the page");
    });

    test("the page closed in the middle of an operation", async () => {
      await stage.pinentry.answers("wait");
      const page = await stage.cardPage();
      const window = await page.start("read-attributes");
      await stage.pinentry.waiting();
      await page.tab.close();
      await stage.abandoned(window);
    });

    test("a card that is put in late", async () => {
      await stage.removeCard();
      const page = await stage.cardPage();
      const window = await page.start("read-attributes");
      await window.state("waiting-card");
      await stage.pinentry.answers(`pin ${surfacePIN}`);
      await stage.bench.order("insert");
      await page.succeeded("attributes", window, { spent: 1 });
    });

    test("a security key beside the card, and alone", async () => {
      await stage.bench.order("second insert");
      const { page } = await read("read-attributes", "attributes", surfacePIN);
      assert.equal(await page.count(".reader [data-code=NOT_JPKI]"), 1);
      await stage.bench.order("remove");
      const window = await page.start("read-signature");
      await window.sees("#other");
      assert.ok((await window.state("waiting-card")).text.includes("Natsuin Test Reader 00 01"));
      await window.click("refuse");
      await page.failed("certificate", window, "CANCELLED", { spent: 1 });
      await stage.bench.order("second remove");
    });

    test("a phone's certificates", async () => {
      await stage.bench.order("fault iphone");
      const page = await stage.cardPage();
      assert.ok((await page.text(".reader")).includes(ja.token_iphone.message));
      await stage.pinentry.answers("pin 1234");
      await page.succeeded("certificate", await page.start("read-authentication"), { spent: 1 });
      await stage.bench.order("fault phone");
      await page.refresh();
      assert.ok((await page.text(".reader")).includes(ja.token_android.message));
      await page.failed("attributes", await page.start("read-attributes"), "APPLICATION_ABSENT", { spent: 1 });
    });

    test("a signature certificate that is not there, and a card that goes", async () => {
      await stage.bench.order("fault no-sign-cert");
      const page = await stage.cardPage();
      assert.ok((await page.text(".reader")).includes(ja.card_absent.message));
      await page.failed("certificate", await page.start("read-signature"), "CERTIFICATE_ABSENT");
      await stage.bench.order("fault remove-at-verify");
      await stage.pinentry.answers(`pin ${signaturePIN}`);
      const { text } = await page.failed("certificate", await page.start("read-signature"), "CARD_LOST", { spent: 1 });
      assert.ok(text.includes(ja.try_may_be_spent.message));
    });

    test("no program", async () => {
      await rename(stage.home.manifest, `${stage.home.manifest}.away`);
      const page = await stage.cardPage();
      assert.deepEqual(await page.overview(), { sentence: ja.error_HOST_MISSING.message, code: "HOST_MISSING" });
      assert.equal(await page.text("#readers"), ja.remedy_HOST_MISSING.message);
      await page.failed("attributes", await page.start("read-attributes"), "HOST_MISSING");
      await rename(`${stage.home.manifest}.away`, stage.home.manifest);
    });

    test("a site's operation and the page's, one at a time", async () => {
      await stage.pinentry.answers("wait");
      const site = await stage.call("login");
      const window = await stage.window();
      await stage.pinentry.waiting();
      const page = await stage.cardPage();
      await page.click("read-attributes");
      assert.equal((await page.outcome("attributes")).code, "BUSY");
      await window.click("refuse");
      await stage.failed(site, window, "CANCELLED", { next: false });
    });

    test("explanations, dates and desks, without a card's help", async () => {
      const page = await stage.cardPage();
      await page.type("search", "引っ越し");
      const found = await page.texts("#topic-list details:not([hidden]) summary");
      assert.ok(found.includes("引っ越しをするとき") && found.length < 10, String(found));
      await page.click("topic-moving summary");
      assert.match(await page.text("#topic-moving"), /転入|転居/);
      await page.set("search", "");
      await page.type("search", "093-871-7828");
      assert.deepEqual([await page.text("#found"), await page.text("#found-desks")], ["1件", "北九州市 戸畑区役所 市民課 電話 093-871-7828"]);
      await page.type("search", " no such words");
      assert.equal(await page.text("#found"), ja.card_none_found.message);

      await page.click("holder button");
      assert.equal((await page.outcome("validity")).code, "INVALID_REQUEST");
      await page.set("birth", "1980-05-05");
      await page.set("issued", "2024-06-01");
      await page.click("holder button");
      await page.tab.waitForSelector("#validity-outcome dl");
      assert.match((await page.outcome("validity")).text, /2034年5月5日まで[^]*2029年5月5日まで[^]*2029年5月5日まで/);

      await page.chooseDesk("093-582-3350");
      await page.reload();
      assert.match(await page.text("#change-help .desk"), /小倉北区役所.*093-582-3350/);
      assert.equal(await page.tab.$eval("#birth", ({ value }) => value), "", "what was typed is gone");
      await page.forgetDesk();
      await stage.idle(0);
    });

    test("a site says what the page says", async () => {
      for (const [kind, refusal] of [["own-request", { code: "INVALID_REQUEST", field: "type" }], ["own-command", { code: "INVALID_REQUEST", field: "command" }]]) {
        const page = await stage.open("/hostile.html");
        await page.click(`#${kind}`);
        assert.deepEqual((await stage.outcome(page)).detail, refusal);
      }
      assert.equal(await stage.windows(), 0);
      await stage.idle(0);
    });

    test("a site opens the page", async () => {
      const own = new URL("card.html", await address(stage.settings)).href;
      const page = await stage.open("/hostile.html");
      await page.evaluate((own) => {
        const frame = document.createElement("iframe");
        frame.src = own;
        document.body.append(frame);
        const link = document.createElement("a");
        Object.assign(link, { href: own, target: "_blank", id: "link", textContent: "link" });
        document.body.append(link);
      }, own);
      await page.click("#link");
      await pause(1000); // browsers tell nobody what they did not open
      const opened = [...(await stage.browser.pages()), ...page.frames()];
      for (const each of opened) assert.equal(await each.$("#readers").catch(() => null), null);
      await stage.idle(0);
    });
  });
}
