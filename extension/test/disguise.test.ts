// @vitest-environment happy-dom
/** What a site is told of this computer: one story in script and headers, and the truth again when it ends. */

import { describe, expect, it } from "vitest";
import { storyTitles } from "../src/bridge/stories.ts";
import { learnTruth } from "../src/bridge/truth.ts";
import { disguise, isSites } from "../src/disguise/disguise.ts";
import { appVersionOf, headersOf, stories, userAgentOf } from "../src/disguise/story.ts";

const ten = stories["windows-10"];
const chromium = { linux: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36", told: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36" };
const firefox = { linux: "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0", told: "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:142.0) Gecko/20100101 Firefox/142.0" };
const mac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";

it.each([[chromium.linux, chromium.told], [firefox.linux, firefox.told], [mac, chromium.told], [chromium.told, chromium.told]])("%s becomes the story's user agent", (real, told) => {
  expect(userAgentOf(real, ten)).toBe(told);
});

it("the other form of it is each browser's own", () => {
  expect(appVersionOf(chromium.linux.replace("Mozilla/", ""), chromium.told, ten)).toBe(chromium.told.replace("Mozilla/", ""));
  expect(appVersionOf("5.0 (X11)", firefox.told, ten)).toBe("5.0 (Windows)");
});

it("headers tell the same, and nothing of what only the real system could answer", () => {
  expect(headersOf(chromium.linux, true, ten)).toEqual([
    ["User-Agent", chromium.told], ["Sec-CH-UA-Platform", "\"Windows\""], ["Sec-CH-UA-Platform-Version", undefined], ["Sec-CH-UA-Arch", undefined], ["Sec-CH-UA-Bitness", undefined], ["Sec-CH-UA-WoW64", undefined],
  ]);
  expect(headersOf(firefox.linux, false, ten)).toEqual([["User-Agent", firefox.told]]);
});

it("every story has a name that people know", () => {
  expect(Object.keys(storyTitles)).toEqual(Object.keys(stories));
});

/* eslint-disable @typescript-eslint/class-literal-property-style -- browsers have getters on their prototypes, and those are what is replaced */
/** A browser's window, as far as its story goes: prototypes with getters, as browsers have them. */
function browserWindow(agent: string, hints: boolean) {
  class NavigatorUAData {
    get brands() { return [{ brand: "Chromium", version: "142" }]; }
    get mobile() { return false; }
    get platform() { return "Linux"; }
    getHighEntropyValues(names: string[]) {
      const all: Record<string, unknown> = { platformVersion: "6.12.0", architecture: "arm", bitness: "64", model: "", wow64: false };
      return Promise.resolve({ brands: this.brands, mobile: false, platform: this.platform, ...Object.fromEntries(names.map((name) => [name, all[name]])) });
    }
    toJSON() { return { brands: this.brands, mobile: false, platform: "Linux" }; }
  }
  class Navigator {
    get userAgent() { return agent; }
    get appVersion() { return hints ? agent.replace("Mozilla/", "") : "5.0 (X11)"; }
    get platform() { return "Linux x86_64"; }
    get userAgentData() { return hints ? data : undefined; }
  }
  const data = new NavigatorUAData();
  if (!hints) Object.defineProperty(Navigator.prototype, "oscpu", { configurable: true, enumerable: true, get: () => "Linux x86_64" });
  const navigator = new Navigator() as Navigator & { oscpu?: string };
  const window = { navigator, Navigator, data, document: new EventTarget(), origin: "https://myna.go.jp", length: 0, top: {} };
  window.top = window;
  return window;
}

type Faked = ReturnType<typeof browserWindow>;
const learn = (window: Faked) => learnTruth(window.document as Document, new AbortController().signal).tell;
/** Disguises a page that has a bridge, and returns how that ends it. */
const put = (window: Faked): ((userAgent: string) => void) => {
  const end = learn(window);
  disguise(window as unknown as Window, ten);
  return end;
};
const seen = ({ navigator }: Faked) => [navigator.userAgent, navigator.appVersion, navigator.platform, navigator.oscpu];

describe("a page's navigator", () => {
  it("tells the story in Chromium, hints and all", async () => {
    const window = browserWindow(chromium.linux, true);
    put(window);
    expect(seen(window)).toEqual([chromium.told, chromium.told.replace("Mozilla/", ""), "Win32", undefined]);
    expect([window.data.platform, window.data.mobile, JSON.parse(JSON.stringify(window.data)) as unknown]).toEqual(["Windows", false, { brands: [{ brand: "Chromium", version: "142" }], mobile: false, platform: "Windows" }]);
    expect(await window.data.getHighEntropyValues(["platformVersion", "architecture", "model"])).toEqual({
      brands: [{ brand: "Chromium", version: "142" }], mobile: false, platform: "Windows", platformVersion: "10.0.0", architecture: "x86", model: "",
    });
    expect(await window.data.getHighEntropyValues([])).toEqual({ brands: [{ brand: "Chromium", version: "142" }], mobile: false, platform: "Windows" });
  });

  it("tells the story in Firefox, which gives no hints", () => {
    const window = browserWindow(firefox.linux, false);
    put(window);
    expect(seen(window)).toEqual([firefox.told, "5.0 (Windows)", "Win32", "Windows NT 10.0; Win64; x64"]);
  });

  it("looks as before: getters and methods on the prototypes, with their names", () => {
    const window = browserWindow(chromium.linux, true);
    put(window);
    expect(Object.keys(window.navigator)).toEqual([]);
    expect(Object.getOwnPropertyDescriptor(window.Navigator.prototype, "platform")?.get?.name).toBe("get platform");
    expect([window.data.getHighEntropyValues.name, window.data.toJSON.name]).toEqual(["getHighEntropyValues", "toJSON"]);
  });

  it.each([[chromium.linux, true], [firefox.linux, false]])("tells the truth again when the disguise ends: %s", async (agent, hints) => {
    const [window, plain] = [browserWindow(agent, hints), browserWindow(agent, hints)];
    put(window)(agent);
    expect(seen(window)).toEqual(seen(plain));
    expect([window.data.platform, JSON.stringify(window.data)]).toEqual(["Linux", JSON.stringify(plain.data)]);
    expect(await window.data.getHighEntropyValues(["platformVersion"])).toEqual(await plain.data.getHighEntropyValues(["platformVersion"]));
  });

  it("tells it also where the browser remembers what its request told", () => {
    const window = browserWindow(firefox.told, false);
    put(window)(firefox.linux);
    expect(window.navigator.userAgent).toBe(firefox.linux);
  });

  it("ends also where the bridge came later, and for nobody who comes after the two", () => {
    const window = browserWindow(chromium.linux, true);
    disguise(window as unknown as Window, ten);
    const [bridge, page] = [learn(window), learn(window)];
    page(chromium.linux);
    expect(window.navigator.userAgent).toBe(chromium.told);
    bridge(chromium.linux);
    expect(window.navigator.userAgent).toBe(chromium.linux);
    const other = browserWindow(chromium.linux, true);
    put(other);
    learn(other)(chromium.linux);
    expect(other.navigator.userAgent).toBe(chromium.told);
  });

  it("has the browser's own functions complain of what they complained of", () => {
    const window = browserWindow(chromium.linux, true);
    const get = (): unknown => Object.getOwnPropertyDescriptor(window.Navigator.prototype, "userAgent")?.get?.toString();
    put(window);
    expect(get()).toMatch(/\[native code\]/);
    expect(() => { window.data.toJSON.call(undefined as never); }).toThrow(TypeError);
  });
});

describe("a frame", () => {
  /** A page with these frames in it. */
  const page = (top: Faked, ...frames: object[]): Faked => Object.assign(top, { length: frames.length }, frames);
  const frame = (top: Faked): Faked => Object.assign(browserWindow(firefox.linux, false), { top });

  it("tells the truth again with its page, however deep it is, and other sites' frames are let alone", () => {
    const top = browserWindow(firefox.linux, false);
    const [child, deep] = [frame(top), frame(top)];
    const other = page(Object.defineProperty(browserWindow(firefox.linux, false), "origin", { get: () => { throw new DOMException("Blocked a frame", "SecurityError"); } }), deep);
    Object.defineProperty(other, "navigator", { get: () => { throw new DOMException("Blocked a frame", "SecurityError"); } });
    page(top, other, child);
    const end = put(top);
    for (const each of [child, deep]) disguise(each as unknown as Window, ten);
    expect([top, child, deep].map(({ navigator }) => navigator.platform)).toEqual(["Win32", "Win32", "Win32"]);
    end(firefox.linux);
    for (const each of [top, child, deep]) expect(seen(each)).toEqual(seen(browserWindow(firefox.linux, false)));
  });

  it("whose browser remembers what its request told tells the truth, too", () => {
    const top = browserWindow(firefox.linux, false);
    const child = Object.assign(browserWindow(firefox.told, false), { top });
    page(top, child);
    const end = put(top);
    disguise(child as unknown as Window, ten);
    end(firefox.linux);
    expect(child.navigator.userAgent).toBe(firefox.linux);
  });

  it("names no event: it is the page's to end", () => {
    const top = browserWindow(chromium.linux, true);
    const child = Object.assign(browserWindow(chromium.linux, true), { top });
    put(child)(chromium.linux);
    expect(child.navigator.platform).toBe("Win32");
  });

  const origin = "https://myna.go.jp";
  it.each([
    ["of the site inside its own page hears the story, as its requests tell it", { origin, top: { origin } }, true],
    ["inside another site's hears the truth, as its requests tell it", { origin, top: { origin: "https://other.example" } }, false],
    ["whose page may not be looked at, likewise", { origin, top: { get origin(): never { throw new DOMException("Blocked a frame", "SecurityError"); } } }, false],
    ["without an origin, likewise", { origin: "null", top: { origin: "null" } }, false],
    ["of another port, likewise", { origin: `${origin}:8443`, top: { origin: `${origin}:8443` } }, false],
  ])("%s", (_, window, story) => {
    expect(isSites(window as unknown as Window)).toBe(story);
  });
});
