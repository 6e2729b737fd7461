/** Asks the host what needs no window: one run of the program, one request. */

import type { Host, HostListener } from "./host.ts";
import type { ErrorBody, Language, Question } from "./messages/host.ts";
import { Invalid, type Shape } from "./shape.ts";

/** What came of a question. */
export type Answer<T> = { result: T } | { error: ErrorBody };

/** Asks; the answer has the shape of that question's result. */
export function ask<T>(connectHost: (listener: HostListener) => Host, question: Question, shape: Shape<T>, lang: Language): Promise<Answer<T>> {
  return new Promise((resolve) => {
    const host = connectHost({
      hello: () => undefined,
      message: (message) => {
        if (message.type !== "result" && message.type !== "error") return;
        host.close();
        resolve(message.type === "error" ? { error: message.error } : read(shape, message.result));
      },
      failed: (error) => {
        resolve({ error });
      },
    });
    host.send({ type: "request", id: crypto.randomUUID(), lang, ...question });
  });
}

function read<T>(shape: Shape<T>, result: unknown): Answer<T> {
  try {
    return { result: shape(result, "result") };
  } catch (error) {
    if (error instanceof Invalid) return { error: { code: "INTERNAL" } };
    throw error;
  }
}
