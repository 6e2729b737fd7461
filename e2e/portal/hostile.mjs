/** What a page that means ill, or a script of others in it, may ask for: each is refused before the card, and hears the same as when there is no answer. */

import { createHash, randomBytes } from "node:crypto";
import { digestInfo } from "./digests.mjs";

/** The page's error code for whatever fails (efiling-pages.md §1.4). */
const errcode = "EW044-C300";

/** The reply when there is no answer: `mode` is the request's, if it had one. */
export const noAnswer = (mode) => JSON.stringify({ mode, result: "1", errcode });

const fine = digestInfo("sha256", "見本");
const hash = createHash("sha256").update("見本").digest();
const base64 = (bytes) => Buffer.from(bytes).toString("base64");
const login = (digest, more = {}) => JSON.stringify({ mode: "01", service_id: "01", digest, ...more });
const sign = (digest, more = {}) => JSON.stringify({ mode: "02", service_id: "01", digest, ...more });

/** A request that nothing is wrong with. */
export const fineLogin = login(base64(fine));
export const fineSignature = sign([base64(fine)]);
export const fineAttributes = JSON.stringify({ mode: "04", service_id: "01" });

/** DER with that many bytes of hash, whatever its header says. */
const cut = (bytes) => Buffer.concat([fine.subarray(0, 19), hash.subarray(0, bytes)]);

/** Digests that no DigestInfo of a good hash is. */
const digests = {
  "245 random bytes": randomBytes(245),
  "a byte behind the DigestInfo": Buffer.concat([fine, Buffer.of(0)]),
  "a DigestInfo whose hash is cut": cut(31),
  "a DigestInfo of SHA-1": digestInfo("sha1", "見本"),
  "a bare hash": hash,
  "DER with a long form of length": Buffer.concat([Buffer.of(0x30, 0x81), fine.subarray(1)]),
  "a DigestInfo without parameters": Buffer.concat([Buffer.from("302f300b0609608648016503040201", "hex"), Buffer.from("0420", "hex"), hash]),
};

/** The requests that the extension itself refuses, without a window: [what, detail, the mode that the reply names]. */
export const refusedAtOnce = [
  ["JSON that is none", "{", undefined],
  ["an empty text", "", undefined],
  ["no text", null, undefined],
  ["an object in place of JSON", { mode: "01" }, undefined],
  ["a number as JSON", "42", undefined],
  ["a list as JSON", "[]", undefined],
  ["no mode", JSON.stringify({ service_id: "01" }), undefined],
  ["mode 05, which the extension alone may say", JSON.stringify({ mode: "05" }), "05"],
  ["mode 03", JSON.stringify({ mode: "03", service_id: "01" }), "03"],
  ["mode 06", JSON.stringify({ mode: "06", service_id: "01" }), "06"],
  ["a mode that every object has", JSON.stringify({ mode: "constructor", service_id: "01" }), "constructor"],
  ["a mode that is a number", JSON.stringify({ mode: 1, service_id: "01", digest: base64(fine) }), 1],
  ["a prototype", '{"__proto__":{"mode":"01"},"service_id":"01"}', undefined],
  ["no service id", JSON.stringify({ mode: "01", digest: base64(fine) }), "01"],
  ["a service id of 65 characters", login(base64(fine), { service_id: "0".repeat(65) }), "01"],
  ["a service id with a line break", login(base64(fine), { service_id: "01\n" }), "01"],
  ["no digest", JSON.stringify({ mode: "01", service_id: "01" }), "01"],
  ["a login with a list", login([base64(fine)]), "01"],
  ["no digests", sign([]), "02"],
  ["101 digests", sign(Array(101).fill(base64(fine))), "02"],
  ["a digest that is no base64", login("見本"), "01"],
  ["a list in a list", sign([[base64(fine)]]), "02"],
];

/** The requests that the host refuses, by what their digests hold. */
export const refusedByHost = Object.entries(digests).flatMap(([what, digest]) => [
  [`a login with ${what}`, login(base64(digest)), "01"],
  [`a signature with ${what} behind a good one`, sign([base64(fine), base64(digest)]), "02"],
]);
