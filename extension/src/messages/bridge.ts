/** The messages between the content script on a government page and the background. */

import { object, oneOf, text, variant, type TypeOf } from "../shape.ts";

/** The name of the runtime port of one page. */
export const bridgePort = "bridge";

/** What the content script says: the detail of a page's event; that the page goes away (the protocol's mode 05); or that it wants to know how to serve it. */
export const fromBridge = variant("type", {
  launch: object({ type: oneOf("launch"), detail: text() }),
  close: object({ type: oneOf("close") }),
  look: object({ type: oneOf("look") }),
});
export type FromBridge = TypeOf<typeof fromBridge>;

/** How a page is served: its hidden inputs, its events, and the error code when there is no answer. */
export interface Served {
  inputs: { id: string; value: string }[];
  request: string;
  reply: string;
  errcode: string;
}

/** What the background says: how to serve this page, what it hears, or that the site is switched off, with the browser's true user agent. */
export type ToBridge = { type: "serve"; served: Served } | { type: "reply"; detail: string } | { type: "off"; userAgent: string };

/** What our own pages and the background say to the content script of a tab, outside any port. */
export const toTab = variant("type", {
  /** The site may be off now. */
  "bridge:look": object({ type: oneOf("bridge:look") }),
  /** How are you? The answer is the bridge's state. */
  "bridge:state": object({ type: oneOf("bridge:state") }),
});
