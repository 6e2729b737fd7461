/** The content script. Where it comes into a page twice (switched on again without a reload) the first stays, unless its extension was replaced. */

import { api } from "../browser.ts";
import { callPort } from "../messages/page.ts";
import { listen } from "./relay.ts";

const world = globalThis as { natsuinRelayLives?: () => boolean };

if (world.natsuinRelayLives?.() !== true && window.top === window && window.isSecureContext) {
  const { runtime } = api;
  world.natsuinRelayLives = () => (runtime as Partial<typeof runtime>).id !== undefined;
  listen(window, () => runtime.connect({ name: callPort }));
}
