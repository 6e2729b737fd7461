/** An update of the extension, while it is in use and while it is not. */

import { beforeEach, describe, expect, it, vi } from "vitest";
import { lookAgain, Updates, type UpdateEnvironment } from "../src/background/updates.ts";
import { authenticated, Browser } from "./background.ts";
import { settle } from "./fakes.ts";

let browser: Browser;
let pages: number;
let waits: boolean;
let reloads: number;
let broken: boolean;
let timers: [number, () => void][];

beforeEach(() => {
  browser = new Browser();
  [pages, waits, reloads, broken, timers] = [0, false, 0, false, []];
});

function background(change: Partial<UpdateEnvironment> = {}): Updates {
  return new Updates({
    busy: () => browser.calls.busy,
    pagesOpen: () => Promise.resolve(pages > 0),
    remembered: () => Promise.resolve(waits),
    remember: (now) => (broken ? Promise.reject(new Error("the storage is full")) : Promise.resolve(void (waits = now))),
    ...change,
    reload: () => { reloads++; },
    later: (milliseconds, act) => timers.push([milliseconds, act]),
  });
}

/** The time of the one timer has come. */
async function later(): Promise<void> {
  expect(timers.map(([milliseconds]) => milliseconds)).toEqual([lookAgain]);
  timers.pop()?.[1]();
  await settle();
}

describe("an update", () => {
  it("is put in place at once where nothing is in use", async () => {
    await background().available();
    expect([reloads, waits, timers]).toEqual([1, false, []]);
  });

  it("waits for the end of the operation that is under way, whose program goes on, and for its window", async () => {
    const { say, page } = await browser.login();
    const { host } = browser;
    pages = 1;
    await background().available();
    await later();
    expect([reloads, waits, host.connected]).toEqual([0, true, true]);
    say({ type: "dialog", pin: "authentication", triesLeft: 3, maxTries: 3, card: { token: "card", issuer: "foreign" } });
    await later();
    expect([reloads, host.connected]).toEqual([0, true]);
    say({ type: "result", result: authenticated });
    page.disconnect(); // as the relay does at the end of a call
    await later();
    expect([reloads, host.connected]).toEqual([0, false]); // the window shows the outcome
    pages = 0;
    await later();
    expect([reloads, waits]).toEqual([1, false]);
  });

  it("waits for a program that still has to release the card", async () => {
    const { page, say } = await browser.login();
    page.disconnect();
    await settle();
    await background().available();
    expect([reloads, browser.host.connected]).toEqual([0, true]);
    say({ type: "error", error: { code: "CANCELLED" } });
    await later();
    expect(reloads).toBe(1);
  });

  it("waits for a call that has not become an operation yet", async () => {
    const page = browser.page();
    await background().available();
    expect(reloads).toBe(0);
    page.disconnect();
    await later();
    expect(reloads).toBe(1);
  });

  it("waits for an operation that begins while it is looked whether pages are open", async () => {
    const updates = background();
    const available = updates.available();
    await browser.login();
    await available;
    expect([reloads, waits]).toEqual([0, true]);
  });

  it("that comes twice is put in place once", async () => {
    pages = 1;
    const updates = background();
    await updates.available();
    await updates.available();
    pages = 0;
    await later();
    expect([reloads, timers]).toEqual([1, []]);
  });

  it("is not forgotten when the background has slept meanwhile", async () => {
    pages = 1;
    await background().available();
    timers = [];
    pages = 0;
    await background().resume();
    expect(reloads).toBe(1);
    await background().resume();
    expect(reloads).toBe(1); // the one that starts after it finds none
  });

  it("is put in place once what it has to remember can be kept", async () => {
    broken = true;
    await background().available();
    await later();
    expect(reloads).toBe(0);
    broken = false;
    await later();
    expect([reloads, waits]).toEqual([1, false]);
  });

  it("is put in place once the browser tells whether pages are open", async () => {
    const answers = [Promise.reject(new Error("no browser window")), Promise.resolve(true), Promise.resolve(false)];
    await background({ pagesOpen: () => answers.shift() ?? Promise.resolve(false) }).available();
    for (const before of [0, 0]) {
      expect(reloads).toBe(before);
      await later();
    }
    expect(reloads).toBe(1);
  });

  it("is not made up by a background that starts", async () => {
    await background().resume();
    expect([reloads, timers]).toEqual([0, []]);
  });
});

it("is heard of by the background from its start: without a listener Firefox puts it in place at once", async () => {
  const heard: string[] = [];
  /** A browser that has everything: each property and each answer is one more like it. */
  const anything = (path: string): unknown => new Proxy(() => undefined, {
    get: (_, key) => (key === "then" ? undefined : key === Symbol.toPrimitive ? () => path : anything(`${path}.${String(key)}`)),
    apply: () => {
      if (path.endsWith(".addListener")) heard.push(path);
      return anything(`${path}()`);
    },
  });
  vi.stubGlobal("chrome", anything("chrome"));
  vi.stubGlobal("navigator", { userAgent: "" });
  vi.resetModules();
  await import("../src/background/main.ts");
  expect(heard).toContain("chrome.runtime.onUpdateAvailable.addListener");
});
