/**
 * The browser of `make demo`: a profile of its own, the developer build of the extension, and the demonstration site. With a display a person
 * clicks; without one this file does, says each step and takes pictures.
 *
 *     node demo.mjs --url URL --extension DIR --home DIR --pictures DIR [--drive]
 */

import { access, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import puppeteer from "puppeteer-core";

const { values: options } = parseArgs({
  options: {
    url: { type: "string" },
    extension: { type: "string" },
    home: { type: "string" },
    pictures: { type: "string" },
    drive: { type: "boolean", default: false },
  },
});

const browser = await puppeteer.launch({
  executablePath: await installedBrowser(),
  userDataDir: join(options.home, ".config/chromium"),
  headless: options.drive,
  enableExtensions: [options.extension],
  pipe: true,
  ignoreDefaultArgs: options.drive ? [] : ["--enable-automation"], // a person is at the wheel
  defaultViewport: null,
  env: environment(process.env),
  args: [
    ...(process.getuid() === 0 ? ["--no-sandbox"] : []), // Chromium's sandbox refuses root
    "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--accept-lang=ja,en",
    "--hide-crash-restore-bubble", "--disable-features=Translate",
  ],
});
// The extension greets whoever installed it with a page of its own; the site goes in front of that.
await browser.waitForTarget((target) => target.url().includes("/options.html"));
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

/** The first browser that can run an unpacked extension. */
async function installedBrowser() {
  for (const path of ["/usr/bin/chromium", "/usr/bin/google-chrome"]) {
    const there = await access(path).then(() => true, () => false);
    if (there) return path;
  }
  throw new Error("no browser: install chromium (Debian) or Google Chrome (Ubuntu)");
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
    const opened = browser.waitForTarget((target) => target.url().includes("/prompt.html"));
    await page.click(button);
    const window = await (await opened).page();
    await window.setViewport({ width: 520, height: 740 });
    const state = (name) => window.waitForSelector(`body[data-state="${name}"]`, { timeout: 60_000 });
    const asked = await window.waitForSelector('body[data-state="consent"], body[data-state="pin"]');
    if ((await asked.evaluate((body) => body.dataset.state)) === "consent") {
      await step("Natsuin's window shows who asks, what will be signed, and which personal data the signature discloses.", window);
      await window.waitForSelector("#accept:not([disabled])");
      await window.click("#accept");
    }
    await state("pin");
    await step("No display here, so the window itself asks for the PIN, and says so.", window);
    await window.type("#pin", pin);
    await window.click("#pin-submit");
    const closed = new Promise((resolve) => window.once("close", resolve));
    await state("done");
    await step("Done; the card is locked again. The window closes by itself.", window);
    await closed;
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
