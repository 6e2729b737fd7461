/** The page that verifies on a page of its own (the tests' environment is happy-dom), with a program that answers what a test says. */

import { readFileSync } from "node:fs";
import { afterEach, beforeEach, vi } from "vitest";
import en from "../_locales/en/messages.json";
import ja from "../_locales/ja/messages.json";
import type { Answer } from "../src/ask.ts";
import { translator } from "../src/i18n.ts";
import type { DocumentSignature, Verified, VerifiedDocument } from "../src/messages/verify.ts";
import { VerifyPage } from "../src/verify/page.ts";
import type { Filing, Wanted } from "../src/verify/run.ts";
import type { Saved } from "../src/verify/save.ts";
import { settle } from "./fakes.ts";

export const html = readFileSync(`${import.meta.dirname}/../static/verify.html`, "utf8");

/** A run that a test has in its hands. */
export interface Started { filing: Filing; wanted: Wanted; progress: (done: number) => void; end: (answer: Answer<Verified>) => void; cancelled: boolean }

export interface World { page: VerifyPage; runs: Started[]; saved: Saved[]; lang: string }
export let world: World;

/** What the page hears of the whole document, which outlives it here. */
const heard: Parameters<typeof document.addEventListener>[] = [];

afterEach(() => {
  for (const [type, listener] of heard.splice(0)) document.removeEventListener(type, listener);
  vi.restoreAllMocks();
});

beforeEach(async () => {
  const listen = document.addEventListener.bind(document);
  vi.spyOn(document, "addEventListener").mockImplementation((...listening: (typeof heard)[number]) => {
    heard.push(listening);
    listen(...listening);
  });
  document.body.innerHTML = /<body>(.*)<\/body>/s.exec(html)?.[1] ?? "";
  const page = new VerifyPage({
    lang: "ja",
    texts: (lang) => Promise.resolve(translator(lang === "ja" ? ja : en)),
    chooseLanguage: (lang) => Promise.resolve(void (world.lang = lang)),
    verify: (filing, wanted, progress) => {
      let end!: Started["end"];
      const answer = new Promise<Answer<Verified>>((resolve) => { end = resolve; });
      const started: Started = { filing, wanted, progress, end, cancelled: false };
      world.runs.push(started);
      return { answer, cancel: () => { started.cancelled = true; end({ error: { code: "CANCELLED" } }); } };
    },
    save: (file) => { world.saved.push(file); },
  });
  world = { page, runs: [], saved: [], lang: "" };
  await page.open();
});

/** The run that was started last. */
export function run(): Started {
  const last = world.runs.at(-1);
  if (!last) throw new Error("no run");
  return last;
}

export function file(name: string, content = "%PDF-1.7", type = ""): File {
  return new File([content], name, { type });
}

/** A file that says it has that many bytes. */
export function sized(name: string, size: number): File {
  return Object.defineProperty(file(name), "size", { value: size });
}

/** Drops files, or a folder, on an element. */
export async function drop(files: File[], on: Element = document.body, folder = false): Promise<boolean> {
  const items = files.map(() => ({ webkitGetAsEntry: () => ({ isDirectory: folder }) }));
  const event = Object.assign(new Event("drop", { bubbles: true, cancelable: true }), { dataTransfer: { items, files } });
  on.dispatchEvent(event);
  await settle();
  return event.defaultPrevented;
}

/** Has the run end with that. */
export async function ends(answer: Answer<Verified>): Promise<void> {
  run().end(answer);
  await settle();
}

/** Drops a file, and has the run find this. */
export async function finds(document: VerifiedDocument, words: Record<string, string> = {}): Promise<void> {
  await drop([file("申請書.pdf")]);
  await ends({ result: { document, words } });
}

export const checks = [{ rule: "signature", outcome: "passed" }, { rule: "unchanged", outcome: "passed" }, { rule: "revocation", outcome: "not-checked" }] as const;

export function signature(change: Partial<DocumentSignature> = {}): DocumentSignature {
  return { place: "1", outcome: "passed", checks: [...checks], covers: { whole: true, content: 12 }, claims: {}, ...change };
}

export function found(change: Partial<VerifiedDocument> = {}): VerifiedDocument {
  return { format: "cms", size: 3, at: "2025-01-06T01:02:03Z", accepted: true, signatures: [signature()], missingRoots: [], ...change };
}
