/** What people read of an error, beside its sentence. */

import type { MessageKey, Translate } from "./i18n.ts";
import type { ErrorBody, Pin, Token } from "./messages/host.ts";
import type { OperationInfo } from "./messages/window.ts";
import { pinTriesText } from "./window/facts.ts";

/** What the host says of a cause, where that changes what people must know. */
const reasons: Partial<Record<string, MessageKey>> = { "try-may-be-spent": "try_may_be_spent", "pin-may-be-changed": "pin_may_be_changed" };

/** Sentences that have a remedy of their own. */
type RefusalKey<K = MessageKey> = K extends `${infer Sentence}_remedy` ? Sentence & MessageKey : never;

/** Why a document is not signed: the reasons of DOCUMENT_REFUSED (docs/protocol.md). */
export const refusals: Partial<Record<string, RefusalKey>> = {
  empty: "refused_empty", changed: "refused_changed", "too-large": "refused_too_large",
  "not-pdf": "refused_not_pdf", broken: "refused_broken", "too-many-revisions": "refused_too_many_revisions", encrypted: "refused_encrypted",
  certified: "refused_certified", locked: "refused_locked", xfa: "refused_xfa", "no-page": "refused_no_page", seal: "refused_seal", "no-font": "refused_no_font",
  "not-xml": "refused_not_xml", doctype: "refused_doctype", "no-place": "refused_no_place", id: "refused_id", "breaks-signature": "refused_breaks_signature",
  unsupported: "refused_unsupported", "not-cms": "refused_not_cms", "other-document": "refused_other_document",
};

/** Why a document is not signed; undefined for other errors. */
export function refusalOf({ code, reason = "" }: ErrorBody): RefusalKey | undefined {
  return code === "DOCUMENT_REFUSED" && Object.hasOwn(refusals, reason) ? refusals[reason] : undefined;
}

/** Errors that lead people to a counter, or to the explanation of what is done there: with a card. Of a smartphone's certificates nobody there is in charge. */
const cardOnly: ReadonlySet<ErrorBody["code"]> = new Set(["PIN_BLOCKED", "LAST_TRY", "PIN_WRONG", "CERTIFICATE_ABSENT", "CERTIFICATE_EXPIRED"]);

/** The explanations that go with errors. */
const topics: Partial<Record<ErrorBody["code"], string>> = {
  PIN_BLOCKED: "locked-pin", PIN_WRONG: "forgotten-pin", LAST_TRY: "forgotten-pin", CERTIFICATE_ABSENT: "signature-missing", CERTIFICATE_EXPIRED: "expired", APPLICATION_ABSENT: "smartphone",
};

/** What to do where a government page's request fails in a way that it does not with others. */
const portalRemedies: Partial<Record<OperationInfo["command"], Partial<Record<ErrorBody["code"], MessageKey>>>> = {
  "portal-login": { INVALID_REQUEST: "remedy_portal_request" },
  "portal-sign": { INVALID_REQUEST: "remedy_portal_request", APPLICATION_ABSENT: "remedy_portal_identifier" },
  "portal-attributes": { INVALID_REQUEST: "remedy_portal_request" },
};

/** Whether it is a smartphone that holds the certificates. */
export function isPhone(token: Token | undefined): boolean {
  return token === "android" || token === "iphone";
}

/** What to do about it, with that kind of card and that command where they are known. */
export function remedyOf(error: ErrorBody, t: Translate, token?: Token, command?: OperationInfo["command"]): string {
  const portal = command && portalRemedies[command]?.[error.code];
  if (portal !== undefined) return t(portal);
  if (error.code === "PIN_BLOCKED") return t(blockedKey(error.pin, token));
  const refusal = refusalOf(error);
  if (refusal !== undefined) return t(`${refusal}_remedy`);
  if (isPhone(token) && (error.code === "CERTIFICATE_ABSENT" || error.code === "CERTIFICATE_EXPIRED")) return t("remedy_phone");
  return t(error.update === undefined ? `remedy_${error.code}` : `remedy_update_${error.update}`);
}

/** What to do about a blocked PIN. App and terminal reset the PIN of one certificate for who knows the other's (jpki-card.md §6). */
export function blockedKey(pin: Pin | undefined, token?: Token, otherBlocked = false): MessageKey {
  if (isPhone(token)) return "remedy_phone";
  if (otherBlocked) return "remedy_PIN_BLOCKED";
  switch (pin) {
    case "authentication":
      return "blocked_authentication";
    case "signature":
      return "blocked_signature";
    default:
      return "remedy_PIN_BLOCKED";
  }
}

/** The explanation that goes with an error of that command and that kind of card, where they are known. */
export function topicOf({ code }: ErrorBody, token?: Token, command?: OperationInfo["command"]): string | undefined {
  if (isPhone(token) && cardOnly.has(code)) return "smartphone";
  return code === "CERTIFICATE_ABSENT" && command === "authenticate" ? "getting-them" : topics[code];
}

/** What else is known: the tries left, what is uncertain, and who else may have to act. */
export function notesOn(error: ErrorBody, t: Translate): string[] {
  const tries = error.triesLeft === undefined || error.code === "PIN_BLOCKED" ? [] : [pinTriesText(error.triesLeft, t)];
  if (error.versions !== undefined) return [t("versions", error.versions.extension, error.versions.host)];
  if (error.code === "DOCUMENT_REFUSED") return [t("refused_by_site")];
  const reason = reasons[error.reason ?? ""];
  return reason === undefined ? tries : [...tries, t(reason)];
}
