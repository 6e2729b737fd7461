/** The messages between extension and host, as docs/protocol.md gives them. */

import type { ErrorCode } from "../page/natsuin.ts";
import type { DocumentInfo } from "./page.ts";
import { base64, boolean, integer, list, object, oneOf, text, variant, type TypeOf } from "../shape.ts";

/** The name under which the host is registered with the browser. */
export const hostName = "io.github.natsuin";

/** The version of the protocol that this extension speaks. */
export const protocolVersion = 1;

/** The languages that Natsuin speaks. */
export const languages = ["ja", "en"] as const;
export type Language = (typeof languages)[number];

/** Every error code, in the order of docs/protocol.md; the type stands in the page library because its declarations stand alone. */
export const errorCodes = [
  "INTERNAL", "INVALID_REQUEST", "UNAVAILABLE", "INSECURE_CONTEXT", "NOT_TOP_FRAME", "NO_USER_ACTIVATION", "BUSY",
  "HOST_MISSING", "HOST_FAILED", "VERSION_MISMATCH", "NO_SERVICE", "NO_READER", "NO_CARD", "NOT_JPKI", "PIN_WRONG",
  "PIN_BLOCKED", "CANCELLED", "TIMEOUT", "CERTIFICATE_ABSENT", "CERTIFICATE_EXPIRED", "CERTIFICATE_NOT_YET_VALID",
  "VERIFICATION_FAILED", "PIN_MALFORMED", "CARD_LOST", "LAST_TRY", "CARD_BUSY", "CARD_FAULT", "KEY_UNSUPPORTED",
  "PROMPT_UNAVAILABLE", "FILE_FAILED",
] as const satisfies readonly ErrorCode[];

/** The largest number that stands for a count. */
const count = integer(0, Number.MAX_SAFE_INTEGER);

/** An error as it crosses every border: a code, and what says more about it. */
export const errorBody = object(
  { code: oneOf<ErrorCode>(...errorCodes) },
  { field: text(), triesLeft: count, reason: text(), update: oneOf("extension", "host") },
);
export type ErrorBody = TypeOf<typeof errorBody>;

const issuer = oneOf("j-lis", "not-shipped", "foreign", "unknown");
const token = oneOf("card", "juki-card", "android", "iphone", "unknown");
const card = object({ token, issuer });
const pin = oneOf("authentication", "signature");
const problem = oneOf("wrong", "too-short", "too-long", "bad-character", "full-width");
export type Pin = TypeOf<typeof pin>;
export type Problem = TypeOf<typeof problem>;
export type Issuer = TypeOf<typeof issuer>;
export type Token = TypeOf<typeof token>;

/** What a human must know before typing a PIN; `kind` and `id` fields join it in the messages. */
const pinState = { pin, triesLeft: count, maxTries: count, card };

const capabilities = object({
  formats: list(text(), 0, 100),
  hashes: list(text(), 0, 100),
  prompt: oneOf("dialog", "window"),
});

const hello = object({ type: oneOf("hello"), version: text(), protocol: integer(0, 1_000_000), capabilities });
export type Hello = TypeOf<typeof hello>;

const pinStatus = object({ triesLeft: count, maxTries: count }, { notBefore: text(), notAfter: text(), issuer });
const readerStatus = object(
  { name: text(), card: boolean },
  { token, label: text(), authentication: pinStatus, signature: pinStatus, error: errorBody },
);
export type ReaderStatus = TypeOf<typeof readerStatus>;

/** The result of a `status` request. */
export const cardStatus = object({ readers: list(readerStatus, 0, 1000) });
export type CardStatus = TypeOf<typeof cardStatus>;

/** The result of an `authenticate` request: a Web eID token 1.0. */
export const authenticated = object({
  unverifiedCertificate: text(),
  algorithm: oneOf("RS256"),
  signature: text(),
  format: oneOf("web-eid:1.0"),
  appVersion: text(),
});

/** The result of a `sign` request; the signatures came before it. */
export const signed = object({
  certificate: base64(1, 65_536),
  algorithm: oneOf("RS256", "RS384", "RS512"),
  issuer: oneOf("j-lis", "not-shipped", "foreign"),
});

const id = text();

/** What the host says. The shape of a result depends on the command: see {@link cardStatus}, {@link authenticated} and {@link signed}. */
export const hostMessage = variant("type", {
  hello,
  received: object({ type: oneOf("received"), id, document: count, bytes: count }),
  card: variant("presence", {
    "no-reader": object({ type: oneOf("card"), id, presence: oneOf("no-reader") }),
    "no-card": object({ type: oneOf("card"), id, presence: oneOf("no-card") }),
    present: object({ type: oneOf("card"), id, presence: oneOf("present"), reader: text() }),
  }),
  dialog: object({ type: oneOf("dialog"), id, ...pinState }, { problem }),
  prompt: variant("kind", {
    consent: object({ type: oneOf("prompt"), id, prompt: count, kind: oneOf("consent"), digest: text((s) => /^[0-9a-f]{64}$/.test(s)), hidden: count, ...pinState }),
    "last-try": object({ type: oneOf("prompt"), id, prompt: count, kind: oneOf("last-try"), ...pinState }, { problem }),
    pin: object({ type: oneOf("prompt"), id, prompt: count, kind: oneOf("pin"), ...pinState }, { problem }),
  }),
  gone: object({ type: oneOf("gone"), id, prompt: count }),
  progress: object({ type: oneOf("progress"), id, done: count, total: count }),
  signature: object({ type: oneOf("signature"), id, document: count, last: boolean, data: base64(0, 1 << 20) }),
  result: object({ type: oneOf("result"), id, result: (value: unknown) => value }),
  error: object({ type: oneOf("error"), error: errorBody }, { id }),
});
export type HostMessage = TypeOf<typeof hostMessage>;
export type HostMessageOf<T extends HostMessage["type"]> = Extract<HostMessage, { type: T }>;
export type HostPrompt = HostMessageOf<"prompt">;

/** What the extension asks the host for. */
export type HostRequest =
  | { type: "request"; id: string; command: "status"; lang: Language }
  | { type: "request"; id: string; command: "authenticate"; lang: Language; origin: string; windowPin: boolean; challenge: string }
  | {
      type: "request"; id: string; command: "sign"; lang: Language; origin: string; format: "cms" | "raw";
      attached: boolean; windowPin: boolean; documents: DocumentInfo[];
    };

/** Everything that the extension says. The keys of `pin` stand in the order that the host's own decoder wants. */
export type ToHost =
  | HostRequest
  | { type: "chunk"; id: string; document: number; data: string }
  | { type: "answer"; id: string; prompt: number; accept: boolean }
  | { type: "pin"; id: string; prompt: number; pin: number[] }
  | { type: "cancel"; id: string };
