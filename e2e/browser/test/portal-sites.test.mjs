/** Government pages and the switches: no trace without them, every effect with them, and nothing left when they go. */

import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { names } from "../lib/browsers.mjs";
import { applications, etax, Government, portal, unlisted } from "../lib/government.mjs";
import { Stage } from "../lib/stage.mjs";
import { eventually, patience } from "../lib/wait.mjs";
import { fineLogin, noAnswer, refusedAtOnce } from "../../portal/hostile.mjs";

/** Everything of a page that an extension could have changed: what differs from the page as it was sent, and from a fresh window. */
function traces() {
  const sent = fetch(location.href).then((response) => response.text());
  const fresh = document.createElement("iframe");
  document.head.append(fresh);
  const known = new Set(Reflect.ownKeys(fresh.contentWindow));
  const names = Reflect.ownKeys(window).filter((name) => !known.has(name) && name !== "visit" && name !== "0").map(String);
  const replaced = ["userAgent", "appVersion", "platform"].filter((name) => {
    const getter = Object.getOwnPropertyDescriptor(Navigator.prototype, name).get;
    return Function.prototype.toString.call(getter) !== fresh.contentWindow.Function.prototype.toString.call(Object.getOwnPropertyDescriptor(fresh.contentWindow.Navigator.prototype, name).get);
  });
  fresh.remove();
  return sent.then((html) => ({
    changed: new DOMParser().parseFromString(html, "text/html").documentElement.outerHTML !== document.documentElement.outerHTML,
    names,
    replaced,
    heard: visit.heard,
    agent: navigator.userAgent,
  }));
}

for (const name of names) {
  describe(`government pages and their switches in ${name}`, () => {
    const stage = Stage.set(name, { portal: true });
    const government = new Government(stage);
    beforeEach(() => government.reset());

    /** Waits until a later request of another page was answered: by then an earlier one would have been, too. */
    async function answersElsewhere() {
      if (!(await government.leftovers()).includes(`//${applications}/`)) await government.switchOn(applications);
      const page = await government.open(applications, "/quiet.html");
      await government.ask(page, "{");
      await government.heard(page, 1);
      await page.close();
    }

    test("without the switch there is no trace", async () => {
      const pages = [];
      for (const host of [portal, etax, unlisted]) {
        const page = await government.open(host, "/quiet.html");
        await government.ask(page, fineLogin, "{");
        pages.push(page);
      }
      await answersElsewhere();
      for (const page of pages) {
        const { agent, ...found } = await page.evaluate(traces);
        assert.deepEqual(found, { changed: false, names: [], replaced: [], heard: [] });
        assert.match(agent, /Linux/);
      }
      assert.equal(await stage.windows(), 0);
      await government.visit(portal, "unsupported");
    });

    test("a site that no profile lists cannot be switched on", async () => {
      for (const address of [unlisted, "go.jp", "myna.go.jp.mihon.example", "xmyna.go.jp", `${portal}:8443`]) {
        await stage.settings.bringToFront();
        await stage.settings.$eval("#bridge-address", (field) => { field.value = ""; });
        await stage.settings.$eval("#bridge-status", (status) => { status.textContent = ""; });
        await stage.settings.type("#bridge-address", `https://${address}/`);
        await stage.settings.click("#bridge-switch-on");
        await stage.settings.waitForSelector("#bridge-status:not(:empty)", { timeout: patience });
        assert.deepEqual((await government.stored("local")).bridges ?? {}, {}, address);
      }
    });

    test("with it the page finds its inputs, and still sees Linux", async () => {
      await government.switchOn(portal);
      const page = await government.open(portal, "/quiet.html");
      assert.deepEqual(await government.inputs(page), ["extension-is-installed=24", "app-is-installed=29"]);
      assert.match(await page.evaluate(() => navigator.userAgent), /Linux/);
      await government.visit(portal, "unsupported");
      assert.ok(stage.portal.requests.every(({ headers }) => !headers["user-agent"].includes("Windows")));
    });

    test("refused at once: exact replies, and no window", async () => {
      await government.switchOn(portal);
      const page = await government.open(portal, "/quiet.html");
      for (const [i, [, detail]] of refusedAtOnce.entries()) {
        await government.ask(page, detail);
        await government.heard(page, i + 1);
      }
      const heard = await government.heard(page, refusedAtOnce.length);
      for (const [i, [what, , mode]] of refusedAtOnce.entries()) assert.equal(heard[i], noAnswer(mode), what);
      assert.equal(await stage.windows(), 0);
      await stage.idle(0);
    });

    test("another site in a frame, or its own page in one, is not served", async () => {
      await government.switchOn(portal);
      for (const [outer, inner] of [[portal, portal], [unlisted, portal], [portal, unlisted]]) {
        const page = await government.visit(outer, "framed", `/frames.html?${encodeURIComponent(`https://${inner}/quiet.html`)}`);
        const frame = page.frames().find((each) => each.url() === `https://${inner}/quiet.html`);
        assert.deepEqual(await frame.evaluate(() => Array.from(document.querySelectorAll("input"), ({ id }) => id)), []);
        await frame.evaluate((detail) => visit.say(detail), fineLogin);
        await frame.evaluate(() => visit.say("{"));
        await answersElsewhere();
        assert.deepEqual(await frame.evaluate(() => visit.heard), []);
      }
      assert.equal(await stage.windows(), 0);
    });

    for (const [when, path] of [["before", "/official.html"], ["after", "/quiet.html?official"]]) {
      test(`the official extension goes first, also when it comes ${when} this one`, async () => {
        await government.switchOn(portal);
        const page = await government.open(portal, path);
        const theirs = ["extension-is-installed=99", "app-is-installed=99"];
        await eventually("the official extension's inputs alone", async () => String(await government.inputs(page)) === String(theirs));
        await government.ask(page, fineLogin, "{");
        await answersElsewhere();
        assert.deepEqual(await page.evaluate(() => visit.heard), []);
        assert.deepEqual(await government.inputs(page), theirs);
        assert.equal(await stage.windows(), 0);
      });
    }

    test("a page hears one story, in every window and every request", async () => {
      await government.switchOn(etax);
      await government.choose(etax, "disguise", true);
      const before = stage.portal.requests.length;
      const page = await government.visit(etax, "told", "/story.html");
      const told = await page.evaluate(() => visit.story);
      assert.equal(told.server, "Windows");
      assert.deepEqual(told.frame, told.page);
      const { userAgent, appVersion, platform, oscpu, hints } = told.page;
      assert.equal(platform, "Win32");
      assert.match(userAgent, /^Mozilla\/5\.0 \(Windows NT 10\.0; Win64; x64(; rv:[0-9.]+)?\)/);
      const asChromium = { appVersion: userAgent.replace("Mozilla/", ""), oscpu: undefined };
      assert.deepEqual({ appVersion, oscpu }, name === "chromium" ? asChromium : { appVersion: "5.0 (Windows)", oscpu: "Windows NT 10.0; Win64; x64" });
      if (name === "chromium") assert.deepEqual([hints.platform, hints.platformVersion, hints.architecture, hints.bitness, hints.wow64], ["Windows", "10.0.0", "x86", "64", false]);
      assert.doesNotMatch(JSON.stringify(told), /Linux|X11|x86_64/);

      const requests = stage.portal.requests.slice(before);
      const paths = requests.map(({ path }) => path);
      for (const path of ["/story.html", "/watch.js", "/system.js", "/story.js", "/dot.svg", "/quiet.html", "/floors.js"]) assert.ok(paths.includes(path), path);
      for (const { path, headers } of requests) {
        assert.equal(headers["user-agent"], userAgent, path);
        assert.doesNotMatch(JSON.stringify(headers), /Linux|X11|x86_64/, path);
        if (name === "chromium") assert.equal(headers["sec-ch-ua-platform"], '"Windows"', path);
      }
      await government.visit(etax, "ready");

      // Nobody else hears it: not the neighbour, and not this site's files in a page of another.
      const neighbour = stage.portal.requests.length;
      await government.visit(portal, "unsupported");
      await government.visit(unlisted, "framed", `/frames.html?${encodeURIComponent(`https://${etax}/quiet.html`)}`);
      const documents = stage.portal.requests.slice(neighbour).filter(({ path }) => path.endsWith("/") || path.endsWith(".html"));
      assert.equal(documents.length, 3);
      for (const { host, path, headers } of documents) assert.match(headers["user-agent"], /Linux/, `${host}${path}`);
    });

    test("a floor that was raised, and an override that follows it", async () => {
      await government.switchOn(portal);
      await government.choose(portal, "disguise", true);
      stage.portal.floors.extension = 25;
      await government.visit(portal, "extension-old");
      assert.match(await government.override('{"sites":["www.mihon.go.jp"]}'), /sites/);
      assert.match(await government.override('{"inputs":[{"id":"extension-is-installed"}]}'), /inputs/);
      await government.visit(portal, "extension-old");
      await government.override('{"inputs":[{"id":"extension-is-installed","value":"25"},{"id":"app-is-installed","value":"29"}]}');
      const page = await government.visit(portal, "ready");
      assert.deepEqual(await government.inputs(page), ["extension-is-installed=25", "app-is-installed=29"]);
      stage.portal.floors.extension = 24;
      await government.override("");
      await government.visit(portal, "ready");
    });

    for (const way of name === "chromium" ? ["switchOff", "revoke"] : ["switchOff"]) {
      test(`when the permission goes, everything goes at once: ${way}`, async () => {
        for (const host of [portal, etax]) {
          await government.switchOn(host);
          for (const choice of ["disguise", "identifier", "record"]) await government.choose(host, choice, true);
        }
        const pages = [await government.visit(portal, "ready"), await government.visit(etax, "told", "/story.html"), await government.open(portal, "/official.html")];
        const theirs = await government.inputs(pages[2]);
        assert.deepEqual(await pages[1].evaluate(() => [frames[0].navigator.platform, navigator.platform]), ["Win32", "Win32"]);
        for (const host of [portal, etax]) await government[way](host);
        for (const page of pages) {
          assert.deepEqual(await government.inputs(page), page === pages[2] ? theirs : []);
          await eventually("the truth, in frames too", () => page.evaluate(() => [window, ...Array.from(frames)].every(({ navigator }) => navigator.userAgent.includes("Linux") && navigator.platform.includes("Linux"))));
          const before = stage.portal.requests.length;
          await page.evaluate(() => fetch("/dot.svg").then(() => undefined));
          assert.match(stage.portal.requests[before].headers["user-agent"], /Linux/);
          await government.ask(page, fineLogin, "{");
        }
        assert.doesNotMatch(await government.leftovers(), /go\.jp/);
        assert.deepEqual((await government.stored("local")).bridges, {});
        await answersElsewhere();
        for (const page of pages) assert.deepEqual(await page.evaluate(() => visit.heard), []);
        await government.visit(etax, "unsupported");
      });
    }
  });
}
