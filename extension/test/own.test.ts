/** Operations of the card page: nobody else may start them, and they run like a site's. */

import { beforeEach, describe, expect, it } from "vitest";
import type { Language, OwnRequest, Preferences } from "../src/messages/host.ts";
import { authenticated, Browser, cardPage, challenge, hello, inbox, pinPrompt, shinsei, windowPage } from "./background.ts";
import { FakePort, golden, settle, without } from "./fakes.ts";

let browser: Browser;
beforeEach(() => {
  browser = new Browser();
});

const change: OwnRequest = { command: "change-pin", pin: "authentication", birthDate: "1990-01-31" };
const readers = { type: "prompt", prompt: 1, kind: "choose-reader", readers: [{ name: "A", token: "card" }, { name: "B", token: "iphone" }] };
const attributes = { name: "見本　太郎", address: "福岡県北九州市", birthDate: "1990-01-31", sex: "male", sexCode: "1", substitutes: ["name"] };
const standing = { state: "valid", daysLeft: 900, renewalOpens: "2028-10-31" };
const certificate = { slot: "signature", issuer: "foreign", serial: "1a", notBefore: "2024-05-01T00:00:00+09:00", notAfter: "2029-01-31T23:59:59+09:00", standing, attributes };

describe("a port for what only we may ask", () => {
  it.each<[string, Partial<chrome.runtime.MessageSender>]>([
    ["another extension", { id: "another-extension" }],
    ["a site's content script", { url: `${shinsei}/form`, origin: shinsei }],
    ["a site whose address looks like ours", { url: `${shinsei}/card.html` }],
    ["a page of ours in a site's frame", { origin: shinsei }],
    ["a frame", { frameId: 3 }],
    ["a page without a frame number", { frameId: undefined as unknown as number }],
    ["our own window", { url: `${windowPage}?operation=x` }],
    ["another page of ours", { url: cardPage.replace("card.html", "popup.html") }],
    ["a longer address", { url: `${cardPage}.evil` }],
    ["nobody known", { url: undefined as unknown as string }],
  ])("is closed to %s", async (_, sender) => {
    const page = browser.cardPage(sender);
    expect(page.connected).toBe(false);
    await settle();
    expect([browser.hosts, browser.opened]).toEqual([[], []]);
  });

  it("without a sender is closed", () => {
    const [near, far] = [new FakePort(), new FakePort()];
    far.other = near;
    browser.calls.own(far.port);
    expect(far.connected).toBe(false);
  });

  it.each(["", "#topic-locked-pin", "?x=1"])("is open to the card page: %j", async (rest) => {
    const page = browser.cardPage({ url: `${cardPage}${rest}` });
    page.postMessage({ lang: "ja", request: change });
    await settle();
    expect(browser.opened).toHaveLength(1);
  });

  it.each([
    { lang: "ja", request: { command: "sign" } },
    { lang: "ja", request: { ...change, origin: shinsei } },
    { lang: "ja", request: { ...change, pin: "puk" } },
    { lang: "ja", request: { ...change, birthDate: "31.1.1990" } },
    { lang: "ja", request: { command: "certificate", slot: "card-surface" } },
    { lang: "de", request: change },
    { type: "start", command: "authenticate", activated: true },
  ])("hears nothing else: case %#", async (message) => {
    browser.cardPage().postMessage(message);
    await settle();
    expect([browser.hosts, browser.opened]).toEqual([[], []]);
  });

  it("cannot be reached through a site's port", async () => {
    const page = browser.page();
    const heard = inbox(page);
    page.postMessage({ lang: "ja", request: change });
    await settle();
    expect(heard).toEqual([{ type: "error", error: { code: "INVALID_REQUEST", field: "message" } }]);
    expect(browser.hosts).toEqual([]);
  });
});

describe("an operation of the card page", () => {
  it.each(["certificate", "attributes", "change-pin"])("sends the golden request: %s", async (command) => {
    const wanted = { windowPin: true, ...(golden(`request-${command}`) as { lang: Language }) };
    const settled = ["windowPin", "pinPad", "reader"];
    const request = without(wanted, "type", "id", "lang", ...settled);
    browser.preferences = without(wanted, "type", "id", "lang", ...Object.keys(request)) as unknown as Preferences;
    browser.cardPage().postMessage({ lang: wanted.lang, request });
    await settle();
    browser.host.onMessage.emit(hello);
    expect(browser.host.sent).toEqual([{ ...wanted, id: browser.opened[0] }]);
  });

  it.each<OwnRequest>([change, { command: "certificate", slot: "signature" }, { command: "attributes", compare: true }])("is asked for at once, without an origin: $command", async (request) => {
    browser.preferences = { windowPin: false, pinPad: true, reader: "A" };
    const { id, heard } = await browser.own(request);
    expect(browser.host.sent).toEqual([{ type: "request", id, lang: "ja", windowPin: false, pinPad: true, reader: "A", ...request }]);
    expect(browser.window().heard[0]).toEqual({ type: "info", info: { lang: "ja", ...request } });
    expect([heard, browser.timers.size]).toEqual([[], 0]);
  });

  it.each<[OwnRequest, object]>([
    [change, { pin: "authentication", triesLeft: 3, maxTries: 3 }],
    [{ command: "certificate", slot: "signature" }, certificate],
    [{ command: "attributes", compare: true }, { attributes, certificate: attributes, differences: [] }],
  ])("brings its result to the page: $command", async (request, result) => {
    const { heard, say, shown } = await browser.own(request);
    say({ type: "result", result });
    expect(heard).toEqual([{ type: "result", result }]);
    expect(shown()).toEqual({ kind: "done" });
    expect(browser.host.connected).toBe(false);
  });

  it.each([
    ["what is no result", { type: "result", result: { pin: "authentication" } }, { code: "INTERNAL" }],
    ["a request that the host does not know", { type: "error", error: { code: "INVALID_REQUEST", field: "command" } }, { code: "INTERNAL" }],
    ["an error of its own", { type: "error", error: { code: "PIN_REFUSED", triesLeft: 3 } }, { code: "PIN_REFUSED", triesLeft: 3 }],
  ])("fails with %s", async (_, message, error) => {
    const { heard, say, shown } = await browser.own(change);
    say(message);
    expect([heard, shown()]).toEqual([[{ type: "error", error }], { kind: "error", error }]);
  });

  it("is cancelled when its page goes, and its window with it", async () => {
    const { id, page, say } = await browser.own(change);
    page.disconnect();
    await settle();
    expect(browser.closed).toEqual([1]);
    expect(browser.host.sent.at(-1)).toEqual({ type: "cancel", id });
    expect(browser.host.connected).toBe(true);
    say({ type: "error", error: { code: "CANCELLED" } });
    expect(browser.host.connected).toBe(false);
  });

  it.each([["NO_CARD", "CANCELLED"], ["NO_READER", "CANCELLED"], ["NOT_JPKI", "CANCELLED"], ["CARD_LOST", "CARD_LOST"]])("that the citizen cancels and the host ends with %s says %s", async (code, told) => {
    const { heard, say, shown, window } = await browser.own(change);
    window.postMessage({ type: "cancel" });
    say({ type: "error", error: { code } });
    expect([heard, shown()]).toEqual([[{ type: "error", error: { code: told } }], { kind: "error", error: { code: told } }]);
  });

  it("tells the window the kind of card that failed, and nobody else", async () => {
    const asked = { type: "dialog", pin: "authentication", triesLeft: 3, maxTries: 3, card: { token: "iphone", issuer: "unknown" } };
    const choice = { type: "prompt", prompt: 1, kind: "choose-reader", readers: [{ name: "R", token: "iphone" }] };
    const error = { code: "PIN_BLOCKED", triesLeft: 0, pin: "authentication" };
    for (const message of [asked, choice]) {
      const { heard, say, shown, window } = await (browser = new Browser()).own(change);
      say(message);
      if (message === choice) window.postMessage({ type: "answer", prompt: 1, accept: true, reader: "R" });
      say({ type: "error", error });
      expect([heard, shown()]).toEqual([[{ type: "error", error }], { kind: "error", error, token: "iphone" }]);
    }
  });

  it.each([false, true])("tells of the new PIN when its result crosses the cancel; by closing the window: %s", async (closing) => {
    const { heard, say, shown, window } = await browser.own(change);
    if (closing) browser.calls.windowClosed(1);
    else window.postMessage({ type: "cancel" });
    say({ type: "result", result: { pin: "authentication", triesLeft: 3, maxTries: 3 } });
    expect([heard, shown()]).toEqual([[{ type: "result", result: { pin: "authentication", triesLeft: 3, maxTries: 3 } }], { kind: "done" }]);
    expect(browser.host.connected).toBe(false);
  });

  it("keeps what the card made after the cancel, where that changes nothing", async () => {
    const { heard, say, window } = await browser.own({ command: "attributes", compare: false });
    window.postMessage({ type: "cancel" });
    say({ type: "result", result: { attributes } });
    expect(heard).toEqual([{ type: "error", error: { code: "CANCELLED" } }]);
  });

  it("is one at a time, with a site's", async () => {
    const { window } = await browser.login();
    const notices = inbox(window);
    const page = browser.cardPage();
    const heard = inbox(page);
    page.postMessage({ lang: "ja", request: change });
    await settle();
    expect(heard).toEqual([{ type: "error", error: { code: "BUSY" } }]);
    expect([notices, browser.focused, browser.hosts.length]).toEqual([[{ type: "busy" }], [1], 1]);
  });

  it("says one thing for one port", async () => {
    const { page } = await browser.own(change);
    page.postMessage({ lang: "ja", request: change });
    await settle();
    expect(browser.host.sent).toHaveLength(1);
  });

  it("hands a new PIN on like any other", async () => {
    const { say, window, shown } = await browser.own(change);
    say({ ...pinPrompt, purpose: "new" });
    expect(shown()).toEqual({ kind: "prompt", prompt: expect.objectContaining({ purpose: "new" }) as unknown });
    window.postMessage({ type: "pin", prompt: 1, pin: [49, 50, 51, 53] });
    expect(browser.host.sent.at(-1)).toEqual(expect.objectContaining({ type: "pin", prompt: 1 }));
  });

  it("tells when the reader's pad stops waiting", async () => {
    const { say, shown } = await browser.own(change);
    const before = Date.now();
    say({ type: "pad", pin: "authentication", triesLeft: 3, maxTries: 3, card: { token: "card", issuer: "foreign" }, seconds: 60 });
    const state = shown() as { kind: string; until: number };
    expect(state.kind).toBe("pad");
    expect(state.until - before).toBeGreaterThanOrEqual(60_000);
  });

  it("names readers with other cards", async () => {
    const { say, shown } = await browser.own(change);
    say({ type: "card", presence: "no-card", other: ["Yubico"] });
    expect(shown()).toEqual({ kind: "waiting-card", other: ["Yubico"] });
  });
});

describe("a chosen reader", () => {
  it("goes to the host and is kept", async () => {
    const { id, say, window } = await browser.own(change);
    say(readers);
    window.postMessage({ type: "answer", prompt: 1, accept: true, reader: "B" });
    expect(browser.host.sent.at(-1)).toEqual({ ...(golden("answer-reader") as object), id, reader: "B" });
    expect(browser.chosenReaders).toEqual(["B"]);
  });

  it.each([{ accept: true, reader: "C" }, { accept: true }])("that was not offered is none: %o", async (answer) => {
    const { say, window } = await browser.own(change);
    say(readers);
    window.postMessage({ type: "answer", prompt: 1, ...answer });
    expect([browser.host.sent.length, browser.chosenReaders]).toEqual([1, []]);
  });

  it("is not kept when the citizen refuses", async () => {
    const { id, say, window } = await browser.own(change);
    say(readers);
    window.postMessage({ type: "answer", prompt: 1, accept: false, reader: "B" });
    expect(browser.host.sent.at(-1)).toEqual({ type: "answer", id, prompt: 1, accept: false });
    expect(browser.chosenReaders).toEqual([]);
  });

  it("and the pad serve a site's login; a signature has letters and no pad", async () => {
    browser.preferences = { windowPin: true, pinPad: true, reader: "B" };
    const { say } = await browser.login();
    expect(browser.host.sent).toEqual([expect.objectContaining({ command: "authenticate", challenge, reader: "B", pinPad: true })]);
    say({ type: "result", result: authenticated });
    await browser.operation("sign", { format: "cms", attached: false, documents: [{ name: "a", size: 0 }] });
    const [request] = browser.host.sent as Record<string, unknown>[];
    expect([request?.command, request?.reader, request && "pinPad" in request]).toEqual(["sign", "B", false]);
  });
});

it("a site never meets an error that belongs to our own pages, nor the commands that the host knows", async () => {
  const { heard, say } = await browser.login();
  say({ type: "error", error: { code: "PIN_REFUSED" } });
  expect(heard).toEqual([{ type: "error", error: { code: "INTERNAL" } }]);
  const page = browser.page();
  const told = inbox(page);
  page.postMessage({ type: "start", command: "status", activated: false });
  await settle();
  const greeting = hello as { capabilities: object };
  browser.host.onMessage.emit({ ...greeting, capabilities: { ...greeting.capabilities, commands: ["status", "change-pin"] } });
  await settle();
  expect(JSON.stringify(told)).not.toContain("change-pin");
});
