import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { listen } from "../src/relay/relay.ts";
import { golden, pair, settle, type FakePort } from "./fakes.ts";
import { FakeWindow } from "./page.ts";

const id = "0123456789abcdef0123456789abcdef";
const { challenge } = golden("request-authenticate") as { challenge: string };

let page: FakeWindow;
let backgrounds: FakePort[];
let extensionLives: boolean;
const open: MessagePort[] = [];

beforeEach(() => {
  page = new FakeWindow();
  backgrounds = [];
  extensionLives = true;
  listen(page.window, () => {
    if (!extensionLives) throw new Error("Extension context invalidated.");
    const [near, far] = pair("call");
    backgrounds.push(far);
    return near.port;
  });
});

afterEach(() => {
  for (const port of open.splice(0)) port.close();
});

/** A page connects, honestly unless told otherwise. */
function connect(event: Record<string, unknown> = {}) {
  const { port1, port2 } = new MessageChannel();
  open.push(port1, port2);
  const heard: unknown[] = [];
  port1.onmessage = ({ data }: MessageEvent<string>) => heard.push(JSON.parse(data));
  page.emit("message", { data: { type: "natsuin:connect", id }, source: page, origin: page.location.origin, ports: [port2], ...event });
  const background = backgrounds.at(-1);
  const forwarded: unknown[] = [];
  background?.onMessage.addListener((message) => forwarded.push(message));
  return { port: port1, heard, background, forwarded, say: (message: unknown) => { port1.postMessage(JSON.stringify(message)); } };
}

describe("a handshake", () => {
  it("is answered on the port alone, with its id", async () => {
    const { heard } = connect();
    await settle();
    expect(heard).toEqual([{ type: "connected", id, pulse: true }]);
    expect(page.posted).toEqual([]);
  });

  it.each([
    ["another window", { source: new FakeWindow() }],
    ["no window", { source: null }],
    ["another origin", { origin: "https://evil.example" }],
    ["no port", { ports: [] }],
    ["another id", { data: { type: "natsuin:connect", id: "short" } }],
    ["another type", { data: { type: "natsuin:hello", id } }],
    ["something more", { data: { type: "natsuin:connect", id, origin: "https://bank.example" } }],
    ["a text", { data: "natsuin:connect" }],
    ["nothing", { data: null }],
  ])("with %s is not answered", async (_, event) => {
    const { heard } = connect(event);
    await settle();
    expect([heard, backgrounds]).toEqual([[], []]);
  });

  it("is not answered by a relay that lost its extension", async () => {
    extensionLives = false;
    const { heard } = connect();
    await settle();
    expect(heard).toEqual([]);
  });
});

describe("what a page says", () => {
  it("is handed on as it was checked, with the activation that the relay saw", async () => {
    const { say, forwarded } = connect();
    say({ type: "start", command: "authenticate", lang: "ja" });
    say({ type: "authenticate", challenge });
    await settle();
    expect(forwarded).toEqual([{ type: "start", command: "authenticate", lang: "ja", activated: true }, { type: "authenticate", challenge }]);
  });

  it("is answered at once when it is a pulse, and goes no further", async () => {
    const { say, heard, forwarded } = connect();
    say({ type: "pulse" });
    await settle();
    expect([heard.slice(1), forwarded]).toEqual([[{ type: "pulse" }], []]);
  });

  it.each([
    ["activated", { type: "start", command: "authenticate", activated: true }],
    ["type", { type: "cancel" }],
    ["challenge", { type: "authenticate", challenge: "short" }],
    ["message", "text"],
  ])("is told as a fault of %s", async (field, message) => {
    const { say, forwarded } = connect();
    say(message);
    await settle();
    expect(forwarded).toEqual([{ type: "invalid", field }]);
  });

  it.each([["not JSON", "{"], ["not a text", { type: "authenticate", challenge }]])("is a fault when it is %s", async (_, raw) => {
    const { port, forwarded } = connect();
    port.postMessage(raw);
    await settle();
    expect(forwarded).toEqual([{ type: "invalid", field: "message" }]);
  });
});

describe("a human act", () => {
  const activations = async (command: string, count: number) => {
    const seen: unknown[] = [];
    for (let i = 0; i < count; i++) {
      const { say, forwarded } = connect();
      say({ type: "start", command });
      await settle();
      seen.push((forwarded[0] as { activated: boolean }).activated);
    }
    return seen;
  };

  it("lets one call through", async () => {
    expect(await activations("authenticate", 3)).toEqual([true, false, false]);
    page.emit("keydown", { isTrusted: true });
    expect(await activations("sign", 2)).toEqual([true, false]);
  });

  it("is not what a script makes", async () => {
    await activations("authenticate", 1);
    page.emit("mousedown", { isTrusted: false });
    expect(await activations("authenticate", 1)).toEqual([false]);
  });

  it("is not what is long past", async () => {
    page.navigator.userActivation.isActive = false;
    expect(await activations("authenticate", 1)).toEqual([false]);
  });

  it("is not used up by asking for versions", async () => {
    expect(await activations("status", 2)).toEqual([false, false]);
    expect(await activations("authenticate", 1)).toEqual([true]);
  });
});

describe("the end", () => {
  it.each([{ type: "result", result: {} }, { type: "error", error: { code: "PIN_BLOCKED", triesLeft: 0 } }])("of a call is told to the page, and closes: $type", async (message) => {
    const { heard, background } = connect();
    background?.postMessage({ type: "progress", done: 1, total: 2 });
    background?.postMessage(message);
    await settle();
    expect(heard.slice(1)).toEqual([{ type: "progress", done: 1, total: 2 }, message]);
    expect(background?.connected).toBe(false);
  });

  it("of the background, which is being updated, is an error that a reload of the page helps against", async () => {
    const { heard, background } = connect();
    background?.disconnect();
    await settle();
    expect(heard.slice(1)).toEqual([{ type: "error", error: { code: "UNAVAILABLE" } }]);
  });

  it("of the page cancels, and a page that comes back finds that out", async () => {
    const { heard, background } = connect();
    page.emit("pagehide");
    await settle();
    expect(background?.connected).toBe(false);
    expect(heard.slice(1)).toEqual([{ type: "error", error: { code: "CANCELLED" } }]);
  });

  it("by the library cancels", async () => {
    const { say, background, forwarded } = connect();
    say({ type: "close" });
    await settle();
    expect([background?.connected, forwarded]).toEqual([false, []]);
    page.emit("pagehide");
  });

  it("is heard once", async () => {
    const { say, heard, background, forwarded } = connect();
    background?.postMessage({ type: "result", result: {} });
    say({ type: "authenticate", challenge });
    page.emit("pagehide");
    await settle();
    expect([heard.length, forwarded]).toEqual([2, []]);
  });
});
