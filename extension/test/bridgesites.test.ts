/** Where the bridge stands: on sites that are settled and granted, with everything that hangs on them, and nowhere else. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { settle } from "./fakes.ts";

type Event = (details: Record<string, unknown>, area?: string) => void;
interface Script { id: string; matches: string[]; js: string[]; allFrames: boolean; runAt: string; world?: string }

const { browser } = vi.hoisted(() => {
  const browser = {
    listeners: new Map<string, Event>(),
    old: false,
    granted: [] as string[],
    registered: [] as Script[],
    unregistered: [] as string[],
    broken: [] as string[],
    rules: [] as { id: number; condition: Record<string, unknown> }[],
    tabs: [] as { id: number; url: string }[],
    injected: [] as number[],
    told: [] as [number, unknown][],
    stored: {} as Record<string, unknown>,
    session: {} as Record<string, unknown>,
    looks: 0,
    managed: undefined as Record<string, unknown> | undefined,
  };
  const hung = new Promise(() => undefined);
  const take = (scripts: Script[]): void => {
    if (browser.broken.includes("scripts")) throw new Error("no scripts");
    if (browser.old && scripts.some((each) => "matchOriginAsFallback" in each)) throw new TypeError("Unexpected property: 'matchOriginAsFallback'.");
  };
  const event = (name: string) => ({ addListener: (listener: Event) => browser.listeners.set(name, listener) });
  vi.stubGlobal("navigator", { userAgent: "Mozilla/5.0 (X11; Linux x86_64) Chrome/142.0.0.0", userAgentData: {}, locks: { request: (_: string, act: () => Promise<void>) => act() } });
  vi.stubGlobal("chrome", {
    runtime: { onInstalled: event("installed"), onStartup: event("startup") },
    permissions: {
      onAdded: event("added"),
      onRemoved: event("removed"),
      getAll: () => Promise.resolve({ origins: browser.granted }),
      contains: ({ origins }: { origins: string[] }) => Promise.resolve(origins.every((origin) => browser.granted.includes(origin))),
    },
    scripting: {
      getRegisteredContentScripts: ({ ids }: { ids: string[] }) => Promise.resolve(browser.registered.filter(({ id }) => ids.includes(id))),
      unregisterContentScripts: ({ ids }: { ids: string[] }) => { browser.unregistered.push(...ids); browser.registered = browser.registered.filter(({ id }) => !ids.includes(id)); return Promise.resolve(); },
      updateContentScripts: (scripts: Script[]) => {
        take(scripts);
        if (scripts.some(({ id }) => browser.registered.every((each) => each.id !== id))) throw new Error("Content script with this ID does not exist.");
        browser.registered = browser.registered.map((each) => scripts.find(({ id }) => id === each.id) ?? each);
        return Promise.resolve();
      },
      registerContentScripts: (scripts: Script[]) => {
        take(scripts);
        if (scripts.some(({ id }) => browser.registered.some((each) => each.id === id))) throw new Error("Duplicate script ID.");
        browser.registered.push(...scripts);
        return Promise.resolve();
      },
      executeScript: ({ target }: { target: { tabId: number } }) => (target.tabId === 99 ? hung : Promise.resolve(browser.injected.push(target.tabId))),
    },
    declarativeNetRequest: {
      getDynamicRules: () => Promise.resolve(browser.rules),
      updateDynamicRules: ({ removeRuleIds, addRules }: { removeRuleIds: number[]; addRules: typeof browser.rules }) => {
        if (browser.broken.includes("rules")) return Promise.reject(new Error("no rules"));
        browser.rules = [...browser.rules.filter(({ id }) => !removeRuleIds.includes(id)), ...addRules];
        return Promise.resolve();
      },
    },
    tabs: {
      query: ({ url }: { url?: string[] }) => Promise.resolve(browser.tabs.filter((tab) => url === undefined || url.includes(tab.url))),
      sendMessage: (id: number, message: unknown) => (id === 99 ? hung : id === 13 ? Promise.reject(new Error("Receiving end does not exist.")) : Promise.resolve(void browser.told.push([id, message]))),
    },
    storage: {
      onChanged: event("changed"),
      local: {
        get: () => Promise.resolve(browser.stored),
        set: (values: object) => Promise.resolve(void Object.assign(browser.stored, structuredClone(values))),
      },
      session: {
        get: () => Promise.resolve(browser.session),
        set: (values: object) => Promise.resolve(void Object.assign(browser.session, structuredClone(values))),
      },
      managed: { get: () => (browser.managed ? Promise.resolve(browser.managed) : Promise.reject(new Error("Managed storage manifest not found"))) },
    },
  });
  return { browser };
});

const { keepBridges } = await import("../src/background/bridgesites.ts");
const settings = await import("../src/bridge/settings.ts");

const myna = "https://myna.go.jp/*";
const etax = "https://login.e-tax.nta.go.jp/*";
const relay = { id: "relay", matches: [myna], js: ["relay.js"], allFrames: false, runAt: "document_start" };

beforeEach(() => {
  Object.assign(browser, { old: false, granted: [], registered: [relay], unregistered: [], broken: [], rules: [], tabs: [], injected: [], told: [], stored: {}, session: {}, looks: 0, managed: undefined });
  keepBridges(() => { browser.looks++; });
});

async function happen(name: string, details: Record<string, unknown> = {}, area = "local"): Promise<void> {
  browser.listeners.get(name)?.(details, area);
  for (let i = 0; i < 10; i++) await settle();
}

/** Settles sites, as the options page does. */
async function switchOn(bridges: Record<string, object>): Promise<void> {
  browser.stored.bridges = bridges;
  await happen("changed", { bridges: {} });
}

const bridges = () => browser.registered.filter(({ id }) => id !== "relay");

describe("the content script", () => {
  it.each(["installed", "startup", "added", "changed"])("is registered for sites that are settled and granted, when %s", async (event) => {
    browser.granted = [myna, "https://shinsei.example/*"];
    browser.stored.bridges = { [myna]: { profile: "myna" }, [etax]: { profile: "myna" }, "https://shinsei.example/*": { profile: "myna" }, "https://www.myna.go.jp/*": { profile: "other" } };
    await happen(event, { bridges: {} });
    expect(bridges()).toEqual([{ id: "bridge", matches: [myna], js: ["bridge.js"], runAt: "document_start", persistAcrossSessions: true, allFrames: false }]);
    expect([browser.registered[0], browser.rules]).toEqual([relay, []]);
  });

  it("comes into the tabs that show the site, so that nobody needs to reload", async () => {
    browser.granted = [myna];
    browser.tabs = [{ id: 1, url: myna }, { id: 2, url: etax }];
    await switchOn({ [myna]: { profile: "myna" } });
    expect(browser.injected).toEqual([1]);
  });

  it.each(["lang", "reader"])("is none of the business of other settings: %s", async (key) => {
    browser.granted = [myna];
    browser.stored.bridges = { [myna]: { profile: "myna" } };
    await happen("changed", { [key]: {} });
    expect(bridges()).toEqual([]);
  });
});

describe("a site that stays on", () => {
  it.each([
    ["another comes", [myna], [myna, etax], "added"],
    ["another goes", [myna, etax], [myna], "removed"],
  ])("keeps its scripts and its headers all the time, while %s", async (_, before, after, event) => {
    browser.granted = before;
    await switchOn(Object.fromEntries(before.map((site) => [site, { profile: "myna", disguise: true }])));
    browser.granted = after;
    browser.stored.bridges = Object.fromEntries(after.map((site) => [site, { profile: "myna", disguise: true }]));
    await happen(event);
    expect([browser.unregistered, bridges().map(({ id, matches }) => [id, matches])]).toEqual([[], [["bridge", [...after].sort()], ["windows-10", [...after].sort()]]]);
    expect(browser.rules).toHaveLength(2 * after.length);
  });

  it("has its bridge in pages that were loaded while another went", async () => {
    browser.granted = [myna, etax];
    await switchOn({ [myna]: { profile: "myna" }, [etax]: { profile: "myna" } });
    browser.tabs = [{ id: 1, url: myna }, { id: 2, url: etax }];
    browser.granted = [myna];
    await happen("removed");
    expect(browser.injected).toEqual([1]);
  });
});

describe("something that the browser refuses", () => {
  beforeEach(() => { vi.spyOn(console, "error").mockImplementation(() => undefined); });
  afterEach(() => { vi.restoreAllMocks(); });

  it.each([
    ["scripts", [[], 2]],
    ["rules", [["bridge", "windows-10"], 0]],
  ])("leaves everything else as it is to be, and is reported: %s", async (what, there) => {
    browser.broken = [what];
    browser.granted = [myna];
    browser.tabs = [{ id: 1, url: myna }];
    await switchOn({ [myna]: { profile: "myna", disguise: true } });
    expect([bridges().map(({ id }) => id), browser.rules.length]).toEqual(there);
    expect([browser.injected, browser.told.length]).toEqual([[1], 1]);
    expect(console.error).toHaveBeenCalledExactlyOnceWith("keeping the bridges failed", new Error(`no ${what}`));
  });

  it("twice is reported twice", async () => {
    browser.broken = ["scripts", "rules"];
    browser.granted = [myna];
    await switchOn({ [myna]: { profile: "myna", disguise: true } });
    expect(console.error).toHaveBeenCalledTimes(2);
  });
});

describe("a site that loses its permission", () => {
  it("loses everything at once: script, disguise, header rules, identifier; pages of it are told", async () => {
    browser.granted = [myna, etax];
    browser.tabs = [{ id: 13, url: "https://other.example/*" }, { id: 1, url: myna }];
    await switchOn({ [myna]: { profile: "myna", disguise: true, identifier: "0".repeat(32) }, [etax]: { profile: "myna" } });
    expect([bridges().map(({ id }) => id), browser.rules.length]).toEqual([["bridge", "windows-10"], 2]);
    browser.told = [];
    browser.granted = [etax];
    await happen("removed", { origins: [myna] });
    expect(bridges().map(({ id, matches }) => [id, matches])).toEqual([["bridge", [etax]]]);
    expect([browser.rules, browser.stored.bridges, browser.told]).toEqual([[], { [etax]: { profile: "myna" } }, [[1, { type: "bridge:look" }]]]);
  });

  it("loses it while other tabs hang, which no change waits for", async () => {
    browser.granted = [myna, etax];
    browser.tabs = [{ id: 99, url: myna }, { id: 2, url: etax }];
    await switchOn({ [myna]: { profile: "myna" }, [etax]: { profile: "myna", disguise: true } });
    expect(browser.injected).toEqual([2]);
    browser.told = [];
    browser.granted = [myna];
    await happen("removed", { origins: [etax] });
    expect([browser.rules, browser.stored.bridges, browser.told]).toEqual([[], { [myna]: { profile: "myna" } }, [[2, { type: "bridge:look" }]]]);
    expect(bridges().map(({ id, matches }) => [id, matches])).toEqual([["bridge", [myna]]]);
  });

  it("loses it in the background before anything else", async () => {
    browser.listeners.get("removed")?.({ origins: [myna] });
    expect(browser.looks).toBe(1);
    browser.listeners.get("changed")?.({ bridges: {} }, "local");
    browser.listeners.get("changed")?.({ lang: {} }, "local");
    expect(browser.looks).toBe(2);
    await settle();
  });

  it.each([
    ["its permission", async () => { browser.granted = [etax]; await happen("removed"); }],
    ["its switch", () => switchOn({ [etax]: { profile: "myna" } })],
  ])("loses its recording with %s", async (_, lose) => {
    browser.granted = [myna, etax];
    await switchOn({ [myna]: { profile: "myna" }, [etax]: { profile: "myna" } });
    const recording = { started: 1, entries: [] };
    browser.session.bridgeRecordings = { [myna]: recording, [etax]: recording };
    await lose();
    expect(browser.session.bridgeRecordings).toEqual({ [etax]: recording });
  });

  it("while the background slept has lost it when the browser starts", async () => {
    browser.stored.bridges = { [myna]: { profile: "myna", identifier: "0".repeat(32) } };
    await happen("startup");
    expect([bridges(), browser.stored.bridges]).toEqual([[], {}]);
  });
});

describe("the disguise", () => {
  it("is a script in the page's own world, and headers of exactly that host", async () => {
    browser.granted = [myna, etax];
    await switchOn({ [myna]: { profile: "myna", disguise: true }, [etax]: { profile: "myna" } });
    expect(bridges()).toEqual([
      expect.objectContaining({ id: "bridge", matches: [etax, myna] }),
      { id: "windows-10", matches: [myna], js: ["windows-10.js"], runAt: "document_start", persistAcrossSessions: true, allFrames: true, world: "MAIN", matchOriginAsFallback: true },
    ]);
    const action = {
      type: "modifyHeaders",
      requestHeaders: [
        { header: "User-Agent", operation: "set", value: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/142.0.0.0" },
        { header: "Sec-CH-UA-Platform", operation: "set", value: "\"Windows\"" },
        ...["Platform-Version", "Arch", "Bitness", "WoW64"].map((hint) => ({ header: `Sec-CH-UA-${hint}`, operation: "remove" })),
      ],
    };
    const urlFilter = "|https://myna.go.jp/";
    expect(browser.rules).toEqual([
      { id: 1, action, condition: { urlFilter, resourceTypes: ["main_frame"] } },
      { id: 2, action, condition: { urlFilter, initiatorDomains: ["myna.go.jp"] } },
    ]);
  });

  it("is none of the hosts below that tell the truth", async () => {
    const [below, other, plain] = ["https://www.myna.go.jp/*", "https://app.oss.myna.go.jp/*", "https://img.myna.go.jp/*"];
    browser.granted = [myna, etax, below, other, plain, "https://*/*"];
    await switchOn({ [myna]: { profile: "myna", disguise: true }, [etax]: { profile: "myna" }, [below]: { profile: "myna", disguise: true }, [other]: { profile: "myna" } });
    expect(browser.rules.map(({ condition: { initiatorDomains, excludedInitiatorDomains } }) => [initiatorDomains, excludedInitiatorDomains])).toEqual([
      [undefined, undefined], [["myna.go.jp"], ["app.oss.myna.go.jp", "img.myna.go.jp"]], [undefined, undefined], [["www.myna.go.jp"], undefined],
    ]);
  });

  it("comes without a site's empty frames where the browser knows of no such wish", async () => {
    browser.old = true;
    browser.granted = [myna];
    await switchOn({ [myna]: { profile: "myna", disguise: true } });
    expect(bridges().map((each) => [each.id, "matchOriginAsFallback" in each])).toEqual([["bridge", false], ["windows-10", false]]);
  });

  it("tells the story that an override chose, and ends with its switch", async () => {
    browser.granted = [myna];
    browser.stored.bridgeProfiles = { myna: { disguise: "windows-11" } };
    await switchOn({ [myna]: { profile: "myna", disguise: true } });
    expect(bridges().map(({ id }) => id)).toEqual(["bridge", "windows-11"]);
    await switchOn({ [myna]: { profile: "myna" } });
    expect([bridges().map(({ id }) => id), browser.rules]).toEqual([["bridge"], []]);
  });
});

describe("an administrator", () => {
  const own = "https://www.city.example.lg.jp/*";

  it("can add exact hosts under go.jp and lg.jp, which the citizen still switches on", async () => {
    browser.managed = { bridgeSites: { myna: ["www.city.example.lg.jp", "*.example.lg.jp", "evil.example", 7] } };
    const [profile] = await settings.profiles();
    expect(profile?.sites.slice(4)).toEqual(["www.city.example.lg.jp"]);
    expect(await settings.siteOf("https://www.city.example.lg.jp")).toBeUndefined();
    browser.granted = [own];
    await switchOn({ [own]: { profile: "myna" } });
    expect(bridges().map(({ matches }) => matches)).toEqual([[own]]);
    browser.managed = {};
    await happen("changed", {}, "managed");
    expect(bridges()).toEqual([]);
  });

  it("overrides what the citizen overrode; what cannot be used is left out", async () => {
    browser.stored.bridgeProfiles = { myna: { maxDigests: 9, serviceIds: ["01"] } };
    browser.managed = { bridges: { myna: { maxDigests: 5 } } };
    expect(await settings.profiles()).toEqual([expect.objectContaining({ maxDigests: 5, serviceIds: ["01"] })]);
    browser.managed = { bridges: { myna: { maxDigests: 5, sites: ["evil.go.jp"] } } };
    expect(await settings.profiles()).toEqual([expect.objectContaining({ maxDigests: 9, sites: expect.not.arrayContaining(["evil.go.jp"]) as unknown })]);
  });
});

describe("a site", () => {
  it.each([
    ["https://myna.go.jp", true], ["https://myna.go.jp:8443", false], ["http://myna.go.jp", false], ["https://www.myna.go.jp", false], ["https://shinsei.example", false],
  ])("of the origin %s is on: %s", async (origin, on) => {
    browser.granted = [myna, "http://myna.go.jp/*"];
    browser.stored.bridges = { [myna]: { profile: "myna" }, "http://myna.go.jp/*": { profile: "myna" } };
    expect((await settings.siteOf(origin)) !== undefined).toBe(on);
  });

  it.each([
    ["https://myna.go.jp", true], ["https://myna.go.jp:8443", true], ["https://app.oss.myna.go.jp", true], ["https://www.nta.go.jp", false], ["https://xmyna.go.jp", false], ["https://www.city.example.lg.jp", true],
  ])("of the origin %s is not for the page API: %s", async (origin, bridged) => {
    browser.stored.bridges = { "https://www.city.example.lg.jp/*": { profile: "myna" }, "https://*/*": { profile: "myna" } }; // the policy that added the first is gone
    expect([await settings.isBridged(origin), (await settings.bridged()).includes("https://*/*")]).toEqual([bridged, false]);
  });

  it("is settled by itself", async () => {
    await settings.settleSite(myna, () => ({ profile: "myna", disguise: true }));
    await settings.settleSite(etax, (now) => now ?? { profile: "myna" });
    await settings.settleSite(myna, (now) => now && { ...now, identifier: "0".repeat(32) });
    expect(browser.stored.bridges).toEqual({ [myna]: { profile: "myna", disguise: true, identifier: "0".repeat(32) }, [etax]: { profile: "myna" } });
    await settings.settleSite(myna, () => undefined);
    expect(browser.stored.bridges).toEqual({ [etax]: { profile: "myna" } });
    await settings.settleOverride("myna", { maxDigests: 5 });
    expect(browser.stored.bridgeProfiles).toEqual({ myna: { maxDigests: 5 } });
    await settings.settleOverride("myna", undefined);
    expect(browser.stored.bridgeProfiles).toEqual({});
  });
});
