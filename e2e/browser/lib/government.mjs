/** The government pages of a stage: switched on and settled as a citizen does it, and visited. */

import assert from "node:assert/strict";
import { before, beforeEach } from "node:test";
import { Stage } from "./stage.mjs";
import { eventually, patience } from "./wait.mjs";

export const portal = "myna.go.jp";
export const applications = "app.oss.myna.go.jp";
export const etax = "login.e-tax.nta.go.jp";
/** A name that no profile lists. */
export const unlisted = "www.mihon.go.jp";

/** Sets a stage on which those three sites are switched on, and are told of Windows. */
export function governmentStage(name, options = {}) {
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

/** Consents to a request, and to what else is asked before the PIN. Returns what the window showed first. */
export async function consent(window, ...more) {
  const shown = await window.state("consent");
  await window.click("accept");
  for (const state of more) {
    await window.state(state);
    await window.click("accept");
  }
  return shown;
}

const patternOf = (host) => `https://${host}/*`;

export class Government {
  #stage;

  constructor(stage) {
    this.#stage = stage;
  }

  get #settings() {
    return this.#stage.settings;
  }

  /** Switches a site on, as it was when it was switched on for the first time. The browser's own question is answered beforehand. */
  async switchOn(host) {
    await this.#allow("addHostPermission", host);
    await this.#settings.bringToFront();
    await this.#settings.$eval("#bridge-address", (field) => { field.value = ""; });
    await this.#settings.type("#bridge-address", `https://${host}/`);
    await this.#settings.click("#bridge-switch-on");
    await this.#settings.waitForSelector(this.#entry(host), { timeout: patience });
    await this.#registered("bridge", host, true);
  }

  /** Switches it off with the button beside it. */
  async switchOff(host) {
    await this.#press(host, "button[name=off]");
    await this.off(host);
  }

  /** Takes the permission away in the browser's own settings, where a driver can reach them: Chromium's. */
  async revoke(host) {
    await this.#allow("removeHostPermission", host);
    await this.off(host);
  }

  /** Waits until everything that was settled for it is gone. */
  async off(host) {
    // The options page may be behind another tab here, where nothing is painted: Puppeteer's own wait for what vanishes would look only when something is.
    await eventually("the end of its entry", async () => (await this.#settings.$(this.#entry(host))) === null);
    await eventually("the end of scripts and rules", async () => {
      const left = await this.leftovers();
      return ![`/${host}/`, `"${host}"`].some((trace) => left.includes(trace));
    });
  }

  /** Sets a switch of a site: disguise, identifier or record. */
  async choose(host, name, wanted) {
    const box = `${this.#entry(host)} input[name=${name}]`;
    if ((await this.#settings.$eval(box, ({ checked }) => checked)) !== wanted) await this.#press(host, `input[name=${name}]`);
    await eventually("the choice, kept", async () => (await this.#chosen(host, name)) === wanted); // the box itself shows it before
    await this.#settings.waitForSelector(`${box}${wanted ? ":checked" : ":not(:checked)"}`, { timeout: patience });
    if (name === "disguise") await this.#registered("windows-10", host, wanted);
  }

  /** Whether that switch of a site is on, as far as anything depends on it. */
  async #chosen(host, name) {
    if (name === "record") return patternOf(host) in ((await this.stored("session")).bridgeRecordings ?? {});
    return (await this.stored("local")).bridges[patternOf(host)][name] !== undefined;
  }

  /** The identifier that a site is given. */
  async identifier(host) {
    return (await this.stored("local")).bridges[patternOf(host)].identifier;
  }

  /** Has another identifier made, and returns it. */
  async newIdentifier(host) {
    const last = await this.identifier(host);
    await this.#press(host, "button[name=reset]");
    return eventually("another identifier", async () => {
      const next = await this.identifier(host);
      return next !== last && next;
    });
  }

  /** Lays changes over the shipped profile, as an expert does; "" takes them back. Returns what the page says of it. */
  async override(text) {
    await this.#settings.bringToFront();
    await this.#settings.$eval("#bridge-profile", (details) => { details.open = true; });
    await this.#settings.$eval("#override-myna", (field, text) => { field.value = text; }, text);
    await this.#settings.$eval("#bridge-profile-status", (status) => { status.textContent = ""; });
    await this.#settings.click("#override-myna-save");
    return eventually("word of the changes", async () => (await this.#settings.$eval("#bridge-profile-status", ({ innerText }) => innerText)) || undefined);
  }

  /** What the extension keeps, in one of the browser's storage areas. */
  stored(area) {
    return this.#settings.evaluate((area) => chrome.storage[area].get(null), area);
  }

  /** The report that the citizen can save of a recorded site, as it is written to the file. */
  async report(host) {
    await this.#settings.evaluate(() => {
      globalThis.saved = undefined;
      const { createObjectURL } = URL;
      URL.createObjectURL = (blob) => {
        globalThis.saved = blob.text();
        URL.createObjectURL = createObjectURL;
        return createObjectURL.call(URL, blob);
      };
    });
    await this.#press(host, "button[name=save]");
    return eventually("the report", () => this.#settings.evaluate(() => globalThis.saved));
  }

  /** Forgets how often pages asked, which tests do more often than people. */
  async rest() {
    await this.#settings.evaluate(() => chrome.storage.session.remove("bridgePace"));
  }

  /** Makes everything as it was at the first start. */
  async reset() {
    await this.#settings.evaluate(async () => {
      const { origins } = await chrome.permissions.getAll();
      await chrome.permissions.remove({ origins: origins.filter((origin) => origin.startsWith("https:")) });
      await chrome.storage.local.remove(["bridges", "bridgeProfiles"]);
      await chrome.storage.session.clear();
    });
    await eventually("the end of scripts and rules", async () => !/go\.jp/.test(await this.leftovers()));
  }

  /** All that stands registered for government pages, as text. */
  async leftovers() {
    return JSON.stringify(await this.#settings.evaluate(async () => [
      await chrome.scripting.getRegisteredContentScripts(),
      await chrome.declarativeNetRequest.getDynamicRules(),
      await chrome.declarativeNetRequest.getSessionRules(),
      await chrome.permissions.getAll(),
      await chrome.storage.local.get(null),
    ]));
  }

  /** Opens a page of a site, in front of everything else. */
  async open(host, path = "/") {
    return this.#stage.open(path, `https://${host}`);
  }

  /** Opens a page and waits until it is of that state. */
  async visit(host, state, path) {
    const page = await this.open(host, path);
    await this.reaches(page, state);
    return page;
  }

  /** Waits until a page is of that state, and returns what it says. */
  async reaches(page, state) {
    let last;
    try {
      const [text] = await eventually("the page's state", async () => {
        last = await page.evaluate(() => ({ state: document.body.dataset.state, text: document.getElementById("status")?.textContent }));
        return last.state === state && [last.text];
      });
      return text;
    } catch {
      throw new Error(`the page should reach the state ${state}; it is ${JSON.stringify(last)}`);
    }
  }

  /** Has a page ask the extension for something; a text is asked as it is. */
  async ask(page, ...details) {
    await page.evaluate((details) => details.forEach((detail) => visit.say(detail)), details);
  }

  /** What a page has heard, once it has heard that often. */
  async heard(page, count) {
    return eventually(`${count} replies`, async () => {
      const { heard } = await page.evaluate(() => visit);
      assert.ok(heard.length <= count, `more than ${count} replies: ${heard}`);
      return heard.length === count && heard;
    });
  }

  /** The hidden inputs of a page, as "id=value". */
  inputs(page) {
    return page.evaluate(() => Array.from(document.querySelectorAll("input[type=hidden]"), ({ id, value }) => `${id}=${value}`));
  }

  #entry(host) {
    return `#bridge-sites li[data-host="${host}"]`;
  }

  async #press(host, what) {
    await this.#settings.bringToFront();
    // What is found can be drawn anew before it is clicked, and then was not.
    await eventually(`a click on ${what} of ${host}`, () => this.#settings.click(`${this.#entry(host)} ${what}`).then(() => true, () => false));
  }

  async #registered(id, host, wanted) {
    await eventually(`${id} on ${host}: ${wanted}`, () => this.#settings.evaluate(async (id, pattern, wanted) => {
      const [script] = await chrome.scripting.getRegisteredContentScripts({ ids: [id] });
      return (script?.matches.includes(pattern) ?? false) === wanted;
    }, id, patternOf(host), wanted));
  }

  /** Answers Chromium's question before it is asked, or takes the answer back, in its own settings. Firefox asks nothing in tests, and shows its settings to nobody. */
  async #allow(method, host) {
    if (this.#stage.browserName !== "chromium") return;
    const page = await this.#stage.browser.newPage();
    await page.goto("chrome://extensions");
    const [id] = (await this.#stage.browser.extensions()).keys();
    await page.evaluate((method, id, pattern) => chrome.developerPrivate[method](id, pattern), method, id, patternOf(host));
    await page.close();
  }
}
