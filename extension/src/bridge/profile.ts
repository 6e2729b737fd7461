/**
 * A profile says how one kind of government page speaks to an extension (schema.json explains its keys). Those that we ship can be overridden key by key, by
 * the citizen and by an administrator: governments change such things any day. No override adds a site.
 */

import { errorCodes } from "../messages/host.ts";
import { toHex } from "../page/bytes.ts";
import { boolean, integer, Invalid, isObject, list, object, oneOf, read, record, text, type Shape, type TypeOf } from "../shape.ts";
import { isSitePattern } from "./hosts.ts";
import { storyNames } from "./stories.ts";

/** Whether a text is 1 to 64 printable ASCII characters, as the host takes service ids. */
export function isWord(value: string): boolean {
  return /^[ -~]{1,64}$/.test(value);
}

const name = text((value) => /^[a-z][a-z0-9-]{0,31}$/.test(value));
const word = text((value) => /^[A-Za-z][A-Za-z0-9_-]{0,63}$/.test(value));
const value = text(isWord);
const sentence = text((each) => each !== "");
const base64 = oneOf("base64", "base64-unpadded");

/** What a mode asks for. `close` is said by the extension alone. */
const action = oneOf("login", "sign", "attributes", "close");
export type Action = TypeOf<typeof action>;

const listed = list(value, 1, 100);
/** `["any"]` is "any" too: managed storage has no key of two types. */
const serviceIds: Shape<"any" | string[]> = (ids, path) => {
  if (ids === "any") return ids;
  const read = listed(ids, path);
  return read.length === 1 && read[0] === "any" ? "any" : read;
};

const isCode = (key: string): boolean => errorCodes.some((code) => code === key);

/** Two names: under one, each reply would be the next request. */
const names = object({ request: word, reply: word });
const events: typeof names = (each, path) => {
  const read = names(each, path);
  if (read.request === read.reply) throw new Invalid(`${path}.reply`);
  return read;
};

/** The keys that an override may hold. */
const settled = {
  inputs: list(object({ id: word, value }, { valueOnMac: value }), 0, 10),
  events,
  modes: record((mode) => /^[0-9A-Za-z]{1,8}$/.test(mode), action, 20),
  serviceIds,
  maxDigests: integer(1, 100),
  digests: object({ bare: boolean, sha1: boolean }),
  encodings: object({ signature: base64, certificate: base64, attributes: oneOf("hex", "base64", "text") }),
  errors: object({ default: value, codes: record(isCode, value, errorCodes.length) }, { defaultOnMac: value }),
  disguise: oneOf(...storyNames),
};

const described = {
  name,
  title: object({ ja: sentence, en: sentence }),
  sites: list(text(isSitePattern), 1, 50),
};

/** A whole profile. */
export const profile = object({ ...described, ...settled });
export type Profile = TypeOf<typeof profile>;

/** Whatever keys of a profile an override may replace; they are checked when they stand in the profile. */
const override = record((key) => Object.hasOwn(settled, key), (each) => each, Object.keys(settled).length);

/**
 * The profile with the overrides laid over it, the last one on top: a key that holds an object is replaced key by key, any other as a whole.
 * Throws {@link Invalid} when what comes out is no profile, and for any key that overrides may not touch.
 */
export function overridden(shipped: Profile, ...overrides: unknown[]): Profile {
  let made: Record<string, unknown> = shipped;
  for (const each of overrides) {
    for (const [key, next] of Object.entries(override(each, ""))) {
      const last = made[key];
      made = { ...made, [key]: isObject(last) && isObject(next) ? { ...last, ...next } : next };
    }
  }
  return profile(made, "");
}

/** The field that keeps an override from being used under the later ones, or undefined when it can be. */
export function faultOf(shipped: Profile, each: unknown, ...later: unknown[]): string | undefined {
  try {
    overridden(shipped, each, ...later);
    return undefined;
  } catch (error) {
    if (error instanceof Invalid) return error.field;
    throw error;
  }
}

/** The profile with those of the overrides that can be used: where two do not go together the later one holds, so that an administrator's is never lost to the citizen's. */
export function usable(shipped: Profile, ...overrides: unknown[]): Profile {
  const used = overrides.reduceRight<unknown[]>((later, each) => (each === undefined || faultOf(shipped, each, ...later) !== undefined ? later : [each, ...later]), []);
  return overridden(shipped, ...used);
}

const yes: Shape<true> = (each, path) => {
  if (each !== true) throw new Invalid(path);
  return each;
};

/** What a site's settings hold: which profile it has; what it is told of this computer; its identifier, when it gets one. */
export const siteSettings = object({ profile: name }, { disguise: yes, identifier: text(isIdentifier) });
export type SiteSettings = TypeOf<typeof siteSettings>;

/** Whether a text is an identifier: 16 bytes as lower-case hex (efiling-pages.md §1.7). */
export function isIdentifier(hex: string): boolean {
  return /^[0-9a-f]{32}$/.test(hex);
}

/** An identifier that no other site has. */
export function newIdentifier(): string {
  return toHex(crypto.getRandomValues(new Uint8Array(16)));
}

/** The settings of each site that is on, by its match pattern; entries of another shape are none. */
export function readSites(stored: unknown): Record<string, SiteSettings> {
  if (!isObject(stored)) return {};
  return Object.fromEntries(Object.entries(stored).flatMap(([pattern, each]) => {
    const settings = read(siteSettings, each);
    return settings === undefined ? [] : [[pattern, settings]];
  }));
}
