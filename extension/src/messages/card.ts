/** The messages between the card page and the background: one port for one operation. */

import { languages, ownRequest, type ErrorBody } from "./host.ts";
import { object, oneOf, type TypeOf } from "../shape.ts";

/** The name of the runtime port of one operation of the card page. */
export const cardPort = "card";

/** What the card page says, once. */
export const fromCardPage = object({ lang: oneOf(...languages), request: ownRequest });
export type FromCardPage = TypeOf<typeof fromCardPage>;

/** What it hears, once: a result of the shape that belongs to its command, or why there is none. */
export type ToCardPage = { type: "result"; result: unknown } | { type: "error"; error: ErrorBody };
