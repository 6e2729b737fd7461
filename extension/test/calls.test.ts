import { beforeEach, describe, expect, it } from "vitest";
import { Calls } from "../src/background/calls.ts";
import { Host } from "../src/host.ts";
import { FakePort, golden, pair, settle } from "./fakes.ts";

const extensionId = "hhnehdihhglcpjndlgjpdphoohfhihjg";
const windowPage = `chrome-extension://${extensionId}/prompt.html`;
const shinsei = "https://shinsei.example";
const challenge = (golden("request-authenticate") as { challenge: string }).challenge;
const hello = golden("hello");
const card = { token: "card", issuer: "foreign" };
const authenticated = (golden("result-authenticate") as { result: unknown }).result;

/** A browser with one background in it. */
class Browser {
  readonly hosts: FakePort[] = [];
  readonly opened: string[] = [];
  readonly closed: number[] = [];
  readonly focused: number[] = [];
  readonly timers = new Map<number, () => void>();
  granted = true;
  windowPin = true;
  windowFails = false;
  readonly calls = new Calls({
    extensionId,
    version: "0.1.0",
    windowPage,
    isGranted: () => Promise.resolve(this.granted),
    language: (site) => Promise.resolve(site ?? "ja"),
    windowPinAllowed: () => Promise.resolve(this.windowPin),
    connectHost: (listener) => {
      const port = new FakePort();
      this.hosts.push(port);
      return new Host(port.port, () => "Specified native messaging host not found.", listener);
    },
    openWindow: (operation) => {
      if (this.windowFails) return Promise.reject(new Error("no window"));
      return Promise.resolve(this.opened.push(operation));
    },
    closeWindow: (id) => this.closed.push(id),
    focusWindow: (id) => this.focused.push(id),
    later: (milliseconds, act) => {
      this.timers.set(milliseconds, act);
      return () => this.timers.delete(milliseconds);
    },
  });

  get host(): FakePort {
    const last = this.hosts.at(-1);
    if (!last) throw new Error("no host was started");
    return last;
  }

  /** A page's relay opens a port. */
  page(origin = shinsei, sender: Partial<chrome.runtime.MessageSender> = {}): FakePort {
    const [relay, background] = pair("call", {
      id: extensionId, frameId: 0, url: `${origin}/form?q=1`, origin, tab: { id: 7 } as chrome.tabs.Tab, ...sender,
    });
    this.calls.call(background.port);
    return relay;
  }

  /** The window's page opens its port. */
  window(sender: Partial<chrome.runtime.MessageSender> = {}): FakePort {
    const [window, background] = pair("window", { id: extensionId, url: `${windowPage}?operation=${this.opened.at(-1) ?? ""}`, origin: new URL(windowPage).origin, ...sender });
    this.calls.window(background.port);
    return window;
  }
}

/** What arrived at an end of a port. */
function inbox(port: FakePort): Record<string, unknown>[] {
  const messages: Record<string, unknown>[] = [];
  port.onMessage.addListener((message) => messages.push(message as Record<string, unknown>));
  return messages;
}

let browser: Browser;
beforeEach(() => {
  browser = new Browser();
});

/** A login that the host has been asked for. */
async function login() {
  const page = browser.page();
  const heard = inbox(page);
  page.postMessage({ type: "start", command: "authenticate", activated: true, lang: "ja" });
  page.postMessage({ type: "authenticate", challenge });
  await settle();
  browser.host.onMessage.emit(hello);
  const [id = ""] = browser.opened;
  const [window, seen] = shown();
  return { page, heard, id, window, seen, say: (message: object) => { browser.host.onMessage.emit({ id, ...message }); } };
}

function shown(): [FakePort, () => unknown] {
  const [window, background] = pair("window", { id: extensionId, url: `${windowPage}?operation=${browser.opened.at(-1) ?? ""}` });
  const messages = inbox(window);
  browser.calls.window(background.port);
  return [window, () => messages.filter(({ type }) => type === "state").at(-1)?.["state"]];
}

const pin = { type: "prompt", prompt: 1, kind: "pin", pin: "authentication", triesLeft: 3, maxTries: 3, card };
const consent = { type: "prompt", prompt: 1, kind: "consent", digest: "6b".repeat(32), hidden: 0, pin: "signature", triesLeft: 5, maxTries: 5, card };

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
    const { version, protocol, capabilities } = hello as Record<string, unknown>;
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
});

describe("a login", () => {
  it("sends the request of the golden message, and its result to the page", async () => {
    const { heard, id, say, seen, window } = await login();
    expect(browser.host.sent).toEqual([{ ...(golden("request-authenticate") as object), id, windowPin: true }]);
    say({ type: "card", presence: "no-reader" });
    expect(seen()).toEqual({ kind: "waiting-reader" });
    say({ type: "card", presence: "no-card" });
    expect(seen()).toEqual({ kind: "waiting-card" });
    say({ type: "card", presence: "present", reader: "R" });
    expect(seen()).toEqual({ kind: "progress", phase: "card" });
    say({ type: "dialog", pin: "authentication", triesLeft: 3, maxTries: 3, card });
    expect(seen()).toEqual(expect.objectContaining({ kind: "dialog" }));
    say({ type: "result", result: authenticated });
    expect(seen()).toEqual({ kind: "done" });
    expect(heard).toEqual([{ type: "result", result: authenticated }]);
    expect(browser.host.connected).toBe(false);
    window.postMessage({ type: "cancel" });
    expect(heard).toHaveLength(1);
    expect(browser.closed).toEqual([]);
  });

  it("says when an administrator forbids PINs in the window", async () => {
    browser.windowPin = false;
    await login();
    expect(browser.host.sent).toEqual([expect.objectContaining({ windowPin: false })]);
  });

  it("hands a PIN on only while one is asked for", async () => {
    const { say, window } = await login();
    const bytes = [49, 50, 51, 52];
    window.postMessage({ type: "pin", prompt: 1, pin: bytes });
    say(pin);
    window.postMessage({ type: "pin", prompt: 2, pin: bytes });
    window.postMessage({ type: "pin", prompt: 1, pin: [] });
    window.postMessage({ type: "pin", prompt: 1, pin: Array(17).fill(49) });
    expect(browser.host.sent).toHaveLength(1);
    window.postMessage({ type: "pin", prompt: 1, pin: bytes });
    window.postMessage({ type: "pin", prompt: 1, pin: bytes });
    expect(browser.host.sent.slice(1)).toEqual([expect.objectContaining({ type: "pin", prompt: 1, pin: bytes })]);
  });

  it("never tells the page what the window says", async () => {
    const { heard, say, window } = await login();
    say(pin);
    window.postMessage({ type: "pin", prompt: 1, pin: [49, 50, 51, 52] });
    expect(heard).toEqual([]);
  });

  it("forgets a prompt that is gone", async () => {
    const { say, seen, window } = await login();
    say({ ...pin, kind: "last-try" });
    say({ type: "gone", prompt: 1 });
    expect(seen()).toEqual({ kind: "progress", phase: "card" });
    window.postMessage({ type: "answer", prompt: 1, accept: true });
    expect(browser.host.sent).toHaveLength(1);
  });

  it.each([
    ["a result that is none", { type: "result", result: { algorithm: "RS256" } }, "INTERNAL"],
    ["an error", { type: "error", error: { code: "PIN_BLOCKED", triesLeft: 0 } }, "PIN_BLOCKED"],
  ])("fails with %s", async (_, message, code) => {
    const { heard, say, seen } = await login();
    say(message);
    expect(heard).toEqual([{ type: "error", error: expect.objectContaining({ code }) as unknown }]);
    expect(seen()).toEqual({ kind: "error", error: expect.objectContaining({ code }) as unknown });
    expect(browser.host.connected).toBe(false);
  });

  it("fails with a host that ends", async () => {
    const { heard } = await login();
    browser.host.onDisconnect.emit(browser.host.port);
    expect(heard).toEqual([{ type: "error", error: { code: "HOST_FAILED" } }]);
  });

  it("shows an outcome to a window that comes late", async () => {
    const page = browser.page();
    const heard = inbox(page);
    page.postMessage({ type: "start", command: "authenticate", activated: true });
    await settle();
    browser.host.onDisconnect.emit(browser.host.port);
    page.disconnect();
    await settle();
    expect(heard).toEqual([{ type: "error", error: { code: "HOST_MISSING" } }]);
    expect(shown()[1]()).toEqual({ kind: "error", error: { code: "HOST_MISSING" } });
    expect(browser.closed).toEqual([]);
  });

  it("fails when no window can open", async () => {
    browser.windowFails = true;
    const page = browser.page();
    const heard = inbox(page);
    page.postMessage({ type: "start", command: "authenticate", activated: true });
    await settle();
    expect(heard).toEqual([{ type: "error", error: { code: "INTERNAL" } }]);
    expect(browser.host.connected).toBe(false);
  });

  it("waits a minute for the site, and no longer", async () => {
    const page = browser.page();
    const heard = inbox(page);
    page.postMessage({ type: "start", command: "authenticate", activated: true });
    await settle();
    const [, seen] = shown();
    expect(seen()).toEqual({ kind: "waiting-site" });
    browser.timers.get(60_000)?.();
    expect(heard).toEqual([{ type: "error", error: { code: "NO_USER_ACTIVATION" } }]);
    expect(seen()).toEqual({ kind: "error", error: { code: "NO_USER_ACTIVATION" } });
  });

  it.each([
    ["type", [{ type: "start", command: "authenticate", activated: true }]],
    ["type", [{ type: "sign", format: "cms", attached: false, documents: [{ name: "a", size: 0 }] }]],
    ["type", [{ type: "authenticate", challenge }, { type: "authenticate", challenge }]],
    ["document", [{ type: "chunk", document: 0, data: "AAAA" }]],
    ["challenge", [{ type: "invalid", field: "challenge" }]],
  ])("ends when the page breaks the order of its messages: case %#", async (field, messages) => {
    const page = browser.page();
    const heard = inbox(page);
    page.postMessage({ type: "start", command: "authenticate", activated: true });
    for (const message of messages) page.postMessage(message);
    await settle();
    expect(heard).toEqual([{ type: "error", error: { code: "INVALID_REQUEST", field } }]);
    expect(shown()[1]()).toEqual({ kind: "error", error: { code: "INVALID_REQUEST", field } });
  });
});

describe("a cancel", () => {
  it.each([["answered by the host", "NO_CARD"], ["that the host leaves unanswered", "CANCELLED"]])("by closing the window, %s, reaches the page as %s", async (_, code) => {
    const { heard, id, say } = await login();
    browser.calls.windowClosed(1);
    expect(browser.host.sent.at(-1)).toEqual({ type: "cancel", id });
    expect(heard).toEqual([]);
    if (code === "CANCELLED") browser.timers.get(2_000)?.();
    else say({ type: "error", error: { code } });
    expect(heard).toEqual([{ type: "error", error: { code } }]);
    expect([browser.host.connected, browser.closed]).toEqual([false, []]);
  });

  it("by closing some other window is none", async () => {
    await login();
    browser.calls.windowClosed(2);
    expect(browser.host.sent).toHaveLength(1);
  });

  it("in the window asks the host", async () => {
    const { id, window } = await login();
    window.postMessage({ type: "cancel" });
    expect(browser.host.sent.at(-1)).toEqual({ type: "cancel", id });
  });

  it("before the site's arguments came needs no host", async () => {
    const page = browser.page();
    const heard = inbox(page);
    page.postMessage({ type: "start", command: "sign", activated: true });
    await settle();
    browser.calls.windowClosed(1);
    expect(heard).toEqual([{ type: "error", error: { code: "CANCELLED" } }]);
    expect([browser.host.connected, browser.host.sent]).toEqual([false, []]);
  });

  it("by closing the tab closes window and host", async () => {
    const { page, say } = await login();
    say(pin);
    page.disconnect();
    await settle();
    expect([browser.closed, browser.host.connected]).toEqual([[1], false]);
  });

  it("by closing the tab before the window is open closes it when it opens", async () => {
    const page = browser.page();
    page.postMessage({ type: "start", command: "authenticate", activated: true });
    page.disconnect();
    await settle();
    expect(browser.opened.length).toBe(browser.closed.length);
    expect(browser.hosts.every((host) => !host.connected)).toBe(true);
  });
});

describe("one operation at a time", () => {
  it("refuses another page and shows the citizen where to finish", async () => {
    const { window, say } = await login();
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
    const { say } = await login();
    say(pin);
    const operation = browser.opened.at(-1) ?? "";
    const window = browser.window({ ...sender, ...(sender.url?.endsWith("operation=") ? { url: sender.url + operation } : {}) } as Partial<chrome.runtime.MessageSender>);
    expect(window.connected).toBe(false);
  });
});

describe("a signature", () => {
  const documents = [{ name: "申請書.xml", size: 9 }, { name: "図面.pdf", digest: (golden("request-sign") as { documents: { digest: string }[] }).documents[1]?.digest, hash: "SHA-256" }];

  async function signing() {
    const page = browser.page();
    const heard = inbox(page);
    page.postMessage({ type: "start", command: "sign", activated: true });
    page.postMessage({ type: "sign", format: "cms", attached: false, documents });
    await settle();
    browser.host.onMessage.emit(hello);
    const [id = ""] = browser.opened;
    const [window, seen] = shown();
    return { page, heard, id, window, seen, say: (message: object) => { browser.host.onMessage.emit({ id, ...message }); } };
  }

  it("sends the golden messages: request, chunk, answer", async () => {
    const { page, heard, id, seen, window, say } = await signing();
    page.postMessage({ type: "chunk", document: 0, data: "POeUs+iriy8+" });
    await settle();
    say({ type: "received", document: 0, bytes: 9 });
    say(consent);
    expect(seen()).toEqual({ kind: "prompt", prompt: { ...consent, id } });
    window.postMessage({ type: "answer", prompt: 1, accept: true });
    const goldens = ["request-sign", "chunk", "answer"].map((name) => ({ ...(golden(name) as object), id }));
    expect(browser.host.sent).toEqual(goldens);
    say({ type: "progress", done: 1, total: 2 });
    say({ type: "signature", document: 0, last: true, data: "MIIB" });
    say({ type: "result", result: (golden("result-sign") as { result: unknown }).result });
    expect(heard).toEqual([
      { type: "received", document: 0, bytes: 9 },
      { type: "progress", done: 1, total: 2 },
      { type: "signature", document: 0, last: true, data: "MIIB" },
      { type: "result", result: (golden("result-sign") as { result: unknown }).result },
    ]);
  });

  it("shows who asks, for what and with which documents", async () => {
    const { window: _ } = await signing();
    const [window, background] = pair("window", { id: extensionId, url: `${windowPage}?operation=${browser.opened[0] ?? ""}` });
    const messages = inbox(window);
    browser.calls.window(background.port);
    expect(messages[0]).toEqual({ type: "info", info: { origin: shinsei, command: "sign", lang: "ja", documents, attached: false } });
  });

  it.each([
    ["a chunk before the last one was received", [{ type: "chunk", document: 0, data: "AAAA" }, { type: "chunk", document: 0, data: "AAAA" }]],
    ["more bytes than announced", [{ type: "chunk", document: 0, data: "AAAAAAAAAAAAAAAA" }]],
  ])("ends with %s", async (_, chunks) => {
    const { page, heard } = await signing();
    for (const chunk of chunks) page.postMessage(chunk);
    await settle();
    expect(heard).toEqual([{ type: "error", error: { code: "INVALID_REQUEST", field: "document" } }]);
  });
});
