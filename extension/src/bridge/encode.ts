/** How values are written in replies (efiling-pages.md §1.5). Values come as standard base64 with padding, or as text. */

import { toHex } from "../page/bytes.ts";
import type { Profile } from "./profile.ts";

/** Base64 with its padding, or without. */
export function encodeBytes(base64: string, encoding: Profile["encodings"]["signature"]): string {
  return encoding === "base64" ? base64 : base64.replace(/=+$/, "");
}

/** A text as the lower-case hex or the base64 of its UTF-8, or as it is. */
export function encodeText(text: string, encoding: Profile["encodings"]["attributes"]): string {
  const bytes = new TextEncoder().encode(text);
  switch (encoding) {
    case "hex":
      return toHex(bytes);
    case "base64":
      return btoa(String.fromCharCode(...bytes));
    case "text":
      return text;
  }
}
