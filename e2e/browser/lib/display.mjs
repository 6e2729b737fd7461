/** A display without a screen, and hands at its keyboard: Xvfb and xdotool. */

import { start, run } from "./programs.mjs";
import { patience } from "./wait.mjs";

export class Display {
  #program;
  name;

  static async open() {
    // Xvfb picks a free number and says it on standard output.
    const program = await start("Xvfb", ["-noreset", "-displayfd", "1", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"], {
      terminate: true,
      stdio: ["pipe", "pipe", "ignore"], // it complains of each number that is taken
    });
    const display = new Display();
    display.#program = program;
    display.name = `:${program.line}`;
    return display;
  }

  close() {
    return this.#program.stop();
  }

  async #hands(...args) {
    const { stdout } = await run("xdotool", args, { env: { DISPLAY: this.name, PATH: "/usr/bin:/bin", LC_ALL: "C.UTF-8" }, timeout: patience });
    return stdout.trim();
  }

  /** Waits for the window of a process and moves the pointer into it: without a window manager the keyboard follows the pointer. */
  async window(pid) {
    const [id] = (await this.#hands("search", "--sync", "--onlyvisible", "--pid", pid)).split("\n");
    await this.#hands("mousemove", "--window", id, "30", "30");
  }

  /** Moves the pointer into the only window there is. */
  async point() {
    await this.#hands("mousemove", "200", "200");
  }

  async type(text) {
    await this.#hands("type", text);
  }

  async key(name) {
    await this.#hands("key", name);
  }
}
