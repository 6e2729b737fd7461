/**
 * The page library of Natsuin: log in and sign with the My Number Card. docs/page-api.md tells how a site uses it.
 * This file is the whole public face: its declarations stand alone as natsuin.d.ts.
 */

import { chunks } from "./documents.ts";
import { isAbortSignal, isThenable } from "./kinds.ts";
import { complete, fileOf, orderOf } from "./order.ts";
import { Failure, Session } from "./session.ts";
import { fromBase64 } from "./bytes.ts";
import { fromPage, type Command, type HostVersions } from "../messages/page.ts";
import { Invalid, onlyKeys } from "../shape.ts";

/** The version of this library. */
export const version = "0.1.0";

/** Why a call failed: the closed list of docs/protocol.md. */
export type ErrorCode =
  | "INTERNAL" | "INVALID_REQUEST" | "UNAVAILABLE" | "INSECURE_CONTEXT" | "NOT_TOP_FRAME" | "NO_USER_ACTIVATION" | "BUSY"
  | "HOST_MISSING" | "HOST_FAILED" | "VERSION_MISMATCH" | "NO_SERVICE" | "NO_READER" | "NO_CARD" | "NOT_JPKI" | "PIN_WRONG"
  | "PIN_BLOCKED" | "CANCELLED" | "TIMEOUT" | "CERTIFICATE_ABSENT" | "CERTIFICATE_EXPIRED" | "CERTIFICATE_NOT_YET_VALID"
  | "VERIFICATION_FAILED" | "PIN_MALFORMED" | "CARD_LOST" | "LAST_TRY" | "CARD_BUSY" | "CARD_FAULT" | "KEY_UNSUPPORTED"
  | "PROMPT_UNAVAILABLE" | "FILE_FAILED" | "DOCUMENT_REFUSED";

/** The error of every rejection. `message` is for developers; the citizen has read a sentence in Natsuin's own window. */
export class NatsuinError extends Error {
  override readonly name = "NatsuinError";
  readonly code: ErrorCode;
  /** For `INVALID_REQUEST`: the path of the argument that breaks a rule. For `DOCUMENT_REFUSED`: that of the document (`documents[0]`). */
  readonly field: string | undefined;
  /** How many tries the PIN concerned has left, where that matters. */
  readonly triesLeft: number | undefined;
  /** A closed word that tells causes of one code apart. */
  readonly reason: string | undefined;
  /** For `VERSION_MISMATCH`: which of the two is too old. */
  readonly update: "extension" | "host" | undefined;

  constructor(error: { code: ErrorCode; field?: string; triesLeft?: number; reason?: string; update?: "extension" | "host" }) {
    super(describe(error));
    this.code = error.code;
    this.field = error.field;
    this.triesLeft = error.triesLeft;
    this.reason = error.reason;
    this.update = error.update;
  }
}

function describe({ code, field, reason, update }: { code: ErrorCode; field?: string; reason?: string; update?: string }): string {
  switch (code) {
    case "UNAVAILABLE":
      return "UNAVAILABLE: Natsuin is not installed, or not switched on for this site. Install it from https://github.com/natsuin/natsuin, or switch this site on in its toolbar popup. Reload the page if Natsuin was updated while it was open.";
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
      return `VERSION_MISMATCH: the citizen's ${update ?? "installation"} is too old; Natsuin's window says how to update it.`;
    case "DOCUMENT_REFUSED":
      return `DOCUMENT_REFUSED: ${field ?? "a document"} cannot be signed: ${reason ?? "no reason was given"}. The reasons stand in docs/protocol.md.`;
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
  capabilities: { formats: string[]; profiles: { pdf: string[]; xml: string[] }; hashes: string[]; prompt: "dialog" | "window" };
}

/** A Web eID token 1.0: send it to your server as it is. */
export interface Token {
  unverifiedCertificate: string;
  algorithm: "RS256";
  signature: string;
  format: "web-eid:1.0";
  appVersion: string;
}

/** The hash functions. `SHA-256` is the usual one. */
export type HashName = "SHA-256" | "SHA-384" | "SHA-512";

/** A document by its content. */
export interface Content {
  /** 1 to 255 bytes of UTF-8 without control characters: what the citizen reads. */
  name: string;
  /** Bytes are copied at the call; a Blob never changes. */
  bytes: Uint8Array | ArrayBuffer | Blob;
}

/** A document of which you give a digest only: it is shown as "content not visible", and asked about twice. */
export interface Digest {
  name: string;
  digest: Uint8Array;
  hash: HashName;
}

/** A document to sign. */
export type Document = Content | Digest;

/** How far a signing is: bytes sent, then signatures made. */
export interface Progress {
  phase: "sending" | "signing";
  done: number;
  total: number;
}

/** What every `sign` takes. */
export interface CommonSignOptions extends CallOptions {
  /** Of documents that you give by their content. */
  hash?: HashName;
  onprogress?: (progress: Progress) => void;
}

/** CMS messages (RFC 5652, CAdES-BES), one for each document. */
export interface CMSOptions extends CommonSignOptions {
  format: "cms";
  /** 1 to 1,000, at most 256 MiB together. `message`: a detached message over the same document, of 1 MiB at most (4 MiB together), that gets one more signer. */
  documents: (Document & { message?: Uint8Array })[];
  /** Puts the content into the message: at most 8 MiB, no digests, no `message`. */
  attached?: boolean;
}

/** Signatures inside PDFs. */
export interface PDFOptions extends CommonSignOptions {
  format: "pdf";
  documents: Content[];
  /** `pades`: PAdES B-B, the usual one; `moj`: as 登記・供託オンライン申請 wants it, with SHA-256. */
  profile?: "pades" | "moj";
  /** The visible mark of the signature, the same in each document. */
  seal?: Seal;
}

/** XML signatures. */
export interface XMLOptions extends CommonSignOptions {
  format: "xml";
  /** Of 32 MiB at most each. */
  documents: Content[];
  /** `enveloped`: inside the root element, the usual one; `etax` and `egov`: as these services want it; `detached`: a document of its own, over the document and `files` by their names. */
  profile?: "enveloped" | "etax" | "egov" | "detached";
  /** Up to 256 files that the same signature covers, by their names. Not with `etax`; with one document; digests are of `hash`. */
  files?: Document[];
  /** Up to 64 ids (one with `etax` and `egov`) of the elements that are signed instead of what the profile signs. Not with `detached`. */
  elements?: string[];
  /** Adds the properties of XAdES-BES. Not with `etax` and `egov`. */
  xades?: boolean;
}

/** Bare signature values, RSASSA-PKCS1-v1_5 (RFC 8017 §8.2), all with one hash. */
export interface RawOptions extends CommonSignOptions {
  format: "raw";
  documents: Document[];
}

/** What `sign` takes: the same for all documents. */
export type SignOptions = CMSOptions | PDFOptions | XMLOptions | RawOptions;

/** A seal on a page of a PDF: a text that the citizen's computer draws, or your picture. */
export type Seal = SealPlace & ({ text: string } | { picture: Uint8Array | ArrayBuffer | Blob });

/** Where a seal is. Lengths are whole points of 1/72 inch on the page as it is displayed. `text` is 1 to 8 characters; `picture` a PNG of 1,024 pixels each way and 512 KiB at most. */
export interface SealPlace {
  /** From 1 up. */
  page: number;
  /** From the left edge of the page to that of the seal. */
  x: number;
  /** From the lower edge of the page to that of the seal. */
  y: number;
  /** Width and height, 8 to 600. */
  size: number;
  /** Draws a ring around it, in vermilion. */
  ring?: boolean;
}

/** What `sign` gives: for each document, in order, one signature and one file. */
export interface Signed {
  /** What was made: the CMS message, the bytes to append to the PDF, the XML document, the bare signature value. */
  signatures: Uint8Array[];
  /** What to store: the signed PDF or XML document, the CMS message, the signature value. */
  files: Blob[];
  /** In DER. */
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

/** Signs documents under one consent and one PIN. Call it from a click or a key press. What you hand over is signed as it is at the call. */
export function sign(options: SignOptions): Promise<Signed> {
  return call("sign", options, () => orderOf(options), async (session, order) => {
    const { documents, files, onprogress } = order;
    const read = (blob: Blob) => session.during(blob.arrayBuffer());
    const request = await complete(order, read);
    session.send(request);
    const contents = [...documents, ...files];
    const total = contents.reduce((sum, { announced }) => sum + ("size" in announced ? announced.size : 0), 0);
    let done = 0;
    for await (const chunk of chunks(contents, read)) {
      done += await session.sendChunk(chunk);
      onprogress?.({ phase: "sending", done, total });
    }
    const result = (await session.result((progress) => onprogress?.({ phase: "signing", ...progress }))) as SignResult;
    const made = documents.map((document, i) => ({ document, signature: session.signature(i) }));
    return {
      ...result,
      signatures: made.map(({ signature }) => signature),
      files: made.map(({ document, signature }) => fileOf(request, document, signature)),
      certificate: fromBase64(result.certificate),
    };
  });
}

type SignResult = Pick<Signed, "algorithm" | "issuer"> & { certificate: string };

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

/** What each call takes beside {@link CallOptions}, whatever the format of a signature. */
const taken: Record<Command, readonly string[]> = {
  status: [],
  authenticate: ["challenge"],
  sign: ["documents", "format", "profile", "hash", "attached", "xades", "elements", "files", "seal", "onprogress"],
};

/** What every call takes, checked: JavaScript lets a page hand over anything, and an option that is misspelt must not be one that is missing. */
function common(command: Command, options: unknown): CallOptions {
  if (typeof options !== "object" || options === null) throw new Invalid("options");
  onlyKeys(options, ["lang", "signal", ...taken[command]], "");
  const { lang, signal } = options as CallOptions;
  if (lang !== undefined) fromPage({ type: "start", command, lang }, "");
  if (signal !== undefined && !isAbortSignal(signal)) throw new Invalid("signal");
  return { ...(lang && { lang }), ...(signal && { signal }) };
}
