/**
 * The messages between the page library, the relay and the background.
 *
 * Library and relay exchange each as one JSON text over a private MessagePort: a text is the one thing that a page cannot lend methods to. The relay
 * checks what comes from the page and hands it on; the background checks it again, because a relay lives in the page's process.
 */

import type { SiteError } from "./host.ts";
import { base64, boolean, integer, Invalid, isBase64, list, object, oneOf, text, variant, type Shape, type TypeOf } from "../shape.ts";

const MiB = 1 << 20;

/** The most bytes of a document in one chunk. */
export const maxChunk = 3 * MiB;
const maxBytes = 256 * MiB;
const maxAttached = 8 * MiB;
const maxDocuments = 1000;

/** The hash functions that a digest may come from, with the length of a digest in hex. */
export const hexLengths = { "SHA-256": 64, "SHA-384": 96, "SHA-512": 128 } as const;
export type HashName = keyof typeof hexLengths;
const hashNames = Object.keys(hexLengths) as HashName[];

const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
const documentName = text((name) => {
  const bytes = name.isWellFormed() ? new TextEncoder().encode(name).length : 0;
  return bytes >= 1 && bytes <= 255 && !controls.test(name);
});

const sized = object({ name: documentName, size: integer(0, maxBytes) });
const digested = object({ name: documentName, digest: text((hex) => /^[0-9a-f]+$/.test(hex)), hash: oneOf(...hashNames) });

/** A document as it is announced: its bytes follow in chunks, or only their digest is known. */
export type DocumentInfo = TypeOf<typeof sized> | TypeOf<typeof digested>;

const documentInfo: Shape<DocumentInfo> = (value, path) => {
  if (typeof value === "object" && value !== null && "size" in value) return sized(value, path);
  const document = digested(value, path);
  if (document.digest.length !== hexLengths[document.hash]) throw new Invalid(`${path}.digest`);
  return document;
};

const signFields = object({
  type: oneOf("sign"),
  format: oneOf("cms", "raw"),
  attached: boolean,
  documents: list(documentInfo, 1, maxDocuments),
});

const sign: typeof signFields = (value, path) => {
  const request = signFields(value, path);
  const total = request.documents.reduce((sum, document) => sum + ("size" in document ? document.size : 0), 0);
  if (total > maxBytes) throw new Invalid("documents");
  if (request.format === "raw") {
    // One `algorithm` is told for all signatures of a raw request.
    const [first, ...others] = request.documents.map((document) => ("hash" in document ? document.hash : "SHA-256"));
    const other = others.findIndex((hash) => hash !== first);
    if (other >= 0) throw new Invalid(`documents[${other + 1}].hash`);
  }
  if (request.attached) {
    const hidden = request.documents.findIndex((document) => "digest" in document);
    if (hidden >= 0) throw new Invalid(`documents[${hidden}].digest`);
    if (request.format !== "cms") throw new Invalid("attached");
    if (total > maxAttached) throw new Invalid("documents");
  }
  return request;
};

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
export type SignPayload = Extract<FromPage, { type: "sign" }>;

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

/** What a relay says first: it is there. */
export interface Connected { type: "connected"; id: string }

/** The one message that a page posts to its own window. One end of a fresh MessageChannel travels with it. */
export const connectMessage = object({ type: oneOf("natsuin:connect"), id: text((id) => /^[0-9a-f]{32}$/.test(id)) });

/** What `status` gives to a page. */
export interface HostVersions {
  extension: string;
  host: string;
  protocol: number;
  capabilities: { formats: string[]; hashes: string[]; prompt: "dialog" | "window" };
}

/** The name of the runtime port of one call. */
export const callPort = "call";
