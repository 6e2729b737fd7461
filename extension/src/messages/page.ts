/**
 * The messages between the page library, the relay and the background.
 *
 * Library and relay exchange each as one JSON text over a private MessagePort: a text is the one thing that a page cannot lend methods to. The relay
 * checks what comes from the page and hands it on; the background checks it again, because a relay lives in the page's process.
 */

import type { SiteError } from "./host.ts";
import { maxDocuments, sign } from "./sign.ts";
import { base64, boolean, integer, isBase64, object, oneOf, text, variant, type TypeOf } from "../shape.ts";

const MiB = 1 << 20;

/** The most bytes of a document in one chunk. */
export const maxChunk = 3 * MiB;

/** What a page asks for, before its command's arguments are there. */
export const commands = ["status", "authenticate", "sign"] as const;
export type Command = (typeof commands)[number];

const start = { type: oneOf("start"), command: oneOf(...commands) };
const lang = oneOf("ja", "en");

/** 44 to 128 characters: at least 32 random bytes, as a Web eID token wants them. */
const challenge = text((value) => value.length >= 44 && value.length <= 128 && isBase64(value));

const payload = {
  authenticate: object({ type: oneOf("authenticate"), challenge }),
  sign,
  chunk: object({ type: oneOf("chunk"), document: integer(0, maxDocuments - 1), data: base64(1, maxChunk) }),
};

/** What a page says over its port: `start` at the call itself, then the arguments, which may take the site a while. */
export const fromPage = variant("type", { start: object(start, { lang }), ...payload });
export type FromPage = TypeOf<typeof fromPage>;

/** What a relay says to the background: the same, with whether a click or key press came before the call; or that the page said something else. */
export const fromRelay = variant("type", {
  start: object({ ...start, activated: boolean }, { lang }),
  ...payload,
  invalid: object({ type: oneOf("invalid"), field: text((path) => path.length <= 100) }),
});
export type FromRelay = TypeOf<typeof fromRelay>;

/** What the background says to the page, through the relay. */
export type ToPage =
  | { type: "received"; document: number; bytes: number }
  | { type: "progress"; done: number; total: number }
  | { type: "signature"; document: number; last: boolean; data: string }
  | { type: "result"; result: unknown }
  | { type: "error"; error: SiteError };

/** What a relay says first: it is there, and answers pulses. */
export interface Connected { type: "connected"; id: string; pulse: true }

/** What the library says now and then, and the relay answers likewise: where an extension is updated or removed, Firefox takes its scripts out of pages without a word. */
export interface Pulse { type: "pulse" }

/** The one message that a page posts to its own window. One end of a fresh MessageChannel travels with it. */
export const connectMessage = object({ type: oneOf("natsuin:connect"), id: text((id) => /^[0-9a-f]{32}$/.test(id)) });

/** What `status` gives to a page. */
export interface HostVersions {
  extension: string;
  host: string;
  protocol: number;
  capabilities: { formats: string[]; profiles: { pdf: string[]; xml: string[] }; hashes: string[]; prompt: "dialog" | "window" };
}

/** The name of the runtime port of one call. */
export const callPort = "call";
