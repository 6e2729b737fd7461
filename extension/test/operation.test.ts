import { beforeEach, describe, expect, it } from "vitest";
import { authenticated, Browser, challenge, consentPrompt, dialog, inbox, pinPrompt, shinsei } from "./background.ts";
import { golden, settle, without } from "./fakes.ts";

let browser: Browser;
beforeEach(() => {
  browser = new Browser();
});

describe("a login", () => {
  it("sends the request of the golden message, and its result to the page", async () => {
    const { heard, id, say, shown, window } = await browser.login();
    expect(browser.host.sent).toEqual([{ ...(golden("request-authenticate") as object), id, windowPin: true }]);
    say({ type: "card", presence: "no-reader" });
    expect(shown()).toEqual({ kind: "waiting-reader" });
    say({ type: "card", presence: "no-card" });
    expect(shown()).toEqual({ kind: "waiting-card" });
    say({ type: "card", presence: "present", reader: "R" });
    expect(shown()).toEqual({ kind: "progress", phase: "card" });
    say(dialog);
    expect(shown()).toEqual(expect.objectContaining({ kind: "dialog" }));
    say({ type: "result", result: authenticated });
    expect(shown()).toEqual({ kind: "done" });
    expect(heard).toEqual([{ type: "result", result: authenticated }]);
    expect(browser.host.connected).toBe(false);
    window.postMessage({ type: "cancel" });
    expect(heard).toHaveLength(1);
    expect(browser.closed).toEqual([]);
  });

  it("says when an administrator forbids PINs in the window", async () => {
    browser.preferences = { windowPin: false };
    await browser.login();
    expect(browser.host.sent).toEqual([expect.objectContaining({ windowPin: false })]);
  });

  it("hands a PIN on only while one is asked for", async () => {
    const { say, window } = await browser.login();
    const bytes = [49, 50, 51, 52];
    window.postMessage({ type: "pin", prompt: 1, pin: bytes });
    say(pinPrompt);
    window.postMessage({ type: "pin", prompt: 2, pin: bytes });
    window.postMessage({ type: "pin", prompt: 1, pin: [] });
    window.postMessage({ type: "pin", prompt: 1, pin: Array(17).fill(49) });
    expect(browser.host.sent).toHaveLength(1);
    window.postMessage({ type: "pin", prompt: 1, pin: bytes });
    window.postMessage({ type: "pin", prompt: 1, pin: bytes });
    expect(browser.host.sent.slice(1)).toEqual([expect.objectContaining({ type: "pin", prompt: 1, pin: bytes })]);
  });

  it("hands on no PIN where a yes or no is asked for", async () => {
    const { say, window } = await browser.login();
    say({ ...pinPrompt, kind: "last-try" });
    window.postMessage({ type: "pin", prompt: 1, pin: [49, 50, 51, 52] });
    expect(browser.host.sent).toHaveLength(1);
  });

  it("never tells the page what the window says", async () => {
    const { heard, say, window } = await browser.login();
    say(pinPrompt);
    window.postMessage({ type: "pin", prompt: 1, pin: [49, 50, 51, 52] });
    expect(heard).toEqual([]);
  });

  it("forgets a prompt that is gone", async () => {
    const { say, shown, window } = await browser.login();
    say({ ...pinPrompt, kind: "last-try" });
    say({ type: "gone", prompt: 1 });
    expect(shown()).toEqual({ kind: "progress", phase: "card" });
    window.postMessage({ type: "answer", prompt: 1, accept: true });
    expect(browser.host.sent).toHaveLength(1);
  });

  it.each([
    ["a result that is none", { type: "result", result: { algorithm: "RS256" } }, "INTERNAL"],
    ["an error", { type: "error", error: { code: "PIN_BLOCKED", triesLeft: 0 } }, "PIN_BLOCKED"],
  ])("fails with %s", async (_, message, code) => {
    const { heard, say, shown } = await browser.login();
    say(message);
    expect(heard).toEqual([{ type: "error", error: expect.objectContaining({ code }) as unknown }]);
    expect(shown()).toEqual({ kind: "error", error: expect.objectContaining({ code }) as unknown });
    expect(browser.host.connected).toBe(false);
  });

  it.each([
    { type: "result", id: "r-2", result: authenticated },
    { type: "error", id: "r-2", error: { code: "CANCELLED" } },
    { type: "card", id: "r-2", presence: "no-card" },
  ])("hears nothing that is about another request: $type", async (message) => {
    const { heard, say, shown } = await browser.login();
    say(message);
    expect([heard, shown()]).toEqual([[], { kind: "progress", phase: "starting" }]);
  });

  it("fails with an error that is about none of its requests", async () => {
    const { heard } = await browser.login();
    browser.host.onMessage.emit({ type: "error", error: { code: "INVALID_REQUEST", field: "message" } });
    expect(heard).toEqual([{ type: "error", error: { code: "INTERNAL" } }]);
  });

  it("fails with a host that ends", async () => {
    const { heard } = await browser.login();
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
    expect(browser.window().shown()).toEqual({ kind: "error", error: { code: "HOST_MISSING" } });
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
    const { shown } = browser.window();
    expect(shown()).toEqual({ kind: "waiting-site" });
    browser.timers.get(60_000)?.();
    expect(heard).toEqual([{ type: "error", error: { code: "TIMEOUT" } }]);
    expect(shown()).toEqual({ kind: "error", error: { code: "TIMEOUT" } });
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
    expect(browser.window().shown()).toEqual({ kind: "error", error: { code: "INVALID_REQUEST", field } });
  });
});

describe("a cancel", () => {
  it.each([["answered by the host", "NO_CARD"], ["that the host leaves unanswered", "CANCELLED"]])("by closing the window, %s, reaches the page as %s", async (_, code) => {
    const { heard, id, say } = await browser.login();
    browser.calls.windowClosed(1);
    expect(browser.host.sent.at(-1)).toEqual({ type: "cancel", id });
    expect(heard).toEqual([]);
    if (code === "CANCELLED") browser.timers.get(2_000)?.();
    else say({ type: "error", error: { code } });
    expect(heard).toEqual([{ type: "error", error: { code } }]);
    expect(browser.closed).toEqual([]);
  });

  it("is sent once, however often it is wished", async () => {
    const { window } = await browser.login();
    window.postMessage({ type: "cancel" });
    window.postMessage({ type: "cancel" });
    browser.calls.windowClosed(1);
    expect(browser.host.sent.slice(1)).toHaveLength(1);
  });

  it("keeps from the page what the host still makes", async () => {
    const { heard, say, shown, window } = await browser.login();
    window.postMessage({ type: "cancel" });
    say({ type: "card", presence: "present", reader: "R" });
    expect(shown()).toEqual({ kind: "progress", phase: "starting" });
    say({ type: "result", result: authenticated });
    expect(heard).toEqual([{ type: "error", error: { code: "CANCELLED" } }]);
    expect(shown()).toEqual({ kind: "error", error: { code: "CANCELLED" } });
  });

  it("by closing the window before the browser has told its id counts", async () => {
    let open = (): void => undefined;
    browser.windowDelay = new Promise((resolve) => { open = resolve; });
    const { id } = await browser.login();
    browser.calls.windowClosed(1);
    open();
    await settle();
    expect(browser.host.sent.at(-1)).toEqual({ type: "cancel", id });
  });

  it("is what a window means whose page crashed or went elsewhere", async () => {
    const { id, window } = await browser.login();
    window.disconnect();
    expect(browser.host.sent).toHaveLength(1);
    browser.timers.get(1_000)?.();
    expect(browser.host.sent.at(-1)).toEqual({ type: "cancel", id });
  });

  it("is not what a reload of the window means", async () => {
    const { say, window } = await browser.login();
    window.disconnect();
    const again = browser.window();
    expect(browser.timers.has(1_000)).toBe(false);
    say({ type: "card", presence: "no-card" });
    expect(again.shown()).toEqual({ kind: "waiting-card" });
  });

  it("is not what the end of an older page of the window means", async () => {
    const { window } = await browser.login();
    const newer = browser.window();
    window.disconnect();
    expect(browser.timers.has(1_000)).toBe(false);
    newer.window.disconnect();
    expect(browser.timers.has(1_000)).toBe(true);
  });

  it("by closing some other window is none", async () => {
    await browser.login();
    browser.calls.windowClosed(2);
    expect(browser.host.sent).toHaveLength(1);
  });

  it("in the window asks the host", async () => {
    const { id, window } = await browser.login();
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

  it("by closing the tab closes the window", async () => {
    const { page, say } = await browser.login();
    say(pinPrompt);
    page.disconnect();
    await settle();
    expect(browser.closed).toEqual([1]);
  });

  it("by closing the tab while the window opens closes it when it is there", async () => {
    let open = (): void => undefined;
    browser.windowDelay = new Promise((resolve) => { open = resolve; });
    const { page } = await browser.login();
    page.disconnect();
    await settle();
    expect(browser.closed).toEqual([]);
    open();
    await settle();
    expect(browser.closed).toEqual([1]);
  });

  it("by closing the tab at once starts nothing", async () => {
    const page = browser.page();
    page.postMessage({ type: "start", command: "authenticate", activated: true });
    page.disconnect();
    await settle();
    expect([browser.opened, browser.hosts]).toEqual([[], []]);
  });
});

describe("a signature", () => {
  const documents = [{ name: "申請書.xml", size: 9 }, { name: "図面.pdf", digest: (golden("request-sign") as { documents: { digest: string }[] }).documents[1]?.digest, hash: "SHA-256" }];

  const signing = () => browser.operation("sign", { format: "cms", attached: false, documents });

  it("sends the golden messages: request, chunk, answer", async () => {
    const { page, heard, id, shown, window, say } = await signing();
    page.postMessage({ type: "chunk", document: 0, data: "POeUs+iriy8+" });
    await settle();
    say({ type: "received", document: 0, bytes: 9 });
    say(consentPrompt);
    expect(shown()).toEqual({ kind: "prompt", prompt: { ...consentPrompt, id } });
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

  it.each([
    ["a failure", { type: "error", error: { code: "CARD_LOST" } }, "CARD_LOST"],
    ["a result that is none", { type: "result", result: {} }, "INTERNAL"],
    ["the host's end", undefined, "HOST_FAILED"],
  ])("leaves nothing with the page when %s comes between signatures and result", async (_, message, code) => {
    const { heard, say } = await signing();
    say({ type: "signature", document: 0, last: true, data: "MIIB" });
    expect(heard).toEqual([]);
    if (message) say(message);
    else browser.host.onDisconnect.emit(browser.host.port);
    expect(heard).toEqual([{ type: "error", error: { code } }]);
  });

  it("leaves nothing with the page when the citizen cancels at the last moment", async () => {
    const { heard, say } = await signing();
    say({ type: "signature", document: 0, last: true, data: "MIIB" });
    browser.calls.windowClosed(1);
    say({ type: "signature", document: 1, last: true, data: "MIIB" });
    say({ type: "result", result: (golden("result-sign") as { result: unknown }).result });
    expect(heard).toEqual([{ type: "error", error: { code: "CANCELLED" } }]);
  });

  it("shows who asks, for what and with which documents", async () => {
    await signing();
    const { heard } = browser.window();
    expect(heard[0]).toEqual({ type: "info", info: { origin: shinsei, command: "sign", lang: "ja", signing: { format: "cms", documents, attached: false } } });
  });

  it.each(["request-sign-pdf", "request-sign-pdf-picture", "request-sign-xml", "request-sign-xml-files", "request-sign-cosign"])("sends the golden %s, and shows it without the bytes that only the host looks into", async (name) => {
    const { id, heard: shown, request } = await asked(name);
    expect(browser.host.sent).toEqual([{ ...(golden(name) as object), id, windowPin: true }]);
    const [{ info }] = shown as [{ info: { signing: object } }];
    expect(JSON.stringify(info)).not.toMatch(/"message"|"picture"/);
    expect(info.signing).toEqual({
      ...without(request, "seal"),
      documents: request.documents.map((document) => ("message" in document ? { ...without(document, "message"), cosigned: true } : document)),
      ...("seal" in request && { seal: without(request.seal as object, "picture") }),
    });
  });

  /** A golden request, asked for by a page; and what its window heard. */
  async function asked(name: string) {
    const request = without(golden(name) as object, "type", "id", "command", "lang", "origin") as { documents: object[]; seal?: unknown };
    const { id } = await browser.operation("sign", request);
    return { id, request, heard: browser.window().heard };
  }

  it("takes the bytes of the files after those of the documents, and no more", async () => {
    const { page, heard } = await browser.operation("sign", { format: "xml", documents: [{ name: "a.xml", size: 3 }], files: [{ name: "b", size: 3 }] });
    for (const document of [0, 1]) {
      page.postMessage({ type: "chunk", document, data: "AAAA" });
      await settle();
      browser.host.onMessage.emit({ type: "received", id: browser.opened[0], document, bytes: 3 });
    }
    expect(heard).toEqual([{ type: "received", document: 0, bytes: 3 }, { type: "received", document: 1, bytes: 3 }]);
    page.postMessage({ type: "chunk", document: 1, data: "AAAA" });
    await settle();
    expect(heard.at(-1)).toEqual({ type: "error", error: { code: "INVALID_REQUEST", field: "document" } });
  });

  it("is refused with the document and the reason", async () => {
    const { heard, say, shown } = await signing();
    const { error } = golden("error-refused") as { error: object };
    say({ type: "error", error });
    expect([heard, shown()]).toEqual([[{ type: "error", error }], { kind: "error", error }]);
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
