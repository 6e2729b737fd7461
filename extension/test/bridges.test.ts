/** What the background makes of a government page's requests. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { overridden } from "../src/bridge/profile.ts";
import { servedBy } from "../src/bridge/serve.ts";
import { hello } from "./background.ts";
import { asked, bare, certificate, failed, launch, login, make, page, scene, signature } from "./bridgescene.ts";
import { golden, settle } from "./fakes.ts";
import { digestInfo, myna } from "./portal.ts";

const identifier = "000102030405060708090a0b0c0d0e0f";
const code = "25fefd1edd16ed47fe1f05a91ae0f7b0d1bde1196c539466e68c3b9acdb2950a";

describe("a page", () => {
  it("hears how it is served", async () => {
    const { heard } = page();
    await settle();
    expect(heard).toEqual([{ type: "serve", served: servedBy(myna, false) }]);
  });

  it("is told of a Mac where the browser is one, unless it is told of Windows", async () => {
    scene.userAgent = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)";
    make();
    const mac = page();
    await settle();
    expect(mac.heard).toEqual([{ type: "serve", served: servedBy(myna, true) }]);
    await launch(mac.script, "{");
    expect(mac.replies()).toEqual([{ type: "reply", detail: `{"result":"1","errcode":"EM044-C300"}` }]);
    if (scene.site) scene.site = { ...scene.site, settings: { ...scene.site.settings, disguise: true } };
    const disguised = page();
    await settle();
    expect(disguised.heard).toEqual([{ type: "serve", served: servedBy(myna, false) }]);
  });

  it.each([
    ["of a site that is off", {}],
    ["of another site", { url: "https://www.myna.go.jp/", origin: "https://www.myna.go.jp" }],
  ])("%s hears that alone, and opens nothing", async (_, sender) => {
    if (Object.keys(sender).length === 0) scene.site = undefined;
    const { script, heard } = page(sender);
    script.postMessage({ type: "launch", detail: JSON.stringify(login) });
    script.postMessage({ type: "look" });
    await settle();
    expect([heard, script.connected]).toEqual([[{ type: "off", userAgent: scene.userAgent }], false]);
    expect([scene.browser.hosts, scene.browser.opened]).toEqual([[], []]);
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
    expect(scene.browser.host.sent).toEqual([{ ...asks, id: scene.browser.opened[0], ...command }]);
  });

  it.each([
    ["login", { mode: "01" }, { digests: { bare: true, sha1: true } }],
    ["sign", { mode: "02" }, {}],
    ["attributes", { mode: "04" }, {}],
  ])("is the golden one, but for its id and language: %s", async (name, request, change) => {
    const wanted = golden(`request-portal-${name}`) as { origin: string; digest?: string; digests?: string[]; serviceId: string; identifier?: string; reader?: string; pinPad?: true; windowPin?: boolean };
    const { windowPin = true, reader, pinPad, digest, digests, serviceId } = wanted;
    scene.browser.preferences = { windowPin, ...(reader !== undefined && { reader }), ...(pinPad && { pinPad }) };
    scene.site = { pattern: "", host: "", profile: overridden(myna, change), settings: { profile: "myna", ...(wanted.identifier !== undefined && { identifier: wanted.identifier }) } };
    scene.origin = wanted.origin;
    await asked({ ...request, service_id: serviceId, digest: digests ?? digest });
    expect(scene.browser.host.sent).toEqual([{ ...wanted, windowPin, lang: "ja", id: scene.browser.opened[0] }]);
  });

  it("uses the pad and the reader as the citizen wants it, but no pad for letters", async () => {
    scene.browser.preferences = { windowPin: false, pinPad: true, reader: "R" };
    const { say, script } = await asked();
    expect(scene.browser.host.sent).toEqual([{ ...asks, id: scene.browser.opened[0], windowPin: false, pinPad: true, reader: "R", command: "portal-login", digest: digestInfo, allow: [] }]);
    await say({ type: "error", error: { code: "CANCELLED" } });
    await launch(script, { ...login, mode: "02" });
    scene.browser.host.onMessage.emit(hello);
    expect(scene.browser.host.sent).toEqual([{ ...asks, id: scene.browser.opened[1], windowPin: false, reader: "R", command: "portal-sign", digests: [digestInfo], allow: [] }]);
  });

  it("brings what the profile allows to be signed", async () => {
    if (scene.site) scene.site = { ...scene.site, profile: overridden(myna, { digests: { bare: true, sha1: true } }) };
    await asked();
    expect(scene.browser.host.sent).toEqual([expect.objectContaining({ allow: ["bare", "sha-1"] })]);
  });

  it("brings the identifier where the citizen lets the site have one, and never with a login", async () => {
    if (scene.site) scene.site = { ...scene.site, settings: { profile: "myna", identifier } };
    for (const [request, has] of [[login, false], [{ ...login, mode: "02" }, true], [{ mode: "04", service_id: "01" }, true]] as const) {
      const { say, told } = await asked(request);
      expect((scene.browser.host.sent[0] as { identifier?: string }).identifier).toBe(has ? identifier : undefined);
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
    if (scene.site) scene.site = { ...scene.site, settings: { profile: "myna", identifier } };
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
    scene.browser.host.onDisconnect.emit(scene.browser.host.port);
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
    expect([replies(), scene.browser.hosts, scene.browser.opened]).toEqual([[{ type: "reply", detail }], [], []]);
  });

  it("with something that is no DigestInfo goes to the host, which says why to the citizen", async () => {
    await asked({ ...login, digest: Buffer.alloc(245, 1).toString("base64") });
    expect(scene.browser.host.sent).toHaveLength(1);
  });
});

describe("a site that is switched off", () => {
  it("ends what runs for its pages, whether they can hear of it or not", async () => {
    const { script, heard, id } = await asked();
    scene.site = undefined;
    scene.bridges.look();
    await settle();
    expect([heard.at(-1), script.connected, scene.browser.closed, scene.browser.host.sent.at(-1)]).toEqual([{ type: "off", userAgent: scene.userAgent }, false, [1], { type: "cancel", id }]);
  });

  it("is looked for in pages that are there, and others hear how they are served", async () => {
    const [gone, there] = [page(), page()];
    gone.script.disconnect();
    scene.bridges.look();
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
    scene.broken = true;
    await launch(first.script, login);
    expect([first.script.connected, first.replies(), scene.browser.opened]).toEqual([false, [], []]);
    scene.broken = false;
    await asked();
    expect(scene.browser.opened).toHaveLength(1);
  });

  it("does so too before anything was asked for, and while something runs", async () => {
    scene.broken = true;
    const early = page();
    await settle();
    scene.broken = false;
    const { script } = await asked();
    scene.broken = true;
    script.postMessage({ type: "look" });
    await settle();
    expect([early.script.connected, script.connected, scene.browser.closed]).toEqual([false, false, [1]]);
  });
});
