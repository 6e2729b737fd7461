/** What the popup shows of a government page in place of the usual switch: switching it on takes reading what that means, on the options page. */

import { api } from "../browser.ts";
import { isGranted, patternOf } from "../background/sites.ts";
import { profileOf, profiles, siteOf, switchOff, type Site } from "../bridge/settings.ts";
import { storyTitles } from "../bridge/stories.ts";
import { byId } from "../dom.ts";
import type { Translate } from "../i18n.ts";

/** Shows it, when the address is one of a government page; otherwise shows nothing and says so. */
export async function showGovernment(url: URL, tab: number, t: Translate, openTab: (page: string) => void): Promise<boolean> {
  if (profileOf(url.href, await profiles()) === undefined) return false;
  const site = await siteOf(url.origin);
  const on = site !== undefined;
  byId("site-state").textContent = on ? await stateOf(tab, site, t) : t("popup_bridge_off");
  const settings = byId("bridge");
  settings.textContent = t(on ? "popup_bridge_settings" : "popup_bridge_setup");
  settings.className = on ? "secondary" : "primary";
  settings.hidden = false;
  settings.addEventListener("click", () => {
    openTab(on ? "options.html#bridge" : `options.html#bridge=${encodeURIComponent(url.origin)}`);
  });
  if (on || (await isGranted(url.origin))) offerOff(url.origin, t);
  return true;
}

/** The way back, at once. */
function offerOff(origin: string, t: Translate): void {
  const off = byId("site-switch");
  off.textContent = t("popup_turn_off");
  off.className = "secondary";
  off.hidden = false;
  off.addEventListener("click", () => {
    void switchOff(patternOf(origin)).then(() => { location.reload(); });
  });
}

/** How the bridge stands in that tab, where the official extension goes first, and what the site is told of this computer. */
async function stateOf(tab: number, { settings, profile }: Site, t: Translate): Promise<string> {
  const state: unknown = await api.tabs.sendMessage(tab, { type: "bridge:state" }).catch(() => undefined); // a tab that shows an error page
  if (state === "aside") return t("popup_bridge_aside");
  return t(settings.disguise === undefined ? "popup_bridge_on" : "popup_bridge_told", storyTitles[profile.disguise]);
}
