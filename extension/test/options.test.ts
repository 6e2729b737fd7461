// @vitest-environment happy-dom
import { readFileSync } from "node:fs";
import axe from "axe-core";
import { beforeEach, describe, expect, it, vi } from "vitest";
import en from "../_locales/en/messages.json";
import ja from "../_locales/ja/messages.json";
import { FakePort, golden, settle } from "./fakes.ts";

const html = readFileSync(`${import.meta.dirname}/../static/options.html`, "utf8");
const event = { addListener: () => undefined };
const stored: Record<string, unknown> = {};
let removed: string[];
let host: FakePort;

vi.stubGlobal("chrome", {
  runtime: { lastError: { message: "Specified native messaging host not found." }, getURL: (path: string) => path, connectNative: () => (host = new FakePort()).port },
  permissions: {
    onAdded: event,
    onRemoved: event,
    getAll: () => Promise.resolve({ origins: ["https://shinsei.example/*"] }),
    remove: ({ origins }: { origins: string[] }) => Promise.resolve(removed.push(...origins) > 0),
  },
  storage: { local: { get: () => Promise.resolve(stored), set: (values: object) => Promise.resolve(void Object.assign(stored, values)) } },
  i18n: { getUILanguage: () => "ja" },
});
vi.stubGlobal("fetch", (path: string) => Promise.resolve({ json: () => Promise.resolve(path.includes("/ja/") ? ja : en) }));

const load = async (): Promise<void> => {
  document.body.innerHTML = /<body>(.*)<\/body>/s.exec(html)?.[1] ?? "";
  vi.resetModules();
  await import("../src/options/main.ts");
};

beforeEach(async () => {
  removed = [];
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

describe("the reader's own keys", () => {
  const box = () => find<HTMLInputElement>("#pad");
  const tell = async (...pads: boolean[]): Promise<void> => {
    host.onMessage.emit(golden("hello"));
    const [{ id }] = host.sent as [{ id: string }];
    host.onMessage.emit({ type: "result", id, result: { readers: pads.map((pinPad) => ({ name: "R", card: false, pinPad })) } });
    await settle();
  };
  const choose = async (): Promise<void> => {
    box().click();
    await settle();
  };

  it("are offered where a reader has some", async () => {
    expect([box().disabled, find("#pad-hint").textContent]).toEqual([true, ja.options_pad_none.message]);
    await tell(false, true);
    expect([box().disabled, box().checked, find("#pad-hint").textContent]).toEqual([false, false, ja.options_pad_hint.message]);
    await choose();
    expect(stored.pinPad).toBe(true);
    await choose();
    expect(stored.pinPad).toBe(false);
  });

  it("are not offered where none has", async () => {
    await tell(false);
    expect(box().disabled).toBe(true);
    await choose();
    expect(stored.pinPad).toBeUndefined();
  });

  it("that were chosen can be left without them", async () => {
    stored.pinPad = true;
    await load();
    await tell();
    expect([box().disabled, box().checked]).toEqual([false, true]);
    await choose();
    expect([stored.pinPad, box().disabled]).toEqual([false, true]);
  });

  it("are not offered without the program", async () => {
    host.onDisconnect.emit(host.port);
    await settle();
    expect(box().disabled).toBe(true);
  });
});

it("leads to the card page", () => {
  expect([find("#card-page").getAttribute("href"), find("#card-page").textContent]).toEqual(["card.html", ja.popup_card_page.message]);
});
