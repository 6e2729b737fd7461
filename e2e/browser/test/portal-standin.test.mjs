/** The stand-ins for government pages themselves: what they refuse, and that they take a good reply and no other. */

import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey, generateKeyPairSync, privateEncrypt, constants, X509Certificate } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import https from "node:https";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { combinationCode, digestInfo } from "../../portal/digests.mjs";
import { hosts, Portal } from "../../portal/portal.mjs";
import { checkAttributes, checkLogin, checkSignatures, readTrust, Refusal } from "../../portal/replies.mjs";
import { systemOf } from "../../portal/systems.mjs";
import { Home, names } from "../lib/browsers.mjs";
import { scratchFolder } from "../lib/files.mjs";
import { run } from "../lib/programs.mjs";
import { throwAwayCertificate } from "../lib/sites.mjs";
import { patience } from "../lib/wait.mjs";

/** Makes a CA and a certificate below it, as openssl does; returns the holder's key and certificate. */
async function issue(folder, kind) {
  const at = (name) => join(folder, `${kind}-${name}`);
  await run("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", `/CN=${kind} CA`, "-keyout", at("ca.key"), "-out", join(folder, "trust", `${kind}-ca.pem`)]);
  await run("openssl", ["req", "-newkey", "rsa:2048", "-nodes", "-subj", `/CN=${kind} holder`, "-keyout", at("key.pem"), "-out", at("request.pem")]);
  await run("openssl", ["x509", "-req", "-days", "2", "-in", at("request.pem"), "-CA", join(folder, "trust", `${kind}-ca.pem`), "-CAkey", at("ca.key"), "-out", at("cert.pem")]);
  return { key: createPrivateKey(await readFile(at("key.pem"))), certificate: new X509Certificate(await readFile(at("cert.pem"))) };
}

/** What a card does with a DigestInfo (RFC 8017 §8.2.1 without the hashing). */
const cardSigns = (key, digest) => privateEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, digest).toString("base64");

describe("the stand-ins' judgement", () => {
  let scratch, trust, auth, sign, asked;
  before(async () => {
    scratch = await scratchFolder();
    await mkdir(join(scratch.path, "trust"));
    [auth, sign] = await Promise.all(["auth", "sign"].map((kind) => issue(scratch.path, kind)));
    trust = readTrust(join(scratch.path, "trust"));
    asked = ["sha256", "sha384", "sha512"].map((hash) => {
      const document = Buffer.from(`a document for ${hash}`);
      return { document, hash, digest: digestInfo(hash, document) };
    });
  }, { timeout: patience });
  after(() => scratch.remove());

  const unpadded = ({ raw }) => raw.toString("base64").replace(/=+$/, "");
  const login = (change = {}) => JSON.stringify({ mode: "01", result: "0", signature: cardSigns(auth.key, asked[0].digest), certificate: unpadded(auth.certificate), ...change });
  const signatures = () => asked.map(({ digest }) => cardSigns(sign.key, digest));
  const signed = (change = {}) => JSON.stringify({ mode: "02", result: "0", signature: signatures(), certificate: unpadded(sign.certificate), ...change });

  test("openssl agrees on what a DigestInfo is", async () => {
    for (const { document, hash, digest } of asked) {
      const [file, signature, key] = ["document", "signature", "public.pem"].map((name) => join(scratch.path, name));
      await writeFile(file, document);
      await writeFile(signature, Buffer.from(cardSigns(auth.key, digest), "base64"));
      await writeFile(key, createPublicKey(auth.key).export({ type: "spki", format: "pem" }));
      const { stdout } = await run("openssl", ["dgst", `-${hash}`, "-verify", key, "-signature", signature, file]);
      assert.match(stdout, /Verified OK/);
    }
  });

  test("good replies", () => {
    assert.equal(checkLogin(login(), asked[0], trust).certificate.serialNumber, auth.certificate.serialNumber);
    assert.equal(checkSignatures(signed(), asked, trust).certificate.serialNumber, sign.certificate.serialNumber);
    const hex = (text) => Buffer.from(text).toString("hex");
    const four = { name: hex("見本　太郎"), sex: hex("1"), address: hex("東京都"), birthday: hex("19800505") };
    assert.deepEqual(checkAttributes(JSON.stringify({ mode: "04", result: "0", ...four })).attributes, { name: "見本　太郎", sex: "1", address: "東京都", birthday: "19800505" });
  });

  test("replies with one fault each", () => {
    const other = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
    const uuid = "00".repeat(16);
    const faults = {
      "no JSON": "{",
      "white space": JSON.stringify(JSON.parse(login()), null, 1),
      "another order": JSON.stringify({ result: "0", ...JSON.parse(login()) }),
      "a key more": login({ pin: "1234" }),
      "a failure": login({ result: "1" }),
      "another mode": login({ mode: "02" }),
      "a login that can be followed": JSON.stringify({ mode: "01", result: "0", uuid, combination_code: "00".repeat(32), ...JSON.parse(login()) }),
      "a signature without padding": login({ signature: cardSigns(auth.key, asked[0].digest).replace(/=+$/, "") }),
      "base64 for addresses": login({ signature: cardSigns(auth.key, asked[0].digest).replaceAll("+", "-").replaceAll("/", "_").replace(/^./, "-") }),
      "a signature by another key": login({ signature: cardSigns(other, asked[0].digest) }),
      "a signature over another document": login({ signature: cardSigns(auth.key, asked[1].digest) }),
      "a signature over the bare hash": login({ signature: cardSigns(auth.key, asked[0].digest.subarray(19)) }),
      "a list of signatures": login({ signature: [cardSigns(auth.key, asked[0].digest)] }),
      "a padded certificate": login({ certificate: `${unpadded(auth.certificate)}=` }),
      "a byte behind the certificate": login({ certificate: Buffer.concat([auth.certificate.raw, Buffer.of(0)]).toString("base64").replace(/=+$/, "") }),
      "the certificate for signatures": login({ certificate: unpadded(sign.certificate), signature: cardSigns(sign.key, asked[0].digest) }),
    };
    for (const [what, reply] of Object.entries(faults)) assert.throws(() => checkLogin(reply, asked[0], trust), Refusal, what);

    const [first, ...rest] = signatures();
    for (const [what, reply] of Object.entries({
      "one text": signed({ signature: first }),
      "one signature less": signed({ signature: rest }),
      "another order": signed({ signature: [...rest, first] }),
      "the certificate for logins": signed({ certificate: unpadded(auth.certificate) }),
      "a uuid alone": JSON.stringify({ mode: "02", result: "0", uuid, ...JSON.parse(signed()) }),
    })) assert.throws(() => checkSignatures(reply, asked, trust), Refusal, what);

    const four = { name: "e8a68b", sex: "31", address: "e69db1", birthday: "31" };
    for (const [what, change] of Object.entries({ "capital hex": { name: "E8A68B" }, "plain text": { name: "見本" }, "no UTF-8": { name: "e8a6" }, "nothing": { sex: "" } })) {
      assert.throws(() => checkAttributes(JSON.stringify({ mode: "04", result: "0", ...four, ...change })), Refusal, what);
    }
  });

  test("the combination code of efiling-pages.md §1.7", () => {
    assert.equal(combinationCode("1234567890123", "000102030405060708090a0b0c0d0e0f"), "25fefd1edd16ed47fe1f05a91ae0f7b0d1bde1196c539466e68c3b9acdb2950a");
  });
});

test("what servers take a visitor's system for", () => {
  const windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36";
  const linux = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36";
  for (const [agent, hint, system] of [
    [windows, '"Windows"', "Windows"],
    [windows, undefined, "Windows"],
    [linux, '"Linux"', "Linux"],
    [linux, undefined, "Linux"],
    ["Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)", '"macOS"', "Mac"],
    ["Mozilla/5.0 (X11; CrOS x86_64 14541.0.0)", '"Chrome OS"', "ChromeOS"],
    [windows, '"Linux"', "contradictory"],
    [linux, '"Windows"', "contradictory"],
    ["curl/8", undefined, "unknown"],
  ]) assert.equal(systemOf({ "user-agent": agent, "sec-ch-ua-platform": hint }), system, `${agent} ${hint}`);
});

/** Asks the server as a browser without scripts would. */
function ask(portal, host, path, headers, body) {
  return new Promise((resolve, reject) => {
    const request = https.request({ host: "127.0.0.1", port: portal.port, path, method: body ? "POST" : "GET", servername: host, headers: { host, ...headers }, rejectUnauthorized: false }, async (response) => {
      let text = "";
      for await (const chunk of response.setEncoding("utf8")) text += chunk;
      resolve({ status: response.statusCode, text });
    });
    request.on("error", reject);
    request.end(body);
  });
}

for (const name of names) {
  describe(`the stand-ins, in ${name} without the extension`, () => {
    let scratch, portal, browser;
    before(async () => {
      scratch = await scratchFolder();
      await mkdir(join(scratch.path, "trust"));
      portal = await Portal.start(await throwAwayCertificate(scratch.path, ...hosts), join(scratch.path, "trust"));
      const home = await Home.make(join(scratch.path, "home"), name);
      ({ browser } = await home.launch({ env: { PATH: "/usr/bin:/bin" }, acceptInsecureCerts: true, ports: Object.fromEntries(hosts.map((host) => [host, portal.port])) }));
    }, { timeout: 2 * patience });
    after(async () => {
      await browser?.close();
      await portal?.stop();
      await scratch?.remove();
    }, { timeout: patience });

    /** Opens an address and waits until the page has made up its mind. */
    async function visit(address) {
      const page = await browser.newPage();
      await page.goto(address);
      const body = await page.waitForSelector("body[data-state]", { timeout: patience });
      return { page, state: await body.evaluate(({ dataset }) => dataset.state), text: await page.$eval("body", ({ innerText }) => innerText) };
    }

    test("Linux is refused, by script and by headers", async () => {
      for (const host of hosts.slice(0, 3)) {
        const { page, state } = await visit(`https://${host}/`);
        assert.equal(state, "unsupported", host);
        assert.equal(await page.$("button:not([disabled])"), null, host);
      }
      const { page } = await visit("https://login.e-tax.nta.go.jp/");
      assert.equal(await page.evaluate("getClientOS()"), "Linux");
      assert.equal(await page.$eval("#qr", ({ textContent }) => textContent), "");
    });

    test("whoever only has scripts told of Windows fails at the server", async () => {
      const page = await browser.newPage();
      await page.evaluateOnNewDocument(() => {
        for (const [key, value] of [["userAgent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"], ["platform", "Win32"]]) Object.defineProperty(Navigator.prototype, key, { get: () => value });
      });
      await page.goto("https://login.e-tax.nta.go.jp/");
      await page.waitForSelector("body[data-state=unsupported]", { timeout: patience });
      assert.equal(await page.$eval("#status", ({ textContent }) => textContent), "server: Linux");
      await page.goto("https://myna.go.jp/");
      await page.waitForSelector("body[data-state=extension-none]", { timeout: patience });
    });

    test("an extension must be there, and new enough", async () => {
      const page = await browser.newPage();
      await page.evaluateOnNewDocument(() => {
        Object.defineProperty(Navigator.prototype, "userAgent", { get: () => "Mozilla/5.0 (Windows NT 10.0; Win64; x64)" });
        addEventListener("DOMContentLoaded", () => {
          const versions = location.hash.slice(1).split(",");
          for (const [i, id] of ["extension-is-installed", "app-is-installed"].entries()) {
            document.body.append(Object.assign(document.createElement("input"), { type: "hidden", id, value: versions[i] }));
          }
        });
      });
      for (const [versions, state] of [["24,29", "ready"], ["25,40", "ready"], ["23,29", "extension-old"], ["24,28", "extension-old"], ["24.0.1,", "extension-old"]]) {
        await page.goto("about:blank");
        await page.goto(`https://myna.go.jp/#${versions}`);
        await page.waitForSelector(`body[data-state=${state}]`, { timeout: patience });
      }
    });

    test("headers and names that the server alone sees", async () => {
      const { text } = await ask(portal, "login.e-tax.nta.go.jp", "/system.js", { "User-Agent": "Mozilla/5.0 (Windows NT 10.0)", "Sec-CH-UA-Platform": '"Linux"' });
      assert.match(text, /const os = "contradictory"/);
      assert.equal((await ask(portal, "www.example.jp", "/", {})).status, 421);
      assert.equal((await ask(portal, "myna.go.jp", "/../portal.mjs", {})).status, 404);
      assert.deepEqual(JSON.parse((await ask(portal, "myna.go.jp", "/api/login/reply", {}, '{"session":"none","reply":""}')).text), { refused: "no such session" });
    });
  });
}
