/** What happens to tab, service and card while a browser goes on. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { names } from "../lib/browsers.mjs";
import { authenticationPIN, Stage } from "../lib/stage.mjs";
import { eventually } from "../lib/wait.mjs";

for (const name of names) {
  describe(`interruptions in ${name}`, () => {
    const stage = Stage.set(name);

    // Nobody can call a signature off, and a browser ends a host two seconds after it closed the connection: so the extension keeps that open until
    // the card is locked, which a warm reset alone would not do.
    test("the tab closed while the card signs", async () => {
      await stage.pinentry.answers(`pin ${authenticationPIN}`);
      await stage.bench.order("fault slow-sign=8s,keep-on-reset");
      const page = await stage.call("login");
      const window = await stage.window();
      await eventually("a PIN on its way to the card", async () => (await stage.spent()) === 1);
      await pause(1500); // the card is in the middle of its signature
      const before = await stage.bench.trace();
      await page.close();
      const closed = Date.now();
      await window.closed();
      const since = await eventually("a card without power", async () => {
        const trace = (await stage.bench.trace()).slice(before.length);
        return trace.includes("# power off") && trace;
      });
      assert.ok(Date.now() - closed < 15_000, "the extension waits no longer");
      assert.match(since, /^> 802A[^\n]+\n< [^\n]+\n> 00A4040C[^\n]+\n< 9000\n# power off\n/, "the signature, and then the card is locked");
      await stage.cardIsFree();
      await stage.idle(1);
      await stage.worksAgain();
    });

    test("the service restarted between two logins of one page", async () => {
      const page = await stage.open();
      for (const spent of [1, 2]) {
        await stage.pinentry.answers(`pin ${authenticationPIN}`);
        await page.click("#login");
        await stage.succeeded(page, await stage.window(), { spent });
        await stage.bench.order("pcscd stop");
        await stage.bench.order("pcscd start");
      }
    });
  });
}
