/** The documents of a `sign` call: how they are announced, and their bytes in chunks. */

import { toBase64, toHex } from "./bytes.ts";
import type { Document } from "./natsuin.ts";
import { maxChunk, type FromPage } from "../messages/page.ts";
import { Invalid } from "../shape.ts";

/** What is told of a document before its bytes; `size` or `digest`, whatever else a page put in is left out. */
export type Announced = { name: string; size: number } | { name: string; digest: string; hash: string };
export type Chunk = Extract<FromPage, { type: "chunk" }>;

/** Tells of each document its name, and its size or digest. The rules on names and numbers are {@link fromPage}'s. */
export function announce(documents: readonly Document[]): Announced[] {
  if (!Array.isArray(documents)) throw new Invalid("documents");
  return documents.map((document: Document, i) => {
    if (typeof document !== "object" || (document as unknown) === null) throw new Invalid(`documents[${i}]`);
    const { name } = document;
    if ("bytes" in document) {
      const { bytes } = document;
      if (!(bytes instanceof Blob || bytes instanceof ArrayBuffer || (bytes as unknown) instanceof Uint8Array)) throw new Invalid(`documents[${i}].bytes`);
      return { name, size: length(bytes) };
    }
    if (!((document.digest as unknown) instanceof Uint8Array)) throw new Invalid(`documents[${i}].digest`);
    return { name, digest: toHex(document.digest), hash: document.hash };
  });
}

type Content = Extract<Document, { bytes: unknown }>["bytes"];

function length(bytes: Content): number {
  return bytes instanceof Blob ? bytes.size : bytes.byteLength;
}

/** The number of bytes of all documents whose bytes are given. */
export function sizeOf(documents: readonly Document[]): number {
  return documents.reduce((sum, document) => sum + ("bytes" in document ? length(document.bytes) : 0), 0);
}

/** The bytes of all documents, in order; `read` reads a piece of a Blob. */
export async function* chunks(documents: readonly Document[], read: (blob: Blob) => Promise<ArrayBuffer>): AsyncGenerator<Chunk> {
  for (const [index, document] of documents.entries()) {
    if (!("bytes" in document)) continue;
    const { bytes } = document;
    for (let at = 0; at < length(bytes); at += maxChunk) {
      const end = Math.min(at + maxChunk, length(bytes));
      const part = bytes instanceof Blob ? new Uint8Array(await read(bytes.slice(at, end))) : view(bytes).subarray(at, end);
      yield { type: "chunk", document: index, data: toBase64(part) };
    }
  }
}

function view(bytes: Uint8Array | ArrayBuffer): Uint8Array {
  return bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
}
