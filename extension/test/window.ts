/** Natsuin's window on a page of its own (the tests' environment is happy-dom), with what it says and what it is shown. */

import { readFileSync } from "node:fs";
import { afterEach, beforeEach, vi } from "vitest";
import en from "../_locales/en/messages.json";
import ja from "../_locales/ja/messages.json";
import { translator } from "../src/i18n.ts";
import { hostMessage, type HostPrompt, type Language } from "../src/messages/host.ts";
import type { FromWindow, OperationInfo, WindowState } from "../src/messages/window.ts";
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

export const login: OperationInfo = { origin: "https://shinsei.example:8443", command: "authenticate", lang: "ja" };
const documents = [
  { name: "申請書.xml", size: 1532 },
  { name: "契約書\u202efdp.exe", size: 3 },
  { name: "図面.pdf", digest: "ab".repeat(32), hash: "SHA-256" as const },
];
export const signature: OperationInfo = { ...login, command: "sign", documents };

export function promptState(name: string, change: Partial<HostPrompt> = {}): WindowState {
  return { kind: "prompt", prompt: { ...(hostMessage(golden(name), "") as HostPrompt), ...change } as HostPrompt };
}

export const consent = promptState("prompt-consent");
export const dialog = { kind: "dialog", dialog: hostMessage(golden("dialog"), "") } as WindowState;

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
  ["last-try", signature, promptState("prompt-last-try")],
  ["pin", signature, promptState("prompt-pin")],
  ["pin", login, promptState("prompt-pin", { pin: "authentication", maxTries: 3, triesLeft: 3 })],
  ["done", login, { kind: "done" }],
  ["done", signature, { kind: "done" }],
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
