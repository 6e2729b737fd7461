/** What a `sign` call asks for, and what the site gets for it. */

import { toBase64 } from "./bytes.ts";
import { snapshot, type Snapshot } from "./documents.ts";
import { contentOf } from "./kinds.ts";
import type { Progress, SignOptions } from "./natsuin.ts";
import { fromPage } from "../messages/page.ts";
import { maxPicture, type SignPayload } from "../messages/sign.ts";
import { Invalid, onlyKeys } from "../shape.ts";

/** A call's arguments, each looked at once and in order. */
export interface Order {
  request: SignPayload;
  documents: Snapshot[];
  /** What the same signature covers. */
  files: Snapshot[];
  /** The picture of the seal, which the request lacks until it is read. */
  picture?: Blob;
  onprogress?: (progress: Progress) => void;
}

/** Takes the arguments as they are now: the page may change what it handed over while the citizen reads. */
export function orderOf(options: SignOptions): Order {
  const { format, profile, hash, attached, xades, elements, seal, onprogress, ...more } = options as unknown as Partial<Record<string, unknown>>;
  if (onprogress !== undefined && typeof onprogress !== "function") throw new Invalid("onprogress");
  const documents = snapshot(more.documents, "documents");
  const files = more.files === undefined ? undefined : snapshot(more.files, "files");
  const { placed, picture } = sealOf(seal);
  const given = { format, profile, hash, attached, xades, elements, seal: placed, documents: documents.map(announcedOf), files: files?.map(announcedOf) };
  const request = fromPage({ type: "sign", ...present(given) }, "") as SignPayload;
  return { request, documents, files: files ?? [], ...(picture && { picture }), ...(onprogress !== undefined && { onprogress: onprogress as (progress: Progress) => void }) };
}

function announcedOf({ announced }: Snapshot): Snapshot["announced"] {
  return announced;
}

const sealKeys = ["page", "x", "y", "size", "ring", "text", "picture"];

/** A seal, whose picture is checked by its length until it is read. */
function sealOf(seal: unknown): { placed?: object; picture?: Blob } {
  if (seal === undefined) return {};
  if (typeof seal !== "object" || seal === null) throw new Invalid("seal");
  onlyKeys(seal, sealKeys, "seal");
  const { page, x, y, size, ring, text, ...more } = seal as Partial<Record<string, unknown>>;
  const placed = present({ page, x, y, size, ring, text });
  if (more.picture === undefined) return { placed };
  const picture = contentOf(more.picture);
  if (picture === undefined || picture.size > maxPicture) throw new Invalid("seal.picture");
  return { placed: { ...placed, picture: toBase64(new Uint8Array(picture.size)) }, picture };
}

/** The request with everything in it; `read` reads a Blob. */
export async function complete({ request, picture }: Order, read: (blob: Blob) => Promise<ArrayBuffer>): Promise<SignPayload> {
  if (picture === undefined || !("seal" in request)) return request;
  const bytes = new Uint8Array(await read(picture));
  return fromPage({ ...request, seal: { ...request.seal, picture: toBase64(bytes) } }, "") as SignPayload;
}

/**
 * What a site stores. A signed PDF is the document, as it was sent, and behind it what the host made: the Blob refers to the document's own and is no copy of
 * it. Of all else the host made the whole. The media types are those of RFC 8118, RFC 7303 and RFC 8551.
 */
export function fileOf(request: SignPayload, { content }: Snapshot, made: Uint8Array<ArrayBuffer>): Blob {
  switch (request.format) {
    case "pdf":
      return new Blob([...(content ? [content] : []), made], { type: "application/pdf" });
    case "xml":
      return new Blob([made], { type: "application/xml" });
    case "cms":
      return new Blob([made], { type: request.attached === true ? "application/pkcs7-mime" : "application/pkcs7-signature" });
    case "raw":
      return new Blob([made], { type: "application/octet-stream" });
  }
}

/** An object without the keys that a page left undefined. */
function present(object: object): object {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
