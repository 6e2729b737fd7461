// @vitest-environment happy-dom
/** The bridge in a page: what the page finds, what it says and hears, and what stays when the bridge goes. */

import { beforeEach, describe, expect, it, vi } from "vitest";
import { PageBridge } from "../src/bridge/page.ts";
import { servedBy } from "../src/bridge/serve.ts";
import type { Served } from "../src/messages/bridge.ts";
import { inbox } from "./background.ts";
import { pair, settle, type FakePort } from "./fakes.ts";
import { digestInfo, myna } from "./portal.ts";

const served = servedBy(myna, false);
const login = JSON.stringify({ mode: "01", service_id: "01", digest: digestInfo });
const noAnswer = `{"mode":"01","result":"1","errcode":"EW044-C300"}`;

let ports: FakePort[];
let heard: Record<string, unknown>[];
let replies: [unknown, boolean][];
let bridge: PageBridge | undefined;
/** What an update does to the script that was opened last. */
let cutOff: () => void;
let revealed: unknown[];

const replied = (event: Event): void => { replies.push([(event as CustomEvent).detail, event.bubbles]); };
const offer = (): void => { document.dispatchEvent(new CustomEvent("end-offered", { detail: "its-end", cancelable: true })); };
const reveal = (event: Event): void => { revealed.push((event as CustomEvent).detail); };

beforeEach(() => {
  bridge?.leave();
  document.body.innerHTML = "<main></main>";
  [ports, heard, replies, revealed] = [[], [], [], []];
  document.addEventListener("recvMsg", replied); // the same function is added once
  document.addEventListener("its-end", reveal);
  document.addEventListener("end-asked", offer);
});

/** A page with the bridge in it; of `null` no profile was shipped. */
function open(shipped: Served | null = served): PageBridge {
  const extension = { lives: true };
  const connect = (): chrome.runtime.Port => {
    if (!extension.lives) throw new Error("Extension context invalidated.");
    const [near, far] = pair("bridge");
    ports.push(far);
    heard = inbox(far);
    return near.port;
  };
  cutOff = () => { extension.lives = false; };
  bridge = new PageBridge(window, shipped ?? undefined, { connect, lives: () => extension.lives, takeover: "takeover" });
  return bridge;
}

const background = (): FakePort => {
  const last = ports.at(-1);
  if (last === undefined) throw new Error("the bridge opened no port");
  return last;
};
const launch = (detail: unknown, name = "launchApp"): void => { document.dispatchEvent(new CustomEvent(name, { detail })); };
const inputs = (): string[] => Array.from(document.querySelectorAll("input"), ({ type, id, value, parentElement }) => `${parentElement?.tagName ?? ""} ${type} ${id}=${value}`);
const both = ["BODY hidden extension-is-installed=24", "BODY hidden app-is-installed=29"];

/** The official extension puts its inputs there. */
const official = (): void => { document.body.insertAdjacentHTML("beforeend", `<input type="hidden" id="extension-is-installed" value="25">`); };
const theirs = ["BODY hidden extension-is-installed=25"];

/** A document that is still loading, until the function is called. */
function loading(): () => void {
  let state = "loading";
  Object.defineProperty(document, "readyState", { configurable: true, get: () => state });
  return () => {
    state = "interactive";
    document.dispatchEvent(new Event("readystatechange"));
    Reflect.deleteProperty(document, "readyState");
  };
}

describe("the hidden inputs", () => {
  it("stand in the body as soon as there is one, before the background has said a word", () => {
    const loaded = loading();
    open();
    expect(inputs()).toEqual([]);
    loaded();
    expect(inputs()).toEqual(both);
    expect(background().sent).toEqual([]);
  });

  it("are those of the settings, once they are known", () => {
    open();
    background().postMessage({ type: "serve", served });
    expect(inputs()).toEqual(both);
    background().postMessage({ type: "serve", served: { ...served, inputs: [{ id: "extension-is-installed", value: "99" }] } });
    expect(inputs()).toEqual(["BODY hidden extension-is-installed=99"]);
  });

  it("of a site that only a policy knows wait for the background", () => {
    open(null);
    launch(login);
    expect([inputs(), heard]).toEqual([[], []]);
    background().postMessage({ type: "serve", served });
    expect(inputs()).toEqual(both);
  });

  it("are not put where another extension's stand", () => {
    document.body.innerHTML = `<input type="hidden" id="app-is-installed" value="29">`;
    open();
    launch(login);
    expect([bridge?.state, inputs(), heard, replies]).toEqual(["aside", ["BODY hidden app-is-installed=29"], [], []]);
  });

  it("go when another extension's come later", () => {
    open();
    official();
    launch(login);
    expect([bridge?.state, inputs(), heard, replies]).toEqual(["aside", theirs, [], []]);
  });

  it("go at once, and not with the next request", async () => {
    open();
    official();
    await settle();
    expect([bridge?.state, inputs()]).toEqual(["aside", theirs]);
  });

  it("go when the page is complete, wherever another extension's stand by then", () => {
    const loaded = loading();
    open();
    loaded();
    document.querySelector("main")?.insertAdjacentHTML("beforeend", `<input type="hidden" id="app-is-installed" value="25">`);
    document.dispatchEvent(new Event("readystatechange"));
    expect([bridge?.state, inputs()]).toEqual(["aside", ["MAIN hidden app-is-installed=25"]]);
  });
});

describe("a bridge that stands aside", () => {
  it.each([
    ["from the start", () => { official(); open(); }],
    ["from later on", () => { open(); official(); launch(login); }],
  ])("%s does not come back with other settings", (_, stand) => {
    stand();
    background().postMessage({ type: "serve", served: { ...served, request: "launchApp2", inputs: [{ id: "other", value: "1" }] } });
    launch(login);
    launch(login, "launchApp2");
    document.dispatchEvent(new Event("readystatechange"));
    expect([bridge?.state, inputs(), heard, replies]).toEqual(["aside", theirs, [], []]);
  });

  it("hears when the site is switched off, and ends the disguise", () => {
    official();
    open();
    background().postMessage({ type: "off", userAgent: "Mozilla/5.0 (true)" });
    expect([bridge?.state, revealed, background().connected, inputs()]).toEqual(["off", ["Mozilla/5.0 (true)"], false, theirs]);
  });

  it("asks whether the site is off when it is told to look, also after the background slept or the page was away", () => {
    official();
    open();
    bridge?.look();
    expect(heard).toEqual([{ type: "look" }]);
    background().disconnect();
    bridge?.look();
    window.dispatchEvent(new Event("pagehide"));
    window.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
    expect(ports).toHaveLength(3);
  });

  it("still answers what was asked for before", async () => {
    open();
    launch(login);
    official();
    await settle();
    background().postMessage({ type: "reply", detail: "{}" });
    expect([bridge?.state, replies]).toEqual(["aside", [["{}", true]]]);
  });
});

describe("a request", () => {
  it("goes to the background as it is, and its reply to the page", () => {
    open();
    launch(login);
    expect(heard).toEqual([{ type: "launch", detail: login }]);
    background().postMessage({ type: "reply", detail: `{"mode":"01","result":"0"}` });
    expect(replies).toEqual([[`{"mode":"01","result":"0"}`, true]]);
    launch("{nonsense");
    expect(heard.at(-1)).toEqual({ type: "launch", detail: "{nonsense" });
  });

  it.each([undefined, null, 1, { mode: "01" }])("that is no text is one without words: %o", (detail) => {
    open();
    launch(detail);
    expect(heard).toEqual([{ type: "launch", detail: "" }]);
  });

  it("while another waits is refused, and disturbs nothing", () => {
    open();
    launch(login);
    launch(`{"mode":"04"}`);
    launch("{");
    expect([heard.length, replies]).toEqual([1, [[`{"mode":"04","result":"1","errcode":"EW044-C300"}`, true], [`{"result":"1","errcode":"EW044-C300"}`, true]]]);
    background().postMessage({ type: "reply", detail: "{}" });
    launch(login);
    expect(heard).toHaveLength(2);
  });

  it("is answered when nobody is there any more", () => {
    open();
    launch(login);
    background().disconnect();
    expect(replies).toEqual([[noAnswer, true]]);
  });

  it("finds the background that went to sleep", () => {
    open();
    background().disconnect();
    expect(replies).toEqual([]);
    launch(login);
    expect([ports.length, heard]).toEqual([2, [{ type: "launch", detail: login }]]);
  });

  it("has the events of the settings", () => {
    open();
    background().postMessage({ type: "serve", served: { ...served, request: "launchApp2" } });
    launch(login);
    expect(heard).toEqual([]);
    launch(login, "launchApp2");
    expect(heard).toHaveLength(1);
  });

  it("longer than anybody reads is answered at once, and stays here", () => {
    open();
    launch("x".repeat((1 << 20) + 1));
    launch(login);
    expect([replies, heard]).toEqual([[[`{"result":"1","errcode":"EW044-C300"}`, true]], [{ type: "launch", detail: login }]]);
  });

  it("with a mode too deep to be written again is answered without it", () => {
    open();
    launch(login);
    launch(`{"mode":${"[".repeat(100_000)}${"]".repeat(100_000)}}`);
    expect(replies).toEqual([[`{"result":"1","errcode":"EW044-C300"}`, true]]);
  });
});

describe("a bridge whose extension was updated or removed", () => {
  it("answers what waits, and nothing of it stays", () => {
    open();
    launch(login);
    cutOff();
    background().disconnect();
    expect([replies, inputs(), bridge?.state]).toEqual([[[noAnswer, true]], [], "off"]);
    launch(login);
    expect(replies).toHaveLength(1);
  });

  it("while the background slept does so with the next request", () => {
    open();
    background().disconnect();
    cutOff();
    launch(login);
    expect([replies, inputs(), bridge?.state]).toEqual([[[noAnswer, true]], [], "off"]);
  });

  it("makes place for the next one, which does not take it for the official extension", () => {
    const old = open();
    background().disconnect();
    cutOff();
    open();
    expect([old.state, bridge?.state, inputs()]).toEqual(["off", "on", both]);
    launch(login);
    expect([replies, heard]).toEqual([[], [{ type: "launch", detail: login }]]);
  });

  it("leaves the end of the disguise to the next one, whenever that comes", () => {
    open();
    document.removeEventListener("end-asked", offer);
    background().disconnect();
    cutOff();
    launch(login);
    open();
    background().postMessage({ type: "off", userAgent: "X" });
    expect(revealed).toEqual(["X"]);
  });

  it("alone does: a page that knows the event removes nobody, and learns nothing", () => {
    open();
    document.removeEventListener("end-asked", offer);
    const offered = vi.fn();
    document.addEventListener("end-offered", offered);
    document.dispatchEvent(new CustomEvent("takeover"));
    document.dispatchEvent(new CustomEvent("end-asked"));
    expect([bridge?.state, inputs(), offered.mock.calls]).toEqual(["on", both, []]);
  });
});

describe("a page that goes away", () => {
  it("says so: mode 05 has no reply", () => {
    open();
    launch(login);
    window.dispatchEvent(new Event("pagehide"));
    expect([heard.at(-1), background().connected, replies]).toEqual([{ type: "close" }, false, []]);
  });

  it("and comes back finds out that its request was called off, and whether the site is still on", () => {
    open();
    launch(login);
    window.dispatchEvent(new Event("pagehide"));
    window.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
    expect([replies, ports.length]).toEqual([[[noAnswer, true]], 2]);
    background().postMessage({ type: "off", userAgent: "X" });
    expect(inputs()).toEqual([]);
  });
});

describe("a site that is switched off", () => {
  it("keeps nothing of the bridge, and the disguise ends", () => {
    open();
    launch(login);
    background().postMessage({ type: "off", userAgent: "Mozilla/5.0 (true)" });
    expect([replies, inputs(), revealed, background().connected, bridge?.state]).toEqual([[[noAnswer, true]], [], ["Mozilla/5.0 (true)"], false, "off"]);
    launch(login);
    window.dispatchEvent(Object.assign(new Event("pageshow"), { persisted: true }));
    expect([replies.length, ports.length]).toEqual([1, 1]);
  });

  it("is looked for when asked to, without a disturbance", () => {
    open();
    launch(login);
    bridge?.look();
    expect([heard.at(-1), ports.length]).toEqual([{ type: "look" }, 1]);
    background().disconnect();
    bridge?.look();
    expect(ports).toHaveLength(2);
    bridge?.leave();
    bridge?.look();
    expect(ports).toHaveLength(2);
  });
});
