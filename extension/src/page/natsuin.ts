/**
 * The page library of Natsuin: log in and sign with the My Number Card. docs/page-api.md tells how a site uses it.
 * This file is the whole public face: its declarations stand alone as natsuin.d.ts.
 */

import { chunks, snapshot } from "./documents.ts";
import { isAbortSignal, isThenable } from "./kinds.ts";
import { Failure, Session } from "./session.ts";
import { fromBase64 } from "./bytes.ts";
import { fromPage, type Command, type HostVersions } from "../messages/page.ts";
import { Invalid } from "../shape.ts";

/** The version of this library. */
export const version = "0.1.0";

/** Why a call failed: the closed list of docs/protocol.md. */
export type ErrorCode =
  | "INTERNAL" | "INVALID_REQUEST" | "UNAVAILABLE" | "INSECURE_CONTEXT" | "NOT_TOP_FRAME" | "NO_USER_ACTIVATION" | "BUSY"
  | "HOST_MISSING" | "HOST_FAILED" | "VERSION_MISMATCH" | "NO_SERVICE" | "NO_READER" | "NO_CARD" | "NOT_JPKI" | "PIN_WRONG"
  | "PIN_BLOCKED" | "CANCELLED" | "TIMEOUT" | "CERTIFICATE_ABSENT" | "CERTIFICATE_EXPIRED" | "CERTIFICATE_NOT_YET_VALID"
  | "VERIFICATION_FAILED" | "PIN_MALFORMED" | "CARD_LOST" | "LAST_TRY" | "CARD_BUSY" | "CARD_FAULT" | "KEY_UNSUPPORTED"
  | "PROMPT_UNAVAILABLE" | "FILE_FAILED";

/** The error of every rejection. `message` is for developers; the citizen has read a sentence in Natsuin's own window. */
export class NatsuinError extends Error {
  override readonly name = "NatsuinError";
  readonly code: ErrorCode;
  /** For `INVALID_REQUEST`: the path of the argument that breaks a rule. */
  readonly field: string | undefined;
  /** How many tries the PIN concerned has left, where that matters. */
  readonly triesLeft: number | undefined;
  /** A closed word that tells causes of one code apart. */
  readonly reason: string | undefined;
  /** For `VERSION_MISMATCH`: which of the two is too old. */
  readonly update: "extension" | "host" | undefined;

  constructor(error: { code: ErrorCode; field?: string; triesLeft?: number; reason?: string; update?: "extension" | "host" }) {
    super(describe(error.code, error.field, error.update));
    this.code = error.code;
    this.field = error.field;
    this.triesLeft = error.triesLeft;
    this.reason = error.reason;
    this.update = error.update;
  }
}

function describe(code: ErrorCode, field: string | undefined, update: string | undefined): string {
  switch (code) {
    case "UNAVAILABLE":
      return "UNAVAILABLE: Natsuin is not installed, or not switched on for this site. Install it from https://github.com/natsuin/natsuin, or switch this site on in its toolbar popup.";
    case "INSECURE_CONTEXT":
      return "INSECURE_CONTEXT: Natsuin works on https pages only.";
    case "NOT_TOP_FRAME":
      return "NOT_TOP_FRAME: call Natsuin from the top frame of the tab.";
    case "NO_USER_ACTIVATION":
      return "NO_USER_ACTIVATION: call Natsuin from a click or a key press.";
    case "TIMEOUT":
      return "TIMEOUT: the citizen did not answer in time, or your site did not deliver its arguments within a minute of the call.";
    case "INVALID_REQUEST":
      return `INVALID_REQUEST: ${field ?? "an argument"} breaks a rule of docs/page-api.md.`;
    case "VERSION_MISMATCH":
      return `VERSION_MISMATCH: the citizen's ${update ?? "installation"} is too old.`;
    default:
      return code;
  }
}

/** What every call takes. */
export interface CallOptions {
  /** The language of Natsuin's window; the citizen's own choice comes first. */
  lang?: "ja" | "en";
  /** Aborting closes the window, releases the card and rejects with `CANCELLED`. */
  signal?: AbortSignal;
}

/** Versions and capabilities; nothing about readers or cards. */
export interface Status {
  library: string;
  extension: string;
  host: string;
  protocol: number;
  capabilities: { formats: string[]; hashes: string[]; prompt: "dialog" | "window" };
}

/** A Web eID token 1.0: send it to your server as it is. */
export interface Token {
  unverifiedCertificate: string;
  algorithm: "RS256";
  signature: string;
  format: "web-eid:1.0";
  appVersion: string;
}

/** A document to sign: its content, or a digest of it (shown as "content not visible", and asked about twice). */
export type Document =
  | { name: string; bytes: Uint8Array | ArrayBuffer | Blob }
  | { name: string; digest: Uint8Array; hash: "SHA-256" | "SHA-384" | "SHA-512" };

/** How far a signing is: bytes sent, then signatures made. */
export interface Progress {
  phase: "sending" | "signing";
  done: number;
  total: number;
}

/** What `sign` takes. */
export interface SignOptions extends CallOptions {
  /** 1 to 1,000 documents, at most 256 MiB together; a name is 1 to 255 bytes of UTF-8. */
  documents: Document[];
  /** `cms`: CAdES-BES (RFC 5652); `raw`: RSASSA-PKCS1-v1_5. */
  format: "cms" | "raw";
  /** Puts the content into the CMS: at most 8 MiB, no digests. */
  attached?: boolean;
  onprogress?: (progress: Progress) => void;
}

/** What `sign` gives: one signature for each document, in order, and the certificate in DER. */
export interface Signed {
  signatures: Uint8Array[];
  certificate: Uint8Array;
  algorithm: "RS256" | "RS384" | "RS512";
  /** Who issued the card's certificate, for development; your server decides. */
  issuer: "j-lis" | "not-shipped" | "foreign";
}

/** Which versions are here. Rejects with `UNAVAILABLE` without the extension, with `HOST_MISSING` without the program. */
export function status(options: CallOptions = {}): Promise<Status> {
  return call("status", options, noArguments, async (session) => {
    const result = (await session.result()) as HostVersions;
    return { library: version, ...result };
  });
}

/**
 * Logs the citizen in. Call it from a click or a key press.
 * `challenge`: 44 to 128 characters of base64 from your server, or a promise of it (anything that can be awaited).
 */
export function authenticate(options: CallOptions & { challenge: string | PromiseLike<string> }): Promise<Token> {
  const message = (challenge: unknown) => fromPage({ type: "authenticate", challenge }, "");
  const early = () => {
    const { challenge } = options;
    return isThenable(challenge) ? { later: challenge } : { now: message(challenge) };
  };
  return call("authenticate", options, early, async (session, { now, later }) => {
    session.send(now ?? message(await session.during(later)));
    return (await session.result()) as Token;
  });
}

/** Signs documents under one consent and one PIN. Call it from a click or a key press. */
export function sign(options: SignOptions): Promise<Signed> {
  const early = () => {
    const { format, attached = false, onprogress } = options;
    if (onprogress !== undefined && typeof onprogress !== "function") throw new Invalid("onprogress");
    const documents = snapshot(options.documents);
    const request = fromPage({ type: "sign", format, attached, documents: documents.map(({ announced }) => announced) }, "");
    return { documents, request, onprogress };
  };
  return call("sign", options, early, async (session, { documents, request, onprogress }) => {
    session.send(request);
    const total = documents.reduce((sum, { announced }) => sum + ("size" in announced ? announced.size : 0), 0);
    let done = 0;
    for await (const chunk of chunks(documents, (blob) => session.during(blob.arrayBuffer()))) {
      done += await session.sendChunk(chunk);
      onprogress?.({ phase: "sending", done, total });
    }
    const result = (await session.result((progress) => onprogress?.({ phase: "signing", ...progress }))) as SignResult;
    return { ...result, signatures: session.signatures(documents.length), certificate: fromBase64(result.certificate) };
  });
}

type SignResult = Omit<Signed, "signatures" | "certificate"> & { certificate: string };

const noArguments = () => undefined;

/**
 * Runs one call in a session of its own. Arguments that are there already are checked before anything opens; every failure of ours leaves as a
 * {@link NatsuinError}.
 */
async function call<A, T>(command: Command, options: CallOptions, check: () => A, run: (session: Session, checked: A) => Promise<T>): Promise<T> {
  let session: Session | undefined;
  try {
    if (!globalThis.isSecureContext) throw new Failure({ code: "INSECURE_CONTEXT" });
    if (window.top !== window) throw new Failure({ code: "NOT_TOP_FRAME" });
    const { lang, signal } = common(command, options);
    const checked = check();
    session = new Session(command, lang, signal);
    return await run(session, checked);
  } catch (error) {
    if (error instanceof Failure) throw new NatsuinError(error.body);
    if (error instanceof Invalid) throw new NatsuinError({ code: "INVALID_REQUEST", field: error.field });
    throw error;
  } finally {
    session?.close();
  }
}

/** What every call takes, checked: JavaScript lets a page hand over anything. */
function common(command: Command, options: unknown): CallOptions {
  if (typeof options !== "object" || options === null) throw new Invalid("options");
  const { lang, signal } = options as CallOptions;
  if (lang !== undefined) fromPage({ type: "start", command, lang }, "");
  if (signal !== undefined && !isAbortSignal(signal)) throw new Invalid("signal");
  return { ...(lang && { lang }), ...(signal && { signal }) };
}
