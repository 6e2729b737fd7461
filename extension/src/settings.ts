/** What the citizen and an administrator have settled. */

import { api } from "./browser.ts";
import { isOn, managed } from "./policy.ts";
import { languages, type Language, type Preferences } from "./messages/host.ts";

/** Keeps settings from content scripts, where the browser can: ours needs none, and it runs in the pages of strangers. */
export async function guardSettings(): Promise<void> {
  const { local }: { local: Partial<chrome.storage.StorageArea> } = api.storage;
  await local.setAccessLevel?.({ accessLevel: "TRUSTED_CONTEXTS" });
}

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

/** How the citizen and an administrator want operations on a card. */
export async function preferences(): Promise<Preferences> {
  const [windowPin, pad, reader] = await Promise.all([windowPinAllowed(), pinPadWanted(), chosenReader()]);
  return { windowPin, ...(pad && { pinPad: true }), ...(reader !== undefined && { reader }) };
}

/** Whether a reader's own pad is to be used where it has one. */
export async function pinPadWanted(): Promise<boolean> {
  const { pinPad } = await api.storage.local.get("pinPad");
  return pinPad === true;
}

export async function wantPinPad(wanted: boolean): Promise<void> {
  await api.storage.local.set({ pinPad: wanted });
}

/** The reader that was chosen since the browser was started. */
export async function chosenReader(): Promise<string | undefined> {
  const { reader } = await api.storage.session.get("reader");
  return typeof reader === "string" ? reader : undefined;
}

export async function chooseReader(reader: string): Promise<void> {
  await api.storage.session.set({ reader });
}

export async function forgetReader(): Promise<void> {
  await api.storage.session.remove("reader");
}

/** The key of the help desk that the citizen chose. */
export async function chosenDesk(): Promise<string | undefined> {
  const { desk } = await api.storage.local.get("desk");
  return typeof desk === "string" ? desk : undefined;
}

/** Remembers the key of a help desk; undefined forgets it. */
export async function chooseDesk(desk: string | undefined): Promise<void> {
  await (desk === undefined ? api.storage.local.remove("desk") : api.storage.local.set({ desk }));
}

/** Whether the window may take a PIN; only an administrator forbids it. */
export async function windowPinAllowed(): Promise<boolean> {
  return isOn((await managed()).allowWindowPin);
}
