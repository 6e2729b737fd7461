/** A government page before the background, as tests have it: the browser, the site, and what guards against nuisance. */

import { beforeEach } from "vitest";
import { Bridges, type BridgeEnvironment } from "../src/background/bridges.ts";
import { refusalOf } from "../src/background/calls.ts";
import { Pace, type Pasts } from "../src/background/pace.ts";
import type { Site } from "../src/bridge/settings.ts";
import { Browser, extensionId, hello, inbox } from "./background.ts";
import { pair, settle, type FakePort } from "./fakes.ts";
import { digestInfo, myna } from "./portal.ts";

export const signature = Buffer.alloc(256, 7).toString("base64");
export const certificate = Buffer.alloc(1000, 9).toString("base64");
/** The certificate as pages get it. */
export const bare = certificate.replace(/=+$/, "");
export const login = { mode: "01", service_id: "01", digest: digestInfo };
export const failed = (mode = "01"): object => ({ type: "reply", detail: `{"mode":"${mode}","result":"1","errcode":"EW044-C300"}` });

/** What a test starts with, and may change. */
function fresh() {
  const origin = "https://myna.go.jp";
  const browser = new Browser();
  const start: BridgeEnvironment["start"] = (call, gone) => browser.calls.start(call, gone);
  return {
    origin, browser, start,
    site: { pattern: `${origin}/*`, host: "myna.go.jp", profile: myna, settings: { profile: "myna" } } as Site | undefined,
    /** Whether the page's tab is before the citizen. */
    front: true,
    /** Whether what the background asks of the browser fails. */
    broken: false,
    now: 1_000_000,
    pasts: {} as Pasts,
    notes: [] as { pattern: string; entry: object }[],
    userAgent: "Mozilla/5.0 (X11; Linux x86_64)",
  };
}

export const scene = { ...fresh(), bridges: undefined as unknown as Bridges };

beforeEach(() => {
  Object.assign(scene, fresh());
  make();
});

/** Makes the bridges anew, for the user agent as it is now. */
export function make(): void {
  scene.bridges = new Bridges({
    extensionId,
    userAgent: scene.userAgent,
    siteOf: (asked) => (scene.broken ? Promise.reject(new Error("the disk is full")) : Promise.resolve(asked === scene.origin ? scene.site : undefined)),
    language: () => Promise.resolve("ja"),
    taken: (asked) => scene.browser.calls.taken(asked),
    start: (call, gone) => scene.start(call, gone),
    refusalOf,
    inFront: (tab) => (scene.broken ? Promise.reject(new Error("No last-focused window")) : Promise.resolve(scene.front && tab === 7)),
    pace: new Pace(() => Promise.resolve(scene.pasts), (kept) => { scene.pasts = kept; return Promise.resolve(); }, () => scene.now),
    note: (pattern, entry) => scene.notes.push({ pattern, entry }),
  });
}

/** A page's script opens its port. */
export function page(sender: Partial<chrome.runtime.MessageSender> = {}) {
  const { origin } = scene;
  const [script, background] = pair("bridge", { id: extensionId, frameId: 0, url: `${origin}/login?q=1`, origin, tab: { id: 7 } as chrome.tabs.Tab, ...sender });
  const heard = inbox(script);
  scene.bridges.connect(background.port);
  return { script, replies: () => heard.filter(({ type }) => type === "reply"), heard };
}

export async function launch(script: FakePort, request: unknown): Promise<void> {
  script.postMessage({ type: "launch", detail: typeof request === "string" ? request : JSON.stringify(request) });
  await settle();
}

/** A request that the host has been asked for, with its window open. */
export async function asked(request: object = login) {
  const opened = page();
  await launch(opened.script, request);
  const { browser } = scene;
  browser.host.onMessage.emit(hello);
  const id = browser.opened.at(-1) ?? "";
  const say = async (message: object): Promise<void> => {
    browser.host.onMessage.emit({ id, ...message });
    await settle();
  };
  const { window, shown, heard: told } = browser.window();
  return { ...opened, id, say, window, shown, told };
}
