/** Programs of others that judge what was signed. Each throws with what it printed. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { scratchFolder } from "./files.mjs";
import { run } from "./programs.mjs";
import { patience } from "./wait.mjs";

/** Runs a judge in a folder of its own, with these files in it. */
async function judge(files, program, ...args) {
  const folder = await scratchFolder();
  try {
    for (const [name, data] of Object.entries(files)) await writeFile(join(folder.path, name), data);
    // pdfsig looks for a browser's certificates in the home folder.
    const { stdout } = await run(program, args, { cwd: folder.path, env: { ...process.env, HOME: folder.path }, timeout: patience });
    return stdout;
  } finally {
    await folder.remove();
  }
}

/** pdfsig finds so many signatures, all valid, and nothing behind the last one; qpdf finds no fault. */
export async function judgePDF(file, signatures) {
  await judge({ "signed.pdf": file }, "qpdf", "--check", "signed.pdf");
  const verdict = await judge({ "signed.pdf": file }, "pdfsig", "-nocert", "signed.pdf");
  assert.equal(verdict.match(/Signature Validation: Signature is Valid\./g)?.length, signatures, verdict);
  assert.match(verdict.slice(verdict.lastIndexOf("Signature #")), /Total document signed/);
}

/** xmlsec1 verifies the first signature with the certificate's key; `ids` are elements whose attribute of that name is an id. */
export async function judgeXML(document, certificate, { files = {}, ids = [] } = {}) {
  const key = await publicKey(certificate);
  const attributes = ids.flatMap(([attribute, element]) => [`--id-attr:${attribute}`, element]);
  await judge({ ...files, "document.xml": document, "key.pem": key }, "xmlsec1", "--verify", "--enabled-key-data", "rsa", "--pubkey-pem", "key.pem", ...attributes, "document.xml");
}

/**
 * xmllint writes the canonical forms of 構成情報 and SignedInfo of a kousei.xml, which uses no namespace itself; openssl verifies the value over the latter, which
 * holds the digests of the former and of the files. (xmlsec1 does not read an escaped fragment, as e-Gov's references have it.)
 */
export async function judgeEGov(document, certificate, files) {
  const text = document.toString();
  const canonical = async (name, namespace = "") => {
    const element = text.slice(text.indexOf(`<${name}`), text.indexOf(`</${name}>`) + `</${name}>`.length);
    return Buffer.from(await judge({ "alone.xml": element.replace(`<${name}`, `<${name}${namespace}`) }, "xmllint", "--c14n", "--nonet", "alone.xml"));
  };
  const info = await canonical("ds:SignedInfo", ' xmlns:ds="http://www.w3.org/2000/09/xmldsig#"');
  const digests = [await canonical("構成情報"), ...files].map((data) => createHash("sha256").update(data).digest("base64"));
  assert.deepEqual(Array.from(info.toString().matchAll(/<ds:DigestValue>([^<]*)</g), ([, digest]) => digest), digests);
  const [, value] = /<ds:SignatureValue>([^<]*)</.exec(text);
  await judgeRaw(Buffer.from(value, "base64"), certificate, info, "sha256");
}

/** openssl verifies a CMS message, chain included, and all its signers; `content` is what a detached one signs. Returns all that openssl prints of the message. */
export async function judgeCMS(message, trust, content) {
  const roots = await Promise.all((await readdir(trust)).map((name) => readFile(join(trust, name), "utf8")));
  const files = { message, "roots.pem": roots.join("\n"), ...(content && { content }) };
  const detached = content ? ["-content", "content"] : [];
  await judge(files, "openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-purpose", "any", "-in", "message", "-CAfile", "roots.pem", ...detached, "-out", "verified");
  return judge(files, "openssl", "cms", "-cmsout", "-print", "-inform", "DER", "-in", "message");
}

/** openssl verifies a bare signature value. */
export async function judgeRaw(signature, certificate, content, hash) {
  const key = await publicKey(certificate);
  await judge({ signature, content, "key.pem": key }, "openssl", "dgst", `-${hash}`, "-verify", "key.pem", "-signature", "signature", "content");
}

function publicKey(certificate) {
  return judge({ "card.der": certificate }, "openssl", "x509", "-inform", "DER", "-in", "card.der", "-noout", "-pubkey");
}

/** A PDF encrypted by qpdf, as limits on printing make it. */
export async function encrypted(file) {
  const folder = await scratchFolder();
  try {
    await writeFile(join(folder.path, "in.pdf"), file);
    await run("qpdf", ["--encrypt", "", "owner", "256", "--print=none", "--", "in.pdf", "out.pdf"], { cwd: folder.path });
    return await readFile(join(folder.path, "out.pdf"));
  } finally {
    await folder.remove();
  }
}
