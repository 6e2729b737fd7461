/** One run of the program that checks a file: the request, the bytes, the result. */

import { answerOf, type Answer } from "../ask.ts";
import type { Host, HostListener } from "../host.ts";
import type { Language } from "../messages/host.ts";
import { verified, type Verified } from "../messages/verify.ts";
import { chunks } from "../page/documents.ts";

/** A file under the name that the host is told. */
export interface Named { name: string; content: Blob }

/** The signed file, and those that it signs without holding them. */
export interface Filing { document: Named; files: Named[] }

/** How the result is wanted. */
export interface Wanted { lang: Language; attributes: boolean }

/** What is under way. */
export interface Run {
  /** Never rejected. A file that cannot be read any more is FILE_FAILED. */
  answer: Promise<Answer<Verified>>;
  /** Ends the program; the answer is CANCELLED. */
  cancel: () => void;
}

/** Starts a run; `progress` hears how many bytes of all the program has. */
export function verify(connectHost: (listener: HostListener) => Host, { document, files }: Filing, { lang, attributes }: Wanted, progress: (done: number) => void): Run {
  const id = crypto.randomUUID();
  const all = [document, ...files];
  const parts = chunks(all.map((each) => ({ path: each.name, announced: announced(each), content: each.content })), (blob) => blob.arrayBuffer());
  let resolve!: (outcome: Answer<Verified>) => void;
  const answer = new Promise<Answer<Verified>>((settle) => { resolve = settle; });
  const end = (outcome: Answer<Verified>): void => {
    host.close();
    resolve(outcome);
  };
  const sendNext = (): void => {
    parts.next().then((part) => {
      if (part.done !== true) host.send({ ...part.value, id });
    }, () => {
      end({ error: { code: "FILE_FAILED" } });
    });
  };
  const host = connectHost({
    hello: () => {
      host.send({ type: "request", id, command: "verify", lang, attributes, documents: [announced(document)], ...(files.length > 0 && { files: files.map(announced) }) });
      sendNext();
    },
    message: (message) => {
      switch (message.type) {
        case "received":
          progress(message.bytes + all.slice(0, message.document).reduce((sum, { content }) => sum + content.size, 0));
          sendNext();
          break;
        case "result":
          end(answerOf(verified, message.result));
          break;
        case "error":
          end({ error: message.error });
          break;
        default: // the events of a card
      }
    },
    failed: (error) => {
      resolve({ error });
    },
  });
  return { answer, cancel: () => { end({ error: { code: "CANCELLED" } }); } };
}

function announced({ name, content }: Named): { name: string; size: number } {
  return { name, size: content.size };
}
