/** What a page hears, byte for byte (efiling-pages.md §1.4 and §1.5). */

import type { ErrorBody } from "../messages/host.ts";
import type { PortalResults } from "../messages/results.ts";
import { encodeBytes, encodeText } from "./encode.ts";
import type { Launch } from "./launch.ts";
import type { Profile } from "./profile.ts";

/**
 * The reply when there is no answer, and to whatever fails: the request's mode, if there was a request with one, and an error code. It tells the page nothing
 * of the card.
 */
export function failure(request: Record<string, unknown> | undefined, errcode: string): string {
  const rest = { result: "1", errcode };
  try {
    return JSON.stringify({ mode: request?.mode, ...rest });
  } catch {
    return JSON.stringify(rest); // arrays can be read that are too deep to be written
  }
}

/** The page's code for an error of ours; `undefined` is that there was no answer. */
export function errcodeOf({ errors }: Profile, onMac: boolean, code?: ErrorBody["code"]): string {
  return (code === undefined ? undefined : errors.codes[code]) ?? (onMac ? errors.defaultOnMac : undefined) ?? errors.default;
}

/** The reply to a request that was carried out. `identifier`: the site's, when the citizen lets it have one. */
export function success<A extends Launch["action"]>(launch: Launch & { action: A }, result: PortalResults[A], profile: Profile, identifier?: string): string {
  return JSON.stringify({ mode: launch.mode, result: "0", ...combination(result, identifier), ...fieldsOf(result, profile) });
}

/** Both or neither: an identifier alone would only follow the citizen. */
function combination(result: PortalResults[Launch["action"]], identifier: string | undefined): object {
  const code = "combinationCode" in result ? result.combinationCode : undefined;
  return identifier === undefined || code === undefined ? {} : { uuid: identifier, combination_code: code };
}

function fieldsOf(result: PortalResults[Launch["action"]], { encodings }: Profile): object {
  if ("name" in result) {
    const { name, sex, address, birthday } = result;
    const encode = (text: string): string => encodeText(text, encodings.attributes);
    return { name: encode(name), sex: encode(sex), address: encode(address), birthday: encode(birthday) };
  }
  const signature = "signatures" in result ? result.signatures.map((each) => encodeBytes(each, encodings.signature)) : encodeBytes(result.signature, encodings.signature);
  return { signature, certificate: encodeBytes(result.certificate, encodings.certificate) };
}
