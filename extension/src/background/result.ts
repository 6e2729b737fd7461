/** The host's results, checked before a page gets them. */

import { authenticated, signed } from "../messages/host.ts";
import { Invalid } from "../shape.ts";

/** The result of that command, or undefined when it has not the shape of one. */
export function checkResult(command: "authenticate" | "sign", result: unknown): unknown {
  try {
    return command === "sign" ? signed(result, "result") : authenticated(result, "result");
  } catch (error) {
    if (error instanceof Invalid) return undefined;
    throw error;
  }
}
