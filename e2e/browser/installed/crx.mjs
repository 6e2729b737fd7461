/** Packages as administrators host them: the archive for Chromium's store, signed with a key of their own, and where browsers fetch it. */

import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { once } from "node:events";
import http from "node:http";

/**
 * Signs an archive with a new key: Chromium's format CRX3 (components/crx_file/crx3.proto).
 * @param {Buffer} archive  a .zip
 * @returns {{ id: string, crx: Buffer }}
 */
export function packed(archive) {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const key = publicKey.export({ type: "spki", format: "der" });
  const hash = createHash("sha256").update(key).digest().subarray(0, 16);
  const signedData = field(1, hash); // SignedData.crx_id
  const signature = sign("sha256", Buffer.concat([Buffer.from("CRX3 SignedData\0"), uint32(signedData.length), signedData, archive]), privateKey);
  const proof = Buffer.concat([field(1, key), field(2, signature)]); // AsymmetricKeyProof
  const header = Buffer.concat([field(2, proof), field(10000, signedData)]); // CrxFileHeader: sha256_with_rsa, signed_header_data
  const letters = "abcdefghijklmnop";
  const id = [...hash.toString("hex")].map((digit) => letters[Number.parseInt(digit, 16)]).join("");
  return { id, crx: Buffer.concat([Buffer.from("Cr24"), uint32(3), uint32(header.length), header, archive]) };
}

/** A field of bytes, as protocol buffers have it. */
function field(number, bytes) {
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

function varint(value) {
  const bytes = [];
  for (; value > 127; value >>= 7) bytes.push((value & 127) | 128);
  return Buffer.from([...bytes, value]);
}

function uint32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/**
 * Serves files on this machine.
 * @param {(origin: string) => Record<string, Buffer | string>} files  by their names
 */
export async function serve(files) {
  const server = http.createServer((request, response) => {
    const body = all[new URL(request.url, origin).pathname.slice(1)];
    response.writeHead(body === undefined ? 404 : 200).end(body);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const origin = `http://127.0.0.1:${server.address().port}`;
  const all = files(origin);
  return {
    origin,
    stop: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** What Chromium reads to learn of the newest version of an extension. */
export function updateManifest(id, version, address) {
  return `<?xml version="1.0" encoding="UTF-8"?>
<gupdate xmlns="http://www.google.com/update2/response" protocol="2.0">
  <app appid="${id}"><updatecheck codebase="${address}" version="${version}"/></app>
</gupdate>
`;
}
