/** A result as a file: what the host said, of which files, without our words around it. */

import type { Verified } from "../messages/verify.ts";
import { visible } from "../window/names.ts";
import type { Filing, Named } from "./run.ts";

/** A file to be stored. */
export interface Saved { name: string; text: string }

/** The result in JSON, under a name that says whose it is. */
export function savedResult(verified: Verified, { document, files }: Filing): Saved {
  const about = ({ name, content }: Named): object => ({ name, size: content.size });
  return {
    name: `${visible(document.name).replace(/[\\/:*?"<>|]/g, "_")}.verification.json`,
    text: `${JSON.stringify({ file: about(document), files: files.map(about), ...verified, words: undefined }, null, 2)}\n`,
  };
}
