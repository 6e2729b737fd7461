/** What a browser with an installed Natsuin is tried on: a card in a reader, a PIN dialog, the demonstration site under a name of the web, and a display. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Bench } from "../lib/bench.mjs";
import { address, foreignHost, Home, welcome } from "../lib/browsers.mjs";
import { Display } from "../lib/display.mjs";
import { scratchFolder } from "../lib/files.mjs";
import { ScriptedPinentry } from "../lib/pinentry.mjs";
import { allGone, running } from "../lib/programs.mjs";
import { startPublicDemo, throwAwayCertificate } from "../lib/sites.mjs";
import { eventually, patience } from "../lib/wait.mjs";
import { NatsuinWindow } from "../lib/window.mjs";

export class Scene {
  #scratch;
  #bench;
  #pinentry;
  #demo;
  #display;
  #windows = new Set();

  static async set() {
    const scene = new Scene();
    scene.#scratch = await scratchFolder();
    const { path } = scene.#scratch;
    scene.#bench = await Bench.start(join(path, "bench"), []);
    scene.#pinentry = await ScriptedPinentry.install(join(path, "pinentry"));
    scene.#demo = await startPublicDemo(scene.#bench.trust, await throwAwayCertificate(path, foreignHost));
    scene.#display = await Display.open();
    return scene;
  }

  async strike() {
    await this.#display.close();
    await this.#demo.stop();
    await this.#bench.stop();
    await this.#scratch.remove();
  }

  /**
   * Logs in and files an application, from a browser's first start on; `program` is the host that does it.
   * @param {{ name: string, home: string, program: string, extension?: string }} options  `extension` is installed by hand; without it, by somebody else
   */
  async works({ name, home, program, extension }) {
    const { browser } = await Home.of(home, name).launch({
      env: { ...(await this.#bench.env()), PATH: `${this.#pinentry.folder}:/usr/bin:/bin`, DISPLAY: this.#display.name },
      acceptInsecureCerts: true,
      headless: name === "firefox", // without a face, Chromium leaves a request for a permission open for ever
      ignoreDefaultArgs: ["--disable-background-networking"], // which keeps Chromium from fetching extensions
    });
    try {
      if (extension !== undefined) await browser.installExtension(extension);
      await this.#switchOn(await welcome(browser));
      await this.#files(browser, program);
    } finally {
      await browser.close();
    }
  }

  /** Switches the site on in the settings, as a citizen does. */
  async #switchOn(settings) {
    await settings.bringToFront();
    await settings.type("#address", `${this.#demo.origin}/`);
    await this.#display.point();
    await settings.click("#add-submit");
    const granted = () => settings.evaluate((pattern) => chrome.permissions.contains({ origins: [pattern] }), `https://${foreignHost}/*`);
    // Chromium asks; it takes no answer for a moment, against hasty clicks, and tells no driver when it will.
    for (let wait = 500; !(await granted()); wait *= 2) {
      assert.ok(wait < patience, "the site could not be switched on");
      await pause(wait);
      if (await granted()) break;
      await this.#display.key("Tab");
      await this.#display.key("Return");
    }
  }

  async #files(browser, program) {
    const spent = await this.#bench.verifies();
    await this.#pinentry.answers("pin 1234", "pin ABC123");
    const page = await browser.newPage();
    await page.goto(this.#demo.origin);
    await page.click("#login");
    const login = await this.#window(browser);
    await login.state("done");
    await page.waitForSelector("#continue", { timeout: patience });
    await page.click("#continue");
    await page.waitForSelector("#sign", { timeout: patience });
    await page.click("#sign");
    const filing = await this.#window(browser);
    await filing.state("consent");
    await filing.sees("#accept:not([disabled])");
    assert.notEqual((await running(program)).length, 0, `${program} is the host`);
    await filing.click("accept");
    await filing.state("done");
    await page.waitForSelector("#receipt-number", { timeout: patience });
    assert.equal((await this.#bench.verifies()) - spent, 2, "PINs shown to the card");
    await allGone(program);
  }

  /** The window that Natsuin has opened since the last one was asked for. */
  #window(browser) {
    return eventually("Natsuin's window", async () => {
      for (const page of await browser.pages()) {
        const url = await address(page);
        if (!url?.includes("/prompt.html?") || this.#windows.has(url)) continue;
        this.#windows.add(url);
        return new NatsuinWindow(page);
      }
      return undefined;
    });
  }
}
