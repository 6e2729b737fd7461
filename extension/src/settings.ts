/** What the citizen and an administrator have settled. */

import { api } from "./browser.ts";
import { languages, type Language } from "./messages/host.ts";

/** The language the citizen chose in a window of ours; undefined when they never did. */
export async function chosenLanguage(): Promise<Language | undefined> {
  const { lang } = await api.storage.local.get("lang");
  return languages.find((language) => language === lang);
}

/** The language to speak: the citizen's choice, then what the site asks for, then the browser's. */
export async function language(site?: Language): Promise<Language> {
  return (await chosenLanguage()) ?? site ?? (api.i18n.getUILanguage().startsWith("ja") ? "ja" : "en");
}

export async function chooseLanguage(lang: Language): Promise<void> {
  await api.storage.local.set({ lang });
}

/** Whether the window may take a PIN; only an administrator's `false` forbids it. Firefox rejects the question where no policy is installed. */
export async function windowPinAllowed(): Promise<boolean> {
  const policy: { allowWindowPin?: unknown } = await api.storage.managed.get("allowWindowPin").catch(() => ({}));
  return policy.allowWindowPin !== false;
}
