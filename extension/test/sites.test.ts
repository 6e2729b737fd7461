import { readFileSync } from "node:fs";
import { beforeEach, describe, expect, it, vi } from "vitest";
import managedSchema from "../static/managed_schema.json";
import { settle } from "./fakes.ts";

const { browser } = vi.hoisted(() => {
  const listeners = new Map<string, (details: { origins?: string[]; bridges?: object }, area?: string) => void>();
  const event = (name: string) => ({ addListener: (listener: (details: { origins?: string[] }, area?: string) => void) => listeners.set(name, listener) });
  const browser = {
    listeners,
    granted: [] as string[],
    registered: [] as { id: string; matches: string[] }[],
    injected: [] as number[],
    tabs: [] as { id?: number; url: string }[],
    managed: undefined as Record<string, unknown> | undefined,
    session: {} as Record<string, unknown>,
    stored: {} as Record<string, unknown>,
    uiLanguage: "ja",
  };
  const area = (values: () => Record<string, unknown>) => ({
    get: () => Promise.resolve(values()),
    set: (added: object) => Promise.resolve(void Object.assign(values(), structuredClone(added))),
    remove: (key: string) => Promise.resolve(void Reflect.deleteProperty(values(), key)),
  });
  vi.stubGlobal("chrome", {
    runtime: { onInstalled: event("installed"), onStartup: event("startup") },
    permissions: {
      onAdded: event("added"),
      onRemoved: event("removed"),
      getAll: () => Promise.resolve({ origins: browser.granted }),
      contains: ({ origins }: { origins: string[] }) => Promise.resolve(origins.every((origin) => browser.granted.includes(origin))),
    },
    scripting: {
      getRegisteredContentScripts: () => Promise.resolve(browser.registered),
      unregisterContentScripts: () => { browser.registered = []; return Promise.resolve(); },
      registerContentScripts: (scripts: { id: string; matches: string[] }[]) => {
        if (browser.registered.length > 0) return Promise.reject(new Error("Duplicate script ID"));
        browser.registered = scripts;
        return Promise.resolve();
      },
      executeScript: ({ target }: { target: { tabId: number } }) => {
        if (target.tabId === 13) return Promise.reject(new Error("Cannot access contents of the page"));
        browser.injected.push(target.tabId);
        return Promise.resolve([]);
      },
    },
    tabs: { query: ({ url }: { url: string[] }) => Promise.resolve(browser.tabs.filter((tab) => url.includes(tab.url))) },
    storage: {
      onChanged: event("changed"),
      local: area(() => browser.stored),
      session: area(() => browser.session),
      managed: { get: () => (browser.managed ? Promise.resolve(browser.managed) : Promise.reject(new Error("Managed storage manifest not found"))) },
    },
    i18n: { getUILanguage: () => browser.uiLanguage },
  });
  return { browser };
});

const { grantedSites, hostOfPattern, isAmong, isGranted, keepSites, patternOf, permittedSites } = await import("../src/background/sites.ts");
const settings = await import("../src/settings.ts");
const { policyKeys, unusable, unusableForbidding } = await import("../src/policy.ts");

const site = "https://shinsei.example/*";
const other = "https://other.example/*";
const government = "https://*.go.example/*";

let excluded: string[] = [];

beforeEach(() => {
  excluded = [];
  Object.assign(browser, { granted: [], registered: [], injected: [], tabs: [], managed: undefined, stored: {}, session: {}, uiLanguage: "ja" });
  keepSites(() => Promise.resolve(excluded));
});

describe("the relay", () => {
  it.each(["installed", "startup", "added", "removed"])("is registered for what is granted when %s, and for nothing else", async (event) => {
    browser.granted = [other, site, "chrome://favicon/*"];
    browser.listeners.get(event)?.({});
    await settle();
    expect(browser.registered).toEqual([{ id: "relay", matches: [other, site], excludeMatches: [], js: ["relay.js"], runAt: "document_start", allFrames: false, persistAcrossSessions: true }]);
  });

  it("is registered nowhere when nothing is granted any longer", async () => {
    browser.registered = [{ id: "relay", matches: [site] }];
    browser.listeners.get("removed")?.({ origins: [site] });
    await settle();
    expect(browser.registered).toEqual([]);
  });

  it.each(["installed", "added", "changed"])("leaves out the pages that a bridge serves, when %s", async (event) => {
    browser.granted = ["https://*/*", government, site];
    browser.tabs = [{ id: 1, url: site }, { id: 2, url: "https://www.go.example/*" }];
    excluded = [government];
    browser.listeners.get(event)?.({ origins: browser.tabs.map(({ url }) => url), bridges: {} }, "local");
    await settle();
    expect(browser.registered).toMatchObject([{ matches: ["https://*/*", site], excludeMatches: [government] }]);
    expect(browser.injected).not.toContain(2);
    browser.granted = [government, site];
    browser.listeners.get("changed")?.({}, "managed");
    await settle();
    expect(browser.registered).toMatchObject([{ matches: [site], excludeMatches: [] }]);
    excluded = [government, site];
    browser.listeners.get("changed")?.({}, "managed");
    await settle();
    expect(browser.registered).toEqual([]);
  });

  it("stays right when changes come fast", async () => {
    for (let i = 0; i < 5; i++) {
      browser.granted = [`https://site${i}.example/*`];
      browser.listeners.get(i % 2 ? "removed" : "added")?.({});
    }
    await settle();
    expect(browser.registered.map(({ matches }) => matches)).toEqual([["https://site4.example/*"]]);
  });

  it("comes into the tabs that show a site when it is switched on", async () => {
    browser.granted = [site];
    browser.tabs = [{ id: 13, url: site }, { id: 1, url: site }, { id: 2, url: other }, { url: site }];
    browser.listeners.get("added")?.({ origins: [site] });
    await settle();
    expect(browser.injected).toEqual([1]);
  });
});

describe("a site", () => {
  it.each([
    ["https://shinsei.example", site],
    ["https://shinsei.example:8443", site],
    ["http://localhost:8080", "http://localhost/*"],
  ])("%s is the pattern %s", async (origin, pattern) => {
    expect(patternOf(origin)).toBe(pattern);
    expect(await isGranted(origin)).toBe(false);
    browser.granted = [pattern];
    expect(await isGranted(origin)).toBe(true);
  });

  it.each([
    [site, "shinsei.example"], ["http://localhost/*", "localhost"], ["https://*.myna.go.jp/*", "*.myna.go.jp"], ["https://*/*", "*"],
    ["https://shinsei.example/form/*", undefined], ["ftp://shinsei.example/*", undefined], ["<all_urls>", undefined], ["shinsei.example", undefined],
  ])("of the pattern %s has the host %s", (pattern, host) => {
    expect(hostOfPattern(pattern)).toBe(host);
  });

  it.each([
    ["https://shinsei.example:8443/form", true], ["https://a.b.myna.go.jp", true], ["https://myna.go.jp", false], ["https://xshinsei.example", false],
  ])("of the address %s is one of the patterns': %s", (address, among) => {
    expect(isAmong(address, [site, "https://*.myna.go.jp/*", "https://shinsei.example.evil.example/form/*"])).toBe(among);
  });
});

describe("an administrator", () => {
  const forbidden = { blockedSites: ["shinsei.example", "*.bad.example"], allowedSites: ["good.bad.example"] };
  const all = { blockedSites: ["*"], allowedSites: ["shinsei.example", "*.lg.example"] };

  it.each([
    [undefined, "https://shinsei.example", true],
    [{}, "https://shinsei.example", true],
    [forbidden, "https://shinsei.example", false],
    [forbidden, "https://shinsei.example:8443", false],
    [forbidden, "https://www.shinsei.example", true],
    [forbidden, "https://a.b.bad.example", false],
    [forbidden, "https://bad.example", true],
    [forbidden, "https://good.bad.example", true],
    [all, "https://shinsei.example", true],
    [all, "https://www.city.lg.example", true],
    [all, "https://lg.example", false],
    [all, "https://other.example", false],
    [{ blockedSites: ["*"], allowedSites: ["*"] }, "https://shinsei.example", false],
    [{ blockedSites: "shinsei.example" }, "https://shinsei.example", false],
    [{ blockedSites: "other.example" }, "https://shinsei.example", true],
    [{ blockedSites: { 2: "shinsei.example" } }, "https://shinsei.example", false],
    [{ blockedSites: { 2: "other.example" } }, "https://shinsei.example", true],
    [{ blockedSites: {} }, "https://shinsei.example", true],
    [{ blockedSites: [] }, "https://shinsei.example", true],
    [{ blockedSites: [7], allowedSites: "shinsei.example" }, "https://shinsei.example", true],
    [{ blockedSites: ["*"], allowedSites: [7] }, "https://shinsei.example", false],
    [{ blockedSites: ["shinsei.example"] }, "https://shinsei.example.", false],
    [{ blockedSites: ["*.example"] }, "https://shinsei.example.", false],
    [{ blockedSites: ["shinsei.example."] }, "https://shinsei.example", false],
    [{ blockedSites: ["SHINSEI.Example"] }, "https://shinsei.example", false],
    [{ blockedSites: ["申請.example"] }, new URL("https://申請.example").origin, false],
    [{ blockedSites: ["*.しんせい.example"] }, new URL("https://www.しんせい.example").origin, false],
    [{ blockedSites: [...Array.from({ length: 2000 }, () => "b.example"), "shinsei.example"] }, "https://shinsei.example", false],
    [{ blockedSites: ["*"], allowedSites: ["Shinsei.EXAMPLE."] }, "https://shinsei.example", true],
  ])("with the policy %j lets %s stay on: %s", async (policy, origin, on) => {
    browser.managed = policy;
    browser.granted = [patternOf(origin)];
    expect([await isGranted(origin), await grantedSites(), await permittedSites()]).toEqual([on, on ? [patternOf(origin)] : [], [patternOf(origin)]]);
    browser.granted = [];
    expect(await isGranted(origin)).toBe(false);
  });

  it.each([
    ["https://other.example"], ["other.example/"], ["other.example:443"], ["other.example", 7], [""], [null], "other.example, third.example", "", { site: "other.example" }, 0, false, true, null,
  ].map((blockedSites) => ({ blockedSites })))("is taken to forbid every site where what they forbid cannot be read: %j", async ({ blockedSites }) => {
    browser.managed = { blockedSites };
    browser.granted = [site];
    expect([await isGranted("https://shinsei.example"), await grantedSites()]).toEqual([false, []]);
    browser.managed = { blockedSites, allowedSites: ["shinsei.example"] };
    expect([await isGranted("https://shinsei.example"), await grantedSites()]).toEqual([true, [site]]);
  });

  it("keeps the relay off the sites that are forbidden, as soon as they are", async () => {
    browser.granted = [other, site, "https://*.many.example/*"];
    browser.tabs = [{ id: 1, url: site }, { id: 2, url: other }];
    browser.managed = { blockedSites: ["shinsei.example"] };
    browser.listeners.get("changed")?.({}, "managed");
    await settle();
    expect(browser.registered).toMatchObject([{ matches: ["https://*.many.example/*", other] }]);
    browser.listeners.get("added")?.({ origins: [site, other] });
    await settle();
    expect(browser.injected).toEqual([2]);
  });

  it("settles with exactly the keys that the schema describes", () => {
    expect([...policyKeys].sort()).toEqual(Object.keys(managedSchema.properties).sort());
  });

  it("is told what cannot be used of the lists", async () => {
    browser.managed = {
      allowedSites: ["*", "A.example", "https://a.example", ...Array.from({ length: 498 }, () => "申請.example")],
      blockedSites: ["*", "*.a.example", "*a.example", 7, "a.example:443", "*.*.example", "a@b.example", "a b.example", "a%2eexample", "[::1]", "a..example", "-a.example", ".", "", null, ...Array.from({ length: 500 }, () => "b.example")],
    };
    const blocked = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14].map((i) => `blockedSites[${i}]`);
    expect(await unusable()).toEqual(["allowedSites[0]", "allowedSites[2]", "allowedSites[500]", ...blocked]);
    expect(await unusableForbidding()).toEqual(blocked);
  });

  it.each([
    [undefined, [], []],
    [{ allowedSites: "a.example", blockedSites: {}, allowRecordings: 0, allowWindowPin: 1, bridges: {}, bridgeSites: {} }, [], []],
    [{ allowedSites: 7, blockedSites: { site: "a.example" } }, ["allowedSites"], ["blockedSites"]],
    [{ allowedSites: "https://a.example", blockedSites: "a.example/" }, ["allowedSites"], ["blockedSites"]],
    [{ allowedSites: { 1: "a.example", 2: "*" }, blockedSites: { 2: "a.example:443", 7: "b.example", 10: 7 } }, ['allowedSites["2"]'], ['blockedSites["2"]', 'blockedSites["10"]']],
    [{ allowRecordings: "no", allowWindowPin: "true" }, [], ["allowRecordings", "allowWindowPin"]],
    [{ allowRecordings: null, allowWindowPin: 2 }, [], ["allowRecordings", "allowWindowPin"]],
    [{ bridges: "{}", bridgeSites: [] }, ["bridges", "bridgeSites"], []],
  ])("with the policy %j is told what else cannot be used: %j, and of what forbids something %j", async (policy, lax, strict) => {
    browser.managed = policy;
    expect((await unusable()).sort()).toEqual([...lax, ...strict].sort());
    expect(await unusableForbidding()).toEqual(strict);
  });

  it.each([
    [undefined, true], [{}, true], [{ allowWindowPin: true }, true], [{ allowWindowPin: 1 }, true], [{ allowWindowPin: false }, false], [{ allowWindowPin: 0 }, false],
  ])("with the policy %j lets the window take PINs: %s", async (policy, allowed) => {
    browser.managed = policy;
    expect(await settings.windowPinAllowed()).toBe(allowed);
  });

  it.each(["false", "true", "no", "", "0", 2, null, [], {}])("is taken to forbid the window PINs where that cannot be read: %j", async (allowWindowPin) => {
    browser.managed = { allowWindowPin };
    expect(await settings.windowPinAllowed()).toBe(false);
  });
});

describe("the language", () => {
  it("is the citizen's choice, then the site's, then the browser's", async () => {
    expect(await settings.language()).toBe("ja");
    browser.uiLanguage = "de";
    expect(await settings.language()).toBe("en");
    expect(await settings.language("ja")).toBe("ja");
    await settings.chooseLanguage("en");
    expect(await settings.language("ja")).toBe("en");
  });
});

describe("how operations are to run", () => {
  it("is a plain window PIN unless something was settled", async () => {
    expect(await settings.preferences()).toEqual({ windowPin: true });
    browser.managed = { allowWindowPin: false };
    await settings.wantPinPad(true);
    await settings.chooseReader("Sony RC-S300");
    expect(await settings.preferences()).toEqual({ windowPin: false, pinPad: true, reader: "Sony RC-S300" });
  });

  it("forgets a reader with the session, and on demand", async () => {
    await settings.chooseReader("Sony RC-S300");
    expect(JSON.stringify(browser.stored)).not.toContain("Sony");
    await settings.forgetReader();
    expect(await settings.preferences()).toEqual({ windowPin: true });
  });
});

describe("the settings", () => {
  it("are no business of content scripts, where the browser can tell them so", async () => {
    await settings.guardSettings();
    const setAccessLevel = vi.fn(() => Promise.resolve());
    Object.assign(chrome.storage.local, { setAccessLevel });
    await settings.guardSettings();
    expect(setAccessLevel.mock.calls).toEqual([[{ accessLevel: "TRUSTED_CONTEXTS" }]]);
  });

  it("are not read by the relay", () => {
    const relay = readFileSync(`${import.meta.dirname}/../src/relay/main.ts`, "utf8") + readFileSync(`${import.meta.dirname}/../src/relay/relay.ts`, "utf8");
    expect(relay).not.toMatch(/storage|settings/);
    expect(readFileSync(`${import.meta.dirname}/../src/background/main.ts`, "utf8")).toContain("guardSettings()");
  });
});

describe("a help desk", () => {
  const desk = "[\"北九州市\",\"戸畑区役所 市民課\"]";

  it("is kept until another or none is chosen", async () => {
    expect(await settings.chosenDesk()).toBeUndefined();
    await settings.chooseDesk(desk);
    expect([browser.stored, await settings.chosenDesk()]).toEqual([{ desk }, desk]);
    await settings.chooseDesk(undefined);
    expect(await settings.chosenDesk()).toBeUndefined();
  });

  it("of another shape is none", async () => {
    browser.stored.desk = { office: { ja: "戸畑区役所 市民課" }, telephone: "000-000-0000" };
    expect(await settings.chosenDesk()).toBeUndefined();
  });
});
