/** Where sites are told of another computer: the scripts for their pages, and the rules for their headers. */

import { api } from "../browser.ts";
import { grantedSites, hostOfPattern } from "../background/sites.ts";
import { sites, type Site } from "../bridge/settings.ts";
import { storyNames, type StoryName } from "../bridge/stories.ts";
import { headersOf, stories } from "./story.ts";

type Rule = chrome.declarativeNetRequest.Rule;
type Script = chrome.scripting.RegisteredContentScript;

/** One script for each story, for the sites that are told it; frames of a site inside its own pages hear it too, as their requests tell it. */
export function disguiseScripts(on: readonly Site[]): (Pick<Script, "id" | "allFrames" | "world"> & { on: Site[] })[] {
  return storyNames.map((id) => ({ id, on: on.filter((site) => storyOf(site) === id), allFrames: true, world: "MAIN" }));
}

function storyOf({ profile, settings }: Site): StoryName | undefined {
  return settings.disguise === undefined ? undefined : profile.disguise;
}

/** Puts the stories into the headers of exactly those hosts that are told one at this moment. */
export async function settleHeaders(): Promise<void> {
  const { declarativeNetRequest: rules } = api;
  const [on, last, granted] = await Promise.all([sites(), rules.getDynamicRules(), grantedSites()]);
  const disguised = on.filter((site) => storyOf(site) !== undefined).map(({ host }) => host);
  const plain = granted.flatMap((pattern) => hostOfPattern(pattern) ?? []).filter((host) => !host.startsWith("*") && !disguised.includes(host));
  const addRules = on.flatMap((site) => rulesOf(site, plain)).map((rule, i) => ({ ...rule, id: i + 1 }));
  await rules.updateDynamicRules({ removeRuleIds: last.map(({ id }) => id), addRules });
}

/**
 * The rules for one site: for its pages, wherever the link stood, and for everything that its own pages load from it. Other sites that load from it tell the
 * truth. Rules take hosts below a site's for its own pages, and act only where the page's host is granted, too: so those of them that are, and tell the truth
 * (`plain`), are left out.
 */
function rulesOf(site: Site, plain: readonly string[]): Omit<Rule, "id">[] {
  const name = storyOf(site);
  if (name === undefined) return [];
  const headers = headersOf(navigator.userAgent, "userAgentData" in navigator, stories[name]);
  const requestHeaders = headers.map(([header, value]) => (value === undefined ? { header, operation: "remove" } : { header, operation: "set", value }));
  const action = { type: "modifyHeaders", requestHeaders };
  const urlFilter = `|https://${site.host}/`; // this host alone: a domain would mean all names below it
  const below = plain.filter((host) => host.endsWith(`.${site.host}`));
  const excluded = below.length > 0 ? { excludedInitiatorDomains: below } : {};
  // Without a list of types a rule is for all but the page itself.
  const conditions = [{ urlFilter, resourceTypes: ["main_frame"] }, { urlFilter, initiatorDomains: [site.host], ...excluded }];
  return conditions.map((condition) => ({ action, condition }) as unknown as Omit<Rule, "id">); // the types know enums where browsers take texts
}
