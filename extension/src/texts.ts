/** The texts as the package carries them. */

import { api } from "./browser.ts";
import { translator, type Catalogue, type Translate } from "./i18n.ts";
import type { Language } from "./messages/host.ts";

/** Loads the texts of a language. */
export async function loadTexts(lang: Language): Promise<Translate> {
  const response = await fetch(api.runtime.getURL(`_locales/${lang}/messages.json`));
  return translator((await response.json()) as Catalogue);
}
