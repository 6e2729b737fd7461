/** PINs as bytes, and what can be said of one before it is sent anywhere. */

import type { Pin, Problem, Purpose } from "../messages/host.ts";

const digits = { min: 4, max: 4, allowed: /^[0-9]*$/ };

/** The forms of the PINs (jpki-card.md §3.3); lower-case letters are the host's to fold. */
const forms: Record<Pin, { min: number; max: number; allowed: RegExp }> = {
  authentication: digits,
  signature: { min: 6, max: 16, allowed: /^[0-9A-Za-z]*$/ },
  "card-surface": digits,
};

/** Whether a PIN is made of digits alone. */
export function isDigits(pin: Pin): boolean {
  return forms[pin] === digits;
}

/** Why a text cannot be that PIN, so that it costs no try and no message. A new signature PIN needs letters and digits. */
export function problemOf(pin: Pin, text: string, purpose?: Purpose): Problem | undefined {
  const { min, max, allowed } = forms[pin];
  if (/[\u3000\uff01-\uff5e]/.test(text)) return "full-width";
  if (!allowed.test(text)) return "bad-character";
  if (text.length < min) return "too-short";
  if (text.length > max) return "too-long";
  if (purpose !== "new" || isDigits(pin)) return undefined;
  if (!/[A-Za-z]/.test(text)) return "no-letter";
  return /[0-9]/.test(text) ? undefined : "no-digit";
}

/** Takes the PIN out of its field, which is empty afterwards. */
export function takePin(field: HTMLInputElement): number[] {
  const bytes = Array.from(new TextEncoder().encode(field.value));
  field.value = "";
  return bytes;
}
