/** PINs that are wrong, malformed, blocked, or the last. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { names } from "../lib/browsers.mjs";
import { Stage } from "../lib/stage.mjs";

for (const name of names) {
  describe(`PINs in ${name}`, () => {
    const stage = Stage.set(name);

    test("a wrong one, then the right one", async () => {
      await stage.pinentry.answers("pin 0000", "pin 1234");
      const page = await stage.call("login");
      const window = await stage.window();
      await stage.succeeded(page, window, { spent: 2 });
      assert.match(await stage.pinentry.log(), /^SETERROR .*2/m, "the second dialog says how many tries are left");
    });

    test("a wrong one, then cancel", async () => {
      await stage.pinentry.answers("pin 0000", "wait");
      const page = await stage.call("login");
      const window = await stage.window();
      await stage.pinentry.waiting();
      const { text } = await window.state("dialog");
      assert.match(text, /2/);
      await window.click("refuse");
      await stage.failed(page, window, "CANCELLED", { spent: 1 });
    });

    test("malformed ones never reach the card", async () => {
      await stage.pinentry.answers("pin 12", "pin 12345", "pin 12a4", "pin １２３４", "pin 1234");
      const page = await stage.call("login");
      await stage.succeeded(page, await stage.window(), { spent: 1 });
    });

    test("letters in lower case are taken as the card has them", async () => {
      await stage.pinentry.answers("pin abc123");
      const page = await stage.call("sign");
      const window = await stage.window();
      await window.click("accept");
      await stage.succeeded(page, window, { spent: 1 });
    });

    test("a blocked PIN for logins", async () => {
      await stage.bench.order("counter auth 0");
      const page = await stage.call("login");
      await stage.failed(page, await stage.window(), "PIN_BLOCKED");
    });

    test("a blocked PIN for signatures", async () => {
      await stage.bench.order("counter sign 0");
      const page = await stage.call("sign");
      await stage.failed(page, await stage.window(), "PIN_BLOCKED");
    });

    test("the last try, refused", async () => {
      await stage.bench.order("counter auth 1");
      const page = await stage.call("login");
      const window = await stage.window();
      await window.state("last-try");
      await window.click("refuse");
      await stage.failed(page, window, "CANCELLED");
    });

    test("the last try, used well", async () => {
      await stage.bench.order("counter auth 1");
      await stage.pinentry.answers("pin 1234");
      const page = await stage.call("login");
      const window = await stage.window();
      await window.state("last-try");
      await window.click("accept");
      await stage.succeeded(page, window, { spent: 1 });
    });

    test("the last try, wasted", async () => {
      await stage.bench.order("counter auth 2");
      await stage.pinentry.answers("pin 0000", "pin 0001");
      const page = await stage.call("login");
      const window = await stage.window();
      await window.state("last-try");
      await window.click("accept");
      await stage.failed(page, window, "PIN_BLOCKED", { spent: 2 });
    });

    test("a dialog that nobody answers", async () => {
      await stage.pinentry.answers("timeout");
      const page = await stage.call("login");
      await stage.failed(page, await stage.window(), "TIMEOUT");
    });

    test("a dialog that crashes", async () => {
      await stage.pinentry.answers("crash");
      const page = await stage.call("login");
      await stage.failed(page, await stage.window(), "PROMPT_UNAVAILABLE");
    });
  });
}
