/** What people read of an error, beside its sentence. */

import type { MessageKey, Translate } from "./i18n.ts";
import type { ErrorBody } from "./messages/host.ts";

/** What the host says of a cause, where that changes what people must know. */
const reasons: Partial<Record<string, MessageKey>> = { "try-may-be-spent": "try_may_be_spent", "pin-may-be-changed": "pin_may_be_changed" };

/** What to do about it. */
export function remedyOf(error: ErrorBody, t: Translate): string {
  return t(error.update === undefined ? `remedy_${error.code}` : `remedy_update_${error.update}`);
}

/** What else is known: the tries left, and what is uncertain. */
export function notesOn(error: ErrorBody, t: Translate): string[] {
  const tries = error.triesLeft === undefined || error.code === "PIN_BLOCKED" ? [] : [t("tries_left", error.triesLeft)];
  const reason = reasons[error.reason ?? ""];
  return reason === undefined ? tries : [...tries, t(reason)];
}
