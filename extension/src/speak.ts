/** A page of ours in a language: the texts that its HTML names by data-text and data-label. */

import { byId } from "./dom.ts";
import type { MessageKey, Translate } from "./i18n.ts";
import type { Language } from "./messages/host.ts";

/** Writes them all, the title, and what the button #language leads to. */
export function speak(t: Translate, lang: Language, title: MessageKey): void {
  document.documentElement.lang = lang;
  document.title = t(title);
  for (const each of document.querySelectorAll<HTMLElement>("[data-text]")) each.textContent = t(each.dataset.text as MessageKey);
  for (const each of document.querySelectorAll<HTMLElement>("[data-label]")) each.setAttribute("aria-label", t(each.dataset.label as MessageKey));
  byId("language").lang = lang === "ja" ? "en" : "ja";
}
