/** Waiting for what announces itself by no event. */

import { setTimeout as pause } from "node:timers/promises";

/** How long anything may take before a test calls it lost, in milliseconds; machines may be busy. */
export const patience = 60_000;

/**
 * Asks again until the answer is neither undefined nor false, and returns it.
 * @template T
 * @param {string} what  names the thing in the error
 * @param {() => Promise<T | undefined | false>} ask
 * @param {number} time  in milliseconds
 */
export async function eventually(what, ask, time = patience) {
  for (const deadline = Date.now() + time; ; ) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(`waited in vain: ${what}`);
    await pause(25);
  }
}
