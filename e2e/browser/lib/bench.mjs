/** A card reader of the test's own, behind the real PC/SC service: e2e/testreader. */

import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createConnection } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { built } from "./files.mjs";
import { start } from "./programs.mjs";

/** A VERIFY that carries a PIN, as the trace masks it; the query for the tries left carries none. */
const verify = /^> ..20.... \*\*\*$/gm;

export class Bench {
  #dir;
  #program;

  /** @param {string[]} flags of testreader and natsuin-simcard */
  static async start(dir, flags) {
    const [testreader, simcard, keys] = [await built("e2e/testreader"), await built("e2e/natsuin-simcard"), join(await built("e2e"), "keys")];
    const program = await start(testreader, ["--dir", dir, "--simcard", simcard, "--keys", keys, ...flags]);
    return new Bench(dir, program);
  }

  constructor(dir, program) {
    this.#dir = dir;
    this.#program = program;
  }

  /** The environment that leads PC/SC programs here. */
  async env() {
    const [name, value] = (await readFile(join(this.#dir, "env"), "utf8")).trim().split("=");
    return { [name]: value };
  }

  /** The folder with the simulated CAs. */
  get trust() {
    return join(this.#dir, "certificates/trust");
  }

  /** Gives an order to the card, the reader or pcscd: see the command testreader. */
  async order(words) {
    const socket = createConnection(join(this.#dir, "control"));
    socket.end(`${words}\n`);
    const [answer] = await once(createInterface({ input: socket }), "line");
    if (answer !== "ok") throw new Error(`${words}: ${answer}`);
  }

  /** What has passed between the readers and their cards so far: "> " commands, "< " responses, "# " events, one a line, card by card. */
  async trace() {
    const traces = ["trace", "second-trace"].map((name) => readFile(join(this.#dir, name), "utf8").catch(() => "")); // there may be one card
    return (await Promise.all(traces)).join("");
  }

  /** How many PINs the cards were shown so far. */
  async verifies() {
    return ((await this.trace()).match(verify) ?? []).length;
  }

  stop() {
    return this.#program.stop();
  }
}
