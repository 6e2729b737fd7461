// @vitest-environment happy-dom
/** Switching a government page on and off, and its settings, on the options page and in the popup. */

import { readFileSync } from "node:fs";
import axe from "axe-core";
import { beforeEach, describe, expect, it, vi } from "vitest";
import en from "../_locales/en/messages.json";
import ja from "../_locales/ja/messages.json";
import { translator } from "../src/i18n.ts";
import { HostPort, settle } from "./fakes.ts";

const read = (page: string): string => /<body>(.*)<\/body>/s.exec(readFileSync(`${import.meta.dirname}/../static/${page}.html`, "utf8"))?.[1] ?? "";
const myna = "https://myna.go.jp/*";
/** Where the shipped profile's pages are, as people write addresses. */
const addresses = ["https://myna.go.jp", "https://*.myna.go.jp", "https://*.e-tax.nta.go.jp", "https://*.keisan.nta.go.jp"];
const identifier = "000102030405060708090a0b0c0d0e0f";

type Change = (changes: object) => void;
let stored: Record<string, unknown>;
let session: Record<string, unknown>;
let managed: Record<string, unknown>;
let granted: string[];
let asked: string[];
let answer: boolean;
let changed: Change[];
let removed: (() => void)[];

const area = (values: () => Record<string, unknown>) => ({
  get: () => Promise.resolve(values()),
  set: (added: object) => {
    Object.assign(values(), structuredClone(added));
    for (const listener of changed) listener(added);
    return Promise.resolve();
  },
});

vi.stubGlobal("chrome", {
  runtime: { getURL: (path: string) => path, getManifest: () => ({ version: "0.1.0" }), getPlatformInfo: () => Promise.resolve({ os: "linux" }), connectNative: () => new HostPort().port },
  permissions: {
    onAdded: { addListener: () => undefined },
    onRemoved: { addListener: (listener: () => void) => removed.push(listener) },
    getAll: () => Promise.resolve({ origins: granted }),
    contains: ({ origins }: { origins: string[] }) => Promise.resolve(origins.every((origin) => granted.includes(origin))),
    request: ({ origins }: { origins: string[] }) => {
      asked.push(...origins);
      if (answer) granted.push(...origins);
      return Promise.resolve(answer);
    },
    remove: ({ origins }: { origins: string[] }) => {
      granted = granted.filter((pattern) => !origins.includes(pattern));
      for (const listener of removed) listener();
      return Promise.resolve(true);
    },
  },
  storage: { local: area(() => stored), session: area(() => session), managed: { get: () => Promise.resolve(managed) }, onChanged: { addListener: (listener: Change) => changed.push(listener) } },
  tabs: { sendMessage: () => Promise.resolve("on") },
  i18n: { getUILanguage: () => "ja" },
});
Object.defineProperty(navigator, "locks", { value: { request: (_: string, act: () => Promise<void>) => act() } }); // happy-dom has none
vi.stubGlobal("fetch", (path: string) => Promise.resolve({ json: () => Promise.resolve(path.includes("/ja/") ? ja : en) }));

function find<E extends HTMLElement = HTMLElement>(selector: string): E { // eslint-disable-line @typescript-eslint/no-unnecessary-type-parameters -- as querySelector does
  const found = document.querySelector<E>(selector);
  if (!found) throw new Error(`no ${selector}`);
  return found;
}

const site = (rest: string): string => `#bridge-sites li[data-host="myna.go.jp"] ${rest}`;
const bridges = () => stored.bridges as Record<string, Record<string, unknown>> | undefined;

beforeEach(() => {
  [stored, session, managed, granted, asked, answer, changed, removed] = [{}, {}, {}, [], [], true, [], []];
  location.hash = "";
});

/** Opens the options page, and waits until it is drawn. */
async function options(): Promise<void> {
  document.body.innerHTML = read("options");
  vi.resetModules();
  await import("../src/options/main.ts");
  await settle();
}

async function press(selector: string): Promise<void> {
  find(selector).click();
  await settle();
}

async function switchOn(address: string): Promise<void> {
  find<HTMLInputElement>("#bridge-address").value = address;
  find("#bridge-add").dispatchEvent(new Event("submit", { cancelable: true }));
  await settle();
}

/** The options page with マイナポータル on. */
async function on(settings: object = {}): Promise<void> {
  granted = [myna];
  stored.bridges = { [myna]: { profile: "myna", ...settings } };
  await options();
}

describe("an administrator", () => {
  it("forbids a site", async () => {
    managed = { blockedSites: ["*.go.jp", "myna.go.jp"] };
    await options();
    await switchOn("https://myna.go.jp/");
    expect([asked, find("#bridge-status").textContent]).toEqual([[], ja.popup_blocked.message]);
    await on();
    expect(document.querySelector(site("h3"))).toBeNull();
  });

  it("forbids recordings", async () => {
    managed = { allowRecordings: false };
    await on();
    expect([document.querySelector(site("[name=record]")), find(site("")).textContent.includes(ja.bridge_record_forbidden.message)]).toEqual([null, true]);
  });
});

describe("switching a site on", () => {
  it("says first that it could also log in elsewhere in the citizen's name", async () => {
    await options();
    const before = (one: string, other: string): boolean => (find(one).compareDocumentPosition(find(other)) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
    expect([find("#bridge-risk-login").textContent, before("#bridge-risk-login", "#bridge-switch-on")]).toEqual([ja.bridge_risk_login.message, true]);
    expect([ja.bridge_risk_login.message.includes("ほかのサイトにも、あなたとしてログイン"), en.bridge_risk_login.message.includes("log in elsewhere in your name")]).toEqual([true, true]);
    expect([find("#bridge-sites").textContent, find("#bridge-address").getAttribute("aria-describedby")]).toEqual([ja.bridge_none.message, "bridge-addresses bridge-risks bridge-status"]);
    expect([find("#bridge-choices").hidden, Array.from(document.querySelectorAll("#bridge-addresses li"), ({ textContent }) => textContent)]).toEqual([true, addresses]);
  });

  it("asks the browser for exactly that host, in the click itself, and settles it", async () => {
    await options();
    find<HTMLInputElement>("#bridge-address").value = "https://myna.go.jp/some/page?q=1";
    find("#bridge-add").dispatchEvent(new Event("submit", { cancelable: true }));
    expect(asked).toEqual([myna]); // nothing was waited for
    await settle();
    expect([bridges(), find("#bridge-status").textContent, find<HTMLInputElement>("#bridge-address").value]).toEqual([{ [myna]: { profile: "myna" } }, expect.stringMatching(/^myna\.go\.jp をオンにしました。/), ""]);
    for (const part of ["https://*.myna.go.jp", "Linux", "このサイトに「Windows 10を使っている」と伝える", "再読み込み"]) expect(find("#bridge-status").textContent).toContain(part);
    expect(find(site("h3")).textContent).toBe("myna.go.jp");
    for (const name of ["disguise", "identifier", "record"]) expect(find<HTMLInputElement>(site(`[name=${name}]`)).checked).toBe(false);
  });

  it.each(["https://shinsei.example/", "https://www.nta.go.jp/", "https://go.jp/", "http://myna.go.jp/", "https://myna.go.jp:8443/", "myna.go.jp", "*.myna.go.jp", ""])("is refused for %j", async (address) => {
    await options();
    await switchOn(address);
    expect([asked, bridges(), find("#bridge-status").textContent]).toEqual([[], undefined, expect.stringContaining("https://myna.go.jp、https://*.myna.go.jp、")]);
  });

  it("settles nothing when the browser's question is answered with no", async () => {
    answer = false;
    await options();
    await switchOn("https://app.oss.myna.go.jp/");
    expect([asked, bridges(), find("#bridge-status").textContent]).toEqual([["https://app.oss.myna.go.jp/*"], undefined, ja.bridge_refused.message]);
  });

  it.each(["https://myna.go.jp/", "https://app.oss.myna.go.jp", "https://myna.go.jp:8443/"])("is not done in the form for other sites: %s", async (address) => {
    await options();
    find<HTMLInputElement>("#address").value = address;
    find("#add").dispatchEvent(new Event("submit", { cancelable: true }));
    await settle();
    expect([asked, find("#add-problem").textContent]).toEqual([[], `行政のページは、下の「${ja.bridge_title.message}」で、説明を読んでからオンにしてください。`]);
    find<HTMLInputElement>("#address").value = "https://shinsei.example/";
    find("#add").dispatchEvent(new Event("submit", { cancelable: true }));
    await settle();
    expect([asked, find("#add-problem").textContent]).toEqual([["https://shinsei.example/*"], ""]);
  });

  it("that a click elsewhere took back meanwhile is not told as done", async () => {
    await options();
    find<HTMLInputElement>("#bridge-address").value = "https://myna.go.jp/";
    find("#bridge-add").dispatchEvent(new Event("submit", { cancelable: true }));
    granted = [];
    await settle();
    expect([bridges(), find("#bridge-status").textContent]).toEqual([undefined, ja.bridge_refused.message]);
  });

  it("begins with the address that the popup brought", async () => {
    location.hash = `#bridge=${encodeURIComponent("https://myna.go.jp")}`;
    await options();
    expect(find<HTMLInputElement>("#bridge-address").value).toBe("https://myna.go.jp");
    expect(asked).toEqual([]);
  });
});

describe("a site that is on", () => {
  it("goes with its permission", async () => {
    await on({ disguise: true, identifier });
    await press(site("button[name=off]"));
    expect([granted, bridges(), find("#bridge-sites").textContent]).toEqual([[], {}, ja.bridge_none.message]);
  });

  it("is told of another computer by a switch of its own, which says what it means", async () => {
    await on();
    const box = find<HTMLInputElement>(site("[name=disguise]"));
    expect([document.getElementById(box.getAttribute("aria-describedby") ?? "")?.textContent, find(site(".check label")).textContent]).toEqual([ja.bridge_disguise_hint.message, "このサイトに「Windows 10を使っている」と伝える"]);
    box.focus();
    await press(site("[name=disguise]"));
    expect([bridges(), document.activeElement?.id]).toEqual([{ [myna]: { profile: "myna", disguise: true } }, "myna.go.jp-disguise"]);
    await press(site("[name=disguise]"));
    expect(bridges()).toEqual({ [myna]: { profile: "myna" } });
  });

  it("gets an identifier by a switch of its own, and another one on demand", async () => {
    await on();
    await press(site("[name=identifier]"));
    const [first, { disguise } = {}] = [bridges()?.[myna]?.identifier, bridges()?.[myna]];
    expect([first, disguise]).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/), undefined]);
    await press(site("button[name=reset]"));
    expect(bridges()?.[myna]?.identifier).toMatch(/^[0-9a-f]{32}$/);
    expect([bridges()?.[myna]?.identifier === first, find("#bridge-sites-status").textContent]).toEqual([false, ja.bridge_identifier_done.message]);
    await press(site("[name=identifier]"));
    expect([bridges(), document.querySelector(site("button[name=reset]"))]).toEqual([{ [myna]: { profile: "myna" } }, null]);
  });

  it("is honest about the value", () => {
    for (const part of ["製造番号", "13桁の番号をすべて試せば", "公開の数値"]) expect(ja.bridge_identifier_hint.message).toContain(part);
    for (const part of ["manufacture number", "whoever tries all numbers of 13 digits", "public values"]) expect(en.bridge_identifier_hint.message).toContain(part);
  });

  it("is recorded on demand; what is saved has no identifier in it", async () => {
    await on({ identifier, disguise: true });
    await press(site("[name=record]"));
    const kept = session.bridgeRecordings as Record<string, { started: number; entries: object[] }>;
    expect(kept[myna]?.entries).toEqual([]);
    kept[myna]?.entries.push({ at: 12, what: "request", json: true, mode: "01" });
    const saved: Blob[] = [];
    const names: string[] = [];
    vi.spyOn(URL, "createObjectURL").mockImplementation((blob) => { saved.push(blob as Blob); return "blob:x"; });
    vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (this: HTMLAnchorElement) { names.push(this.download); });
    await press(site("button[name=save]"));
    expect(names).toEqual(["natsuin-myna.go.jp.json"]);
    const text = await saved[0]?.text() ?? "";
    expect(text).not.toContain(identifier);
    expect(JSON.parse(text)).toEqual({
      natsuin: "0.1.0", browser: navigator.userAgent, site: "myna.go.jp", profile: expect.objectContaining({ name: "myna" }) as unknown, disguise: true, identifier: true,
      started: expect.stringMatching(/^\d{4}-/) as unknown, entries: [{ at: 12, what: "request", json: true, mode: "01" }],
    });
    await press(site("[name=record]"));
    expect(session.bridgeRecordings).toEqual({});
  });
});

describe("an override", () => {
  const save = async (text: string): Promise<string> => {
    find<HTMLTextAreaElement>("#override-myna").value = text;
    find("#override-myna").closest("form")?.dispatchEvent(new Event("submit", { cancelable: true }));
    await settle();
    return find("#bridge-profile-status").textContent;
  };

  it("is kept when it can be used, and shown again", async () => {
    await options();
    expect(await save(`{ "maxDigests": 7 }`)).toBe(ja.bridge_profile_saved.message);
    expect(stored.bridgeProfiles).toEqual({ myna: { maxDigests: 7 } });
    await options();
    expect(JSON.parse(find<HTMLTextAreaElement>("#override-myna").value)).toEqual({ maxDigests: 7 });
    await press("#override-myna-shipped");
    expect([stored.bridgeProfiles, find<HTMLTextAreaElement>("#override-myna").value]).toEqual([{}, ""]);
  });

  it.each([
    ["{", ja.bridge_profile_bad_json.message],
    [`{"sites":["evil.go.jp"]}`, "使えない項目があります：sites"],
    [`{"maxDigests":101}`, "使えない項目があります：maxDigests"],
    ["[]", "使えない項目があります：message"],
  ])("is refused with its fault: %s", async (text, told) => {
    await options();
    expect([await save(text), stored.bridgeProfiles]).toEqual([told, undefined]);
    expect(find("#bridge-profile-status").className).toBe("fault");
  });

  it("that does not go together with the administrator's is refused", async () => {
    managed = { bridges: { myna: { events: { reply: "launchApp2" } } } };
    await options();
    expect([await save(`{ "events": { "request": "launchApp2" } }`), stored.bridgeProfiles]).toEqual(["使えない項目があります：events.reply", undefined]);
  });

  it("has no place for hosts: those of an administrator that cannot be used are told", async () => {
    managed = { bridges: { mynaa: {} }, bridgeSites: { myna: ["www.a.lg.jp", "*.a.lg.jp", ...Array.from({ length: 49 }, (_, i) => `www.b${i}.lg.jp`)], other: [] } };
    await options();
    expect(find("#bridge-profiles .fault").textContent).toBe("管理者が決めた行政のページの設定のうち、次のものは使えません：bridges.mynaa, bridgeSites.other, bridgeSites.myna[1], bridgeSites.myna[50]");
    expect(find("#bridge-addresses").lastElementChild?.textContent).toBe("https://www.b47.lg.jp");
    managed = { bridgeSites: { myna: "www.a.lg.jp" } };
    await options();
    expect(find("#bridge-profiles .fault").textContent).toMatch(/：bridgeSites\.myna$/);
    managed = { bridgeSites: { myna: ["www.a.lg.jp"] } };
    await options();
    expect(document.querySelector("#bridge-profiles .fault")).toBeNull();
  });

  it("of an administrator that cannot be used is told", async () => {
    managed = { bridges: { myna: { events: { request: "" } } } };
    await options();
    expect(find("#bridge-profiles .fault").textContent).toContain("events.request");
  });
});

it("what the switches mean stands once, and is read with each of them", async () => {
  const others = ["app.oss.myna.go.jp", "login.e-tax.nta.go.jp"].map((host) => `https://${host}/*`);
  granted = [myna, ...others];
  stored.bridges = Object.fromEntries(granted.map((pattern) => [pattern, { profile: "myna" }]));
  await options();
  expect(Array.from(document.querySelectorAll("#bridge-choices > *"), ({ textContent }) => textContent)).toEqual([
    "このサイトに「Windows 10を使っている」と伝える", ja.bridge_disguise_hint.message, ja.bridge_identifier.message, ja.bridge_identifier_hint.message, ja.bridge_record.message, ja.bridge_record_hint.message,
  ]);
  for (const name of ["disguise", "identifier", "record"] as const) {
    const boxes = Array.from(document.querySelectorAll(`#bridge-sites [name=${name}]`), (box) => document.getElementById(box.getAttribute("aria-describedby") ?? "")?.textContent);
    expect(boxes).toEqual(Array.from({ length: 3 }, () => ja[`bridge_${name}_hint`].message));
  }
  expect(document.body.textContent.split(ja.bridge_identifier_hint.message)).toHaveLength(2);
});

it("a government page stands in one list, other sites in the other", async () => {
  const shinsei = "https://shinsei.example/*";
  granted = [shinsei, myna];
  stored.bridges = { [myna]: { profile: "myna" } };
  await options();
  expect(Array.from(document.querySelectorAll("#sites li span"), ({ textContent }) => textContent)).toEqual(["https://shinsei.example"]);
  expect(Array.from(document.querySelectorAll("#bridge-sites h3"), ({ textContent }) => textContent)).toEqual(["myna.go.jp"]);
  granted = [myna];
  for (const listener of removed) listener();
  await settle();
  expect(find("#sites").textContent).toBe(ja.options_no_sites.message);
});

it.each(["ja", "en"])("the page has no fault that axe finds: %s", async (lang) => {
  stored.lang = lang;
  await on({ identifier, disguise: true });
  await press(site("[name=record]"));
  const { violations } = await axe.run(document, { rules: { "color-contrast": { enabled: false } } });
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
});

describe("the popup", () => {
  const popup = async (address: string): Promise<{ shown: boolean; opened: string[] }> => {
    document.body.innerHTML = read("popup");
    vi.resetModules();
    const { showGovernment } = await import("../src/popup/bridge.ts");
    const opened: string[] = [];
    const shown = await showGovernment(new URL(address), 7, translator(ja), (page) => opened.push(page));
    return { shown, opened };
  };

  it("has nothing to say of other sites", async () => {
    expect((await popup("https://shinsei.example/")).shown).toBe(false);
    expect(find("#bridge").hidden).toBe(true);
  });

  it("leads from a government page to what switching it on means", async () => {
    const { shown, opened } = await popup("https://myna.go.jp/login");
    expect([shown, find("#site-state").textContent, find("#bridge").hidden, find("#site-switch").hidden]).toEqual([true, ja.popup_bridge_off.message, false, true]);
    find("#bridge").click();
    expect(opened).toEqual(["options.html#bridge=https%3A%2F%2Fmyna.go.jp"]);
  });

  it("switches a government page off at once", async () => {
    granted = [myna];
    stored.bridges = { [myna]: { profile: "myna" } };
    const { opened } = await popup("https://myna.go.jp/login");
    expect([find("#site-state").textContent, find("#site-switch").textContent]).toEqual([ja.popup_bridge_on.message.replace("$1", "Windows 10"), ja.popup_turn_off.message]);
    find("#bridge").click();
    expect(opened).toEqual(["options.html#bridge"]);
    find("#site-switch").click();
    await settle();
    expect([granted, bridges()]).toEqual([[], {}]);
  });

  it("says what a government page is told", async () => {
    granted = [myna];
    stored.bridges = { [myna]: { profile: "myna", disguise: true } };
    await popup("https://myna.go.jp/login");
    expect(find("#site-state").textContent).toBe("行政のページとして使えます。このサイトには「Windows 10を使っている」と伝えています。");
  });

  it("offers the way back wherever a permission is left", async () => {
    granted = [myna];
    await popup("https://myna.go.jp/login");
    expect([find("#site-state").textContent, find("#site-switch").textContent]).toEqual([ja.popup_bridge_off.message, ja.popup_turn_off.message]);
    find("#site-switch").click();
    await settle();
    expect(granted).toEqual([]);
  });

  it("tells that the official extension goes first", async () => {
    granted = [myna];
    stored.bridges = { [myna]: { profile: "myna" } };
    chrome.tabs.sendMessage = (() => Promise.resolve("aside"));
    await popup("https://myna.go.jp/login");
    expect(find("#site-state").textContent).toBe(ja.popup_bridge_aside.message);
  });
});
