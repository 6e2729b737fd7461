/** What a `sign` call signs: how it is announced, and its bytes in chunks. */

import { toBase64, toHex } from "./bytes.ts";
import { contentOf, isBytes } from "./kinds.ts";
import { maxChunk, type FromPage } from "../messages/page.ts";
import { Invalid, onlyKeys } from "../shape.ts";

/** What is told of a document before its bytes. */
export type Announced = { name: string; message?: string } & ({ size: number } | { digest: string; hash: string });
export type Chunk = Extract<FromPage, { type: "chunk" }>;

/** A document as it was at the call: the page may change its list and its buffers while the citizen reads. */
export interface Snapshot {
  /** What it is called in an error: `documents[3]`. */
  path: string;
  announced: Announced;
  /** Absent where only a digest is known. */
  content?: Blob;
}

/** What an entry may hold: its content, or a digest in its place. */
const contentKeys = ["name", "bytes", "message"];
const digestKeys = ["name", "digest", "hash", "message"];

/** Looks at each entry of a list once. The rules on names and numbers are {@link fromPage}'s; `list` is what the page calls it. */
export function snapshot(entries: unknown, list: "documents" | "files"): Snapshot[] {
  if (!Array.isArray(entries)) throw new Invalid(list);
  return Array.from(entries, (entry: unknown, i) => {
    const path = `${list}[${i}]`;
    if (typeof entry !== "object" || entry === null) throw new Invalid(path);
    onlyKeys(entry, "bytes" in entry ? contentKeys : digestKeys, path);
    const { name, bytes, digest, hash, message } = entry as Record<string, unknown>;
    const told = { name: name as string, ...(message !== undefined && { message: toBase64(bytesOf(message, `${path}.message`)) }) };
    if ("bytes" in entry) {
      const content = contentOf(bytes);
      if (content === undefined) throw new Invalid(`${path}.bytes`);
      return { path, announced: { ...told, size: content.size }, content };
    }
    return { path, announced: { ...told, digest: toHex(bytesOf(digest, `${path}.digest`)), hash: hash as string } };
  });
}

function bytesOf(value: unknown, path: string): Uint8Array {
  if (!isBytes(value)) throw new Invalid(path);
  return value;
}

/** The bytes of all contents, in order; `read` reads a piece of a Blob. A Blob that gives less than it said is a fault. */
export async function* chunks(contents: readonly Snapshot[], read: (blob: Blob) => Promise<ArrayBuffer>): AsyncGenerator<Chunk> {
  for (const [index, { path, announced, content }] of contents.entries()) {
    if (content === undefined || !("size" in announced)) continue;
    const { size } = announced;
    for (let at = 0; at < size; at += maxChunk) {
      const end = Math.min(at + maxChunk, size);
      const part = new Uint8Array(await read(content.slice(at, end)));
      if (part.length !== end - at) throw new Invalid(`${path}.bytes`);
      yield { type: "chunk", document: index, data: toBase64(part) };
    }
  }
}
