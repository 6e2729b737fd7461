/** The extension's card page, seen and used as the citizen does. */

import assert from "node:assert/strict";
import { eventually, patience } from "./wait.mjs";
import { remediesOf, texts } from "./window.mjs";

export class CardPage {
  #page;
  #stage;

  /** The page in a tab that is being opened, once it shows what is known of readers and cards. */
  static async at(tab, stage) {
    const page = new CardPage();
    page.#page = tab;
    page.#stage = stage;
    await page.seen();
    return page;
  }

  /** The tab itself, for what no citizen does. */
  get tab() {
    return this.#page;
  }

  /** Waits until it shows what is known of readers and cards, and has the help desks. */
  async seen() {
    await this.#page.waitForSelector("#readers[aria-busy=false]:not(:empty)", { timeout: patience });
    await this.#page.waitForSelector("#desk optgroup, #desks-status:not(:empty)", { timeout: patience });
  }

  /** Asks for readers and cards again. */
  async refresh() {
    await this.click("refresh");
    await this.seen();
  }

  async click(id) {
    await this.#page.bringToFront();
    await (await this.#page.waitForSelector(`#${id}`, { visible: true, timeout: patience })).click();
  }

  /** Starts an operation and returns Natsuin's window for it. */
  async start(id) {
    await this.click(id);
    return this.#stage.window();
  }

  /** The text below the first element that a CSS selector names. */
  text(selector) {
    return this.#page.$eval(selector, (element) => element.innerText);
  }

  /** The texts of all elements that a CSS selector names. */
  texts(selector) {
    return this.#page.$$eval(selector, (elements) => elements.map((element) => element.innerText));
  }

  /** Switches the page to the other language. */
  async switchLanguage() {
    const lang = await this.#page.$eval("html", ({ lang }) => lang);
    await this.click("language");
    await eventually("the other language", async () => (await this.#page.$eval("html", ({ lang }) => lang)) !== lang);
  }

  /** How many elements a CSS selector names. */
  async count(selector) {
    return (await this.#page.$$(selector)).length;
  }

  /** What it says of readers and cards when it cannot show them: a failure's sentence and code. */
  overview() {
    return this.#page.$eval("#overview-status", ({ innerText, dataset }) => ({ sentence: innerText, code: dataset.code ?? null }));
  }

  /** Waits for the outcome of a section's operation: its sentence, a failure's code, and what stands below. */
  async outcome(section) {
    const outcome = await eventually(`an outcome in ${section}`, () =>
      this.#page.evaluate((section) => {
        const [status, body] = ["status", "outcome"].map((part) => document.getElementById(`${section}-${part}`));
        const under = document.querySelector("[data-operation][aria-disabled=true]") !== null;
        return !under && (status.innerText !== "" || body.innerText !== "") && { sentence: status.innerText, code: status.dataset.code ?? null, text: body.innerText };
      }, section));
    await this.seen(); // the page looks at the card again
    return outcome;
  }

  /** Checks a success: the citizen reads so on the page and in the window, the card was shown that many PINs, and nothing runs on. */
  async succeeded(section, window, { spent }) {
    const [{ code, ...outcome }] = await Promise.all([this.outcome(section), window.state("done")]);
    assert.equal(code, null);
    await this.#stage.idle(spent);
    return outcome;
  }

  /** Checks what a failure owes: code, sentence and remedy on the page and in the window, no try lost that nobody spent, and nothing that runs on. */
  async failed(section, window, code, { spent = 0 } = {}) {
    const outcome = await this.outcome(section);
    const known = await texts(await this.#page.$eval("html", ({ lang }) => lang));
    assert.deepEqual([outcome.code, outcome.sentence], [code, known[`error_${code}`].message]);
    if (code !== "CANCELLED") assert.ok(remediesOf(code, known).some((remedy) => outcome.text.includes(remedy)), outcome.text);
    await window?.failure(code, code === "CANCELLED" ? null : code);
    await this.#stage.idle(spent);
    return outcome;
  }

  async type(id, text) {
    await this.#page.bringToFront();
    await this.#page.type(`#${id}`, text);
  }

  /** Sets a field as a date picker does: what the keys for a date are is the browser's own affair. */
  async set(id, value) {
    await this.#page.$eval(`#${id}`, (field, value) => { field.value = value; }, value);
  }

  /** Chooses the desk with that telephone, and waits until the explanations name it. */
  async chooseDesk(telephone) {
    await this.#page.waitForSelector("#desk optgroup", { timeout: patience });
    const value = await this.#page.$$eval("#desk option", (options, telephone) => options.find(({ text }) => text.includes(telephone)).value, telephone);
    await this.#page.select("#desk", value);
    await eventually("the desk", async () => (await this.text("#change-help .desk")).includes(telephone));
  }

  /** Goes back to no desk. */
  async forgetDesk() {
    await this.#page.select("#desk", "");
    await this.#page.waitForSelector("#change-help .desk a[href='#desks']", { timeout: patience });
  }

  async reload() {
    // Firefox tells no driver that a page of an extension is loaded.
    const before = await this.#page.$("main");
    await this.#page.evaluate(() => location.reload());
    await eventually("the page anew", () => before.evaluate((main) => !main.isConnected).catch(() => true));
    await this.seen();
  }

  async screenshot(path) {
    await this.#page.setViewport({ width: 1000, height: 900 });
    await this.#page.screenshot({ path, fullPage: true });
  }
}
