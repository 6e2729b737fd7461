/** What government pages get done, and what they hear: logins, signatures and attributes on the stand-ins, whose servers check every reply to the byte. */

import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { before, beforeEach, describe, test } from "node:test";
import { names } from "../lib/browsers.mjs";
import { Government } from "../lib/government.mjs";
import { authenticationPIN, signaturePIN, Stage, surfacePIN } from "../lib/stage.mjs";
import { eventually, patience } from "../lib/wait.mjs";
import { texts } from "../lib/window.mjs";
import { combinationCode } from "../../portal/digests.mjs";
import { fineAttributes, fineLogin, fineSignature, noAnswer, refusedByHost } from "../../portal/hostile.mjs";

const portal = "myna.go.jp";
const applications = "app.oss.myna.go.jp";
const etax = "login.e-tax.nta.go.jp";

/** The simulated card's number (simcard.ManufactureNumber), and the application that holds it. */
const manufactureNumber = "1234567890123";
const manufactureApplication = "D3921000310001010100";

/** The holder of the card, as the attributes have them. */
const holder = { name: "見本　太郎", sex: "1", address: "東京都千代田区見本一丁目２番３号", birthday: "19800505" };
const hex = (text) => Buffer.from(text).toString("hex");
const holderInHex = Object.fromEntries(Object.entries(holder).map(([key, text]) => [key, hex(text)]));

const ja = await texts("ja");

/** A stage with the three sites switched on, and told of Windows. */
function set(name, options = {}) {
  const stage = Stage.set(name, { portal: true, ...options });
  const government = new Government(stage);
  before(async () => {
    for (const host of [portal, applications, etax]) {
      await government.switchOn(host);
      await government.choose(host, "disguise", true);
    }
  }, { timeout: 2 * patience });
  beforeEach(() => government.rest());
  return { stage, government };
}

/** A certificate of the card, as replies have it. */
async function certificate(stage, kind) {
  const { raw } = new X509Certificate(await readFile(join(stage.bench.trust, `../${kind}-cert.pem`)));
  return raw.toString("base64").replace(/=+$/, "");
}

/** Consents to a request; signatures take two steps. */
async function consent(window, ...more) {
  const shown = await window.state("consent");
  await window.click("accept");
  for (const state of more) {
    await window.state(state);
    await window.click("accept");
  }
  return shown;
}

for (const name of names) {
  describe(`government pages in ${name}`, () => {
    const { stage, government } = set(name);

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
        await consent(await stage.window(), "hidden");
        await government.reaches(page, "signed");
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

  describe(`government pages that fail in ${name}`, () => {
    const { stage, government } = set(name);

    /** Opens a page that asks for nothing by itself, and has it ask for that. */
    async function asked(...details) {
      const page = await government.open(portal, "/quiet.html");
      await government.ask(page, ...details);
      return page;
    }

    /** Checks that the citizen reads why, and that the page hears what it hears when there is no answer. */
    async function failed(page, window, code, mode, { spent = 0, remedy } = {}) {
      await window?.failure(code, remedy);
      assert.deepEqual(await government.heard(page, 1), [noAnswer(mode)]);
      await stage.idle(spent);
    }

    test("digests that are none never reach the card", async () => {
      const before = await stage.bench.trace();
      for (const [what, detail, mode] of refusedByHost) {
        await government.rest();
        const page = await asked(detail);
        const window = await stage.window();
        await window.failure("INVALID_REQUEST");
        assert.deepEqual(await government.heard(page, 1), [noAnswer(mode)], what);
        await window.close().catch(() => undefined); // it may be closing by itself
        await page.close();
      }
      assert.equal(await stage.bench.trace(), before);
      await stage.idle(0);
    });

    test("the program is missing", async () => {
      await rename(stage.home.manifest, `${stage.home.manifest}.away`);
      try {
        for (const [detail, mode] of [[fineLogin, "01"], [fineSignature, "02"], [fineAttributes, "04"]]) {
          await government.rest();
          await failed(await asked(detail), await stage.window(), "HOST_MISSING", mode);
        }
      } finally {
        await rename(`${stage.home.manifest}.away`, stage.home.manifest);
      }
    });

    test("cancelled at every question", async () => {
      for (const [detail, mode, states] of [[fineLogin, "01", ["consent"]], [fineSignature, "02", ["consent"]], [fineSignature, "02", ["consent", "hidden"]], [fineAttributes, "04", ["consent"]]]) {
        await government.rest();
        const page = await asked(detail);
        const window = await stage.window();
        for (const state of states.slice(0, -1)) {
          await window.state(state);
          await window.click("accept");
        }
        await window.state(states.at(-1));
        await window.click("refuse");
        await failed(page, window, "CANCELLED", mode);
      }
    });

    test("cancelled in the dialog, or by closing the window", async () => {
      await stage.pinentry.answers("cancel");
      const first = await asked(fineLogin);
      const window = await stage.window();
      await consent(window);
      await failed(first, window, "CANCELLED", "01");

      const second = await asked(fineSignature);
      const other = await stage.window();
      await other.state("consent");
      await other.close();
      await failed(second, undefined, "CANCELLED", "02");
    });

    test("a wrong PIN, and then none: the page hears nothing of tries", async () => {
      await stage.pinentry.answers("pin 0000", "cancel");
      const page = await asked(fineLogin);
      const window = await stage.window();
      await consent(window);
      await failed(page, window, "CANCELLED", "01", { spent: 1 });
      await stage.bench.order("counter auth 3");
    });

    test("a wrong PIN, and then the right one: the page hears the success alone", async () => {
      await stage.pinentry.answers("pin ABC124", `pin ${signaturePIN}`);
      const page = await asked(fineSignature);
      await consent(await stage.window(), "hidden");
      const [reply] = await government.heard(page, 1);
      assert.equal(JSON.parse(reply).result, "0");
      await stage.idle(2);
    });

    test("blocked PINs: nothing is asked", async () => {
      for (const [pin, detail, mode] of [["auth", fineLogin, "01"], ["sign", fineSignature, "02"], ["attributes", fineAttributes, "04"]]) {
        await government.rest();
        await stage.bench.order(`counter ${pin} 0`);
        await failed(await asked(detail), await stage.window(), "PIN_BLOCKED", mode);
      }
      assert.doesNotMatch(await stage.pinentry.log(), /GETPIN/);
    });

    test("the last try is not spent without a yes", async () => {
      await stage.bench.order("counter auth 1");
      const page = await asked(fineLogin);
      const window = await stage.window();
      await consent(window);
      await window.state("last-try");
      await window.click("refuse");
      await failed(page, window, "CANCELLED", "01");
    });

    test("the page goes away during a question, or during the PIN", async () => {
      for (const dialog of [false, true]) {
        for (const leave of [(page) => page.close(), (page) => page.goto(`https://${portal}/quiet.html?elsewhere`), (page) => page.reload()]) {
          await government.rest();
          await stage.pinentry.answers("wait");
          const page = await asked(fineLogin);
          const window = await stage.window();
          await window.state("consent");
          if (dialog) {
            await window.click("accept");
            await stage.pinentry.waiting();
          }
          await leave(page);
          await window.closed();
          await stage.idle(0);
        }
      }
      await stage.worksAgain();
    });

    test("the permission goes during a question", async () => {
      const page = await asked(fineLogin);
      const window = await stage.window();
      await window.state("consent");
      await government.switchOff(portal);
      await window.closed();
      assert.deepEqual(await government.heard(page, 1), [noAnswer("01")]);
      assert.deepEqual(await government.inputs(page), []);
      await stage.idle(0);
      await government.switchOn(portal);
      await government.choose(portal, "disguise", true);
    });

    test("two requests at once, and nonsense meanwhile: the first goes on", async () => {
      await stage.pinentry.answers(`pin ${authenticationPIN}`);
      const page = await asked(fineLogin, fineSignature, "{", JSON.stringify({ mode: "05" }));
      const window = await stage.window();
      await window.state("consent");
      assert.deepEqual(await government.heard(page, 3), [noAnswer("02"), noAnswer(), noAnswer("05")]);
      await consent(window);
      const heard = await government.heard(page, 4);
      assert.equal(JSON.parse(heard[3]).result, "0");
      assert.equal(await stage.spent(), 1);
      await stage.idle(1);
    });

    test("a page that asks and asks gets one window, and then has to wait", async () => {
      const page = await asked(...Array(200).fill(fineLogin));
      for (const round of [0, 1, 2]) {
        if (round > 0) await government.ask(page, fineLogin);
        const window = await stage.window();
        await window.state("consent");
        assert.equal(await stage.windows(), 1);
        await window.click("refuse");
        await window.failure("CANCELLED");
        await window.close().catch(() => undefined); // it may be closing by itself
        await government.heard(page, 200 + round);
      }
      await government.ask(page, fineLogin);
      const heard = await government.heard(page, 203);
      assert.deepEqual(heard, Array(203).fill(noAnswer("01")));
      assert.equal(await stage.windows(), 0);
      await stage.idle(0);
    });

    // Firefox lets no driver send its background to sleep.
    if (name === "chromium") {
      test("a background that the browser sent to sleep wakes up for a page", async () => {
        await stage.pinentry.answers(`pin ${authenticationPIN}`);
        const page = await government.open(portal, "/quiet.html");
        const background = await stage.browser.waitForTarget((target) => target.type() === "service_worker");
        await (await background.worker()).close();
        await eventually("a background asleep", async () => !stage.browser.targets().includes(background));
        await government.ask(page, fineLogin);
        await consent(await stage.window());
        const [reply] = await government.heard(page, 1);
        assert.equal(JSON.parse(reply).result, "0");
        await stage.idle(1);
      });
    }

    test("a tab that nobody looks at opens no window", async () => {
      const page = await government.open(portal, "/quiet.html");
      await stage.open("/");
      await government.ask(page, fineLogin);
      assert.deepEqual(await government.heard(page, 1), [noAnswer("01")]);
      assert.equal(await stage.windows(), 0);
      await stage.idle(0);
    });

    test("a reply that a page made up is its own affair", async () => {
      await stage.pinentry.answers(`pin ${authenticationPIN}`);
      const page = await asked(fineLogin);
      const window = await stage.window();
      await page.evaluate((reply) => document.dispatchEvent(new CustomEvent("recvMsg", { detail: reply })), noAnswer("01"));
      await consent(window);
      const [, reply] = await government.heard(page, 2);
      assert.equal(JSON.parse(reply).result, "0");
      await stage.idle(1);
    });
  });

  describe(`government pages and a PIN in the window, in ${name}`, () => {
    const { stage, government } = set(name, { dialogs: "none" });

    test("no PIN goes where a page could hear it, or stays", async () => {
      for (const [detail, pin, steps] of [[fineLogin, authenticationPIN, []], [fineSignature, signaturePIN, ["hidden"]], [fineAttributes, surfacePIN, []]]) {
        const page = await government.open(portal, "/quiet.html");
        await page.evaluate(() => {
          window.overheard = [];
          for (const type of ["message", "keydown", "keyup", "keypress", "input", "paste", "copy"]) addEventListener(type, ({ type, key, data }) => overheard.push([type, key, data]), true);
        });
        await government.ask(page, detail);
        const window = await stage.window();
        await consent(window, ...steps);
        await window.state("pin");
        await window.enter("9".repeat(pin.length));
        await window.says(ja.problem_wrong.message);
        await window.enter(pin);
        const [reply] = await government.heard(page, 1);
        const { signature, certificate: read, ...rest } = JSON.parse(reply);
        assert.ok(!JSON.stringify(rest).includes(pin), reply);
        assert.deepEqual([signature === undefined, read === undefined], [detail === fineAttributes, detail === fineAttributes]);
        assert.deepEqual(await page.evaluate(() => overheard), []);
        assert.deepEqual(await page.evaluate(() => visit.said), [detail]);
        await page.close();
      }
      const kept = JSON.stringify([await government.stored("local"), await government.stored("session")]);
      for (const secret of [authenticationPIN, signaturePIN, surfacePIN, holder.name, holderInHex.name]) assert.ok(!kept.includes(`"${secret}`), secret);
      await stage.idle(6);
    });
  });
}
