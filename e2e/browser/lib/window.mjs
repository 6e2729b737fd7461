/** Natsuin's window, seen and used as the citizen does. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { built } from "./files.mjs";
import { eventually, patience } from "./wait.mjs";

/** The remedies of a code, of which a citizen reads one: out of a blocked PIN the ways are others for each. */
export function remediesOf(code, known) {
  const keys = code === "PIN_BLOCKED" ? ["blocked_authentication", "blocked_signature", "remedy_PIN_BLOCKED"] : [`remedy_${code}`];
  return keys.map((key) => known[key].message);
}

/** The texts that the window has in a language, by key. */
export async function texts(lang) {
  return JSON.parse(await readFile(await built("extension", "chromium", "_locales", lang, "messages.json"), "utf8"));
}

export class NatsuinWindow {
  #page;

  constructor(page) {
    this.#page = page;
  }

  /** What it shows now; undefined once it is closed. */
  async shown() {
    return this.#page
      .evaluate(() => ({
        state: document.body.dataset.state,
        code: document.body.dataset.code,
        digest: document.getElementById("digest")?.textContent,
        origin: document.getElementById("origin").textContent,
        sentence: document.getElementById("state").textContent,
        remedy: document.getElementById("remedy")?.textContent,
        text: document.body.innerText,
        lang: document.documentElement.lang,
      }))
      .catch(() => undefined);
  }

  /** Waits for a state and returns what is shown. */
  async state(name) {
    let last;
    try {
      return await eventually("the state", async () => {
        last = await this.shown();
        return last?.state === name && last;
      });
    } catch {
      throw new Error(`Natsuin's window should reach the state ${name}; it shows ${JSON.stringify(last)}`);
    }
  }

  /** Waits until that is its sentence. */
  async reads(sentence) {
    await eventually(sentence, async () => (await this.shown())?.sentence === sentence);
  }

  /** Waits for something in it that a CSS selector names. */
  async sees(selector) {
    await this.#page.waitForSelector(selector, { timeout: patience });
  }

  /** Whether a picture is drawn. */
  async draws(selector) {
    return this.#page.$eval(selector, async (image) => {
      await image.decode();
      return image.naturalWidth > 0;
    });
  }

  /** Waits for a failure and checks that the citizen reads the sentence and the remedy of that code; `null` is none. */
  async failure(code, remedyKey = code) {
    const { lang, ...shown } = await this.state("error");
    const known = await texts(lang);
    assert.equal(shown.code, code);
    assert.equal(shown.sentence, known[`error_${code}`].message);
    if (remedyKey === null) assert.equal(shown.remedy, undefined);
    else assert.ok(remediesOf(remedyKey, known).includes(shown.remedy), shown.remedy);
  }

  /** Clicks a button once it can be clicked. */
  async click(id) {
    const button = await this.#page.waitForSelector(`#${id}:not([disabled])`, { timeout: patience });
    await button.click();
  }

  /** Types into the field for the PIN, once it is open, and sends it. */
  async enter(pin) {
    const field = await this.#page.waitForSelector("#pin:not([disabled])", { timeout: patience });
    await field.type(pin);
    await this.click("pin-submit");
  }

  /** Waits until it says that of the PIN that was sent. */
  async says(problem) {
    await eventually(problem, () => this.#page.evaluate((text) => document.getElementById("pin-problem")?.textContent === text, problem));
  }

  async press(key) {
    await this.#page.keyboard.press(key);
  }

  /** Closes the window by the window manager's cross. */
  async close() {
    await this.#page.close();
  }

  /** Waits until it has closed. */
  async closed() {
    await eventually("the end of Natsuin's window", async () => this.#page.isClosed() || (await this.shown()) === undefined);
  }

  async screenshot(path) {
    await this.#page.screenshot({ path });
  }

  /** Scrolls to something. */
  async scrollTo(selector) {
    await this.#page.$eval(selector, (element) => element.scrollIntoView({ block: "center" }));
  }
}
