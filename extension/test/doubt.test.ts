/** What is told of a PIN when the host says nothing more. */

import { beforeEach, describe, expect, it } from "vitest";
import type { OwnRequest } from "../src/messages/host.ts";
import { Browser, dialog, pinPrompt } from "./background.ts";

let browser: Browser;
beforeEach(() => {
  browser = new Browser();
});

const change: OwnRequest = { command: "change-pin", pin: "authentication" };
const read: OwnRequest = { command: "attributes", compare: false };
const changed = "pin-may-be-changed";
const spent = "try-may-be-spent";

const ask = (purpose?: string, problem?: string): object => ({ ...dialog, ...(purpose && { purpose }), ...(problem && { problem }) });
const pad = (purpose?: string): object => ({ ...ask(purpose), type: "pad", seconds: 60 });
const prompt = (purpose?: string): object => ({ ...pinPrompt, ...(purpose && { purpose }) });
const weak = { ...pinPrompt, prompt: 2, kind: "weak-pin", reasons: ["common"], purpose: "new" };
const lastTry = { ...pinPrompt, prompt: 2, kind: "last-try" };
const present = { type: "card", presence: "present", reader: "R" };
const noCard = { type: "card", presence: "no-card" };

const cases: [string, OwnRequest, object[], string | undefined][] = [
  ["nothing was asked for", change, [present], undefined],
  ["the current PIN alone was asked for", change, [present, ask("current")], undefined],
  ["the new one was asked for once", change, [ask("current"), ask("new")], undefined],
  ["the new one was asked for twice", change, [ask("current"), ask("new"), ask("repeat")], changed],
  ["its entries differed", change, [ask("current"), ask("new"), ask("repeat"), ask("new", "different")], undefined],
  ["it is weak", change, [ask("current"), ask("new"), weak], undefined],
  ["the current one was wrong", change, [ask("current"), ask("new"), ask("repeat"), ask("current", "wrong")], changed],
  ["the last try is asked about", change, [ask("current"), ask("new"), ask("repeat"), lastTry], undefined],
  ["the pad takes the current one", change, [pad("current")], spent],
  ["the pad takes the new one", change, [pad("current"), pad("new")], changed],
  ["a PIN was asked for", read, [ask()], spent],
  ["the pad takes a PIN", read, [pad()], spent],
  ["a prompt waits for the PIN", read, [ask(), prompt()], undefined],
  ["the card went before", read, [ask(), noCard], undefined],
];

describe("a host that does not answer a cancel", () => {
  it.each(cases)("when %s", async (_, request, messages, reason) => {
    const { heard, say, shown, window } = await browser.own(request);
    for (const message of messages) say(message);
    window.postMessage({ type: "cancel" });
    browser.timers.get(2_000)?.();
    const error = { code: "CANCELLED", ...(reason && { reason }) };
    expect([heard, shown()]).toEqual([[{ type: "error", error }], expect.objectContaining({ kind: "error", error })]);
  });

  it.each([["repeat", changed], ["current", undefined]])("when the window had taken a PIN: %s", async (purpose, reason) => {
    const { heard, say, window } = await browser.own(change);
    say(prompt(purpose));
    window.postMessage({ type: "pin", prompt: 1, pin: [49, 50, 51, 53] });
    window.postMessage({ type: "cancel" });
    browser.timers.get(2_000)?.();
    expect(heard).toEqual([{ type: "error", error: { code: "CANCELLED", ...(reason && { reason }) } }]);
  });

  it("when the window was closed", async () => {
    const { heard, say } = await browser.own(change);
    say(ask("repeat"));
    browser.calls.windowClosed(1);
    browser.timers.get(2_000)?.();
    expect(heard).toEqual([{ type: "error", error: { code: "CANCELLED", reason: changed } }]);
  });

  it("when documents are being signed: no PIN is at the card", async () => {
    const { heard, say, window } = await browser.operation("sign", { format: "cms", attached: false, documents: [{ name: "a", size: 0 }] });
    say(dialog);
    say({ type: "progress", done: 0, total: 1 });
    window.postMessage({ type: "cancel" });
    browser.timers.get(2_000)?.();
    expect(heard.at(-1)).toEqual({ type: "error", error: { code: "CANCELLED" } });
  });
});

describe("a host that answers", () => {
  it.each([[{ code: "CANCELLED" }], [{ code: "CARD_LOST", reason: changed }], [{ code: "PIN_REFUSED" }]])("knows better: %o", async (error) => {
    const { heard, say, window } = await browser.own(change);
    say(ask("repeat"));
    window.postMessage({ type: "cancel" });
    say({ type: "error", error });
    expect(heard).toEqual([{ type: "error", error }]);
  });
});

it.each([[change, ask("repeat"), changed], [read, ask(), spent], [change, ask("current"), undefined]])("a host that ends in the middle leaves the same doubt: case %#", async (request, message, reason) => {
  const { heard, say } = await browser.own(request);
  say(message);
  browser.host.onDisconnect.emit(browser.host.port);
  expect(heard).toEqual([{ type: "error", error: { code: "HOST_FAILED", ...(reason && { reason }) } }]);
});
