// @vitest-environment happy-dom
/** What a site is told of this computer: one story in script and headers, and the truth again when it ends. */

import { describe, expect, it } from "vitest";
import { disguise, isSites, revealEvent } from "../src/disguise/disguise.ts";
import stories from "../src/disguise/stories.json";
import { storyTitles } from "../src/disguise/titles.ts";
import { appVersionOf, headersOf, userAgentOf } from "../src/disguise/story.ts";

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
  return { navigator, Navigator, data, document: new EventTarget() };
}

type Faked = ReturnType<typeof browserWindow>;
const put = (window: Faked): void => { disguise(window as unknown as Window & typeof globalThis, ten); };
const seen = ({ navigator }: Faked) => [navigator.userAgent, navigator.appVersion, navigator.platform, navigator.oscpu];
const end = (window: Faked, detail?: unknown): void => { window.document.dispatchEvent(new CustomEvent(revealEvent, { detail })); };

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
    put(window);
    end(window, agent);
    expect(seen(window)).toEqual(seen(plain));
    expect([window.data.platform, JSON.stringify(window.data)]).toEqual(["Linux", JSON.stringify(plain.data)]);
    expect(await window.data.getHighEntropyValues(["platformVersion"])).toEqual(await plain.data.getHighEntropyValues(["platformVersion"]));
  });

  it("tells it also where the browser remembers what its request told", () => {
    const window = browserWindow(firefox.told, false);
    put(window);
    end(window, firefox.linux);
    expect(window.navigator.userAgent).toBe(firefox.linux);
  });

  it("heeds no end but a text", () => {
    const window = browserWindow(firefox.told, false);
    put(window);
    end(window, { toString: () => "x" });
    expect(window.navigator.userAgent).toBe(firefox.told);
  });
});

describe("a frame", () => {
  const location = { origin: "https://myna.go.jp" };
  it("of the site inside its own page hears the story, as its requests tell it; inside another site's neither does", () => {
    const own = { location, top: { location: { ...location } } };
    const others = { location, top: { location: { origin: "https://other.example" } } };
    const guarded = { location, top: { get location(): never { throw new DOMException("Blocked a frame", "SecurityError"); } } };
    expect([own, others, guarded].map((window) => isSites(window as unknown as Window))).toEqual([true, false, false]);
  });
});
