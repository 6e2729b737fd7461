/**
 * The browser of `make demo`: a profile of its own, the developer build of the extension, and the demonstration site. With a display a person
 * clicks; without one this file does, says each step and takes pictures.
 *
 *     node demo.mjs --browser chromium|firefox --program PATH --url URL --extension DIR --home DIR --pictures DIR [--drive]
 */

import { mkdir } from "node:fs/promises";
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
});
await browser.installExtension(options.extension);
// The extension greets whoever installed it with a page of its own; the site goes in front of that.
await pageAt("/options.html");
const [page] = await browser.pages();
await page.goto(options.url);
await page.bringToFront();

if (options.drive) {
  try {
    await drive();
  } finally {
    await browser.close();
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

/** Logs in, fills in the form, signs it and shows the receipt, as a citizen would. */
async function drive() {
  await mkdir(options.pictures, { recursive: true });
  await page.setViewport({ width: 1100, height: 900 });
  let pictures = 0;
  const step = async (text, shown = page) => {
    pictures += 1;
    const name = `${String(pictures).padStart(2, "0")}.png`;
    await shown.screenshot({ path: join(options.pictures, name) });
    console.log(`${name}  ${text}`);
  };
  const operation = async (button, pin) => {
    await page.click(button);
    const window = await pageAt("/prompt.html");
    await window.setViewport({ width: 520, height: 740 });
    const state = (name) => window.waitForSelector(`body[data-state="${name}"]`, { timeout: 60_000 });
    const enabled = (selector) => window.waitForSelector(`${selector}:not([disabled])`); // guarded against a click meant for what was there before
    const asked = await window.waitForSelector('body[data-state="consent"], body[data-state="pin"]');
    if ((await asked.evaluate((body) => body.dataset.state)) === "consent") {
      await step("Natsuin's window shows who asks, what will be signed, and which personal data the signature discloses.", window);
      await enabled("#accept");
      await window.click("#accept");
    }
    await state("pin");
    await step("No display here, so the window itself asks for the PIN, and says so.", window);
    await enabled("#pin");
    await window.type("#pin", pin);
    await enabled("#pin-submit");
    await window.click("#pin-submit");
    await state("done");
    await step("Done; the card is locked again. The window closes by itself.", window);
    await eventually("the end of Natsuin's window", async () => (await address(window)) === undefined); // Firefox tells of it by no event
  };

  await step("The demonstration site. Its button asks Natsuin for a login.");
  await operation("#login", "1234");
  await page.waitForSelector("#continue");
  await step("Logged in: the server verified the token. The form is filled in with the data of a made-up person.");
  await page.click("#continue");
  await page.waitForSelector("#sign");
  await step("The site shows what will be signed.");
  await operation("#sign", "ABC123");
  await page.waitForSelector("#receipt-number");
  await page.setViewport({ width: 1100, height: 2000 });
  await step("The receipt: what the server verified, rule by rule, and that revocation was not checked.");
}
