/**
 * What the government's servers can check of a reply (efiling-pages.md §1.5), down to the byte. They would not mind the order of the keys; the stand-in does, so
 * that nothing changes unseen.
 */

import { constants, publicDecrypt, verify, X509Certificate } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Why a reply was not accepted. */
export class Refusal extends Error {}

function must(holds, why) {
  if (!holds) throw new Refusal(why);
}

/** The CAs in a folder, by the kind of certificate that they issue: "auth" for logins, "sign" for signatures. */
export function readTrust(folder) {
  const issuers = { auth: [], sign: [] };
  for (const name of readdirSync(folder)) issuers[name.split("-")[0]].push(new X509Certificate(readFileSync(join(folder, name))));
  return issuers;
}

/** A success with exactly these fields after those that every success has; `identified` when the two that follow citizen and card are among them. */
function success(text, mode, names) {
  let reply;
  try {
    reply = JSON.parse(text);
  } catch {
    throw new Refusal("no JSON");
  }
  must(JSON.stringify(reply) === text, "not the shortest JSON: white space, escapes or a key twice");
  must(reply.result === "0", `result ${reply.result}, errcode ${reply.errcode}`);
  must(reply.mode === mode, `mode ${reply.mode}`);
  const identified = "uuid" in reply;
  const wanted = ["mode", "result", ...(identified ? ["uuid", "combination_code"] : []), ...names];
  must(JSON.stringify(Object.keys(reply)) === JSON.stringify(wanted), `keys ${Object.keys(reply)}`);
  if (identified) {
    must(/^[0-9a-f]{32}$/.test(reply.uuid), "uuid");
    must(/^[0-9a-f]{64}$/.test(reply.combination_code), "combination_code");
  }
  return reply;
}

/** Standard base64 with its padding, of that many bytes. */
function padded(text, length) {
  must(typeof text === "string", "no text where base64 is");
  const bytes = Buffer.from(text, "base64");
  must(bytes.length === length && bytes.toString("base64") === text, "base64 with padding");
  return bytes;
}

/** A certificate as base64 without padding; one that a CA of that kind issued. */
function certificate(text, issuers) {
  must(typeof text === "string" && !text.includes("="), "base64 without padding");
  const der = Buffer.from(text, "base64");
  must(der.toString("base64").replace(/=+$/, "") === text, "base64 without padding");
  let read;
  try {
    read = new X509Certificate(der);
  } catch {
    throw new Refusal("no certificate");
  }
  must(read.raw.equals(der), "something behind the certificate");
  must(issuers.some((ca) => read.checkIssued(ca) && read.verify(ca.publicKey)), "a certificate of another issuer");
  return read;
}

/** A signature of PKCS#1 v1.5 over that DigestInfo, which is what the page asked for, and so over its document. */
function signed(text, { key, digest, hash, document }) {
  const signature = padded(text, 256);
  let opened;
  try {
    opened = publicDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, signature);
  } catch {
    throw new Refusal("a signature by another key");
  }
  must(opened.equals(digest), "a signature over something else");
  must(verify(hash, document, key, signature), "no signature over the document");
}

/** Checks the reply to a login: `asked` is its document, hash and DigestInfo. Returns the certificate. */
export function checkLogin(text, asked, trust) {
  const reply = success(text, "01", ["signature", "certificate"]);
  must(!("uuid" in reply), "a login that follows the citizen");
  const read = certificate(reply.certificate, trust.auth);
  signed(reply.signature, { key: read.publicKey, ...asked });
  return { certificate: read };
}

/** Checks the reply to a request for signatures, which come in the order of the documents. */
export function checkSignatures(text, asked, trust) {
  const reply = success(text, "02", ["signature", "certificate"]);
  const read = certificate(reply.certificate, trust.sign);
  must(Array.isArray(reply.signature) && reply.signature.length === asked.length, "as many signatures as digests");
  asked.forEach((each, i) => signed(reply.signature[i], { key: read.publicKey, ...each }));
  return { certificate: read, combination: combinationOf(reply) };
}

/** Checks the reply to a request for the four attributes, and decodes them. */
export function checkAttributes(text) {
  const names = ["name", "sex", "address", "birthday"];
  const reply = success(text, "04", names);
  return { attributes: Object.fromEntries(names.map((name) => [name, utf8(reply[name])])), combination: combinationOf(reply) };
}

function utf8(hex) {
  must(typeof hex === "string" && /^(?:[0-9a-f]{2})+$/.test(hex), "lower-case hex");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(hex, "hex"));
  } catch {
    throw new Refusal("no UTF-8");
  }
}

function combinationOf({ uuid, combination_code: code }) {
  return uuid === undefined ? undefined : { uuid, code };
}
