/** What a PIN may have done to the card when nobody says any more what it did: the host is gone, or called off and silent. */

import type { Purpose } from "../messages/host.ts";
import type { OperationInfo } from "../messages/window.ts";

/** The reasons that docs/protocol.md gives with an error. */
export type Doubt = "try-may-be-spent" | "pin-may-be-changed";

/** A PIN that the citizen is asked for: in the system's dialog, on the reader's pad, or by a prompt in Natsuin's window. */
interface Asked {
  type: "dialog" | "pad" | "prompt";
  purpose?: Purpose;
}

/**
 * What is in doubt from the moment that this PIN may have been typed; `before` is what was. While a PIN is changed the card meets none of them before the new one
 * has been typed twice; then, and whenever the current one has to be typed again, it meets both. A pad shows each to the card at once.
 */
export function doubtAfter({ type, purpose }: Asked, command: OperationInfo["command"], before: Doubt | undefined): Doubt | undefined {
  if (command !== "change-pin") return "try-may-be-spent";
  switch (purpose) {
    case "repeat":
      return "pin-may-be-changed";
    case "new":
      return type === "pad" ? "pin-may-be-changed" : undefined;
    default:
      return type === "pad" ? "try-may-be-spent" : before;
  }
}
