/** Asks the host for readers and cards: one run of the program, one request. */

import type { Host, HostListener } from "../host.ts";
import { cardStatus, type CardStatus, type ErrorBody, type Language } from "../messages/host.ts";
import { Invalid } from "../shape.ts";

export type StatusAnswer = { status: CardStatus } | { error: ErrorBody };

export function askStatus(connectHost: (listener: HostListener) => Host, lang: Language): Promise<StatusAnswer> {
  return new Promise((resolve) => {
    const host = connectHost({
      hello: () => undefined,
      message: (message) => {
        if (message.type !== "result" && message.type !== "error") return;
        host.close();
        resolve(message.type === "error" ? { error: message.error } : read(message.result));
      },
      failed: (error) => {
        resolve({ error });
      },
    });
    host.send({ type: "request", id: crypto.randomUUID(), command: "status", lang });
  });
}

function read(result: unknown): StatusAnswer {
  try {
    return { status: cardStatus(result, "result") };
  } catch (error) {
    if (error instanceof Invalid) return { error: { code: "INTERNAL" } };
    throw error;
  }
}
