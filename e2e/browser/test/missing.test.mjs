/** Something is not there, or goes away: card, reader, PC/SC service, the program. */

import assert from "node:assert/strict";
import { rename } from "node:fs/promises";
import { describe, test } from "node:test";
import { names } from "../lib/browsers.mjs";
import { running } from "../lib/programs.mjs";
import { Stage } from "../lib/stage.mjs";
import { texts } from "../lib/window.mjs";

for (const name of names) {
  describe(`missing in ${name}`, () => {
    const stage = Stage.set(name);

    test("the card, until it is put in", async () => {
      await stage.removeCard();
      await stage.pinentry.answers("pin 1234");
      const page = await stage.call("login");
      const window = await stage.window();
      await window.state("waiting-card");
      await stage.bench.order("insert");
      await stage.succeeded(page, window, { spent: 1 });
    });

    test("the card, taken away while the dialog is open", async () => {
      await stage.pinentry.answers("wait");
      const page = await stage.call("login");
      const window = await stage.window();
      await stage.pinentry.waiting();
      await stage.bench.order("remove");
      await stage.failed(page, window, "CARD_LOST");
    });

    test("the card, taken away at the consent", async () => {
      const page = await stage.call("sign");
      const window = await stage.window();
      await window.state("consent");
      await stage.bench.order("remove");
      await stage.failed(page, window, "CARD_LOST");
    });

    test("the card, taken away while it looks at the PIN", async () => {
      await stage.bench.order("fault remove-at-verify");
      await stage.pinentry.answers("pin 1234");
      const page = await stage.call("login");
      await stage.failed(page, await stage.window(), "CARD_LOST", { spent: 1 });
    });

    test("the card, taken away while it signs", async () => {
      await stage.bench.order("fault remove-at-sign");
      await stage.pinentry.answers("pin ABC123");
      const page = await stage.call("sign-three");
      const window = await stage.window();
      await window.click("accept");
      await stage.failed(page, window, "CARD_LOST", { spent: 1 });
    });

    test("the card's certificate for signatures", async () => {
      await stage.bench.order("fault no-sign-cert");
      await stage.pinentry.answers("pin ABC123");
      const page = await stage.call("sign");
      const window = await stage.window();
      await window.click("accept");
      await stage.failed(page, window, "CERTIFICATE_ABSENT", { spent: 1 });
    });

    test("the card's right key", async () => {
      await stage.bench.order("fault wrong-key");
      await stage.pinentry.answers("pin 1234");
      const page = await stage.call("login");
      await stage.failed(page, await stage.window(), "CARD_FAULT", { spent: 1 });
    });

    test("the PC/SC service", async () => {
      await stage.bench.order("pcscd stop");
      const page = await stage.call("login");
      await stage.failed(page, await stage.window(), "NO_SERVICE", { next: false });
      await stage.bench.order("pcscd start");
      await stage.worksAgain();
    });

    test("the PC/SC service, which ends while the dialog is open", async () => {
      await stage.pinentry.answers("wait");
      const page = await stage.call("login");
      const window = await stage.window();
      await stage.pinentry.waiting();
      await stage.bench.order("pcscd stop");
      await stage.failed(page, window, "NO_SERVICE", { next: false });
      await stage.bench.order("pcscd start");
      await stage.worksAgain();
    });

    test("the program", async () => {
      await rename(stage.home.manifest, `${stage.home.manifest}.away`);
      const page = await stage.call("login");
      await stage.failed(page, await stage.window(), "HOST_MISSING", { next: false });
      assert.equal((await stage.outcome(await stage.call("status"))).result, "HOST_MISSING");
      await rename(`${stage.home.manifest}.away`, stage.home.manifest);
      await stage.worksAgain();
    });

    test("the program, which is killed while the dialog is open", async () => {
      await stage.pinentry.answers("wait");
      const page = await stage.call("login");
      const window = await stage.window();
      await stage.pinentry.waiting();
      for (const pid of await running(stage.home.programs)) process.kill(pid, "SIGKILL");
      await stage.failed(page, window, "HOST_FAILED");
    });
  });

  describe(`no reader in ${name}`, () => {
    const stage = Stage.set(name, { own: true, flags: ["--no-reader"] });

    for (const attempt of ["once", "and again"]) {
      test(`cancelling, ${attempt}`, async () => {
        const page = await stage.call("login");
        const window = await stage.window();
        await window.state("waiting-reader");
        await window.click("refuse");
        await stage.failed(page, window, "NO_READER", { next: false });
      });
    }

    test("the card page says so, and waits for one", async () => {
      const page = await stage.cardPage();
      const { error_NO_READER: sentence, remedy_NO_READER: remedy } = await texts("ja");
      assert.deepEqual(await page.overview(), { sentence: sentence.message, code: "NO_READER" });
      assert.equal(await page.text("#readers"), remedy.message);
      const window = await page.start("read-attributes");
      await window.state("waiting-reader");
      await window.click("refuse");
      await page.failed("attributes", window, "CANCELLED");
    });
  });
}
