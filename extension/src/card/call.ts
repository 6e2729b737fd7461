/** One operation of the card page, through the background: it opens Natsuin's window and one run of the host. */

import { answerOf, type Answer } from "../ask.ts";
import type { FromCardPage, ToCardPage } from "../messages/card.ts";
import type { Shape } from "../shape.ts";

/** Runs an operation over a fresh port. A background that goes without an answer is a defect of ours. */
export function run<T>(port: chrome.runtime.Port, message: FromCardPage, shape: Shape<T>): Promise<Answer<T>> {
  return new Promise((resolve) => {
    port.onMessage.addListener((answer: ToCardPage) => {
      resolve(answer.type === "error" ? { error: answer.error } : answerOf(shape, answer.result));
      port.disconnect();
    });
    port.onDisconnect.addListener(() => {
      resolve({ error: { code: "INTERNAL" } });
    });
    port.postMessage(message);
  });
}
