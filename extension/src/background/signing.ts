/** What a signature would mean, taken out of what a site asks for. */

import type { SignPayload } from "../messages/sign.ts";
import type { Signing } from "../messages/window.ts";

/** What the citizen is shown of it: not the bytes of messages and pictures, which are the host's to look into. */
export function signingOf(payload: SignPayload): Signing {
  return {
    ...without(payload, "type"),
    documents: payload.documents.map((document) => ("message" in document ? { ...without(document, "message"), cosigned: true } : document)),
    ...("seal" in payload && { seal: without(payload.seal, "picture") }),
  };
}

/** The same object without a key that it may have. */
function without<T extends object, K extends string>(object: T, key: K): T extends unknown ? Omit<T, K> : never;
function without(object: object, key: string): object {
  return Object.fromEntries(Object.entries(object).filter(([each]) => each !== key));
}
