/** The settings of government pages: two of our pages and the background change them at the same time. */

import { beforeEach, describe, expect, it, vi } from "vitest";

const { browser } = vi.hoisted(() => {
  const browser = { granted: [] as string[], stored: {} as Record<string, unknown> };
  let last: Promise<unknown> = Promise.resolve();
  vi.stubGlobal("navigator", { locks: { request: (_: string, act: () => Promise<unknown>) => (last = last.then(act)) } });
  const later = () => new Promise((resolve) => setImmediate(resolve));
  vi.stubGlobal("chrome", {
    permissions: {
      contains: async ({ origins }: { origins: string[] }) => {
        const granted = origins.every((origin) => browser.granted.includes(origin));
        await later(); // what is answered may be so no longer
        return granted;
      },
      remove: async ({ origins }: { origins: string[] }) => { await later(); browser.granted = browser.granted.filter((pattern) => !origins.includes(pattern)); return true; },
    },
    storage: {
      managed: { get: () => Promise.resolve({}) },
      local: {
        get: async () => { await later(); return structuredClone(browser.stored); },
        set: async (values: object) => { await later(); Object.assign(browser.stored, structuredClone(values)); },
      },
    },
  });
  return { browser };
});

const { forgetUngranted, settleOverride, settleSite, switchOff, switchOn } = await import("../src/bridge/settings.ts");

const [myna, etax] = ["https://myna.go.jp/*", "https://login.e-tax.nta.go.jp/*"];
const identifier = "0".repeat(32);

beforeEach(() => { Object.assign(browser, { granted: [myna, etax], stored: { bridges: { [myna]: { profile: "myna" } } } }); });

const bridges = () => browser.stored.bridges;

describe("two clicks at once", () => {
  it("on two switches of a site change both", async () => {
    await Promise.all([
      settleSite(myna, (now) => now && { ...now, disguise: true }),
      settleSite(myna, (now) => now && { ...now, identifier }),
    ]);
    expect(bridges()).toEqual({ [myna]: { profile: "myna", disguise: true, identifier } });
  });

  it("on two sites change both", async () => {
    await Promise.all([switchOn(etax, { name: "myna" }), settleSite(myna, (now) => now && { ...now, disguise: true })]);
    expect(bridges()).toEqual({ [myna]: { profile: "myna", disguise: true }, [etax]: { profile: "myna" } });
  });

  it("off and on leave no permission without settings, and no settings without a permission", async () => {
    const [, on] = await Promise.all([switchOff(myna), switchOn(myna, { name: "myna" })]); // the browser had asked nothing: the permission was still there
    expect([on, browser.granted, bridges()]).toEqual([false, [etax], {}]);
  });

  it("on and off do not, either", async () => {
    const [on] = await Promise.all([switchOn(etax, { name: "myna" }), switchOff(etax)]);
    expect([on, browser.granted, bridges()]).toEqual([true, [myna], { [myna]: { profile: "myna" } }]);
  });

  it("on overrides keep the last one", async () => {
    await Promise.all([settleOverride("myna", { maxDigests: 5 }), settleOverride("other", { maxDigests: 6 }), settleOverride("myna", undefined)]);
    expect(browser.stored.bridgeProfiles).toEqual({ other: { maxDigests: 6 } });
  });
});

describe("the background's look at what is granted", () => {
  it("forgets no site that is switched on meanwhile, and takes no change back", async () => {
    browser.granted = [myna];
    browser.stored.bridges = { [myna]: { profile: "myna" }, [etax]: { profile: "myna", identifier } };
    const looked = forgetUngranted();
    browser.granted = [myna, etax]; // the browser's question is answered
    await Promise.all([looked, switchOn(etax, { name: "myna" }), settleSite(myna, (now) => now && { ...now, disguise: true })]);
    expect(Object.keys(bridges() as object).sort()).toEqual([etax, myna]);
    expect(bridges()).toMatchObject({ [myna]: { disguise: true } });
  });
});
