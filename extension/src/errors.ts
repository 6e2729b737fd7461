/** What people read of an error, beside its sentence. */

import type { MessageKey, Translate } from "./i18n.ts";
import type { ErrorBody, Pin, Token } from "./messages/host.ts";
import type { OperationInfo } from "./messages/window.ts";
import { pinTriesText } from "./window/facts.ts";

/** What the host says of a cause, where that changes what people must know. */
const reasons: Partial<Record<string, MessageKey>> = { "try-may-be-spent": "try_may_be_spent", "pin-may-be-changed": "pin_may_be_changed" };

/** Errors that lead people to a counter, or to the explanation of what is done there: with a card. Of a smartphone's certificates nobody there is in charge. */
const cardOnly: ReadonlySet<ErrorBody["code"]> = new Set(["PIN_BLOCKED", "LAST_TRY", "PIN_WRONG", "CERTIFICATE_ABSENT", "CERTIFICATE_EXPIRED"]);

/** The explanations that go with errors. */
const topics: Partial<Record<ErrorBody["code"], string>> = {
  PIN_BLOCKED: "locked-pin", PIN_WRONG: "forgotten-pin", LAST_TRY: "forgotten-pin", CERTIFICATE_ABSENT: "signature-missing", CERTIFICATE_EXPIRED: "expired", APPLICATION_ABSENT: "smartphone",
};

/** Whether it is a smartphone that holds the certificates. */
export function isPhone(token: Token | undefined): boolean {
  return token === "android" || token === "iphone";
}

/** What to do about it, with that kind of card where it is known. */
export function remedyOf(error: ErrorBody, t: Translate, token?: Token): string {
  if (error.code === "PIN_BLOCKED") return t(blockedKey(error.pin, token));
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

/** What else is known: the tries left, and what is uncertain. */
export function notesOn(error: ErrorBody, t: Translate): string[] {
  const tries = error.triesLeft === undefined || error.code === "PIN_BLOCKED" ? [] : [pinTriesText(error.triesLeft, t)];
  const reason = reasons[error.reason ?? ""];
  return reason === undefined ? tries : [...tries, t(reason)];
}
