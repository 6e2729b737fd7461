/** Texts in the language of a window, which can be changed while it is open (the browser's own i18n knows one language only). */

import type en from "../_locales/en/messages.json";

export type MessageKey = keyof typeof en;
export type Catalogue = Record<MessageKey, { message: string }>;

/** Gives the text of a key; `$1`, `$2` … stand for the values. */
export type Translate = (key: MessageKey, ...values: (string | number)[]) => string;

/** A translator over a catalogue. */
export function translator(catalogue: Catalogue): Translate {
  return (key, ...values) => catalogue[key].message.replace(/\$(\d)/g, (_, n: string) => String(values[Number(n) - 1] ?? ""));
}
