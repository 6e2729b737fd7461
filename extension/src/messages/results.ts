/** What the host's results hold, one shape for each command (docs/protocol.md, "Results"). */

import { count, date, errorBody, issuer, pin, token } from "./host.ts";
import { base64, boolean, list, object, oneOf, text, type TypeOf } from "../shape.ts";

/** How a certificate stands today, in Japan's time. */
const standing = object({ state: oneOf("valid", "expires-soon", "expired", "not-yet-valid"), daysLeft: count, renewalOpens: date });
export type Standing = TypeOf<typeof standing>;

const tries = { triesLeft: count, maxTries: count };
const pinStatus = object(tries, { notBefore: text(), notAfter: text(), issuer, present: oneOf("yes", "no", "unknown"), standing });
export type PinStatus = TypeOf<typeof pinStatus>;

const readerStatus = object(
  { name: text(), card: boolean },
  { token, label: text(), pinPad: boolean, authentication: pinStatus, signature: pinStatus, cardSurface: object(tries), error: errorBody },
);
export type ReaderStatus = TypeOf<typeof readerStatus>;

/** The result of `status`. */
export const cardStatus = object({ readers: list(readerStatus, 0, 1000) });
export type CardStatus = TypeOf<typeof cardStatus>;

/** The result of `authenticate`: a Web eID token 1.0. */
export const authenticated = object({
  unverifiedCertificate: text(),
  algorithm: oneOf("RS256"),
  signature: text(),
  format: oneOf("web-eid:1.0"),
  appVersion: text(),
});

/** The result of `sign`; the signatures came before it. */
export const signed = object({
  certificate: base64(1, 65_536),
  algorithm: oneOf("RS256", "RS384", "RS512"),
  issuer: oneOf("j-lis", "not-shipped", "foreign"),
});

/** The names of the four attributes, in the order that people know them in. */
export const attributeNames = ["name", "address", "birthDate", "sex"] as const;
export type AttributeName = (typeof attributeNames)[number];
const attributeName = oneOf(...attributeNames);

/** The four attributes. `birthDate` holds zeros where the card does; `substitutes` names those in which a certificate replaced characters. */
const attributes = object(
  { name: text(), address: text(), birthDate: text(), sex: oneOf("male", "female", "not-applicable", "unknown", "other"), sexCode: text() },
  { substitutes: list(attributeName, 0, attributeNames.length) },
);
export type Attributes = TypeOf<typeof attributes>;

/** The result of `certificate`; only a signature certificate holds attributes. */
export const certificate = object(
  { slot: oneOf("authentication", "signature"), issuer, serial: text(), notBefore: text(), notAfter: text(), standing },
  { attributes },
);
export type Certificate = TypeOf<typeof certificate>;

/** The result of `attributes`: those of the card's surface, and those of the certificate where they were to be compared. */
export const surface = object({ attributes }, { certificate: attributes, differences: list(attributeName, 0, attributeNames.length), signatureCertificate: certificate });
export type Surface = TypeOf<typeof surface>;

/** The result of `change-pin`. */
export const changedPin = object({ pin, ...tries });

const combination = { combinationCode: text((hex) => /^[0-9a-f]{64}$/.test(hex)) };
const signature = base64(1, 1024);
const der = base64(1, 65_536);

/** The results of what a government page asks for; the attributes are the card's own texts. */
export const portalLogin = object({ signature, certificate: der });
export const portalSigned = object({ signatures: list(signature, 1, 100), certificate: der }, combination);
export const portalAttributes = object({ name: text(), sex: text(), address: text(), birthday: text() }, combination);
export interface PortalResults {
  login: TypeOf<typeof portalLogin>;
  sign: TypeOf<typeof portalSigned>;
  attributes: TypeOf<typeof portalAttributes>;
}

const words = object({ ja: text(), en: text() });

/** A counter that helps, as the directory names it. */
export const desk = object({ municipality: words, office: words, telephone: text() });
export type Desk = TypeOf<typeof desk>;

/** The result of `desks`. */
export const directory = object({ desks: list(desk, 0, 2_000) });

/** Until when one thing is valid: a date, never issued, or as long as the residence lasts; `topic` explains it. */
const term = object({ topic: text() }, { until: text(), untilIf20: text(), never: boolean, byResidence: boolean });
export type Term = TypeOf<typeof term>;

/** The result of `validity`. */
export const validity = object({ card: term, authentication: term, signature: term });
export type Validity = TypeOf<typeof validity>;
