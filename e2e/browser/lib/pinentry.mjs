/** The scripted pinentry, e2e/fakepinentry: it gives the answers that a test wrote down before. */

import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { built } from "./files.mjs";
import { eventually } from "./wait.mjs";

export class Pinentry {
  /** Put this folder first in the host's PATH. */
  folder;

  static async install(folder) {
    await mkdir(folder);
    // The name that the host looks for first, so that no pinentry of this machine comes before it.
    await copyFile(await built("e2e/fakepinentry"), join(folder, "pinentry-gnome3"));
    const pinentry = new Pinentry(folder);
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
