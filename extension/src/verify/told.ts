/** What every part of a result is drawn with, and the pieces that several of them share. */

import { element } from "../dom.ts";
import type { Translate } from "../i18n.ts";
import type { Language } from "../messages/host.ts";
import type { Outcome, Words } from "../messages/verify.ts";
import { visible } from "../window/names.ts";

/** The language, its texts, and the host's words for what stands in the result. */
export interface Told { t: Translate; lang: Language; words: Words }

/** What the host calls a word of that kind; the word itself where it has no name for it. */
export function wordFor(kind: string, word: string, { words }: Told): string {
  return words[`${kind}/${word}`] ?? word;
}

/** Several things in one line. */
export function listed(all: readonly (string | number)[], { lang }: Pick<Told, "lang">): string {
  return all.join(lang === "ja" ? "、" : ", ");
}

/** A text that a stranger wrote, which shows what would hide or turn around. */
export function foreign(text: string): HTMLElement {
  return element("bdi", {}, visible(text));
}

/** A technical text, in English in every language of the page. */
export function technical(text: string): HTMLElement {
  return element("p", { class: "quiet" }, element("bdi", { lang: "en" }, visible(text)));
}

/** What a rule found: in the language of the page where the host has words for it. */
export function detailOf(detail: string, told: Told): HTMLElement {
  const said = told.words[`detail/${detail}`];
  return said === undefined ? technical(detail) : element("p", { class: "quiet" }, visible(said));
}

/** Something by itself in several lines: a term's items. */
export function items(...lines: (Node | string)[]): HTMLElement {
  return element("ul", {}, ...lines.map((line) => element("li", {}, line)));
}

/** The marks of outcomes: people know them from Japanese forms. They never stand without words. */
export const marks: Record<Outcome, string> = { passed: "○", failed: "×", "not-checked": "－" };

/** A mark, which screen readers pass over. */
export function mark(sign: string): HTMLElement {
  return element("span", { class: "mark", "aria-hidden": "true" }, sign);
}
