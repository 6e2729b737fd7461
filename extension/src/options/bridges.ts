/** The part of the options page about government pages: what switching a site on means, the sites that are on with their settings, and the profiles. */

import { drawProfiles } from "./profiles.ts";
import { api } from "../browser.ts";
import { isAmong, patternOf } from "../background/sites.ts";
import { isBlocked, sitePolicy, type SitePolicy } from "../policy.ts";
import { record, recordings, recordingsAllowed } from "../background/recordings.ts";
import { hostOf } from "../bridge/hosts.ts";
import { newIdentifier, type Profile, type SiteSettings } from "../bridge/profile.ts";
import { patternsOf, profileOf, profiles, settleSite, sites, switchOff, switchOn, type Site } from "../bridge/settings.ts";
import { storyTitles } from "../bridge/stories.ts";
import { button, byId, element, inTurn } from "../dom.ts";
import type { MessageKey, Translate } from "../i18n.ts";
import type { Language } from "../messages/host.ts";

/** What the page speaks now. */
interface Speech { t: Translate; lang: Language }

/** What can be chosen for each site; the explanations stand once, above the sites. */
const choices = {
  disguise: ["bridge_disguise", "bridge_disguise_hint"],
  identifier: ["bridge_identifier", "bridge_identifier_hint"],
  record: ["bridge_record", "bridge_record_hint"],
} as const;
type Choice = keyof typeof choices;

const texts: Record<string, MessageKey> = {
  "bridge-title": "bridge_title", "bridge-intro": "bridge_intro", "bridge-risk-title": "bridge_risk_title", "bridge-risk-login": "bridge_risk_login", "bridge-risk-sign": "bridge_risk_sign",
  "bridge-risk-data": "bridge_risk_data", "bridge-risk-consent": "bridge_risk_consent", "bridge-address-label": "bridge_address", "bridge-switch-on": "bridge_switch_on", "bridge-profile-title": "bridge_profile", "bridge-profile-hint": "bridge_profile_hint",
};

/** The profiles as they were read last: a click must not wait for them. */
let known: Profile[] = [];
/** So are the administrator's sites, and whether there may be recordings. */
let policy: SitePolicy = { allowed: [], blocked: [] };
let recordable = true;

/** Draws everything as it is settled now. */
export async function drawBridges(t: Translate, lang: Language): Promise<void> {
  for (const [id, key] of Object.entries(texts)) byId(id).textContent = t(key);
  await drawSites({ t, lang });
  await drawProfiles({ t, lang });
}

/** Draws the sites anew; whoever stands on one of their controls stays there. */
const drawSites = inTurn(async ({ t, lang }: Speech): Promise<void> => {
  [known, policy, recordable] = await Promise.all([profiles(), sitePolicy(), recordingsAllowed()]);
  byId("bridge-addresses").replaceChildren(...addresses(known).map((address) => element("li", { dir: "ltr" }, address)));
  const [on, recorded] = await Promise.all([sites(), recordings()]);
  const entries = on.map((site) => siteEntry(site, recorded[site.pattern]?.entries.length, { t, lang }));
  const told = [...new Set(on.map(({ profile }) => storyTitles[profile.disguise]))].join(" / ");
  byId("bridge-choices").hidden = on.length === 0;
  const offered = Object.entries(choices).filter(([name]) => name !== "record" || recordable);
  byId("bridge-choices").replaceChildren(...offered.flatMap(([name, [label, hint]]) => [element("dt", {}, t(label, told)), element("dd", { id: hintOf(name as Choice) }, t(hint))]));
  const focused = document.activeElement?.id ?? "";
  byId("bridge-sites").replaceChildren(...(entries.length > 0 ? entries : [element("li", {}, t("bridge_none"))]));
  if (focused !== "" && document.activeElement === document.body) document.getElementById(focused)?.focus();
});

/** Listens to the form and to changes. Call it once; `speech` is what the page speaks at that moment. */
export function listenToBridges(speech: () => Speech): void {
  const redraw = (): void => {
    void drawSites(speech());
  };
  const wanted = /^#bridge=(.+)$/.exec(location.hash)?.[1];
  if (wanted !== undefined) {
    (byId("bridge-address") as HTMLInputElement).value = decodeURIComponent(wanted);
    byId("bridge").scrollIntoView();
  }
  byId("bridge-add").addEventListener("submit", (event) => {
    event.preventDefault();
    askToSwitchOn(speech());
  });
  api.storage.onChanged.addListener((changes) => {
    if (["bridges", "bridgeProfiles", "bridgeRecordings"].some((key) => key in changes)) redraw();
    if ("bridgeProfiles" in changes) void drawProfiles(speech());
  });
  api.permissions.onRemoved.addListener(redraw);
}

/** Whether an address is one of a government page, as far as the page has read what they are: it is not for the other form. */
export function isGovernmentPage(address: string): boolean {
  return isAmong(address, patternsOf(known));
}

/** Switches the site of the address on, once the browser's own question is answered. Nothing may wait before it: the browser wants it in the click itself. */
function askToSwitchOn({ t, lang }: Speech): void {
  const field = byId("bridge-address") as HTMLInputElement;
  const status = byId("bridge-status");
  const address = URL.canParse(field.value) ? field.value : "";
  const profile = address === "" ? undefined : profileOf(address, known);
  if (profile === undefined) {
    status.textContent = t("bridge_not_listed", listed(known, lang));
    return;
  }
  const { origin } = new URL(address);
  if (isBlocked(policy, origin)) {
    status.textContent = t("popup_blocked");
    return;
  }
  const pattern = patternOf(origin);
  void api.permissions.request({ origins: [pattern] }).catch(() => false).then(async (granted) => {
    const on = granted && (await switchOn(pattern, profile));
    status.textContent = on ? t("bridge_on", hostOf(origin) ?? "", listed([profile], lang), t("bridge_disguise", storyTitles[profile.disguise])) : t("bridge_refused");
    if (on) field.value = "";
  });
}

/** Where the profiles' pages are, as people write addresses. */
function addresses(of: readonly Profile[]): string[] {
  return of.flatMap(({ sites }) => sites).map((site) => `https://${site}`);
}

/** They, within a sentence. */
function listed(of: readonly Profile[], lang: Language): string {
  return new Intl.ListFormat(lang).format(addresses(of));
}

/** The id of what explains a choice. */
function hintOf(choice: Choice): string {
  return `bridge-${choice}-hint`;
}

/** One site: what it is told, what it gets, what is recorded, and the way back. */
function siteEntry(site: Site, recorded: number | undefined, speech: Speech): HTMLElement {
  const { t, lang } = speech;
  const { pattern, host, settings, profile } = site;
  const settle = (change: Partial<Record<keyof SiteSettings, unknown>>): void => {
    void settleSite(pattern, (now) => now && (Object.fromEntries(Object.entries({ ...now, ...change }).filter(([, value]) => value !== undefined)) as unknown as SiteSettings));
  };
  return element("li", { "data-host": host },
    element("h3", { dir: "ltr" }, host),
    element("p", {}, profile.title[lang]),
    choice(host, "disguise", settings.disguise === true, t("bridge_disguise", storyTitles[profile.disguise]), (wanted) => {
      settle({ disguise: wanted ? true : undefined });
    }),
    choice(host, "identifier", settings.identifier !== undefined, t("bridge_identifier"), (wanted) => {
      settle({ identifier: wanted ? newIdentifier() : undefined });
    }),
    settings.identifier !== undefined && button({ id: `${host}-reset`, name: "reset" }, t("bridge_identifier_reset"), () => {
      void settleSite(pattern, (now) => now && { ...now, identifier: newIdentifier() }).then(() => { byId("bridge-sites-status").textContent = t("bridge_identifier_done"); });
    }),
    recordable ? choice(host, "record", recorded !== undefined, t("bridge_record"), (wanted) => {
      void record(pattern, wanted);
    }) : element("p", { class: "hint" }, t("bridge_record_forbidden")),
    recorded !== undefined && button({ id: `${host}-save`, name: "save" }, t("bridge_record_save", recorded), () => void save(site)),
    button({ id: `${host}-off`, name: "off", "aria-label": `${t("bridge_site_off")} – ${host}` }, t("bridge_site_off"), () => void switchOff(pattern)));
}

/** A switch of a site; what it means is read with it. */
function choice(host: string, name: Choice, checked: boolean, label: string, choose: (wanted: boolean) => void): HTMLElement {
  const id = `${host}-${name}`;
  const box = element("input", { type: "checkbox", id, name, autocomplete: "off", checked, "aria-describedby": hintOf(name) });
  box.addEventListener("change", () => {
    choose(box.checked);
  });
  return element("div", { class: "check" }, box, element("label", { for: id }, label));
}

/** Hands the recording to the citizen as a file, with what else a report needs; of the identifier only whether there is one. */
async function save({ pattern, host, profile, settings }: Site): Promise<void> {
  const { [pattern]: recording } = await recordings();
  if (recording === undefined) return;
  const report = {
    natsuin: api.runtime.getManifest().version,
    browser: navigator.userAgent,
    site: host,
    profile,
    disguise: settings.disguise === true,
    identifier: settings.identifier !== undefined,
    ...recording,
    started: new Date(recording.started).toISOString(),
  };
  const url = URL.createObjectURL(new Blob([`${JSON.stringify(report, null, 2)}\n`], { type: "application/json" }));
  element("a", { href: url, download: `natsuin-${host}.json` }).click();
  setTimeout(() => { URL.revokeObjectURL(url); }, 60_000);
}
