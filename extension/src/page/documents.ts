/** The documents of a `sign` call: how they are announced, and their bytes in chunks. */

import { toBase64, toHex } from "./bytes.ts";
import { contentOf, isBytes } from "./kinds.ts";
import type { Document } from "./natsuin.ts";
import { maxChunk, type FromPage } from "../messages/page.ts";
import { Invalid } from "../shape.ts";

/** What is told of a document before its bytes; whatever else a page put in is left out. */
export type Announced = { name: string; size: number } | { name: string; digest: string; hash: string };
export type Chunk = Extract<FromPage, { type: "chunk" }>;

/** A document as it was at the call: the page may change its list and its buffers while the citizen reads. */
export interface Snapshot {
  announced: Announced;
  /** Absent where only a digest is known. */
  content?: Uint8Array | Blob;
}

/** Looks at each document once. The rules on names and numbers are {@link fromPage}'s. */
export function snapshot(documents: unknown): Snapshot[] {
  if (!Array.isArray(documents)) throw new Invalid("documents");
  return Array.from(documents, (document: unknown, i) => {
    if (typeof document !== "object" || document === null) throw new Invalid(`documents[${i}]`);
    const { name } = document as Document;
    if ("bytes" in document) {
      const content = contentOf(document.bytes);
      if (content === undefined) throw new Invalid(`documents[${i}].bytes`);
      return { announced: { name, size: sizeOf(content) }, content };
    }
    const { digest, hash } = document as Extract<Document, { digest: unknown }>;
    if (!isBytes(digest)) throw new Invalid(`documents[${i}].digest`);
    return { announced: { name, digest: toHex(digest), hash } };
  });
}

/** The bytes of all documents, in order; `read` reads a piece of a Blob. Content that is no longer as long as announced is a fault. */
export async function* chunks(documents: readonly Snapshot[], read: (blob: Blob) => Promise<ArrayBuffer>): AsyncGenerator<Chunk> {
  for (const [index, { announced, content }] of documents.entries()) {
    if (content === undefined || !("size" in announced)) continue;
    const { size } = announced;
    for (let at = 0; at < size; at += maxChunk) {
      const end = Math.min(at + maxChunk, size);
      const part = sizeOf(content) === size ? await piece(content, at, end, read) : undefined;
      if (part?.length !== end - at) throw new Invalid(`documents[${index}].bytes`);
      yield { type: "chunk", document: index, data: toBase64(part) };
    }
  }
}

async function piece(content: Uint8Array | Blob, at: number, end: number, read: (blob: Blob) => Promise<ArrayBuffer>): Promise<Uint8Array> {
  return isBytes(content) ? content.subarray(at, end) : new Uint8Array(await read(content.slice(at, end)));
}

function sizeOf(content: Uint8Array | Blob): number {
  return isBytes(content) ? content.byteLength : content.size;
}
