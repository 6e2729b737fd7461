// @vitest-environment happy-dom
import { readFileSync } from "node:fs";
import axe from "axe-core";
import { beforeEach, expect, it, vi } from "vitest";
import en from "../_locales/en/messages.json";
import ja from "../_locales/ja/messages.json";
import { settle } from "./fakes.ts";

const html = readFileSync(`${import.meta.dirname}/../static/options.html`, "utf8");
const event = { addListener: () => undefined };
const stored: Record<string, unknown> = {};
let removed: string[];

vi.stubGlobal("chrome", {
  runtime: { getURL: (path: string) => path },
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

beforeEach(async () => {
  removed = [];
  Reflect.deleteProperty(stored, "lang");
  document.body.innerHTML = /<body>(.*)<\/body>/s.exec(html)?.[1] ?? "";
  vi.resetModules();
  await import("../src/options/main.ts");
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
