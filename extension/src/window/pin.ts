/** PINs as bytes, and what can be said of one before it is sent anywhere. */

import type { Pin, Problem } from "../messages/host.ts";

/** The forms of the two PINs (jpki-card.md §3.3); lower-case letters are the host's to fold. */
const forms = {
  authentication: { min: 4, max: 4, allowed: /^[0-9]*$/ },
  signature: { min: 6, max: 16, allowed: /^[0-9A-Za-z]*$/ },
} as const;

/** Why a text cannot be that PIN, so that it costs no try and no message. */
export function problemOf(pin: Pin, text: string): Problem | undefined {
  const { min, max, allowed } = forms[pin];
  if (/[\u3000\uff01-\uff5e]/.test(text)) return "full-width";
  if (!allowed.test(text)) return "bad-character";
  if (text.length < min) return "too-short";
  if (text.length > max) return "too-long";
  return undefined;
}

/** Takes the PIN out of its field, which is empty afterwards. */
export function takePin(field: HTMLInputElement): number[] {
  const bytes = Array.from(new TextEncoder().encode(field.value));
  field.value = "";
  return bytes;
}
