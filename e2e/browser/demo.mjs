/**
 * The browser of `make demo`: a profile of its own, the developer build of the extension, and the demonstration site. With a display a person
 * clicks; without one this file does, says each step and takes pictures.
 *
 *     node demo.mjs --browser chromium|firefox --program PATH --url URL --extension DIR --home DIR --pictures DIR [--drive]
 */

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import puppeteer from "puppeteer-core";
import { address } from "./lib/browsers.mjs";
import { eventually } from "./lib/wait.mjs";

const { values: options } = parseArgs({
  options: {
    browser: { type: "string" },
    program: { type: "string" },
    url: { type: "string" },
    extension: { type: "string" },
    home: { type: "string" },
    pictures: { type: "string" },
    drive: { type: "boolean", default: false },
  },
});

/** What each kind of browser wants to be told. Chromium looks for the host in its profile, Firefox in the home. */
const kinds = {
  chromium: {
    userDataDir: join(options.home, ".config/chromium"),
    enableExtensions: true,
    pipe: true,
    ignoreDefaultArgs: options.drive ? [] : ["--enable-automation"], // a person is at the wheel
    args: [
      ...(process.getuid() === 0 ? ["--no-sandbox"] : []), // Chromium's sandbox refuses root
      "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--accept-lang=ja,en",
      "--hide-crash-restore-bubble", "--disable-features=Translate",
    ],
  },
  firefox: {
    browser: "firefox",
    userDataDir: join(options.home, "firefox"),
    extraPrefsFirefox: { "intl.accept_languages": "ja,en", "browser.translations.enable": false },
  },
};

const browser = await puppeteer.launch({
  ...kinds[options.browser],
  executablePath: options.program,
  headless: options.drive,
  defaultViewport: null,
  env: environment(process.env),
  handleSIGINT: false,
  handleSIGTERM: false,
  handleSIGHUP: false,
});
// Whoever ends the demonstration ends its browser with it, in the browser's own way: killed, it would leave files behind.
let ended = false;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    if (ended) return;
    ended = true;
    process.exitCode = 1;
    browser.close();
  });
}
await browser.installExtension(options.extension);
// The extension greets whoever installed it with a page of its own; the site goes in front of that.
await pageAt("/options.html");
const [page] = await browser.pages();
await page.goto(options.url);
await page.bringToFront();

if (options.drive) {
  try {
    await drive();
  } catch (error) {
    if (!ended) throw error; // else it is what comes of a browser that went away
  } finally {
    if (!ended) await browser.close();
  }
} else {
  await new Promise((resolve) => browser.once("disconnected", resolve));
}

/** Waits for the page whose address holds that path. */
function pageAt(path) {
  return eventually(`the page ${path}`, async () => {
    for (const page of await browser.pages()) if ((await address(page))?.includes(path)) return page;
    return undefined;
  });
}

/** The browser has a home of its own, and leaves that of whoever runs the demonstration alone. Without a display Natsuin's window takes the PIN. */
function environment({ DISPLAY, WAYLAND_DISPLAY, XAUTHORITY = join(process.env.HOME ?? "/", ".Xauthority"), ...rest }) {
  const display = options.drive ? {} : { DISPLAY, WAYLAND_DISPLAY, XAUTHORITY };
  return { ...rest, ...display, HOME: options.home };
}

/** Logs in, fills in the form, files it as signed data and then as a signed PDF, as a citizen would. */
async function drive() {
  await mkdir(options.pictures, { recursive: true });
  await page.setViewport({ width: 1100, height: 900 });
  let pictures = 0;
  const step = async (text, shown = page) => {
    pictures += 1;
    const name = `${String(pictures).padStart(2, "0")}.png`;
    await shown.screenshot({ path: join(options.pictures, name), fullPage: shown === page }); // a window shows what a citizen sees of it
    console.log(`${name}  ${text}`);
  };
  /** Presses a button of the site and answers Natsuin's window. `said` has what to say of its consent, its PIN and its end; what it leaves out is not shown. */
  const operation = async (button, pin, said, height = 740) => {
    await page.click(button);
    const window = await pageAt("/prompt.html");
    await window.setViewport({ width: 520, height });
    const state = (name) => window.waitForSelector(`body[data-state="${name}"]`, { timeout: 60_000 });
    const enabled = (selector) => window.waitForSelector(`${selector}:not([disabled])`); // guarded against a click meant for what was there before
    const show = async (text) => text === undefined || (await step(text, window));
    const asked = await window.waitForSelector('body[data-state="consent"], body[data-state="pin"]');
    if ((await asked.evaluate((body) => body.dataset.state)) === "consent") {
      await enabled("#accept");
      await show(said.consent);
      await window.click("#accept");
    }
    await state("pin");
    await enabled("#pin");
    await show(said.pin);
    await window.type("#pin", pin);
    await enabled("#pin-submit");
    await window.click("#pin-submit");
    await state("done");
    await show(said.done);
    await eventually("the end of Natsuin's window", async () => (await address(window)) === undefined); // Firefox tells of it by no event
  };

  await step("The demonstration site. Its button asks Natsuin for a login.");
  await operation("#login", "1234", {
    pin: "No display here, so the window itself asks for the PIN, and says so.",
    done: "Done; the card is locked again. The window closes by itself.",
  });
  await page.waitForSelector("#continue");
  await step("Logged in: the server verified the token. The form is filled in with the data of a made-up person.");
  await page.click("#continue");
  await page.waitForSelector("#sign");
  await step("The site shows what will be signed: the application as data, in XML.");
  await operation("#sign", "ABC123", {
    consent: "Natsuin's window shows who asks, what will be signed, and which personal data the signature discloses.",
    pin: "A signature has a PIN of its own.",
  });
  await page.waitForSelector("#receipt-number");
  await step("The receipt: what the server verified, rule by rule, and that revocation was not checked.");

  await page.goto(new URL("/filings/new", options.url).href);
  await page.click("#continue");
  await page.waitForSelector("#sign");
  await page.click("#way-pdf");
  await page.click("#seal");
  await step("A second application, signed as a PDF this time, with a seal.");
  await operation("#sign", "ABC123", { consent: "The window shows the PDF, its pages, the kind of signature and the seal, before anybody is asked for a PIN." }, 940);
  await page.waitForSelector("#receipt-number");
  await step("The receipt of the signed PDF, and how to check it without the site.");
  const signed = await page.evaluate(async (link) => Array.from(new Uint8Array(await (await fetch(document.querySelector(link).href)).arrayBuffer())), "#signed");
  await writeFile(join(options.pictures, "signed.pdf"), Uint8Array.from(signed));
  console.log("signed.pdf  What the citizen keeps: the application with the seal and the signature in it.");
}
