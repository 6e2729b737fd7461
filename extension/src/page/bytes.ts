/** Bytes as text and back, in pieces that neither the stack nor the memory minds. */

/** A multiple of three, so that no piece but the last is padded. */
const piece = 24_576;

/** Standard base64 with padding (RFC 4648 §4). */
export function toBase64(bytes: Uint8Array): string {
  let result = "";
  for (let at = 0; at < bytes.length; at += piece) result += btoa(String.fromCharCode(...bytes.subarray(at, at + piece)));
  return result;
}

/** The bytes that a base64 text stands for. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** Lower-case hex. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
