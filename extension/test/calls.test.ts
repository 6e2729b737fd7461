import { beforeEach, describe, expect, it } from "vitest";
import { authenticated, Browser, challenge, hello, inbox, pinPrompt, shinsei, windowPage } from "./background.ts";
import { settle } from "./fakes.ts";

let browser: Browser;
beforeEach(() => {
  browser = new Browser();
});

describe("a call is refused without a window", () => {
  it.each([
    ["NOT_TOP_FRAME", { frameId: 3 }],
    ["INSECURE_CONTEXT", { url: "http://shinsei.example/", origin: "http://shinsei.example" }],
    ["INSECURE_CONTEXT", { url: "http://localhost.example/", origin: "http://localhost.example" }],
    ["INSECURE_CONTEXT", { url: "file:///home/page.html", origin: "null" }],
    ["INSECURE_CONTEXT", { origin: "null" }],
    ["INSECURE_CONTEXT", { url: `https://${"a".repeat(260)}.example/`, origin: `https://${"a".repeat(260)}.example` }],
    ["INTERNAL", { id: "another-extension" }],
    ["INTERNAL", { tab: undefined }],
  ])("%s: %o", async (code, sender) => {
    const page = browser.page(shinsei, sender as Partial<chrome.runtime.MessageSender>);
    const heard = inbox(page);
    page.postMessage({ type: "start", command: "authenticate", activated: true });
    await settle();
    expect(heard).toEqual([{ type: "error", error: { code } }]);
    expect([browser.hosts, browser.opened]).toEqual([[], []]);
  });

  it("when the site was switched off since the page was loaded", async () => {
    browser.granted = false;
    const page = browser.page();
    const heard = inbox(page);
    page.postMessage({ type: "start", command: "status", activated: false });
    await settle();
    expect(heard).toEqual([{ type: "error", error: { code: "UNAVAILABLE" } }]);
  });

  it("when no human act came before it", async () => {
    const page = browser.page();
    const heard = inbox(page);
    page.postMessage({ type: "start", command: "sign", activated: false });
    page.postMessage({ type: "sign", format: "cms", attached: false, documents: [{ name: "a", size: 0 }] });
    await settle();
    expect(heard).toEqual([{ type: "error", error: { code: "NO_USER_ACTIVATION" } }]);
    expect([browser.hosts, browser.opened]).toEqual([[], []]);
  });

  it.each([
    ["type", { type: "authenticate", challenge }],
    ["message", { type: "nonsense" }],
    ["documents[0].name", { type: "invalid", field: "documents[0].name" }],
  ])("when its first message is not a start: %s", async (field, message) => {
    const page = browser.page();
    const heard = inbox(page);
    page.postMessage(message);
    await settle();
    expect(heard).toEqual([{ type: "error", error: { code: "INVALID_REQUEST", field } }]);
  });
});

describe("origins", () => {
  it.each([
    ["https://shinsei.example", "https://shinsei.example/a?b#c"],
    ["https://shinsei.example:8443", "https://shinsei.example:8443/"],
    ["https://xn--wgv71a119e.example", "https://日本語.example/"],
    ["http://localhost:8080", "http://localhost:8080/"],
    ["http://127.0.0.1:8080", "http://127.0.0.1:8080/"],
  ])("%s is stamped from the browser's record", async (origin, url) => {
    const page = browser.page(origin, { url });
    page.postMessage({ type: "start", command: "authenticate", activated: true });
    page.postMessage({ type: "authenticate", challenge });
    await settle();
    browser.host.onMessage.emit(hello);
    expect(browser.host.sent).toEqual([expect.objectContaining({ origin })]);
  });
});

describe("status", () => {
  it("tells versions and capabilities, and starts one host for all that ask at once", async () => {
    const pages = [browser.page(), browser.page("https://other.example")];
    const heard = pages.map(inbox);
    for (const page of pages) page.postMessage({ type: "start", command: "status", activated: false });
    await settle();
    expect(browser.hosts).toHaveLength(1);
    browser.host.onMessage.emit(hello);
    await settle();
    const { version, protocol, capabilities: { formats, profiles, hashes, prompt } } = hello as { version: string; protocol: number; capabilities: Record<string, unknown> };
    const capabilities = { formats, profiles, hashes, prompt };
    for (const messages of heard) expect(messages).toEqual([{ type: "result", result: { extension: "0.1.0", host: version, protocol, capabilities } }]);
    expect([browser.host.sent, browser.host.connected, browser.opened]).toEqual([[], false, []]);
  });

  it("tells that the host is missing", async () => {
    const page = browser.page();
    const heard = inbox(page);
    page.postMessage({ type: "start", command: "status", activated: false });
    await settle();
    browser.host.onDisconnect.emit(browser.host.port);
    await settle();
    expect(heard).toEqual([{ type: "error", error: { code: "HOST_MISSING" } }]);
  });

  it.each([
    ["result", () => { browser.host.onMessage.emit(hello); }],
    ["error", () => { browser.host.onDisconnect.emit(browser.host.port); }],
  ])("starts no other host for two seconds after one brought: %s", async (outcome, answer) => {
    const ask = async () => {
      const page = browser.page();
      const heard = inbox(page);
      page.postMessage({ type: "start", command: "status", activated: false });
      await settle();
      return heard;
    };
    const first = await ask();
    expect(browser.timers.size).toBe(0);
    answer();
    await settle();
    expect(first).toEqual([expect.objectContaining({ type: outcome })]);
    for (let i = 0; i < 3; i++) expect(await ask()).toEqual(first);
    expect(browser.hosts).toHaveLength(1);
    browser.timers.get(2_000)?.();
    expect(await ask()).toEqual([]);
    expect(browser.hosts).toHaveLength(2);
  });
});

describe("one operation at a time", () => {
  it("refuses another page and shows the citizen where to finish", async () => {
    const { window, say } = await browser.login();
    const notices = inbox(window);
    const other = browser.page("https://other.example");
    const heard = inbox(other);
    other.postMessage({ type: "start", command: "sign", activated: true });
    await settle();
    expect(heard).toEqual([{ type: "error", error: { code: "BUSY" } }]);
    expect(notices).toEqual([{ type: "busy", origin: "https://other.example" }]);
    expect([browser.focused, browser.hosts.length, browser.opened.length]).toEqual([[1], 1, 1]);
    say({ type: "result", result: authenticated });
    const third = browser.page("https://third.example");
    third.postMessage({ type: "start", command: "sign", activated: true });
    await settle();
    expect([browser.hosts.length, browser.opened.length]).toEqual([2, 2]);
  });

  it("admits one of two that come together", async () => {
    const pages = [browser.page(), browser.page("https://other.example")];
    const heard = pages.map(inbox);
    for (const page of pages) page.postMessage({ type: "start", command: "sign", activated: true });
    await settle();
    expect(heard).toEqual([[], [{ type: "error", error: { code: "BUSY" } }]]);
  });
});

describe("a window is only our own", () => {
  it.each([
    { id: "another-extension" },
    { url: `${shinsei}/prompt.html?operation=` },
    { url: `${windowPage}?operation=guessed` },
    { url: `${windowPage}.evil?operation=` },
    { origin: shinsei },
    { url: undefined },
  ])("%o", async (sender) => {
    const { say } = await browser.login();
    say(pinPrompt);
    const operation = browser.opened.at(-1) ?? "";
    const { window } = browser.window({ ...sender, ...(sender.url?.endsWith("operation=") ? { url: sender.url + operation } : {}) } as Partial<chrome.runtime.MessageSender>);
    expect(window.connected).toBe(false);
  });
});
