/** The end of the host: never while it may be in the middle of a card command. */

import { beforeEach, describe, expect, it } from "vitest";
import { authenticated, Browser, challenge, hello, inbox } from "./background.ts";
import { golden, settle } from "./fakes.ts";

let browser: Browser;
beforeEach(() => {
  browser = new Browser();
});

const document = { name: "申請書.xml", size: 9 };
const signing = () => browser.operation("sign", { format: "cms", attached: false, documents: [document] });

/** A signature whose tab was closed while the card signs. */
async function abandoned() {
  const operation = await signing();
  operation.say({ type: "progress", done: 1, total: 2 });
  operation.page.disconnect();
  await settle();
  return operation;
}

/** A login without the host's greeting yet. */
async function ungreeted() {
  const page = browser.page();
  const heard = inbox(page);
  page.postMessage({ type: "start", command: "authenticate", activated: true });
  page.postMessage({ type: "authenticate", challenge });
  await settle();
  return { page, heard };
}

describe("a host that has a request", () => {
  it("is told when the tab is closed, and stays", async () => {
    const { id } = await abandoned();
    expect(browser.closed).toEqual([1]);
    expect(browser.host.sent.slice(1)).toEqual([{ type: "cancel", id }]);
    expect(browser.host.connected).toBe(true);
  });

  it.each([
    ["an error", { type: "error", error: { code: "CANCELLED" } }],
    ["a result", { type: "result", result: (golden("result-sign") as { result: unknown }).result }],
  ])("ends when it has answered with %s, of which nobody hears", async (_, answer) => {
    const { heard, say, shown } = await abandoned();
    const [toPage, toWindow] = [[...heard], shown()];
    say({ type: "progress", done: 2, total: 2 });
    say({ type: "signature", document: 0, last: true, data: "MIIB" });
    expect(browser.host.connected).toBe(true);
    say(answer);
    expect([browser.host.connected, browser.timers.size]).toEqual([false, 0]);
    expect([heard, shown()]).toEqual([toPage, toWindow]);
  });

  it("is not ended by an answer to something else", async () => {
    await abandoned();
    browser.host.onMessage.emit({ type: "error", id: "r-2", error: { code: "CANCELLED" } });
    browser.host.onMessage.emit({ type: "error", error: { code: "INVALID_REQUEST", field: "message" } });
    expect(browser.host.connected).toBe(true);
  });

  it("is waited for fifteen seconds", async () => {
    await abandoned();
    expect([...browser.timers.keys()]).toEqual([15_000]);
    browser.timers.get(15_000)?.();
    expect(browser.host.connected).toBe(false);
  });

  it("is not waited for when it ends by itself", async () => {
    await abandoned();
    browser.host.onDisconnect.emit(browser.host.port);
    expect(browser.timers.size).toBe(0);
  });

  it("stays when it leaves a cancel unanswered, while page and window hear of it", async () => {
    const { heard, id, say, shown, window } = await signing();
    window.postMessage({ type: "cancel" });
    browser.timers.get(2_000)?.();
    const error = { type: "error", error: { code: "CANCELLED" } };
    expect([heard, shown()]).toEqual([[error], { kind: "error", error: error.error }]);
    expect(browser.host.sent.slice(1)).toEqual([{ type: "cancel", id }]);
    expect(browser.host.connected).toBe(true);
    say({ type: "result", result: (golden("result-sign") as { result: unknown }).result });
    expect([heard, browser.host.connected]).toEqual([[error], false]);
  });

  it.each([
    ["the page breaks the rules", "INVALID_REQUEST", (page: { postMessage: (message: unknown) => void }) => { page.postMessage({ type: "nonsense" }); }],
    ["it did not understand", "INTERNAL", () => { browser.host.onMessage.emit({ type: "error", error: { code: "INVALID_REQUEST", field: "message" } }); }],
  ])("stays until it has answered when %s", async (_, code, happen) => {
    const { heard, id, page, say } = await browser.login();
    happen(page);
    await settle();
    expect(heard).toEqual([{ type: "error", error: expect.objectContaining({ code }) as unknown }]);
    expect(browser.host.sent.slice(1)).toEqual([{ type: "cancel", id }]);
    expect(browser.host.connected).toBe(true);
    say({ type: "error", error: { code: "CANCELLED" } });
    expect([heard.length, browser.host.connected]).toEqual([1, false]);
  });

  it("does not keep the next operation waiting, which has a host of its own", async () => {
    await abandoned();
    const first = browser.host;
    const page = browser.page();
    const heard = inbox(page);
    page.postMessage({ type: "start", command: "authenticate", activated: true });
    await settle();
    expect([heard, browser.hosts.length, browser.opened.length]).toEqual([[], 2, 2]);
    const [, second] = browser.hosts;
    expect([first.connected, second?.connected]).toEqual([true, true]);
    first.onMessage.emit({ type: "error", id: browser.opened[0], error: { code: "CANCELLED" } });
    expect([first.connected, second?.connected]).toEqual([false, true]);
    expect(heard).toEqual([]);
  });
});

describe("a host without a request ends at once", () => {
  it("when the tab is closed before the site's arguments came", async () => {
    const page = browser.page();
    page.postMessage({ type: "start", command: "authenticate", activated: true });
    await settle();
    browser.host.onMessage.emit(hello);
    page.disconnect();
    await settle();
    expect([browser.host.connected, browser.host.sent, browser.timers.size]).toEqual([false, [], 0]);
  });

  it("when the tab is closed before its greeting", async () => {
    const { page } = await ungreeted();
    page.disconnect();
    await settle();
    expect([browser.host.connected, browser.host.sent, browser.timers.size]).toEqual([false, [], 0]);
  });

  it("when its greeting does not fit", async () => {
    const { heard } = await ungreeted();
    browser.host.onMessage.emit({ ...(hello as object), protocol: 2, oldest: 2 });
    expect(heard).toEqual([{ type: "error", error: { code: "VERSION_MISMATCH", update: "extension" } }]);
    expect([browser.host.connected, browser.host.sent, browser.timers.size]).toEqual([false, [], 0]);
  });

  it("when it has answered", async () => {
    const { say } = await browser.login();
    say({ type: "result", result: authenticated });
    expect([browser.host.connected, browser.host.sent.length, browser.timers.size]).toEqual([false, 1, 0]);
  });
});
