/** Asks the host what needs no window: one run of the program, one request. */

import type { Host, HostListener } from "./host.ts";
import type { ErrorBody, Hello, Language, Question } from "./messages/host.ts";
import { read, type Shape } from "./shape.ts";

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
        resolve(message.type === "error" ? { error: message.error } : answerOf(shape, message.result));
      },
      failed: (error) => {
        resolve({ error });
      },
    });
    host.send({ type: "request", id: crypto.randomUUID(), lang, ...question });
  });
}

/** Starts the program for its greeting alone. */
export function greet(connectHost: (listener: HostListener) => Host): Promise<Answer<Hello>> {
  return new Promise((resolve) => {
    const host = connectHost({
      hello: (hello) => {
        host.close();
        resolve({ result: hello });
      },
      message: () => undefined,
      failed: (error) => {
        resolve({ error });
      },
    });
  });
}

/** The answer that holds this result. One that has not the shape of its question is a defect of ours. */
export function answerOf<T>(shape: Shape<T>, result: unknown): Answer<T> {
  const checked = read(shape, result);
  return checked === undefined ? { error: { code: "INTERNAL" } } : { result: checked };
}
