/** Government pages in tests: the shipped profile, a digest as such pages choose them, and what a host answers. */

import { shipped } from "../src/bridge/shipped.ts";
import type { Profile } from "../src/bridge/profile.ts";

export const myna: Profile = profileOf("myna");

function profileOf(wanted: string): Profile {
  const found = shipped.find(({ name }) => name === wanted);
  if (found === undefined) throw new Error(`no profile ${wanted}`);
  return found;
}

/** A DigestInfo of SHA-256 (RFC 8017 §9.2). */
export const digestInfo = Buffer.concat([Buffer.from("3031300d060960864801650304020105000420", "hex"), Buffer.alloc(32, 0xab)]).toString("base64");
