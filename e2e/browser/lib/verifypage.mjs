/** The extension's page that verifies, seen and used as the citizen does. */

import { eventually, patience } from "./wait.mjs";

export class VerifyPage {
  #page;

  /** The page in a tab that is being opened, once it can be used. */
  static async at(tab) {
    const page = new VerifyPage();
    page.#page = tab;
    await tab.waitForSelector("body[data-state=waiting]", { timeout: patience });
    return page;
  }

  /** The tab itself, for what no citizen does. */
  get tab() {
    return this.#page;
  }

  /**
   * Drops files on what a CSS selector names. Drivers can drop nothing from outside: the event is the page's own.
   * @param {Record<string, Uint8Array>} files  by their names
   */
  async drop(files, on = "#drop") {
    const encoded = Object.entries(files).map(([name, content]) => [name, Buffer.from(content).toString("base64")]);
    await this.#page.$eval(on, (target, files) => {
      const dataTransfer = new DataTransfer();
      for (const [name, content] of files) dataTransfer.items.add(new File([Uint8Array.from(atob(content), (character) => character.charCodeAt(0))], name));
      target.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
    }, encoded);
  }

  /** Presses a button's key, and gives the file that the browser's dialog would ask for; the dialog itself is kept away. */
  async chooseByKey(path) {
    await this.#page.$eval("#file", (input) => input.addEventListener("click", (event) => {
      event.preventDefault();
      input.dataset.asked = "yes";
    }, { once: true }));
    await this.#page.focus("#choose");
    await this.press("Enter");
    await this.#page.waitForSelector("#file[data-asked]", { timeout: patience });
    await this.choose(path);
  }

  /** Gives a file to one of the page's pickers, as the browser's own dialog does. */
  async choose(path, picker = "#file") {
    const input = await this.#page.$(picker);
    await input.uploadFile(path);
  }

  async click(selector) {
    await this.#page.bringToFront();
    await (await this.#page.waitForSelector(selector, { visible: true, timeout: patience })).click();
  }

  async press(key) {
    await this.#page.bringToFront();
    await this.#page.keyboard.press(key);
  }

  /** What it is at and says, and a failure's code. */
  shown() {
    return this.#page.evaluate(() => {
      const status = document.getElementById("status");
      return { state: document.body.dataset.state, sentence: status.textContent, code: status.dataset.code ?? null, text: document.getElementById("outcome").innerText };
    });
  }

  /** Waits until it is at that. */
  state(name) {
    return eventually(`the page to be ${name}`, async () => {
      const shown = await this.shown();
      return shown.state === name && shown;
    });
  }

  /** Waits for the result: its verdict, and of each signature, or of the file where it cannot be judged, the reason and what came of the rules. */
  async result() {
    const { text } = await this.state("ended");
    return this.#page.evaluate((text) => ({
      text,
      verdict: document.querySelector(".verdict")?.dataset.verdict,
      reasons: Array.from(document.querySelectorAll("[data-reason]"), ({ dataset }) => dataset.reason),
      signatures: Array.from(document.querySelectorAll("article"), (article) => Object.fromEntries(Array.from(article.querySelectorAll("[data-rule]"), ({ dataset }) => [dataset.rule, dataset.outcome]))),
      missing: Array.from(document.querySelectorAll("#missing bdi"), ({ textContent }) => textContent),
    }), text);
  }

  /** The text below the first element that a CSS selector names. */
  text(selector) {
    return this.#page.$eval(selector, (element) => element.innerText);
  }

  /** The id of what has the keyboard. */
  focus() {
    return this.#page.evaluate(() => document.activeElement.id);
  }

  async screenshot(path, width = 1000) {
    await this.#page.setViewport({ width, height: 900 });
    await this.#page.screenshot({ path, fullPage: true });
  }
}
