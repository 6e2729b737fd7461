/**
 * What a recording holds of the talk with a page, so that people can report what is missing: names, lengths and codes. Values that could be about a person, a card
 * or a document stay out; what is not known to be harmless is called "other".
 */

import { fromBase64, toHex } from "../page/bytes.ts";
import { base64Length, isBase64 } from "../shape.ts";
import { parseDetail } from "./launch.ts";
import type { Profile } from "./profile.ts";

/** One thing that happened. `at`: milliseconds since the recording was started. */
export interface Entry { at: number; what: "request" | "reply"; [detail: string]: unknown }

/** A recording of one site. `started`: when, in milliseconds since 1970. */
export interface Recording { started: number; entries: Entry[] }

/** More is not kept: the first requests tell most. */
export const maxEntries = 500;

/** The keys that are told: the protocol's own (efiling-pages.md §1.5). A name that a page chose could be anything. */
const knownKeys = ["mode", "service_id", "digest", "result", "errcode", "uuid", "combination_code", "signature", "certificate", "name", "sex", "address", "birthday"];

const other = "other";

/** DigestInfo up to the hash, in hex (RFC 8017 §9.2, note 1), with the length of the whole in bytes. */
const digestInfos: { hash: string; head: string; bytes: number }[] = [
  { hash: "SHA-1", head: "3021300906052b0e03021a05000414", bytes: 35 },
  { hash: "SHA-256", head: "3031300d060960864801650304020105000420", bytes: 51 },
  { hash: "SHA-384", head: "3041300d060960864801650304020205000430", bytes: 67 },
  { hash: "SHA-512", head: "3051300d060960864801650304020305000440", bytes: 83 },
];

/** What is told of a request: its mode and service id where they look like ones, which of the known keys it has, and of digests their form. */
export function describeRequest(detail: unknown, { modes }: Pick<Profile, "modes">): object {
  const request = parseDetail(detail);
  if (request === undefined) return { json: false, type: typeof detail, ...(typeof detail === "string" && { length: detail.length }) };
  const { mode, service_id: serviceId, digest } = request;
  const keys = Object.entries(request).filter(([key]) => knownKeys.includes(key));
  const others = Object.keys(request).length - keys.length;
  return {
    json: true,
    mode: typeof mode === "string" && Object.hasOwn(modes, mode) ? mode : harmless(mode, /^(?:[0-9A-Za-z]{1,2}|check)$/),
    ...(serviceId !== undefined && { service_id: harmless(serviceId, /^[0-9A-Za-z]{1,4}$/) }),
    keys: keys.map(([key, value]) => ({ key, ...form(value) })),
    ...(others > 0 && { others }),
    ...(digest !== undefined && { array: Array.isArray(digest), digests: (Array.isArray(digest) ? (digest as unknown[]) : [digest]).slice(0, 101).map(describeDigest) }),
  };
}

/** What is told of a reply: the names and lengths of its fields, and the page's error code, which is a profile's. */
export function describeReply(detail: string): object {
  const reply = parseDetail(detail) ?? {};
  const { result, errcode } = reply;
  return { result, ...(errcode !== undefined && { errcode }), keys: Object.entries(reply).map(([key, value]) => ({ key, ...form(value) })) };
}

function describeDigest(digest: unknown): object {
  if (typeof digest !== "string") return { type: typeof digest };
  if (!isBase64(digest)) return { base64: false, length: digest.length };
  const bytes = base64Length(digest);
  const start = bytes < 19 ? "" : toHex(fromBase64(digest.slice(0, 28)));
  const known = digestInfos.find((each) => each.bytes === bytes && start.startsWith(each.head));
  return { base64: true, bytes, digestInfo: known?.hash ?? other };
}

/** The type and length of a value, and not the value; of an array also of its first items. */
function form(value: unknown): object {
  return Array.isArray(value) ? { ...outline(value), each: value.slice(0, 3).map(outline) } : outline(value);
}

function outline(value: unknown): object {
  if (Array.isArray(value)) return { type: "array", length: value.length };
  return { type: value === null ? "null" : typeof value, ...(typeof value === "string" && { length: value.length }) };
}

function harmless(value: unknown, look: RegExp): string {
  return typeof value === "string" && look.test(value) ? value : other;
}
