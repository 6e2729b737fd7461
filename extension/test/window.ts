/** Natsuin's window on a page of its own (the tests' environment is happy-dom), with what it says and what it is shown. */

import { readFileSync } from "node:fs";
import { afterEach, beforeEach, vi } from "vitest";
import en from "../_locales/en/messages.json";
import ja from "../_locales/ja/messages.json";
import { translator } from "../src/i18n.ts";
import { hostMessage, type HostMessageOf, type HostPrompt, type Language } from "../src/messages/host.ts";
import type { FromWindow, OperationInfo, OwnOperation, Signing, SiteOperation, WindowState } from "../src/messages/window.ts";
import { guardTime } from "../src/window/guard.ts";
import { listenToKeys } from "../src/window/keys.ts";
import { PromptWindow } from "../src/window/window.ts";
import { golden } from "./fakes.ts";

const page = readFileSync(`${import.meta.dirname}/../static/prompt.html`, "utf8");
const body = /<body>(.*)<\/body>/s.exec(page)?.[1] ?? "";

listenToKeys();

export let sent: FromWindow[];
export let closed: number;
export let chosen: Language[];
export let prompt: PromptWindow;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  document.body.innerHTML = body;
  document.body.removeAttribute("data-state");
  sent = [];
  closed = 0;
  chosen = [];
  prompt = new PromptWindow({
    send: (message) => sent.push(structuredClone(message)),
    close: () => closed++,
    texts: (lang) => Promise.resolve(translator(lang === "ja" ? ja : en)),
    chooseLanguage: (lang) => Promise.resolve(void chosen.push(lang)),
  });
});

afterEach(() => {
  vi.useRealTimers();
});

export const login: SiteOperation = { origin: "https://shinsei.example:8443", command: "authenticate", lang: "ja" };
const form = { name: "申請書.xml", size: 1532 };
const drawing = { name: "図面.pdf", digest: "ab".repeat(32), hash: "SHA-256" as const };
const documents = [form, { name: "契約書\u202efdp.exe", size: 3 }, drawing];
export const signs = (signing: Signing): SiteOperation => ({ ...login, command: "sign", signing });
export const signature = signs({ format: "cms", documents });
export const sealing = signs({
  format: "pdf", profile: "moj", documents: [{ name: "申請書.pdf", size: 48_213 }, { name: "委任状.pdf", size: 1_532 }],
  seal: { page: 2, x: 400, y: 700, size: 60, ring: true, text: "見\u202e本" },
});
export const filing = signs({ format: "xml", profile: "egov", elements: ["構成\u202e情報"], documents: [{ name: "kousei.xml", size: 912 }], files: [form, drawing] });
export const cosigning = signs({ format: "cms", documents: [{ ...form, cosigned: true }] });

/** A picture of two pixels by four. */
export const picture = "iVBORw0KGgoAAAANSUhEUgAAAAIAAAAECAYAAACk7+45AAAAEUlEQVR42mM4pqHxH4QZcDMAKVcQqfFLkewAAAAASUVORK5CYII=";

export function promptState(name: string, change: Partial<HostPrompt> = {}): WindowState {
  return { kind: "prompt", prompt: { ...(hostMessage(golden(name), "") as HostPrompt), ...change } as HostPrompt };
}

const card = { token: "card", issuer: "foreign" } as const;
const newPin = { pin: "authentication", triesLeft: 3, maxTries: 3, card } as const;

export const change: OwnOperation = { command: "change-pin", pin: "authentication", lang: "ja" };
export const reading: OwnOperation = { command: "certificate", slot: "signature", lang: "ja" };
export const comparing: OwnOperation = { command: "attributes", compare: true, lang: "ja" };
export const readers = promptOf({ kind: "choose-reader", readers: [{ name: "Sony RC-S300", token: "card" }, { name: "Reader\u202e2", token: "android" }] });
export const weak = promptOf({ kind: "weak-pin", reasons: ["repeated", "common"], ...newPin });
export const padConsent = promptOf({ kind: "pad", ...newPin });

/** A prompt that no golden message shows. */
function promptOf(fields: object): WindowState {
  return { kind: "prompt", prompt: hostMessage({ type: "prompt", id: "r-6", prompt: 4, ...fields }, "") as HostPrompt };
}

/** A reader's pad that waits until then. */
export function pad(until: number): WindowState {
  return { kind: "pad", pad: hostMessage({ type: "pad", id: "r-2", ...newPin, seconds: 60 }, "") as HostMessageOf<"pad">, until };
}

export const consent = promptState("prompt-consent");
export const dialog = { kind: "dialog", dialog: hostMessage(golden("dialog"), "") } as Extract<WindowState, { kind: "dialog" }>;

/** Every state that the background tells, with what the window calls it. */
export const states: [string, OperationInfo, WindowState][] = [
  ["waiting-site", login, { kind: "waiting-site" }],
  ["waiting-reader", login, { kind: "waiting-reader" }],
  ["waiting-card", login, { kind: "waiting-card" }],
  ["progress", login, { kind: "progress", phase: "starting" }],
  ["progress", login, { kind: "progress", phase: "card" }],
  ["progress", signature, { kind: "progress", phase: "sending", done: 3, total: 1535 }],
  ["progress", signature, { kind: "progress", phase: "signing", done: 1, total: 3 }],
  ["dialog", login, dialog],
  ["consent", signature, consent],
  ["consent", sealing, promptState("prompt-consent", { hidden: 0, pages: [3, 1], seal: picture })],
  ["consent", filing, consent],
  ["consent", cosigning, promptState("prompt-consent", { hidden: 0 })],
  ["last-try", signature, promptState("prompt-last-try")],
  ["pin", signature, promptState("prompt-pin")],
  ["pin", login, promptState("prompt-pin", { pin: "authentication", maxTries: 3, triesLeft: 3 })],
  ["done", login, { kind: "done" }],
  ["done", signature, { kind: "done" }],
  ["waiting-card", comparing, { kind: "waiting-card", other: ["Yubico YubiKey"] }],
  ["choose-reader", change, readers],
  ["weak-pin", change, weak],
  ["pad-consent", login, padConsent],
  ["pad-consent", change, padConsent],
  ["pad", login, pad(Date.now() + 60_000)],
  ["pad", change, pad(Date.now() + 60_000)],
  ["last-try", change, promptState("prompt-last-try")],
  ["dialog", reading, dialog],
  ["dialog", change, { kind: "dialog", dialog: { ...dialog.dialog, purpose: "new" } }],
  ["pin", comparing, promptState("prompt-pin", { pin: "card-surface" })],
  ["pin", change, promptState("prompt-pin", { pin: "authentication", purpose: "current" })],
  ["pin", change, promptState("prompt-pin", { pin: "signature", purpose: "new", problem: "no-digit" })],
  ["pin", change, promptState("prompt-pin", { pin: "card-surface", purpose: "repeat", problem: undefined })],
  ["done", reading, { kind: "done" }],
  ["done", change, { kind: "done" }],
  ["error", change, { kind: "error", error: { code: "PIN_REFUSED", triesLeft: 3 } }],
  ["error", change, { kind: "error", error: { code: "CANCELLED" } }],
  ["error", filing, { kind: "error", error: { code: "DOCUMENT_REFUSED", reason: "doctype", field: "documents[0]" } }],
  ["error", login, { kind: "error", error: { code: "PIN_BLOCKED", triesLeft: 0 } }],
  ["error", login, { kind: "error", error: { code: "VERSION_MISMATCH", update: "host" } }],
];

export async function show(info: OperationInfo, state: WindowState): Promise<void> {
  prompt.receive({ type: "info", info });
  prompt.receive({ type: "state", state });
  await prompt.settled;
}

export function find<E extends HTMLElement = HTMLElement>(selector: string): E { // eslint-disable-line @typescript-eslint/no-unnecessary-type-parameters -- as querySelector does
  const found = document.querySelector<E>(selector);
  if (!found) throw new Error(`no ${selector}`);
  return found;
}

/** Presses a guarded button after its wait. */
export function accept(): void {
  vi.advanceTimersByTime(guardTime);
  find("#accept").click();
}
