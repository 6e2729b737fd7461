/** What government pages get done, and what they hear: logins, signatures and attributes on the stand-ins, whose servers check every reply to the byte. */

import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { names } from "../lib/browsers.mjs";
import { applications, consent, etax, governmentStage, portal } from "../lib/government.mjs";
import { authenticationPIN, signaturePIN, surfacePIN } from "../lib/stage.mjs";
import { texts } from "../lib/window.mjs";
import { combinationCode } from "../../portal/digests.mjs";
import { fineAttributes, fineLogin, fineSignature, noAnswer } from "../../portal/hostile.mjs";

/** The simulated card's number (simcard.ManufactureNumber), and the application that holds it. */
const manufactureNumber = "1234567890123";
const manufactureApplication = "D3921000310001010100";

/** The holder of the card, as the attributes have them. */
const holder = { name: "見本　太郎", sex: "1", address: "東京都千代田区見本一丁目２番３号", birthday: "19800505" };
const hex = (text) => Buffer.from(text).toString("hex");
const holderInHex = Object.fromEntries(Object.entries(holder).map(([key, text]) => [key, hex(text)]));

const ja = await texts("ja");

/** A certificate of the card, as replies have it. */
async function certificate(stage, kind) {
  const { raw } = new X509Certificate(await readFile(join(stage.bench.trust, `../${kind}-cert.pem`)));
  return raw.toString("base64").replace(/=+$/, "");
}

for (const name of names) {
  describe(`government pages in ${name}`, () => {
    const { stage, government } = governmentStage(name);

    for (const host of [portal, etax]) {
      test(`a login at ${host}`, async () => {
        await stage.pinentry.answers(`pin ${authenticationPIN}`);
        const page = await government.visit(host, "ready");
        await page.click("#login");
        const window = await stage.window();
        const { origin, text } = await consent(window);
        assert.equal(origin, `https://${host}`);
        assert.ok(text.includes(ja.portal_login_warning.message), text);
        const [said] = await page.evaluate(() => visit.said);
        const digest = Buffer.from(JSON.parse(said).digest, "base64").subarray(19).toString("hex");
        assert.ok(text.includes("SHA-256") && text.includes(`${digest.slice(0, 8)} … ${digest.slice(-8)}`), text);
        await window.state("done");
        await government.reaches(page, "logged-in");
        const [reply] = await government.heard(page, 1);
        const { signature } = JSON.parse(reply);
        assert.match(signature, /^[A-Za-z0-9+/]{342}==$/);
        assert.equal(reply, `{"mode":"01","result":"0","signature":"${signature}","certificate":"${await certificate(stage, "auth")}"}`);
        assert.match(await stage.pinentry.log(), new RegExp(`https://${host}`), "the dialog says who asks");
        await stage.idle(1);
      });
    }

    test("an application: the four attributes, and three signatures under one PIN", async () => {
      const before = (await stage.bench.trace()).length;
      await stage.pinentry.answers(`pin ${surfacePIN}`, `pin ${signaturePIN}`);
      const page = await government.visit(applications, "ready");
      await page.click("#begin");
      await government.reaches(page, "begun");
      await page.click("#attributes");
      const attributes = await stage.window();
      const { text } = await consent(attributes);
      for (const key of ["attribute_name", "attribute_address", "attribute_sex"]) assert.ok(text.includes(ja[key].message), `${key}: ${text}`);
      assert.deepEqual(JSON.parse(await government.reaches(page, "read")), { attributes: holder });
      await attributes.closed();

      await page.click("#sign");
      const window = await stage.window();
      const asked = await consent(window, "hidden");
      assert.ok(asked.text.includes(ja.portal_sign_warning.message));
      for (const hash of ["SHA-256", "SHA-384", "SHA-512"]) assert.ok(asked.text.includes(hash), asked.text);
      const { signed } = JSON.parse(await government.reaches(page, "signed"));
      assert.equal(signed, 3);
      await stage.idle(2);

      const [first, second] = await government.heard(page, 2);
      assert.equal(first, JSON.stringify({ mode: "04", result: "0", ...holderInHex }));
      const { signature } = JSON.parse(second);
      assert.equal(second, JSON.stringify({ mode: "02", result: "0", signature, certificate: await certificate(stage, "sign") }));
      assert.ok(!(await stage.bench.trace()).slice(before).includes(manufactureApplication), "nobody looks at the card's number");
    });

    test("a hundred signatures under one PIN", async () => {
      await stage.pinentry.answers(`pin ${signaturePIN}`);
      const page = await government.visit(applications, "ready");
      await page.$eval("#count", (field) => { field.value = "100"; });
      await page.click("#begin");
      await government.reaches(page, "begun");
      await page.click("#sign");
      await consent(await stage.window(), "hidden");
      assert.equal(JSON.parse(await government.reaches(page, "signed")).signed, 100);
      await stage.idle(1);
    });

    test("one digest without a list, and keys that nobody knows", async () => {
      await stage.pinentry.answers(`pin ${signaturePIN}`);
      const page = await government.open(portal, "/quiet.html");
      const { digest: [digest] } = JSON.parse(fineSignature);
      await government.ask(page, JSON.stringify({ mode: "02", service_id: "77", digest, origin: "https://etax.example", pin: "0000", uuid: "00".repeat(16), lang: "en" }));
      const window = await stage.window();
      const { origin, lang, text } = await consent(window, "hidden");
      assert.deepEqual([origin, lang], [`https://${portal}`, "ja"]);
      assert.ok(text.includes("77"), "the service id is shown");
      const [reply] = await government.heard(page, 1);
      const { signature } = JSON.parse(reply);
      assert.equal(reply, JSON.stringify({ mode: "02", result: "0", signature, certificate: await certificate(stage, "sign") }));
      assert.equal(signature.length, 1);
      await stage.idle(1);
    });

    test("who wants to be recognised: the identifier and the combination code, until another is made", async () => {
      await government.choose(applications, "identifier", true);
      stage.portal.binds = true;
      const identifiers = [];
      for (const round of [0, 1]) {
        await stage.pinentry.answers(`pin ${surfacePIN}`, `pin ${signaturePIN}`);
        identifiers.push(round === 0 ? await government.identifier(applications) : await government.newIdentifier(applications));
        const page = await government.visit(applications, "ready");
        await page.click("#begin");
        await government.reaches(page, "begun");
        await page.click("#attributes");
        const attributes = await stage.window();
        const { text } = await consent(attributes);
        assert.ok(text.includes(ja.discloses_identifier.message), text);
        await government.reaches(page, "read");
        await attributes.closed();
        await page.click("#sign");
        const signatures = await stage.window();
        await consent(signatures, "hidden");
        await government.reaches(page, "signed");
        await signatures.closed();
        const uuid = identifiers.at(-1);
        const recognised = { uuid, combination_code: combinationCode(manufactureNumber, uuid) };
        const [first, second] = await government.heard(page, 2);
        const { signature } = JSON.parse(second);
        assert.equal(first, JSON.stringify({ mode: "04", result: "0", ...recognised, ...holderInHex }));
        assert.equal(second, JSON.stringify({ mode: "02", result: "0", ...recognised, signature, certificate: await certificate(stage, "sign") }));
      }
      assert.notEqual(...identifiers);
      await stage.idle(4);

      // Neither a login nor another site hears of it.
      await stage.pinentry.answers(`pin ${authenticationPIN}`);
      const page = await government.open(applications, "/quiet.html");
      await government.ask(page, fineLogin);
      await consent(await stage.window());
      const [reply] = await government.heard(page, 1);
      assert.deepEqual(Object.keys(JSON.parse(reply)), ["mode", "result", "signature", "certificate"]);
      assert.equal((await government.stored("local")).bridges[`https://${portal}/*`].identifier, undefined);
      assert.ok(!JSON.stringify([await government.stored("local"), await government.stored("session")]).includes(manufactureNumber));
      stage.portal.binds = false;
      await government.choose(applications, "identifier", false);
      assert.equal(await government.identifier(applications), undefined);
    });

    test("a recording tells how they spoke, and nothing of what", async () => {
      await government.choose(portal, "record", true);
      await stage.pinentry.answers(`pin ${authenticationPIN}`, `pin ${surfacePIN}`);
      const page = await government.open(portal, "/quiet.html");
      const request = JSON.stringify({ ...JSON.parse(fineLogin), secret: "見本のひみつ" });
      for (const detail of [request, fineAttributes]) {
        await government.ask(page, detail);
        const window = await stage.window();
        await consent(window);
        await window.closed();
      }
      await government.ask(page, "{");
      const heard = await government.heard(page, 3);
      const text = await government.report(portal);
      const { entries, site, browser, disguise, identifier } = JSON.parse(text);
      assert.deepEqual([site, disguise, identifier], [portal, true, false]);
      assert.match(browser, /Linux/);
      assert.deepEqual(entries.map(({ what, mode, result, json }) => ({ what, mode, result, json })), [
        { what: "request", mode: "01", result: undefined, json: true }, { what: "reply", mode: undefined, result: "0", json: undefined },
        { what: "request", mode: "04", result: undefined, json: true }, { what: "reply", mode: undefined, result: "0", json: undefined },
        { what: "request", mode: undefined, result: undefined, json: false }, { what: "reply", mode: undefined, result: "1", json: undefined },
      ]);
      assert.deepEqual(entries[0].digests, [{ base64: true, bytes: 51, digestInfo: "SHA-256" }]);
      const { sex, ...others } = holder;
      const values = [...[request, ...heard].flatMap((each) => (each.includes("errcode") ? [] : Object.values(JSON.parse(each)))), ...Object.values(others)].filter((value) => value.length > 2);
      assert.equal(values.length, 10, "digest and secret; signature and certificate; three attributes in hex, and as they are");
      for (const value of values) assert.ok(!text.includes(value), value);
      await government.choose(portal, "record", false);
      assert.deepEqual((await government.stored("session")).bridgeRecordings, {});
    });
  });

  describe(`government pages and a PIN in the window, in ${name}`, () => {
    const { stage, government } = governmentStage(name, { dialogs: "none" });

    /** Gathers what the consoles of all pages say from now on, Natsuin's window among them; and in Chromium that of its background. */
    async function consoles() {
      const lines = [];
      const listen = (source) => source?.on("console", (message) => lines.push(message.text()));
      for (const target of stage.browser.targets()) if (target.type() === "service_worker") listen(await target.worker());
      stage.browser.on("targetcreated", async (target) => { if (target.type() === "page" || target.type() === "other") listen(await target.page()); });
      return lines;
    }

    test("no PIN goes where a page could hear it, into a console, or stays", async () => {
      const lines = await consoles();
      // All that pages send goes to each page of the extension that listens.
      await stage.settings.evaluate(() => {
        globalThis.sent = [];
        chrome.runtime.onConnect.addListener(({ onMessage }) => onMessage.addListener((message) => sent.push(message)));
      });
      for (const [detail, pin, steps] of [[fineLogin, authenticationPIN, []], [fineSignature, signaturePIN, ["hidden"]], [fineAttributes, surfacePIN, []]]) {
        const page = await government.open(portal, "/quiet.html");
        await page.evaluate(() => {
          window.overheard = [];
          for (const type of ["message", "keydown", "keyup", "keypress", "input", "paste", "copy"]) addEventListener(type, ({ type, key, data }) => overheard.push([type, key, data]), true);
        });
        const wrong = "9".repeat(pin.length);
        for (const [round, typed] of [wrong, pin].entries()) {
          await government.ask(page, detail);
          const window = await stage.window();
          await consent(window, ...steps);
          await window.state("pin");
          await window.enter(typed);
          const reply = (await government.heard(page, round + 1))[round];
          if (typed === wrong) {
            await window.failure("PIN_WRONG");
            assert.equal(reply, noAnswer(JSON.parse(detail).mode));
            await window.close().catch(() => undefined); // it may be closing by itself
          } else {
            const { signature, certificate: read, ...rest } = JSON.parse(reply); // in base64, any four letters may stand
            assert.ok(!JSON.stringify(rest).includes(pin), reply);
            assert.deepEqual([signature === undefined, read === undefined], [detail === fineAttributes, detail === fineAttributes]);
            await window.closed();
          }
        }
        assert.deepEqual(await page.evaluate(() => overheard), []);
        assert.deepEqual(await page.evaluate(() => visit.said), [detail, detail]);
        await page.evaluate(() => console.log("the page's console"));
        await page.close();
      }
      assert.equal(lines.filter((line) => line === "the page's console").length, 3, "the consoles are heard");
      for (const secret of [authenticationPIN, signaturePIN, surfacePIN, holder.name, holderInHex.name, manufactureNumber]) assert.ok(!lines.join("\n").includes(secret), secret);
      const sent = await stage.settings.evaluate(() => globalThis.sent.filter(({ type }) => type === "launch"));
      assert.deepEqual(sent.map(({ detail }) => detail), [fineLogin, fineSignature, fineAttributes].flatMap((detail) => [detail, detail]));
      const kept = JSON.stringify([await government.stored("local"), await government.stored("session")]);
      for (const secret of [authenticationPIN, signaturePIN, surfacePIN, holder.name, holderInHex.name]) assert.ok(!kept.includes(`"${secret}`), secret);
      await stage.idle(6);
    });
  });
}
