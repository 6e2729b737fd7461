/** The result of `verify` (docs/protocol.md): what the host found in a signed file. */

import { count, date } from "./host.ts";
import { boolean, Invalid, isObject, list, object, oneOf, text, type Shape, type TypeOf } from "../shape.ts";

/** The most bytes of a signed file and those that go with it, together. */
export const maxVerified = 256 << 20;

const outcome = oneOf("passed", "failed", "not-checked");
export type Outcome = TypeOf<typeof outcome>;

/** A moment as RFC 3339 writes it. */
const moment = text((value) => !Number.isNaN(Date.parse(value)));

const check = object({ rule: text(), outcome }, { detail: text() });
export type Check = TypeOf<typeof check>;

const later = object({}, { signatures: count, timeStamps: count, validationData: boolean, metadata: boolean, version: boolean });
export type Later = TypeOf<typeof later>;

const reference = object({ uri: text(), scope: oneOf("document", "element", "file", "properties") }, { start: count, end: count, path: text(), file: text() });
export type Reference = TypeOf<typeof reference>;

const part = object({ kind: text(), start: count, end: count, path: text() });
export type Part = TypeOf<typeof part>;

/** More than any result of a frame's size holds. */
const many = 100_000;

const coverage = object({ whole: boolean }, {
  detached: boolean, content: count, byteRange: list(count, 4, 4), revision: count, later,
  references: list(reference, 0, many), missing: list(text(), 0, many), unsigned: list(part, 0, many), moreUnsigned: boolean,
});
export type Coverage = TypeOf<typeof coverage>;

const claims = object({}, { signingTime: moment, time: moment, name: text(), reason: text(), location: text() });
export type Claims = TypeOf<typeof claims>;

/** A coordinate, in the page's own units. */
const coordinate: Shape<number> = (value, path) => {
  if (typeof value !== "number") throw new Invalid(path);
  return value;
};
const mark = object({ page: count, rect: list(coordinate, 4, 4) });

const timeStamp = object({ outcome }, { detail: text(), time: moment, policy: text(), authority: text() });

const anchor = object({ origin: text(), name: text(), hierarchy: text(), sha256: text() }, { obtained: text() });
const signer = object({ serial: text(), sha256: text(), notBefore: moment, notAfter: moment, policies: list(text(), 0, many) }, { anchor });
export type Signer = TypeOf<typeof signer>;

/** As the certificate has them: nine digits for the date of birth, a code for the sex, and a digit for each character of a name or address, which is not 0 where it stands for another. */
const attributes = object({ name: text(), birthDate: text(), sex: text(), address: text(), nameSubstitutes: text(), addressSubstitutes: text() });
export type SignerAttributes = TypeOf<typeof attributes>;

const signature = object({ place: text(), outcome, checks: list(check, 0, many), covers: coverage, claims }, {
  documentTimeStamp: boolean, reason: text(), detail: text(), marks: list(mark, 0, many), timeStamps: list(timeStamp, 0, 16), signer, attributes,
});
export type DocumentSignature = TypeOf<typeof signature>;

const hierarchy = oneOf("authentication", "signature");
const root = object({ hierarchy, generation: text(), serial: text(), from: date, to: date, obtained: text() }, { sha256: text() });
export type Root = TypeOf<typeof root>;

const document = object({ format: oneOf("cms", "pdf", "xml"), size: count, at: moment, accepted: boolean, signatures: list(signature, 1, 64), missingRoots: list(root, 0, 100) }, { revisions: count, pages: count });
export type VerifiedDocument = TypeOf<typeof document>;

/** Why a file cannot be judged at all. */
const refusal = object({ reason: text() }, { detail: text() });
export type Refusal = TypeOf<typeof refusal>;

/** Words in the language of the request: of the rule `issuer` at "rule/issuer", and so on. */
export type Words = Record<string, string>;

const words: Shape<Words> = (value, path) => {
  if (!isObject(value)) throw new Invalid(path);
  return Object.fromEntries(Object.entries(value).map(([key, said]) => [key, text()(said, path)]));
};

/** A rule of a service, and what came of it. */
const serviceCheck = object({ rule: text(), outcome, start: count, end: count }, { cause: text(), values: list(text(), 0, many), detail: text(), remedy: text() });
const service = object({ profile: text(), conforms: boolean, checks: list(serviceCheck, 0, many) });
export type Service = TypeOf<typeof service>;

/** `entry` is the one file of a zip archive that was checked, `unsignedFiles` the others that no signature that passed signs; `service` what the service wants that the file is made for. */
const judged = object({ document, words }, { entry: text(), unsignedFiles: list(text(), 0, many), service });
export type Judged = TypeOf<typeof judged>;
const refused = object({ refusal, words });
export type Verified = Judged | TypeOf<typeof refused>;

/** The result of `verify`: what was found, or why nothing can be said. */
export const verified: Shape<Verified> = (value, path) => (typeof value === "object" && value !== null && "refusal" in value ? refused(value, path) : judged(value, path));
