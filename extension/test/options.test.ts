// @vitest-environment happy-dom
import { readFileSync } from "node:fs";
import axe from "axe-core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import en from "../_locales/en/messages.json";
import ja from "../_locales/ja/messages.json";
import { HostPort, golden, settle } from "./fakes.ts";

const html = readFileSync(`${import.meta.dirname}/../static/options.html`, "utf8");
const event = { addListener: () => undefined };
const stored: Record<string, unknown> = {};
let removed: string[];
let requested: string[];
let managed: object | undefined;
let os: string;
let host: HostPort | undefined;
/** The program that was started for its greeting when the page was opened. */
let greeter: HostPort | undefined;

vi.stubGlobal("chrome", {
  runtime: { lastError: { message: "Specified native messaging host not found." }, getURL: (path: string) => path, getManifest: () => ({ version: "0.1.0" }), getPlatformInfo: () => Promise.resolve({ os }), connectNative: () => (host = new HostPort()).port },
  permissions: {
    onAdded: event,
    onRemoved: event,
    getAll: () => Promise.resolve({ origins: ["https://shinsei.example/*"] }),
    contains: () => Promise.resolve(false),
    request: ({ origins }: { origins: string[] }) => {
      requested.push(...origins);
      return Promise.resolve(false);
    },
    remove: ({ origins }: { origins: string[] }) => Promise.resolve(removed.push(...origins) > 0),
  },
  storage: {
    local: { get: () => Promise.resolve(stored), set: (values: object) => Promise.resolve(void Object.assign(stored, values)) },
    session: { get: () => Promise.resolve({}) },
    managed: { get: () => (managed ? Promise.resolve(managed) : Promise.reject(new Error("Managed storage manifest not found"))) },
    onChanged: event,
  },
  i18n: { getUILanguage: () => "ja" },
});
vi.stubGlobal("fetch", (path: string) => Promise.resolve({ json: () => Promise.resolve(path.includes("/ja/") ? ja : en) }));

const load = async (): Promise<void> => {
  document.body.innerHTML = /<body>(.*)<\/body>/s.exec(html)?.[1] ?? "";
  vi.resetModules();
  await import("../src/options/main.ts");
  [greeter, host] = [host, undefined];
};

beforeEach(async () => {
  [removed, requested, managed, os] = [[], [], undefined, "linux"];
  host = undefined;
  for (const key of ["lang", "pinPad"]) Reflect.deleteProperty(stored, key);
  await load();
});

function find<E extends HTMLElement = HTMLElement>(selector: string): E { // eslint-disable-line @typescript-eslint/no-unnecessary-type-parameters -- as querySelector does
  const found = document.querySelector<E>(selector);
  if (!found) throw new Error(`no ${selector}`);
  return found;
}

async function speak(lang: string): Promise<void> {
  if (document.documentElement.lang === lang) return;
  find("#language").click();
  await settle();
}

it.each([
  ["ja", "README.ja.md", (hash: string) => `## ${decodeURIComponent(hash)}`],
  ["en", "README.md", (hash: string) => `## ${hash.replace("-", " ")}`],
])("in %s, the first step leads to what the project says of installation", async (lang, file, heading) => {
  await speak(lang);
  const { host, hash, pathname } = new URL(find("#step-program-how").getAttribute("href") ?? "");
  expect([host, pathname.replace(/^\/natsuin\/natsuin(\/blob\/main\/README\.ja\.md)?$/, "")]).toEqual(["github.com", ""]);
  expect(readFileSync(`${import.meta.dirname}/../../${file}`, "utf8").toLowerCase().split("\n")).toContain(heading(hash.slice(1)));
});

it.each([
  ["win", [".msi", ".zip", ".\\natsuin.exe install"]], ["linux", [".deb", ".rpm", ".tar.gz", "./install.sh"]], ["mac", ["make build", "build/natsuin install"]], ["cros", ["Windows", "macOS", "Linux"]],
])("on %s, it says what to install there: %j", async (system, kinds) => {
  os = system;
  await load();
  for (const lang of ["ja", "en"]) {
    await speak(lang);
    for (const kind of kinds) expect(find("#step-program").textContent).toContain(kind);
  }
});

describe("the first step, while the program is being installed", () => {
  const state = () => find("#step-program-state").textContent;
  const missing = async (port: HostPort | undefined): Promise<void> => {
    port?.onDisconnect.emit(port.port);
    await settle();
  };
  /** It starts, and does not greet. */
  const fails = async (port: HostPort | undefined): Promise<void> => {
    port?.onMessage.emit({});
    await settle();
  };
  const greets = async (): Promise<void> => {
    host?.onMessage.emit({ ...(golden("hello") as object), version: "0.2.0" });
    await settle();
  };
  const pass = async (milliseconds: number): Promise<void> => {
    await vi.advanceTimersByTimeAsync(milliseconds);
    await settle();
  };
  const lookedAgainAfter = async (milliseconds: number): Promise<void> => {
    host = undefined;
    await pass(milliseconds - 1);
    expect(host).toBeUndefined();
    await pass(1);
    expect(host).toBeDefined();
  };
  const looksNoMore = async (): Promise<void> => {
    host = undefined;
    await pass(600_000);
    hide(true);
    hide(false);
    await settle();
    expect(host).toBeUndefined();
  };
  const hide = (hidden: boolean): void => {
    Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  };

  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    await load();
  });
  afterEach(() => {
    Reflect.deleteProperty(document, "hidden");
    vi.useRealTimers();
  });

  it("notices by itself that it is there, and then looks no more", async () => {
    expect(state()).toBe(ja.options_version_looking.message);
    await missing(greeter);
    expect([state(), host]).toEqual([ja.options_program_missing.message, undefined]);
    await lookedAgainAfter(2_000);
    await missing(host);
    expect(state()).toBe(ja.options_program_missing.message);
    await lookedAgainAfter(4_000);
    await greets();
    expect([state(), find("#version-host").textContent, host?.connected]).toEqual([ja.options_program_there.message.replace("$1", "0.2.0"), "0.2.0", false]);
    await looksNoMore();
  });

  it("goes on looking while it is there and does not start yet, as in the middle of an installation", async () => {
    await missing(greeter);
    await lookedAgainAfter(2_000);
    await fails(host);
    expect(state()).toContain(ja.error_HOST_FAILED.message);
    await lookedAgainAfter(4_000);
    await missing(host);
    await lookedAgainAfter(8_000);
    await greets();
    expect(state()).toBe(ja.options_program_there.message.replace("$1", "0.2.0"));
    await looksNoMore();
  });

  it("looks less and less often, and at once when the citizen comes back", async () => {
    await missing(greeter);
    for (const pause of [2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
      await lookedAgainAfter(pause);
      await missing(host);
    }
    host = undefined;
    hide(true);
    hide(false);
    await settle();
    await missing(host);
    await lookedAgainAfter(2_000);
    await missing(host);
    await lookedAgainAfter(4_000);
  });

  it("does not look while the page is behind another", async () => {
    await missing(greeter);
    hide(true);
    await pass(60_000);
    expect(host).toBeUndefined();
    hide(false);
    await settle();
    expect(host).toBeDefined();
  });

  it("says what else is wrong with it, and does not start it again and again", async () => {
    greeter?.onMessage.emit({ type: "hello", version: "0.0.9", protocol: 0 });
    await settle();
    expect(state()).toContain(ja.remedy_update_host.message);
    await looksNoMore();
  });

  it("does not start one again and again that was there, and fails", async () => {
    await fails(greeter);
    expect(state()).toContain(ja.error_HOST_FAILED.message);
    await looksNoMore();
  });

  it("does not go on looking for one that came, and does not fit", async () => {
    await missing(greeter);
    await lookedAgainAfter(2_000);
    host?.onMessage.emit({ type: "hello", version: "0.0.9", protocol: 0 });
    await settle();
    expect(state()).toContain(ja.remedy_update_host.message);
    await looksNoMore();
  });

  it.each(["cros", "android"])("looks for none on %s, where there is none", async (system) => {
    os = system;
    await load();
    expect([greeter, find("#step-program-state").hidden, find("#version-host").textContent]).toEqual([undefined, true, ja.options_install_none.message]);
    await looksNoMore();
  });
});

it.each([["ja", "オフにする", "English", "en"], ["en", "Switch off", "日本語", "ja"]])("in %s, a button's name holds what is to be read on it, and the other language has its own name", async (lang, off, name, other) => {
  await speak(lang);
  const button = find("#sites button");
  expect(button.textContent).toBe(off);
  expect(button.getAttribute("aria-label")).toBe(`${off} – https://shinsei.example`);
  expect([find("#language").textContent, find("#language").lang]).toEqual([name, other]);
  const { violations } = await axe.run(document, { rules: { "color-contrast": { enabled: false } } });
  expect(violations.map(({ id }) => id)).toEqual([]);
});

it("a site is switched off by its own button", () => {
  find("#sites button").click();
  expect(removed).toEqual(["https://shinsei.example/*"]);
});

describe("an administrator's sites", () => {
  const add = (address: string): void => {
    find<HTMLInputElement>("#address").value = address;
    find("#add").dispatchEvent(new Event("submit", { cancelable: true }));
  };

  it("for which they vouch are switched on with one click, by the citizen alone", async () => {
    managed = { allowedSites: ["www.city.example", "shinsei.example", "*.lg.example"] };
    await load();
    expect(Array.from(document.querySelectorAll("#sites li"), ({ textContent }) => textContent)).toEqual([
      `https://shinsei.example${ja.popup_vouched.message}${ja.options_turn_off.message}`, `https://www.city.example${ja.popup_vouched.message}${ja.options_turn_on.message}`]);
    expect(requested).toEqual([]);
    find("#sites li:last-child button").click();
    expect(requested).toEqual(["https://www.city.example/*"]);
    const { violations } = await axe.run(document, { rules: { "color-contrast": { enabled: false } } });
    expect(violations.map(({ id }) => id)).toEqual([]);
  });

  it("that they forbid are named, and cannot be added", async () => {
    managed = { blockedSites: ["*"], allowedSites: ["good.example"] };
    await load();
    expect(find("#sites li").textContent).toBe(`https://shinsei.example${ja.popup_blocked.message}${ja.options_turn_off.message}`);
    add("https://other.example/");
    expect([find("#add-problem").textContent, requested]).toEqual([ja.popup_blocked.message, []]);
    add("https://good.example/form");
    expect(requested).toEqual(["https://good.example/*"]);
  });

  it.each([
    [{ blockedSites: ["https://shinsei.example"] }, "blockedSites[0]"],
    [{ allowedSites: [7] }, "allowedSites[0]"],
    [{ allowWindowPin: "false" }, "allowWindowPin"],
    [{ bridges: "{}" }, "bridges"],
    [{ allowedSites: ["*"] }, "allowedSites[0]"],
    [{ blockedSites: { 2: "https://shinsei.example" } }, 'blockedSites["2"]'],
  ])("and settings that cannot be used are named: %j", async (policy, name) => {
    expect(find("#policy-faults").textContent).toBe("");
    managed = policy;
    await load();
    expect(find("#policy-faults").textContent).toBe(ja.options_policy_faults.message.replace("$1", name));
  });
});

describe("the versions", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }); // a program that is missing is not looked for in the tests that follow
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const shown = () => [find("#version-extension").textContent, find("#version-host").textContent];

  it("are those of the extension, and of the program once it has greeted, which is all that it is started for", async () => {
    expect(shown()).toEqual(["0.1.0", ja.options_version_looking.message]);
    greeter?.onMessage.emit({ ...(golden("hello") as object), version: "0.2.0" });
    await settle();
    expect([...shown(), greeter?.connected, greeter?.sent]).toEqual(["0.1.0", "0.2.0", false, []]);
  });

  it.each(["ja", "en"] as const)("that do not fit: which to update is said in %s", async (lang) => {
    const texts = lang === "ja" ? ja : en;
    await speak(lang);
    greeter?.onMessage.emit({ type: "hello", version: "0.0.9", protocol: 0 });
    await settle();
    const [, host] = shown();
    expect(host).toBe([texts.error_VERSION_MISMATCH.message, texts.remedy_update_host.message, texts.versions.message.replace("$1", "0.1.0").replace("$2", "0.0.9")].join(" "));
  });

  it("say that the program is missing", async () => {
    greeter?.onDisconnect.emit(greeter.port);
    await settle();
    expect(shown()[1]).toBe(`${ja.error_HOST_MISSING.message} ${ja.remedy_HOST_MISSING.message}`);
  });
});

describe("the reader's own keys", () => {
  const box = () => find<HTMLInputElement>("#pad");
  const hint = () => find("#pad-hint").textContent;
  const look = async (...pads: boolean[]): Promise<void> => {
    find("#pad-find").click();
    host?.onMessage.emit(golden("hello"));
    const [{ id }] = host?.sent as [{ id: string }];
    host?.onMessage.emit({ type: "result", id, result: { readers: pads.map((pinPad) => ({ name: "R", card: false, pinPad })) } });
    await settle();
  };
  const choose = async (): Promise<void> => {
    box().click();
    await settle();
  };

  it("are looked for when the citizen wants it, and not before", async () => {
    expect([host, box().disabled, hint()]).toEqual([undefined, true, ja.options_pad_ask.message]);
    find("#pad-find").focus();
    find("#pad-find").click();
    expect([host?.connected, hint(), find("#pad-find").getAttribute("aria-disabled"), document.activeElement?.id]).toEqual([true, ja.popup_reading.message, "true", "pad-find"]);
    const first = host;
    find("#pad-find").click();
    await settle();
    expect(host).toBe(first);
  });

  it("are offered where a reader has some", async () => {
    await look(false, true);
    expect([box().disabled, box().checked, hint(), find("#pad-find").hidden, document.activeElement?.id]).toEqual([false, false, ja.options_pad_hint.message, true, "pad"]);
    await choose();
    expect(stored.pinPad).toBe(true);
    await choose();
    expect(stored.pinPad).toBe(false);
  });

  it("are not offered where none has, and can be looked for again", async () => {
    await look(false);
    expect([box().disabled, hint(), find("#pad-find").hidden, find("#pad-find").hasAttribute("aria-disabled")]).toEqual([true, ja.options_pad_none.message, false, false]);
    await choose();
    expect(stored.pinPad).toBeUndefined();
    await look(true);
    expect(box().disabled).toBe(false);
  });

  it("that were chosen can be left without them", async () => {
    stored.pinPad = true;
    await load();
    expect([host, box().disabled, box().checked, find("#pad-find").hidden]).toEqual([undefined, false, true, true]);
    await choose();
    expect([stored.pinPad, box().disabled, hint(), find("#pad-find").hidden]).toEqual([false, true, ja.options_pad_ask.message, false]);
  });

  it("are not offered without the program, which is said in the language of the page", async () => {
    find("#pad-find").click();
    host?.onDisconnect.emit(host.port);
    await settle();
    expect([box().disabled, hint()]).toEqual([true, `${ja.error_HOST_MISSING.message} ${ja.remedy_HOST_MISSING.message}`]);
    find("#language").click();
    await settle();
    expect(hint()).toBe(`${en.error_HOST_MISSING.message} ${en.remedy_HOST_MISSING.message}`);
  });
});

it("leads to the card page", () => {
  expect([find("#card-page").getAttribute("href"), find("#card-page").textContent]).toEqual(["card.html", ja.popup_card_page.message]);
});
