/** What a page asks for: the detail of its event, a JSON text (efiling-pages.md §1.2 and §1.5). Keys that we do not know are no fault. */

import { base64Length, isBase64, isObject } from "../shape.ts";
import { isWord, type Action, type Profile } from "./profile.ts";

/** The longest text that is read, in UTF-16 code units. */
export const maxDetail = 1 << 20;

/** The longest digest that reaches the host, in bytes: a DigestInfo of SHA-512 has 83, a modulus of 2048 bits holds 245. The host says why it refuses. */
const maxDigest = 256;

/** A request as JSON; undefined when it is none. Its keys are whatever the page wrote. */
export function parseDetail(detail: unknown): Record<string, unknown> | undefined {
  if (typeof detail !== "string" || detail.length > maxDetail) return undefined;
  try {
    const value = JSON.parse(detail) as unknown;
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** What can be carried out. */
export interface Launch {
  mode: string;
  action: Exclude<Action, "close">;
  serviceId: string;
  /** None of attributes, one of a login, in the page's order. */
  digests: string[];
}

/** Why a request is refused: the page's field that is wrong. */
export interface Refused { field: "detail" | "mode" | "service_id" | "digest" }

/** Reads a request by a profile. */
export function readLaunch(request: Record<string, unknown> | undefined, profile: Profile): Launch | Refused {
  if (request === undefined) return { field: "detail" };
  const { mode, service_id: serviceId } = request;
  if (typeof mode !== "string" || !Object.hasOwn(profile.modes, mode)) return { field: "mode" };
  const action = profile.modes[mode];
  if (action === undefined || action === "close") return { field: "mode" };
  if (typeof serviceId !== "string" || !isAccepted(serviceId, profile)) return { field: "service_id" };
  if (action === "attributes") return { mode, action, serviceId, digests: [] };
  const digests = digestsOf(request.digest, action, profile);
  return digests === undefined ? { field: "digest" } : { mode, action, serviceId, digests };
}

function isAccepted(id: string, { serviceIds }: Profile): boolean {
  return serviceIds === "any" ? isWord(id) : serviceIds.includes(id);
}

/** A login has one digest; a signature an array of them, or a single one. What they are is the host's to judge. */
function digestsOf(digest: unknown, action: "login" | "sign", { maxDigests }: Profile): string[] | undefined {
  const digests: unknown[] = action === "sign" && Array.isArray(digest) ? digest : [digest];
  if (digests.length < 1 || digests.length > maxDigests) return undefined;
  return digests.every(isDigest) ? digests : undefined;
}

function isDigest(digest: unknown): digest is string {
  return typeof digest === "string" && digest !== "" && isBase64(digest) && base64Length(digest) <= maxDigest;
}
