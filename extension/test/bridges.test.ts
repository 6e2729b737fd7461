/** What the background makes of a government page's requests. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Bridges, type BridgeEnvironment } from "../src/background/bridges.ts";
import { refusalOf } from "../src/background/calls.ts";
import type { Operation } from "../src/background/operation.ts";
import { Pace, type Pasts } from "../src/background/pace.ts";
import { overridden } from "../src/bridge/profile.ts";
import type { Site } from "../src/bridge/settings.ts";
import { servedBy } from "../src/bridge/serve.ts";
import { Browser, extensionId, hello, inbox } from "./background.ts";
import { golden, pair, settle, type FakePort } from "./fakes.ts";
import { digestInfo, myna } from "./portal.ts";

const identifier = "000102030405060708090a0b0c0d0e0f";
const code = "25fefd1edd16ed47fe1f05a91ae0f7b0d1bde1196c539466e68c3b9acdb2950a";
const signature = Buffer.alloc(256, 7).toString("base64");
const certificate = Buffer.alloc(1000, 9).toString("base64");
const bare = certificate.replace(/=+$/, "");
const login = { mode: "01", service_id: "01", digest: digestInfo };
const failed = (mode = "01"): object => ({ type: "reply", detail: `{"mode":"${mode}","result":"1","errcode":"EW044-C300"}` });

let origin: string;
let browser: Browser;
let site: Site | undefined;
let front: boolean;
let broken: boolean;
let now: number;
let pasts: Pasts;
let notes: { pattern: string; entry: object }[];
let bridges: Bridges;
let userAgent: string;
let start: BridgeEnvironment["start"];

beforeEach(() => {
  origin = "https://myna.go.jp";
  browser = new Browser();
  site = { pattern: `${origin}/*`, host: "myna.go.jp", profile: myna, settings: { profile: "myna" } };
  [front, broken, now, pasts, notes, userAgent] = [true, false, 1_000_000, {}, [], "Mozilla/5.0 (X11; Linux x86_64)"];
  start = (call, gone) => browser.calls.start(call, gone);
  make();
});

function make(): void {
  bridges = new Bridges({
    extensionId,
    userAgent,
    siteOf: (asked) => (broken ? Promise.reject(new Error("the disk is full")) : Promise.resolve(asked === origin ? site : undefined)),
    language: () => Promise.resolve("ja"),
    taken: (asked) => browser.calls.taken(asked),
    start: (call, gone) => start(call, gone),
    refusalOf,
    inFront: (tab) => (broken ? Promise.reject(new Error("No last-focused window")) : Promise.resolve(front && tab === 7)),
    pace: new Pace(() => Promise.resolve(pasts), (kept) => { pasts = kept; return Promise.resolve(); }, () => now),
    note: (pattern, entry) => notes.push({ pattern, entry }),
  });
}

/** A page's script opens its port. */
function page(sender: Partial<chrome.runtime.MessageSender> = {}) {
  const [script, background] = pair("bridge", { id: extensionId, frameId: 0, url: `${origin}/login?q=1`, origin, tab: { id: 7 } as chrome.tabs.Tab, ...sender });
  const heard = inbox(script);
  bridges.connect(background.port);
  return { script, replies: () => heard.filter(({ type }) => type === "reply"), heard };
}

async function launch(script: FakePort, request: unknown): Promise<void> {
  script.postMessage({ type: "launch", detail: typeof request === "string" ? request : JSON.stringify(request) });
  await settle();
}

/** A request that the host has been asked for, with its window open. */
async function asked(request: object = login) {
  const opened = page();
  await launch(opened.script, request);
  browser.host.onMessage.emit(hello);
  const id = browser.opened.at(-1) ?? "";
  const say = async (message: object): Promise<void> => {
    browser.host.onMessage.emit({ id, ...message });
    await settle();
  };
  return { ...opened, id, say, ...browserWindow() };
}

function browserWindow() {
  const { window, shown, heard: told } = browser.window();
  return { window, shown, told };
}

describe("a page", () => {
  it("hears how it is served", async () => {
    const { heard } = page();
    await settle();
    expect(heard).toEqual([{ type: "serve", served: servedBy(myna, false) }]);
  });

  it("is told of a Mac where the browser is one, unless it is told of Windows", async () => {
    userAgent = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)";
    make();
    const mac = page();
    await settle();
    expect(mac.heard).toEqual([{ type: "serve", served: servedBy(myna, true) }]);
    await launch(mac.script, "{");
    expect(mac.replies()).toEqual([{ type: "reply", detail: `{"result":"1","errcode":"EM044-C300"}` }]);
    if (site) site = { ...site, settings: { ...site.settings, disguise: true } };
    const disguised = page();
    await settle();
    expect(disguised.heard).toEqual([{ type: "serve", served: servedBy(myna, false) }]);
  });

  it.each([
    ["of a site that is off", {}],
    ["of another site", { url: "https://www.myna.go.jp/", origin: "https://www.myna.go.jp" }],
  ])("%s hears that alone, and opens nothing", async (_, sender) => {
    if (Object.keys(sender).length === 0) site = undefined;
    const { script, heard } = page(sender);
    script.postMessage({ type: "launch", detail: JSON.stringify(login) });
    script.postMessage({ type: "look" });
    await settle();
    expect([heard, script.connected]).toEqual([[{ type: "off", userAgent }], false]);
    expect([browser.hosts, browser.opened]).toEqual([[], []]);
  });

  it.each([
    ["a frame", { frameId: 3 }],
    ["http", { url: "http://myna.go.jp/", origin: "http://myna.go.jp" }],
    ["a sandbox", { origin: "null" }],
    ["no tab", { tab: undefined }],
    ["another extension", { id: "another" }],
  ])("is turned away from %s", async (_, sender) => {
    const { script, heard } = page(sender as Partial<chrome.runtime.MessageSender>);
    await settle();
    expect([script.connected, heard]).toEqual([false, []]);
  });
});

describe("a request", () => {
  const asks = { type: "request", lang: "ja", windowPin: true, origin: "https://myna.go.jp", serviceId: "01" };

  it.each([
    ["01", login, { command: "portal-login", digest: digestInfo, allow: [] }],
    ["02", { ...login, mode: "02", digest: [digestInfo, digestInfo] }, { command: "portal-sign", digests: [digestInfo, digestInfo], allow: [] }],
    ["04", { mode: "04", service_id: "01" }, { command: "portal-attributes" }],
  ])("of mode %s is the host's command, with the page's origin as the browser tells it", async (_, request, command) => {
    await asked(request);
    expect(browser.host.sent).toEqual([{ ...asks, id: browser.opened[0], ...command }]);
  });

  it.each([
    ["login", { mode: "01" }, { digests: { bare: true, sha1: true } }],
    ["sign", { mode: "02" }, {}],
    ["attributes", { mode: "04" }, {}],
  ])("is the golden one, but for its id and language: %s", async (name, request, change) => {
    const wanted = golden(`request-portal-${name}`) as { origin: string; digest?: string; digests?: string[]; serviceId: string; identifier?: string; reader?: string; pinPad?: true; windowPin?: boolean };
    const { windowPin = true, reader, pinPad, digest, digests, serviceId } = wanted;
    browser.preferences = { windowPin, ...(reader !== undefined && { reader }), ...(pinPad && { pinPad }) };
    site = { pattern: "", host: "", profile: overridden(myna, change), settings: { profile: "myna", ...(wanted.identifier !== undefined && { identifier: wanted.identifier }) } };
    origin = wanted.origin;
    await asked({ ...request, service_id: serviceId, digest: digests ?? digest });
    expect(browser.host.sent).toEqual([{ ...wanted, windowPin, lang: "ja", id: browser.opened[0] }]);
  });

  it("uses the pad and the reader as the citizen wants it, but no pad for letters", async () => {
    browser.preferences = { windowPin: false, pinPad: true, reader: "R" };
    const { say, script } = await asked();
    expect(browser.host.sent).toEqual([{ ...asks, id: browser.opened[0], windowPin: false, pinPad: true, reader: "R", command: "portal-login", digest: digestInfo, allow: [] }]);
    await say({ type: "error", error: { code: "CANCELLED" } });
    await launch(script, { ...login, mode: "02" });
    browser.host.onMessage.emit(hello);
    expect(browser.host.sent).toEqual([{ ...asks, id: browser.opened[1], windowPin: false, reader: "R", command: "portal-sign", digests: [digestInfo], allow: [] }]);
  });

  it("brings what the profile allows to be signed", async () => {
    if (site) site = { ...site, profile: overridden(myna, { digests: { bare: true, sha1: true } }) };
    await asked();
    expect(browser.host.sent).toEqual([expect.objectContaining({ allow: ["bare", "sha-1"] })]);
  });

  it("brings the identifier where the citizen lets the site have one, and never with a login", async () => {
    if (site) site = { ...site, settings: { profile: "myna", identifier } };
    for (const [request, has] of [[login, false], [{ ...login, mode: "02" }, true], [{ mode: "04", service_id: "01" }, true]] as const) {
      const { say, told } = await asked(request);
      expect((browser.host.sent[0] as { identifier?: string }).identifier).toBe(has ? identifier : undefined);
      expect(told[0]).toEqual({ type: "info", info: expect.objectContaining({ identifier: has }) as unknown });
      await say({ type: "error", error: { code: "CANCELLED" } });
    }
  });

  it.each([
    ["01", login, { signature, certificate }, `{"mode":"01","result":"0","signature":"${signature}","certificate":"${bare}"}`],
    ["02", { ...login, mode: "02", digest: [digestInfo] }, { signatures: [signature], certificate }, `{"mode":"02","result":"0","signature":["${signature}"],"certificate":"${bare}"}`],
    ["04", { mode: "04", service_id: "01" }, { name: "見本", sex: "2", address: "東京都", birthday: "19900102" }, `{"mode":"04","result":"0","name":"e8a68be69cac","sex":"32","address":"e69db1e4baace983bd","birthday":"3139393030313032"}`],
  ])("of mode %s that succeeds is answered byte for byte", async (_, request, result, detail) => {
    const { say, replies, shown } = await asked(request);
    await say({ type: "result", result });
    expect([replies(), shown()]).toEqual([[{ type: "reply", detail }], { kind: "done" }]);
  });

  it.each([
    ["of another shape", { signature, certificate: 1 }, login],
    ["with too few signatures", { signatures: [signature], certificate }, { ...login, mode: "02", digest: [digestInfo, digestInfo] }],
    ["with a code that is none", { signatures: [signature], certificate, combinationCode: "x" }, { ...login, mode: "02" }],
  ])("whose result is %s has no answer", async (_, result, request) => {
    const { say, replies } = await asked(request);
    await say({ type: "result", result });
    expect(replies()).toEqual([failed(request.mode)]);
  });

  it("tells the code that was computed from the card only with the identifier", async () => {
    if (site) site = { ...site, settings: { profile: "myna", identifier } };
    const { say, replies } = await asked({ ...login, mode: "02" });
    await say({ type: "result", result: { signatures: [signature], certificate, combinationCode: code } });
    expect(replies()).toEqual([{ type: "reply", detail: `{"mode":"02","result":"0","uuid":"${identifier}","combination_code":"${code}","signature":["${signature}"],"certificate":"${bare}"}` }]);
  });

  it.each([
    { code: "CANCELLED" }, { code: "PIN_WRONG", triesLeft: 2 }, { code: "PIN_BLOCKED", triesLeft: 0, pin: "authentication" }, { code: "NO_CARD" }, { code: "INVALID_REQUEST", field: "digest" },
  ])("that fails tells the page nothing of the card, and the citizen all: %o", async (error) => {
    const { say, replies, shown } = await asked();
    await say({ type: "error", error });
    expect([replies(), shown()]).toEqual([[failed()], { kind: "error", error }]);
  });

  it("has no answer when the host is missing", async () => {
    const { script, replies } = page();
    await launch(script, login);
    browser.host.onDisconnect.emit(browser.host.port);
    await settle();
    expect(replies()).toEqual([failed()]);
  });

  it.each([
    ["bad JSON", "{", `{"result":"1","errcode":"EW044-C300"}`],
    ["no object", "[]", `{"result":"1","errcode":"EW044-C300"}`],
    ["an unknown mode", { mode: "03", service_id: "01" }, `{"mode":"03","result":"1","errcode":"EW044-C300"}`],
    ["mode 05", { mode: "05" }, `{"mode":"05","result":"1","errcode":"EW044-C300"}`],
    ["101 digests", { ...login, mode: "02", digest: Array.from({ length: 101 }, () => digestInfo) }, `{"mode":"02","result":"1","errcode":"EW044-C300"}`],
    ["a digest that is no base64", { ...login, digest: "%" }, `{"mode":"01","result":"1","errcode":"EW044-C300"}`],
  ])("with %s is refused without a window", async (_, request, detail) => {
    const { script, replies } = page();
    await launch(script, request);
    expect([replies(), browser.hosts, browser.opened]).toEqual([[{ type: "reply", detail }], [], []]);
  });

  it("with something that is no DigestInfo goes to the host, which says why to the citizen", async () => {
    await asked({ ...login, digest: Buffer.alloc(245, 1).toString("base64") });
    expect(browser.host.sent).toHaveLength(1);
  });
});

describe("a site that is switched off", () => {
  it("ends what runs for its pages, whether they can hear of it or not", async () => {
    const { script, heard, id } = await asked();
    site = undefined;
    bridges.look();
    await settle();
    expect([heard.at(-1), script.connected, browser.closed, browser.host.sent.at(-1)]).toEqual([{ type: "off", userAgent }, false, [1], { type: "cancel", id }]);
  });

  it("is looked for in pages that are there, and others hear how they are served", async () => {
    const [gone, there] = [page(), page()];
    gone.script.disconnect();
    bridges.look();
    await settle();
    expect(there.heard).toEqual([{ type: "serve", served: servedBy(myna, false) }, { type: "serve", served: servedBy(myna, false) }]);
  });
});

describe("something of ours that breaks", () => {
  beforeEach(() => { vi.spyOn(console, "error").mockImplementation(() => undefined); });
  afterEach(() => { vi.restoreAllMocks(); });

  it("ends the port, so that the page's script answers; the next one is served", async () => {
    const first = page();
    await settle();
    broken = true;
    await launch(first.script, login);
    expect([first.script.connected, first.replies(), browser.opened]).toEqual([false, [], []]);
    broken = false;
    await asked();
    expect(browser.opened).toHaveLength(1);
  });

  it("does so too before anything was asked for, and while something runs", async () => {
    broken = true;
    const early = page();
    await settle();
    broken = false;
    const { script } = await asked();
    broken = true;
    script.postMessage({ type: "look" });
    await settle();
    expect([early.script.connected, script.connected, browser.closed]).toEqual([false, false, [1]]);
  });
});

describe("one at a time", () => {
  it("in a tab: a second is refused while the first goes on", async () => {
    const { script, replies, say } = await asked();
    await launch(script, { mode: "04", service_id: "01" });
    await launch(script, { mode: "05" });
    expect([replies(), browser.opened.length]).toEqual([[failed("04"), failed("05")], 1]);
    await say({ type: "result", result: { signature, certificate } });
    expect(replies()).toHaveLength(3);
    await launch(script, login);
    expect(browser.opened).toHaveLength(2);
  });

  it("in the browser: another tab is refused, the window says so where it is, and nothing is counted", async () => {
    const { told } = await asked();
    const other = page();
    const before = pasts;
    for (let i = 0; i < 30; i++) await launch(other.script, login);
    expect(other.replies()).toEqual(Array.from({ length: 30 }, () => failed()));
    expect([told.at(-1), browser.focused, pasts]).toEqual([{ type: "busy", origin }, [], before]);
    expect(notes.at(-1)?.entry).toMatchObject({ code: "BUSY", why: "taken" });
  });

  it("in the browser: a page that is not before the citizen does not even reach the window", async () => {
    const { told } = await asked();
    const [other, before] = [page(), told.length];
    front = false;
    await launch(other.script, login);
    expect([other.replies(), told.length]).toEqual([[failed()], before]);
  });

  it("over the tab that asked, and over no other, the window may stay with its outcome", async () => {
    const { say } = await asked();
    expect([browser.calls.isWindowOf(1, 7), browser.calls.isWindowOf(1, 8), browser.calls.isWindowOf(2, 7)]).toEqual([true, false, false]);
    await say({ type: "error", error: { code: "CANCELLED" } });
    expect([browser.calls.isWindowOf(1, 7), browser.calls.isWindowOf(1, 8)]).toEqual([true, false]);
  });
});

describe("an operation", () => {
  it("that ends before it is there, and speaks after its end, is answered once; the next request is served", async () => {
    const pageGone = vi.fn();
    start = ({ reply }) => {
      reply({ type: "error", error: { code: "NO_CARD" } });
      reply({ type: "result", result: { signature, certificate } });
      return Promise.resolve({ pageGone } as unknown as Operation);
    };
    const { script, replies } = page();
    await launch(script, login);
    expect([replies(), pasts[origin]?.failures]).toEqual([[failed()], 1]);
    await launch(script, login);
    expect([replies(), pasts[origin]?.failures]).toEqual([[failed(), failed()], 2]);
    script.disconnect();
    await settle();
    expect([pageGone.mock.calls, pasts[origin]?.failures]).toEqual([[], 2]);
  });

  it("that could not be started leaves the place to the next", async () => {
    start = () => Promise.reject(new Error("no"));
    const { script, replies } = page();
    await launch(script, login);
    await launch(script, login);
    expect(replies()).toEqual([failed(), failed()]);
    expect(notes.filter(({ entry }) => "code" in entry).map(({ entry }) => entry)).toEqual([expect.objectContaining({ code: "INTERNAL" }), expect.objectContaining({ code: "INTERNAL" })]);
  });

  it("whose page goes away is one failure", async () => {
    const { script } = await asked();
    script.disconnect();
    await settle();
    expect(pasts[origin]?.failures).toBe(1);
  });
});

describe("a page that goes away", () => {
  it.each([
    ["with close", (script: FakePort) => { script.postMessage({ type: "close" }); }],
    ["without a word", (script: FakePort) => { script.disconnect(); }],
    ["and whose script says nonsense", (script: FakePort) => { script.postMessage({ type: "nonsense" }); }],
  ])("%s ends what runs for it, with no reply", async (_, go) => {
    const { script, replies, id } = await asked();
    go(script);
    await settle();
    expect([browser.closed, browser.host.sent.at(-1), replies()]).toEqual([[1], { type: "cancel", id }, []]);
  });

  it("before its window opened opens none", async () => {
    const { script, replies } = page();
    script.postMessage({ type: "launch", detail: JSON.stringify(login) });
    script.disconnect();
    await settle();
    expect([browser.opened, browser.hosts, replies()]).toEqual([[], [], []]);
  });
});

describe("a guard against nuisance", () => {
  const fail = async (script: FakePort): Promise<boolean> => {
    const before = browser.opened.length;
    await launch(script, login);
    if (browser.opened.length === before) return false;
    browser.host.onMessage.emit(hello);
    browser.host.onMessage.emit({ type: "error", id: browser.opened.at(-1), error: { code: "CANCELLED" } });
    await settle();
    return true;
  };

  it("is that the tab is before the citizen", async () => {
    front = false;
    const { script, replies } = page();
    await launch(script, login);
    expect([replies(), browser.opened, browser.hosts]).toEqual([[failed()], [], []]);
  });

  it("is a pause that grows with failures, from the third in a row", async () => {
    const { script, replies } = page();
    const opens: boolean[] = [];
    for (let i = 0; i < 4; i++) opens.push(await fail(script));
    expect(opens).toEqual([true, true, true, false]);
    expect(replies()).toEqual(Array.from({ length: 4 }, () => failed()));
    now += 10_000;
    expect([await fail(script), await fail(script)]).toEqual([true, false]);
    now += 29_999;
    expect(await fail(script)).toBe(false);
    now += 1;
    expect([await fail(script), await fail(script)]).toEqual([true, false]);
    now += 60_000;
    expect(await fail(script)).toBe(true);
    now += 300_000;
    for (let i = 0; i < 3; i++) expect(await fail(script)).toBe(true);
  });

  it("forgets failures with a success", async () => {
    const { script } = page();
    for (let i = 0; i < 2; i++) await fail(script);
    await launch(script, login);
    browser.host.onMessage.emit(hello);
    browser.host.onMessage.emit({ type: "result", id: browser.opened.at(-1), result: { signature, certificate } });
    await settle();
    for (let i = 0; i < 3; i++) expect(await fail(script)).toBe(true);
    expect(await fail(script)).toBe(false);
  });

  it("is a number of windows in a time", async () => {
    const { script } = page();
    for (let i = 0; i < 20; i++) {
      await launch(script, login);
      browser.host.onMessage.emit(hello);
      browser.host.onMessage.emit({ type: "result", id: browser.opened.at(-1), result: { signature, certificate } });
      await settle();
      now += 1000;
    }
    expect(browser.opened).toHaveLength(20);
    expect(await fail(script)).toBe(false);
    now += 300_000;
    expect(await fail(script)).toBe(true);
  });

  it("counts what nobody can carry out", async () => {
    const { script, replies } = page();
    for (let i = 0; i < 30; i++) await launch(script, "{");
    expect([replies().length, pasts[origin]?.asked.length]).toEqual([30, 20]);
    expect(await fail(script)).toBe(false);
    now += 300_000;
    expect(await fail(script)).toBe(true);
  });

  it("counts a page that goes away as a failure", async () => {
    for (let i = 0; i < 3; i++) {
      const { script } = await asked();
      script.disconnect();
      await settle();
      browser.host.onDisconnect.emit(browser.host.port);
    }
    const { script } = page();
    expect(await fail(script)).toBe(false);
  });
});

describe("a recording", () => {
  it("holds names, lengths and codes, and no value", async () => {
    const digest = [digestInfo, Buffer.alloc(32, 1).toString("base64"), "山田"];
    const { say, script } = await asked({ ...login, mode: "02", digest: [digestInfo] });
    await say({ type: "result", result: { signatures: [signature], certificate } });
    await launch(script, { mode: "氏名", service_id: "見本 太郎", digest, "住所": "東京都", n: null });
    await launch(script, "見本");
    expect(notes.map(({ pattern, entry }) => [pattern, entry])).toEqual([
      [`${origin}/*`, {
        what: "request", json: true, mode: "02", service_id: "01", array: true, digests: [{ base64: true, bytes: 51, digestInfo: "SHA-256" }],
        keys: [{ key: "mode", type: "string", length: 2 }, { key: "service_id", type: "string", length: 2 }, { key: "digest", type: "array", length: 1, each: [{ type: "string", length: 68 }] }],
      }],
      [`${origin}/*`, {
        what: "reply", result: "0",
        keys: [
          { key: "mode", type: "string", length: 2 }, { key: "result", type: "string", length: 1 }, { key: "signature", type: "array", length: 1, each: [{ type: "string", length: 344 }] },
          { key: "certificate", type: "string", length: bare.length },
        ],
      }],
      [`${origin}/*`, {
        what: "request", json: true, mode: "other", service_id: "other", array: true,
        digests: [{ base64: true, bytes: 51, digestInfo: "SHA-256" }, { base64: true, bytes: 32, digestInfo: "other" }, { base64: false, length: 2 }],
        keys: [
          { key: "mode", type: "string", length: 2 }, { key: "service_id", type: "string", length: 5 }, { key: "digest", type: "array", length: 3, each: [{ type: "string", length: 68 }, { type: "string", length: 44 }, { type: "string", length: 2 }] },
        ],
        others: 2,
      }],
      [`${origin}/*`, expect.objectContaining({ what: "reply", result: "1", errcode: "EW044-C300", code: "INVALID_REQUEST", why: "mode" })],
      [`${origin}/*`, { what: "request", json: false, type: "string", length: 2 }],
      [`${origin}/*`, expect.objectContaining({ code: "INVALID_REQUEST", why: "detail" })],
    ]);
    const told = JSON.stringify(notes);
    for (const secret of [digestInfo, signature, bare.slice(0, 40), "見本", "太郎", "東京", "山田", "住所", "氏名"]) expect(told).not.toContain(secret);
  });
});
