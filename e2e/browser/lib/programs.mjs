/** Programs that a stage starts, and those that started by themselves in its folder. */

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { eventually, patience } from "./wait.mjs";

export const run = promisify(execFile);

/**
 * Starts a program and waits for its first line. It ends when `stop` closes its standard input, and, where it does not look at that, by SIGTERM.
 * @returns {Promise<{ line: string, stop: () => Promise<void> }>}
 */
export async function start(file, args, options = {}) {
  const child = spawn(file, args, { stdio: ["pipe", "pipe", "inherit"], ...options });
  const ended = once(child, "exit");
  const stop = async () => {
    child.stdin.end();
    if (options.terminate) child.kill("SIGTERM");
    await ended;
  };
  const lines = createInterface({ input: child.stdout });
  const line = await Promise.race([
    once(lines, "line", { signal: AbortSignal.timeout(patience) }).then(([text]) => text),
    ended.then(([code]) => Promise.reject(new Error(`${file} ended with ${code} before it was ready`))),
  ]);
  return { line, stop };
}

/** The numbers of the processes whose program, or script, lies in that folder or is that file. */
export async function running(path) {
  const found = [];
  for (const pid of await readdir("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    const words = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => ""); // it has just ended
    if (words.split("\0").slice(0, 2).some((word) => `${word}/`.startsWith(`${path}/`))) found.push(Number(pid));
  }
  return found;
}

/** Waits until no program of that folder runs. */
export async function allGone(folder) {
  await eventually(`the end of all programs in ${folder}`, async () => (await running(folder)).length === 0);
}
