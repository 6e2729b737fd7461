/** What takes the PIN in place of the desktop's dialog. Each stands in a folder of its own, by which its processes are known. */

import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Display } from "./display.mjs";
import { built } from "./files.mjs";
import { running } from "./programs.mjs";
import { eventually } from "./wait.mjs";

/** The name that the host looks for first, so that no pinentry of this machine comes before ours. */
const first = "pinentry-gnome3";

/** The scripted pinentry, e2e/fakepinentry: it gives the answers that a test wrote down before. */
export class ScriptedPinentry {
  /** Headless browsers and this program leave it alone; that there is one is enough for the host. */
  display = { name: ":no-such-display" };
  /** Put this folder first in the host's PATH. */
  folder;

  static async install(folder) {
    await mkdir(folder);
    await copyFile(await built("e2e/fakepinentry"), join(folder, first));
    const pinentry = new ScriptedPinentry(folder);
    await pinentry.answers();
    return pinentry;
  }

  constructor(folder) {
    this.folder = folder;
  }

  /** What the next dialogs are answered, one line each: "pin 1234", "cancel", "wait"…; forgets what was before. */
  async answers(...lines) {
    for (const file of ["cursor", "log"]) await rm(join(this.folder, file), { force: true });
    await writeFile(join(this.folder, "answers"), lines.map((line) => `${line}\n`).join(""));
  }

  /** Nothing runs between two dialogs. */
  async stop() {}

  /** The lines that the host sent since, texts decoded. */
  async log() {
    const log = await readFile(join(this.folder, "log"), "utf8").catch(() => "");
    return log.replace(/(%[0-9A-F]{2})+/g, (bytes) => Buffer.from(bytes.replaceAll("%", ""), "hex").toString());
  }

  /** Waits until a dialog stands open that nobody answers. */
  async waiting() {
    await eventually("an open dialog", async () => (await this.log()).includes("# wait"));
  }
}

/** The real one, in which a test types. */
export class RealPinentry {
  /** Put this folder first in the host's PATH. */
  folder;
  display;

  static async install(folder) {
    await mkdir(folder);
    await copyFile("/usr/bin/pinentry-gtk-2", join(folder, first));
    const pinentry = new RealPinentry();
    pinentry.folder = folder;
    pinentry.display = await Display.open();
    return pinentry;
  }

  /** It has no script to forget. */
  async answers() {}

  /** Waits until a dialog stands open. */
  async waiting() {
    const pid = await eventually("the dialog's program", async () => (await running(this.folder))[0]);
    await this.display.window(String(pid));
  }

  /** Types into the dialog that is open, or opens next. */
  async type(pin) {
    await this.waiting();
    await this.display.type(pin);
    await this.display.key("Return");
  }

  async escape() {
    await this.waiting();
    await this.display.key("Escape");
  }

  stop() {
    return this.display.close();
  }
}
