/** The messages between extension and host, as docs/protocol.md gives them. */

import type { ErrorCode } from "../page/natsuin.ts";
import type { SignPayload, Sized } from "./sign.ts";
import { base64, boolean, integer, isObject, list, object, oneOf, open, text, variant, type Shape, type TypeOf } from "../shape.ts";

/** The name under which the host is registered with the browser. */
export const hostName = "io.github.natsuin";

/** The versions of the protocol that somebody speaks: from the oldest to the newest. */
export interface Versions { oldest: number; newest: number }

/** Those that this extension speaks. */
export const spoken: Versions = { oldest: 1, newest: 1 };

/** The languages that Natsuin speaks. */
export const languages = ["ja", "en"] as const;
export type Language = (typeof languages)[number];

/** Codes about what no site can ask for: only Natsuin's own pages meet them ("own" in codes.json). */
const ownCodes = ["APPLICATION_ABSENT", "PIN_REFUSED"] as const;

/** Every error code of docs/protocol.md; the type of those that reach a site stands in the page library because its declarations stand alone. */
const siteCodes = [
  "INTERNAL", "INVALID_REQUEST", "UNAVAILABLE", "INSECURE_CONTEXT", "NOT_TOP_FRAME", "NO_USER_ACTIVATION", "BUSY",
  "HOST_MISSING", "HOST_FAILED", "VERSION_MISMATCH", "NO_SERVICE", "NO_READER", "NO_CARD", "NOT_JPKI", "PIN_WRONG",
  "PIN_BLOCKED", "CANCELLED", "TIMEOUT", "CERTIFICATE_ABSENT", "CERTIFICATE_EXPIRED", "CERTIFICATE_NOT_YET_VALID",
  "VERIFICATION_FAILED", "PIN_MALFORMED", "CARD_LOST", "LAST_TRY", "CARD_BUSY", "CARD_FAULT", "KEY_UNSUPPORTED",
  "PROMPT_UNAVAILABLE", "FILE_FAILED", "DOCUMENT_REFUSED",
] as const satisfies readonly ErrorCode[];
export const errorCodes = [...siteCodes, ...ownCodes] as const;
type AnyCode = (typeof errorCodes)[number];

/** A number from nothing to the largest that stands for a count. */
export const count = integer(0, Number.MAX_SAFE_INTEGER);

/** The PINs of a card: 利用者証明用, 署名用 and 券面事項入力補助用. */
export const pin = oneOf("authentication", "signature", "card-surface");

/** An error as it crosses every border: a code, and what says more about it. */
export const errorBody = object(
  { code: oneOf<AnyCode>(...errorCodes) },
  { field: text(), triesLeft: count, pin, reason: text(), update: oneOf("extension", "host") },
);
/** `versions`, of what is installed, are for the citizen alone. */
export type ErrorBody = TypeOf<typeof errorBody> & { versions?: { extension: string; host: string } };

/** An error as a site may get it. */
export type SiteError = ErrorBody & { code: ErrorCode };

/** The error for a site; one that no site's operation ends with is a defect. */
export function forSite(error: ErrorBody): SiteError {
  const code = siteCodes.find((each) => each === error.code);
  const told = { ...error };
  delete told.versions;
  return code === undefined ? { code: "INTERNAL" } : { ...told, code };
}

export const issuer = oneOf("j-lis", "not-shipped", "foreign", "unknown");
export const token = oneOf("card", "juki-card", "android", "iphone", "unknown");
const card = object({ token, issuer });

/** What a typed PIN is for, while one is being changed. */
const purpose = oneOf("current", "new", "repeat");
const problem = oneOf("wrong", "counter-fell", "too-short", "too-long", "bad-character", "full-width", "different", "same", "no-letter", "no-digit");
const weakness = oneOf("repeated", "sequence", "common", "birth-date");
export type Pin = TypeOf<typeof pin>;
export type Purpose = TypeOf<typeof purpose>;
export type Problem = TypeOf<typeof problem>;
export type Weakness = TypeOf<typeof weakness>;
export type Issuer = TypeOf<typeof issuer>;
export type Token = TypeOf<typeof token>;

/** What a human must know before typing a PIN; `kind` and `id` fields join it in the messages. */
const pinState = { pin, triesLeft: count, maxTries: count, card };
/** What was wrong with the last one, what this one is for, and that the reader's pad was wanted for it and cannot take it. */
const asked = { problem, purpose, noPad: boolean };

/** What of a greeting stays the same in all versions; the rest of it is passed over until the versions agree. */
export const greeting = open({ type: oneOf("hello"), version: text((version) => /^[0-9A-Za-z.+~-]{1,64}$/.test(version)), protocol: integer(0, 1_000_000) }, { oldest: integer(0, 1_000_000) });

const capabilities = open({
  commands: list(text(), 0, 100),
  formats: list(text(), 0, 100),
  profiles: open({ pdf: list(text(), 0, 100), xml: list(text(), 0, 100) }),
  hashes: list(text(), 0, 100),
  prompt: oneOf("dialog", "window"),
});

const hello: Shape<TypeOf<typeof greeting> & { capabilities: TypeOf<typeof capabilities> }> = (value, path) => ({ ...greeting(value, path), ...open({ capabilities })(value, path) });
export type Hello = TypeOf<typeof hello>;

const id = text();

/** Four bytes of a hash. */
const end = text((hex) => /^[0-9a-f]{8}$/.test(hex));

/** What a government page chose to have signed: nobody can see more of it than its ends. `bare` is a hash without a word of its function. */
const chosenDigest = object({ hash: oneOf("SHA-256", "SHA-384", "SHA-512", "SHA-1", "bare"), first: end, last: end });
export type ChosenDigest = TypeOf<typeof chosenDigest>;

/** How many pages each document has. */
const pages = list(count, 1, 1000);

/** What is drawn inside a seal, as a PNG; its ring is not in it. */
const seal = base64(1, 1 << 19);

/** A consent before a signature over documents, or before what a government page asks for. */
const documentsConsent = object({ type: oneOf("prompt"), id, prompt: count, kind: oneOf("consent"), digest: text((s) => /^[0-9a-f]{64}$/.test(s)), hidden: count, ...pinState }, { pages, seal });
const portalConsent = object({ type: oneOf("prompt"), id, prompt: count, kind: oneOf("consent"), digests: list(chosenDigest, 0, 100), ...pinState });
const consent: Shape<TypeOf<typeof documentsConsent> | TypeOf<typeof portalConsent>> = (value, path) => {
  return isObject(value) && "digests" in value ? portalConsent(value, path) : documentsConsent(value, path);
};

/** Names of readers. */
const readerNames = list(text(), 0, 1000);

/** What the host says. The shape of a result depends on the command: results.ts has them. */
export const hostMessage = variant("type", {
  hello,
  received: object({ type: oneOf("received"), id, document: count, bytes: count }),
  card: variant("presence", {
    "no-reader": object({ type: oneOf("card"), id, presence: oneOf("no-reader") }),
    "no-card": object({ type: oneOf("card"), id, presence: oneOf("no-card") }, { other: readerNames }),
    present: object({ type: oneOf("card"), id, presence: oneOf("present"), reader: text() }),
  }),
  dialog: object({ type: oneOf("dialog"), id, ...pinState }, asked),
  pad: object({ type: oneOf("pad"), id, ...pinState, seconds: integer(1, 600) }, asked),
  prompt: variant("kind", {
    consent,
    "last-try": object({ type: oneOf("prompt"), id, prompt: count, kind: oneOf("last-try"), ...pinState }, asked),
    pin: object({ type: oneOf("prompt"), id, prompt: count, kind: oneOf("pin"), ...pinState }, asked),
    pad: object({ type: oneOf("prompt"), id, prompt: count, kind: oneOf("pad"), ...pinState }, asked),
    "weak-pin": object({ type: oneOf("prompt"), id, prompt: count, kind: oneOf("weak-pin"), reasons: list(weakness, 1, 10), ...pinState }, asked),
    "choose-reader": object({ type: oneOf("prompt"), id, prompt: count, kind: oneOf("choose-reader"), readers: list(object({ name: text(), token }), 1, 1000) }),
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

/** What every operation on a card may say of how the citizen wants it: docs/protocol.md, "Requests". */
export interface Preferences {
  /** False when an administrator forbids PINs in the extension's window. */
  windowPin: boolean;
  /** Use a reader's own pad for PINs of digits. */
  pinPad?: true;
  /** The reader that was chosen earlier in this browser session. */
  reader?: string;
}

const slot = oneOf("authentication", "signature");

/** Dates as YYYY-MM-DD. */
export const date = text((value) => /^\d{4}-\d{2}-\d{2}$/.test(value));

/** What the card page may ask for on the citizen's behalf. Nothing of it is open to a site. */
export const ownRequest = variant("command", {
  certificate: object({ command: oneOf("certificate"), slot }),
  attributes: object({ command: oneOf("attributes"), compare: boolean }),
  "change-pin": object({ command: oneOf("change-pin"), pin }, { birthDate: date }),
});
export type OwnRequest = TypeOf<typeof ownRequest>;

/** What the rules of validity are asked about. */
export interface Holder {
  birth: string;
  issued: string;
  foreign: boolean;
  applied?: string;
  stayUntil?: string;
}

/** What is asked without a window: it opens nothing that a PIN guards. */
export type Question = { command: "status" } | { command: "desks" } | ({ command: "validity" } & Holder);

/** What a government page may ask for through its bridge: it chose the DigestInfos itself. `identifier` asks for the combination code. */
export type PortalRequest = { origin: string; serviceId: string } & (
  | { command: "portal-login"; digest: string; allow: ("bare" | "sha-1")[] }
  | { command: "portal-sign"; digests: string[]; identifier?: string; allow: ("bare" | "sha-1")[] }
  | { command: "portal-attributes"; identifier?: string }
);

/** A signed file to be checked; its bytes follow as those of a signature's documents do. No card takes part. */
export interface Verification {
  command: "verify";
  /** With the holder's name, address, birth date and sex. */
  attributes: boolean;
  documents: [Sized];
  /** The document that a detached CMS message signs, or the files that an XML signature names. */
  files?: Sized[];
}

/** What a site wants signed: its message without the message's own type. */
type Signing<P = SignPayload> = P extends unknown ? Omit<P, "type"> : never;

interface Addressed { type: "request"; id: string; lang: Language }

/** What the extension asks the host for. */
export type HostRequest =
  | (Addressed & Question)
  | (Addressed & Preferences & OwnRequest)
  | (Addressed & Preferences & PortalRequest)
  | (Addressed & Preferences & { command: "authenticate"; origin: string; challenge: string })
  | (Addressed & Preferences & { command: "sign"; origin: string } & Signing)
  | (Addressed & Verification);

/** Everything that the extension says. The keys of `pin` stand in the order that the host's own decoder wants. */
export type ToHost =
  | { type: "hello"; version: string; protocol: number }
  | HostRequest
  | { type: "chunk"; id: string; document: number; data: string }
  | { type: "answer"; id: string; prompt: number; accept: boolean; reader?: string }
  | { type: "pin"; id: string; prompt: number; pin: number[] }
  | { type: "cancel"; id: string };
