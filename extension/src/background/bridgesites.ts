/** Keeps what government pages meet true to the settings: the bridge's content script, and where a site is told of another computer, that script and its headers. */

import { api } from "../browser.ts";
import { keepOnly, recordingsAllowed } from "./recordings.ts";
import { grantedSites } from "./sites.ts";
import { forgetUngranted, sites, type Site } from "../bridge/settings.ts";
import { headersOf } from "../disguise/story.ts";
import stories from "../disguise/stories.json" with { type: "json" };
import type { StoryName } from "../bridge/profile.ts";

const bridgeId = "bridge";
const bridgeFile = "bridge.js";
const storyNames = Object.keys(stories) as StoryName[];
const ours = [bridgeId, ...storyNames];

type Rule = chrome.declarativeNetRequest.Rule;
type Script = chrome.scripting.RegisteredContentScript;

/** Makes everything what the settings say at this moment. */
async function settle(): Promise<void> {
  const on = await sites();
  await settleHeaders(on);
  await settleScripts(on);
}

async function settleScripts(on: readonly Site[]): Promise<void> {
  const registered = await api.scripting.getRegisteredContentScripts({ ids: ours });
  if (registered.length > 0) await api.scripting.unregisterContentScripts({ ids: registered.map(({ id }) => id) });
  const scripts: Script[] = [
    script(bridgeId, bridgeFile, on, { allFrames: false }),
    // Frames of the site inside its own pages hear the story too, as their requests tell it.
    ...storyNames.map((name) => script(name, `${name}.js`, on.filter((site) => storyOf(site) === name), { allFrames: true, world: "MAIN" })),
  ].filter(({ matches }) => matches !== undefined && matches.length > 0);
  if (scripts.length > 0) await register(scripts);
}

/** Registers the scripts; those for frames also for the empty frames that a site makes itself, which have no address, where the browser can (Chromium from 119). */
async function register(scripts: Script[]): Promise<void> {
  try {
    await api.scripting.registerContentScripts(scripts.map((each) => (each.allFrames === true ? { ...each, matchOriginAsFallback: true } : each)));
  } catch {
    await api.scripting.registerContentScripts(scripts);
  }
}

/** Scripts stand ready before a page's own begin. */
function script(id: string, file: string, on: readonly Site[], more: Pick<Script, "allFrames" | "world">): Script {
  return { id, matches: on.map(({ pattern }) => pattern).sort(), js: [file], runAt: "document_start", persistAcrossSessions: true, ...more };
}

function storyOf({ profile, settings }: Site): StoryName | undefined {
  return settings.disguise === undefined ? undefined : profile.disguise;
}

/** Puts the story into the headers of exactly those hosts. */
async function settleHeaders(on: readonly Site[]): Promise<void> {
  const { declarativeNetRequest: rules } = api;
  const [last, granted] = await Promise.all([rules.getDynamicRules(), grantedSites()]);
  const disguised = on.filter((site) => storyOf(site) !== undefined).map(({ host }) => host);
  const plain = granted.flatMap((pattern) => /^https:\/\/([^*/]+)\/\*$/.exec(pattern)?.[1] ?? []).filter((host) => !disguised.includes(host));
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

/** Puts the bridge into the tabs that show a site already; a tab that navigates away meanwhile, or shows an error page, needs none. */
async function inject(): Promise<void> {
  const on = await sites();
  if (on.length === 0) return;
  toTabs(await api.tabs.query({ url: on.map(({ pattern }) => pattern) }), (tab) => api.scripting.executeScript({ target: { tabId: tab }, files: [bridgeFile] }));
}

/** Has every bridge that stands in a page look whether its site is still on: no permission is needed to speak to scripts of ours. */
async function tellTabs(): Promise<void> {
  toTabs(await api.tabs.query({}), (tab) => api.tabs.sendMessage(tab, { type: "bridge:look" }));
}

/** Speaks to all of them at once, and waits for none: one that hangs never answers, and would hold up what the others lose. */
function toTabs(tabs: readonly chrome.tabs.Tab[], speak: (tab: number) => Promise<unknown>): void {
  for (const { id } of tabs) {
    if (id !== undefined) speak(id).catch(() => undefined); // no script of ours is there
  }
}

/** Ends the recordings of sites that are off, or all where there may be none. */
async function endRecordings(): Promise<void> {
  await keepOnly((await recordingsAllowed()) ? (await sites()).map(({ pattern }) => pattern) : []);
}

/** Keeps everything true, one change after the other. Call it once, when the background starts; `look` has the pages that are connected look at once. */
export function keepBridges(look: () => void): void {
  let last = Promise.resolve();
  const change = (...acts: (() => Promise<void>)[]): void => {
    for (const act of acts) {
      last = last.then(act).catch((error: unknown) => {
        console.error("keeping the bridges failed", error);
      });
    }
  };
  api.runtime.onInstalled.addListener(() => { change(forgetUngranted, settle, inject); });
  api.runtime.onStartup.addListener(() => { change(forgetUngranted, settle); });
  api.permissions.onRemoved.addListener(() => {
    look();
    change(forgetUngranted, settle, endRecordings, tellTabs);
  });
  api.permissions.onAdded.addListener(() => { change(forgetUngranted, settle, inject); });
  api.storage.onChanged.addListener((changes, area) => {
    if (area !== "managed" && !("bridges" in changes || "bridgeProfiles" in changes)) return;
    look();
    change(settle, endRecordings, inject, tellTabs);
  });
}
