/** Chromium and Firefox as a citizen has them, with a profile of their own, the extension in them, and the host registered by its own installer. */

import { once } from "node:events";
import { copyFile, mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import puppeteer from "puppeteer-core";
import { built } from "./files.mjs";
import { run } from "./programs.mjs";
import { eventually, patience } from "./wait.mjs";

/** The address of a tab, which Firefox tells nobody but the page itself; undefined while the tab comes or goes, or does not answer. */
export const address = (page) =>
  Promise.race([page.evaluate(() => location.href).catch(() => undefined), pause(5_000, undefined, { ref: false })]);

/** A host name that leads here, yet is not one of those that browsers trust without https. */
export const foreignHost = "shinsei.test";

/** Where each browser's profile lies below the home, so that it finds what the installer wrote. */
const kinds = {
  chromium: {
    profile: ".config/chromium",
    manifest: ".config/chromium/NativeMessagingHosts/io.github.natsuin.json",
    launch: {
      executablePath: "/usr/bin/chromium",
      enableExtensions: true,
      pipe: true,
      args: [
        ...(process.getuid() === 0 ? ["--no-sandbox"] : []), // Chromium's sandbox refuses root
        "--disable-gpu", "--disable-quic", "--no-first-run", "--accept-lang=ja", "--screen-info={1280x1024}",
        "--disable-features=Translate",
      ],
    },
    /** An unpacked extension that reloads itself stays away where this is off. */
    prepare: async (profile) => {
      await mkdir(join(profile, "Default"), { recursive: true });
      await writeFile(join(profile, "Default/Preferences"), JSON.stringify({ extensions: { ui: { developer_mode: true } } }));
    },
    /** Leads names to this machine; those with a number, from the usual port of https to that one. */
    leadHere: (ports) => {
      const rules = Object.entries(ports).map(([host, port]) => (port ? `MAP ${host}:443 127.0.0.1:${port}` : `MAP ${host} 127.0.0.1`));
      return { args: [`--host-resolver-rules=${rules.join(",")}`] };
    },
  },
  firefox: {
    profile: "profile",
    manifest: ".mozilla/native-messaging-hosts/io.github.natsuin.json",
    launch: {
      browser: "firefox",
      executablePath: "/usr/bin/firefox-esr",
      extraPrefsFirefox: {
        "intl.accept_languages": "ja",
        // Headless Firefox shows no permission prompt that a test could answer.
        "extensions.webextOptionalPermissionPrompts": false,
      },
    },
    /** Once in some thousand starts the driver never hears of the extension's first tab. What the driver installs goes with the browser: the next start greets anew. */
    losesTabs: true,
    leadHere: (ports) => {
      const [port] = Object.values(ports).filter(Boolean);
      const led = { "network.dns.localDomains": Object.keys(ports).join(","), ...(port && { "network.socket.forcePort": `443=${port}` }) };
      return { extraPrefsFirefox: led };
    },
  },
};

export const names = Object.keys(kinds);

/** The extension greets whoever installed it with a tab: its settings. Waits for it, for that many milliseconds. */
export function welcome(browser, time = patience) {
  return eventually("the extension's first page", async () => {
    for (const page of await browser.pages()) if ((await address(page))?.includes("/options.html")) return page;
    return undefined;
  }, time);
}

/** Ends a browser, also one that does not answer. */
async function end(browser) {
  const program = browser.process();
  const ended = program.exitCode === null && program.signalCode === null && once(program, "exit");
  await Promise.race([browser.close().catch(() => undefined), pause(10_000, undefined, { ref: false })]);
  program.kill("SIGKILL");
  await ended;
}

/**
 * Leads a tab to an address. Firefox has been seen to load the page and to leave the driver's order without an answer: then the tab itself tells where it is.
 */
export async function lead(page, url) {
  const there = pause(20_000, undefined, { ref: false }).then(() => eventually(url, async () => page.url().startsWith(new URL(url).origin)));
  await Promise.race([page.goto(url), there]);
}

/** A text as one message of a host. */
export function frameOf(text) {
  const body = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(body.length); // native order: every machine that runs these browsers is little-endian
  return Buffer.concat([length, body]);
}

/** A home folder with the host in it, registered with one browser. */
export class Home {
  path;
  /** The host's own folder: its processes are known by it. */
  programs;
  manifest;
  #kind;
  #name;

  static async make(path, name) {
    const home = new Home();
    home.#kind = kinds[name];
    home.#name = name;
    home.path = path;
    home.programs = join(path, "host");
    home.manifest = join(path, home.#kind.manifest);
    await mkdir(home.programs, { recursive: true });
    await copyFile(await built("natsuin"), join(home.programs, "natsuin"));
    await run(join(home.programs, "natsuin"), ["install", "--browser", name], { env: { HOME: path } });
    await home.#kind.prepare?.(join(path, home.#kind.profile));
    return home;
  }

  /** The home of somebody for whom Natsuin is installed already. */
  static of(path, name) {
    const home = new Home();
    home.#kind = kinds[name];
    home.path = path;
    return home;
  }

  /** Puts another program in the host's place; it says this message, or these bytes, and waits for its end. */
  async impersonate(said) {
    const bytes = Buffer.isBuffer(said) ? said : frameOf(JSON.stringify(said));
    const file = join(this.programs, "said");
    await writeFile(file, bytes);
    await this.#replace((program) => writeFile(program, `#!/bin/sh\ncat '${file}' -\n`, { mode: 0o755 }));
  }

  /** Puts the real host back, and registers it again. */
  async restore() {
    const real = await built("natsuin");
    await this.#replace((program) => copyFile(real, program));
    await run(join(this.programs, "natsuin"), ["install", "--browser", this.#name], { env: { HOME: this.path } });
  }

  /** Gives a new program the host's name, as packages do it: one that runs goes on. */
  async #replace(write) {
    const program = join(this.programs, "natsuin");
    await write(`${program}.new`);
    await rename(`${program}.new`, program);
  }

  /**
   * Starts the browser; `welcome` is the extension's first page.
   * @param {{ env: Record<string, string>, extension?: string, headless?: boolean, ports?: Record<string, number> }} options  `extension` is a folder of
   *   build/extension; `ports` leads the https of other names to ports of this machine
   */
  async launch({ env, extension, headless = true, ports = {}, ...more }) {
    const { launch, leadHere, losesTabs, profile } = this.#kind;
    const led = leadHere({ [foreignHost]: 0, ...ports });
    const options = {
      ...launch, ...more, headless,
      args: [...(launch.args ?? []), ...(led.args ?? []), ...(more.args ?? [])],
      extraPrefsFirefox: { ...launch.extraPrefsFirefox, ...led.extraPrefsFirefox },
      defaultViewport: null, // Natsuin's window has the size that the extension gives it
      userDataDir: join(this.path, profile),
      env: { HOME: this.path, LANG: "C.UTF-8", TZ: "Asia/Tokyo", ...env },
    };
    if (extension === undefined) return { browser: await puppeteer.launch(options) };

    const folder = await built("extension", extension);
    const start = async (time) => {
      const browser = await puppeteer.launch(options);
      try {
        await browser.installExtension(folder);
        return { browser, welcome: await welcome(browser, time) }; // which would hide the next tab if it came late
      } catch (error) {
        await end(browser);
        throw error;
      }
    };
    if (!losesTabs) return start(patience);
    return start(patience / 3).catch((error) => {
      console.warn(`Firefox is started once more: ${error.message}`);
      return start(patience);
    });
  }
}
