/** Everything that one browser's tests stand on: a reader with a card, a pinentry, a site, the browser; and the checks that every test ends with. */

import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach } from "node:test";
import { join } from "node:path";
import { Bench } from "./bench.mjs";
import { address, foreignHost, Home, lead } from "./browsers.mjs";
import { CardPage } from "./cardpage.mjs";
import { Display } from "./display.mjs";
import { scratchFolder } from "./files.mjs";
import { RealPinentry, ScriptedPinentry } from "./pinentry.mjs";
import { allGone, run } from "./programs.mjs";
import { startDemo, startPages, throwAwayCertificate } from "./sites.mjs";
import { hosts, Portal } from "../../portal/portal.mjs";
import { VerifyPage } from "./verifypage.mjs";
import { eventually, patience } from "./wait.mjs";
import { NatsuinWindow } from "./window.mjs";

/** The card's PINs (natsuin-simcard's own). */
export const authenticationPIN = "1234";
export const signaturePIN = "ABC123";
export const surfacePIN = "4321";

export class Stage {
  browserName;
  bench;
  pinentry;
  /** Where a browser with a face shows it; in production only. */
  display;
  /** The extension's settings, from which its other pages open; in production, and with its own pages only. */
  settings;
  pages;
  demo;
  /** The stand-ins for government pages. */
  portal;
  home;
  browser;
  #env;
  #cleanups = [];
  #windows = new Set();
  #verifies = 0;

  /**
   * Sets a stage for all tests of the describe block that this is called in.
   * @param {string} name  the browser
   * @param {{ flags?: string[], dialogs?: "scripted" | "real" | "none", demo?: boolean, own?: boolean, portal?: boolean, production?: boolean }} options  `flags`
   *   of testreader; with the `dialogs` "none" there is no display; `own` lets the extension's own pages be opened; `portal` has the stand-ins for government
   *   pages, and the settings by which they are switched on; `production` takes the extension as it is shipped, and an https site that it has never seen
   */
  static set(name, options = {}) {
    const stage = new Stage();
    stage.browserName = name;
    before(() => stage.#build(options), { timeout: 2 * patience });
    after(() => stage.#strike(), { timeout: 2 * patience });
    beforeEach(() => stage.#reset());
    afterEach(() => stage.#clear());
    return stage;
  }

  async #build({ flags = [], dialogs = "scripted", demo = false, own = false, portal = false, production = false }) {
    const scratch = await scratchFolder();
    this.#cleanups.push(scratch.remove);
    this.bench = await Bench.start(join(scratch.path, "bench"), flags);
    this.#cleanups.push(() => this.bench.stop());
    this.reader = !flags.includes("--no-reader");

    this.home = await Home.make(join(scratch.path, "home"), this.browserName);
    this.pinentry = await (dialogs === "real" ? RealPinentry : ScriptedPinentry).install(join(scratch.path, "pinentry"));
    this.#cleanups.push(() => this.pinentry.stop());
    this.#env = { ...(await this.bench.env()), PATH: `${this.pinentry.folder}:/usr/bin:/bin` };
    if (dialogs !== "none") this.#env.DISPLAY = this.pinentry.display.name;

    if (production) {
      this.display = await Display.open();
      this.#cleanups.push(() => this.display.close());
      this.#env.DISPLAY = this.display.name;
    }

    this.pages = await startPages(production ? await throwAwayCertificate(scratch.path, foreignHost) : undefined);
    this.#cleanups.push(() => this.pages.stop());
    if (demo) {
      this.demo = await startDemo(this.bench.trust);
      this.#cleanups.push(() => this.demo.stop());
    }
    if (portal) {
      this.portal = await Portal.start(await throwAwayCertificate(scratch.path, ...hosts), this.bench.trust);
      this.#cleanups.push(() => this.portal.stop());
    }
    const { browser, welcome } = await this.home.launch({
      env: this.#env,
      extension: production ? this.browserName : `${this.browserName}-dev`,
      acceptInsecureCerts: production || portal,
      ports: portal ? Object.fromEntries(hosts.map((host) => [host, this.portal.port])) : {},
      // Headless Chromium leaves a request for a permission open for ever.
      headless: !(production && this.browserName === "chromium"),
    });
    this.#cleanups.push(() => browser.close());
    this.browser = browser;
    if (own || portal) await welcome.evaluate(() => chrome.storage.local.set({ lang: "ja" })); // Chromium's own language follows the machine's
    if (production || own || portal) this.settings = welcome;
    else await welcome.close();
  }

  /** Takes everything down, the last first. */
  async #strike() {
    for (const cleanup of this.#cleanups.reverse()) await cleanup();
  }

  async #reset() {
    await this.pinentry.answers();
    if (!this.reader) return;
    for (const order of ["insert", "fault none", "counter auth 3", "counter sign 5", "counter attributes 3"]) await this.bench.order(order);
    this.#verifies = await this.bench.verifies();
  }

  /** Closes the tabs of a test. The first one stays: without any, browsers end. */
  async #clear() {
    const [, ...pages] = await this.browser.pages();
    const ours = pages.filter((page) => page !== this.settings);
    await Promise.all(ours.map((page) => page.close().catch(() => undefined))); // Natsuin's window may be closing by itself
    await allGone(this.home.programs);
  }

  /** Opens a tab with a page of `pages/`, or of any other site. */
  async open(path = "/", origin = this.pages.origin) {
    const page = await this.browser.newPage();
    await lead(page, origin + path);
    return page;
  }

  /** Opens the card page from the popup, as a citizen does. */
  async cardPageFromPopup() {
    const popup = await this.popup();
    await popup.waitForSelector("#card > *", { timeout: patience }); // what the card says moves the button
    await popup.click("#card-page");
    return CardPage.at(await this.#tab("card.html"), this);
  }

  /** Opens the card page by its address. */
  async cardPage() {
    return CardPage.at(await this.#own("card.html"), this);
  }

  /** Opens the page that verifies from the popup, as a citizen does. */
  async verifyPageFromPopup() {
    const popup = await this.popup();
    await popup.waitForSelector("#card > *", { timeout: patience });
    await popup.click("#verify-page");
    return VerifyPage.at(await this.#tab("verify.html"));
  }

  /** Opens the page that verifies by its address. */
  async verifyPage() {
    return VerifyPage.at(await this.#own("verify.html"));
  }

  /** Opens the popup in a tab, where it stays. */
  async popup() {
    return this.#own("popup.html");
  }

  /** Opens the settings anew. */
  async options() {
    return this.#own("options.html");
  }

  /** Opens a page of the extension in a tab. Firefox lets only another one do that, and has been seen to lose a tab. */
  async #own(name) {
    let asked = 0;
    return eventually(name, async () => {
      if (Date.now() - asked > 10_000) {
        asked = Date.now();
        await this.settings.evaluate((name) => void chrome.tabs.create({ url: chrome.runtime.getURL(name) }), name);
      }
      return this.#find(name);
    });
  }

  #tab(name) {
    return eventually(name, () => this.#find(name));
  }

  async #find(name) {
    for (const page of await this.browser.pages()) if ((await address(page))?.endsWith(`/${name}`)) return page;
    return undefined;
  }

  /** Opens a page and clicks one of its buttons, which makes the call of that name. */
  async call(name) {
    const page = await this.open();
    await page.click(`#${name}`);
    return page;
  }

  /** The window that Natsuin has opened since the last one was asked for. */
  async window() {
    return eventually("Natsuin's window", async () => {
      for (const page of await this.browser.pages()) {
        const url = await address(page);
        if (!url?.includes("/prompt.html?") || this.#windows.has(url)) continue;
        this.#windows.add(url);
        return new NatsuinWindow(page);
      }
      return undefined;
    });
  }

  /** How many windows of Natsuin's are open. */
  async windows() {
    const urls = await Promise.all((await this.browser.pages()).map(address));
    return urls.filter((url) => url?.includes("/prompt.html?")).length;
  }

  /** Waits for the outcome of a page's call: "ok" or the error's code, and what else the page learned. */
  async outcome(page) {
    return eventually("the page's outcome", () =>
      page.evaluate(() => {
        const { result } = document.body.dataset;
        return result !== undefined && result !== "running" && { result, detail: JSON.parse(document.getElementById("detail").textContent) };
      }));
  }

  /**
   * Checks a success: the page has its result, the citizen reads so, the card was shown that many PINs, and nothing runs on.
   */
  async succeeded(page, window, { spent }) {
    // The window closes by itself soon after.
    const [{ result }] = await Promise.all([this.outcome(page), window.state("done")]);
    assert.equal(result, "ok");
    await this.idle(spent);
  }

  /**
   * Checks what every failure owes: the page has the code, the citizen a sentence with a remedy, the card lost no try that nobody spent, nothing of the
   * operation runs on, and the next one works.
   */
  async failed(page, window, code, { spent = 0, remedy, next = true } = {}) {
    const { result } = await this.outcome(page);
    assert.equal(result, code);
    await window?.failure(code, remedy);
    await this.idle(spent);
    if (next) await this.worksAgain();
  }

  /** Checks what a page owes that went away during its operation: its window goes too, and all the rest as after a failure. */
  async abandoned(window) {
    await window.closed();
    await this.idle(0);
    await this.worksAgain();
  }

  /** Checks that no program of the operation runs, that the card was shown exactly that many PINs, and that other programs reach it. */
  async idle(spent) {
    await allGone(this.home.programs);
    await allGone(this.pinentry.folder);
    if (!this.reader) return;
    assert.equal(await this.spent(), spent, "PINs shown to the card");
  }

  /** How many PINs the card was shown in this test. */
  async spent() {
    return (await this.bench.verifies()) - this.#verifies;
  }

  /** Logs in once more, on a card as good as new. */
  async worksAgain() {
    await this.#reset();
    await this.cardIsFree();
    await this.pinentry.answers(`pin ${authenticationPIN}`);
    const page = await this.call("login");
    assert.equal((await this.outcome(page)).result, "ok");
    await this.idle(1);
  }

  /** Runs the program in a terminal, with the stage's card; `input` is what is typed. */
  natsuin(args, input = "") {
    const running = run(join(this.home.programs, "natsuin"), args, { env: this.#env });
    running.child.stdin.on("error", () => undefined); // it may end before it read anything: how it ended is its exit code's to say
    running.child.stdin.end(input);
    return running;
  }

  /** Asks for the card's status as another PC/SC program. */
  #status() {
    return this.natsuin(["status", "--json"]);
  }

  /** Takes the card away, and waits until the PC/SC service knows; meanwhile whoever speaks to the card fails. */
  async removeCard() {
    await this.bench.order("remove");
    const noCard = 4; // the exit code
    await eventually("an empty reader", () => this.#status().then(() => false, ({ code }) => code === noCard));
  }

  /** Checks that another PC/SC program can use the card. */
  async cardIsFree() {
    const { stdout } = await this.#status();
    const [reader] = JSON.parse(stdout).readers;
    assert.equal(reader.error, undefined);
    assert.equal(reader.authentication.triesLeft, 3);
  }
}
