/** The host's results, checked before whoever asked gets them. */

import { authenticated, certificate, changedPin, portalAttributes, portalLogin, portalSigned, signed, surface } from "../messages/results.ts";
import type { OperationInfo } from "../messages/window.ts";
import { read, type Shape } from "../shape.ts";

const shapes: Record<OperationInfo["command"], Shape<unknown>> = {
  authenticate: authenticated, sign: signed, certificate, attributes: surface, "change-pin": changedPin,
  "portal-login": portalLogin, "portal-sign": portalSigned, "portal-attributes": portalAttributes,
};

/** The result of that command, or undefined when it has not the shape of one. */
export function checkResult(command: OperationInfo["command"], result: unknown): unknown {
  return read(shapes[command], result);
}
