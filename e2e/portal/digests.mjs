/** What a page wants signed, as DigestInfo (RFC 8017 §9.2). Written by hand, so that nothing of Natsuin's judges itself. */

import { createHash } from "node:crypto";

/** The DER before the hash, by the name that Node knows the hash by. */
const heads = {
  sha1: "3021300906052b0e03021a05000414",
  sha256: "3031300d060960864801650304020105000420",
  sha384: "3041300d060960864801650304020205000430",
  sha512: "3051300d060960864801650304020305000440",
};

export const hashes = Object.keys(heads).filter((hash) => hash !== "sha1");

/** The DigestInfo of a document, as bytes. */
export function digestInfo(hash, document) {
  return Buffer.concat([Buffer.from(heads[hash], "hex"), createHash(hash).update(document).digest()]);
}

const manufactureSalt = Buffer.from("2e71f6620bc654ced494e5ec34fe03c8", "hex");

/** The combination code of a card and an installation (efiling-pages.md §1.7): `number` has 13 characters, `uuid` is 32 digits of hex. */
export function combinationCode(number, uuid) {
  return createHash("sha256").update(manufactureSalt).update(number, "ascii").update(Buffer.from(uuid, "hex")).digest("hex");
}
