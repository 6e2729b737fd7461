/** The bytes of the documents that a site announced, on their way to the host. */

import type { DocumentInfo } from "../messages/sign.ts";
import type { ProgressState } from "../messages/window.ts";

export class Transfer {
  readonly #total: number;
  #sent = 0;
  /** A chunk that the host has not received yet forbids the next. */
  #underWay = false;

  constructor(documents: readonly DocumentInfo[]) {
    this.#total = documents.reduce((sum, document) => sum + ("size" in document ? document.size : 0), 0);
  }

  /** Takes a chunk of so many bytes; false when it may not be sent. */
  take(bytes: number): boolean {
    this.#sent += bytes;
    if (this.#underWay || this.#sent > this.#total) return false;
    this.#underWay = true;
    return true;
  }

  /** The host has the last chunk. What is left to show of it, until all is sent. */
  received(): ProgressState | undefined {
    this.#underWay = false;
    return this.#sent < this.#total ? { kind: "progress", phase: "sending", done: this.#sent, total: this.#total } : undefined;
  }
}
