/** The content script of government pages that were switched on. Where it comes into a page twice the first stays, unless its extension was replaced. */

import { api } from "../browser.ts";
import { bridgePort, toTab } from "../messages/bridge.ts";
import { read } from "../shape.ts";
import { hostOf } from "./hosts.ts";
import { PageBridge } from "./page.ts";
import { servedAtOnce } from "./serve.ts";
import { shippedFor } from "./shipped.ts";

const world = globalThis as { natsuinBridge?: { lives: () => boolean; bridge: PageBridge } };
const host = hostOf(location.href);

if (host !== undefined && window.top === window && window.isSecureContext && world.natsuinBridge?.lives() !== true) {
  world.natsuinBridge?.bridge.leave();
  const { runtime } = api;
  const lives = (): boolean => (runtime as Partial<typeof runtime>).id !== undefined;
  const bridge = new PageBridge(window, servedAtOnce(shippedFor(host), navigator.userAgent), {
    connect: () => runtime.connect({ name: bridgePort }),
    lives,
    takeover: runtime.getURL("bridge.js"), // the same through all versions
  });
  world.natsuinBridge = { lives: () => lives() && bridge.state !== "off", bridge };
  runtime.onMessage.addListener((message, _, answer) => {
    const asked = world.natsuinBridge?.bridge === bridge ? read(toTab, message) : undefined; // a bridge that has left is silent
    if (asked?.type === "bridge:look") bridge.look();
    if (asked?.type === "bridge:state") answer(bridge.state);
  });
}
