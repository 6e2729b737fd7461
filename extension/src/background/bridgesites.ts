/** Keeps what government pages meet true to the settings: the bridge's content script, and where a site is told of another computer, that script and its headers. */

import { api } from "../browser.ts";
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

/** The requests that a page of a site makes of its own site: everything but the page itself. */
const parts = ["sub_frame", "stylesheet", "script", "image", "font", "object", "xmlhttprequest", "ping", "media", "websocket", "other"];

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
  if (scripts.length > 0) await api.scripting.registerContentScripts(scripts);
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
  const last = await rules.getDynamicRules();
  const addRules = on.flatMap(rulesOf).map((rule, i) => ({ ...rule, id: i + 1 }));
  await rules.updateDynamicRules({ removeRuleIds: last.map(({ id }) => id), addRules });
}

/** The rules for one site: for its pages, wherever the link stood, and for what its own pages load from it. Another site that loads from it hears the truth. */
function rulesOf(site: Site): Omit<Rule, "id">[] {
  const name = storyOf(site);
  if (name === undefined) return [];
  const headers = headersOf(navigator.userAgent, "userAgentData" in navigator, stories[name]);
  const requestHeaders = headers.map(([header, value]) => (value === undefined ? { header, operation: "remove" } : { header, operation: "set", value }));
  const action = { type: "modifyHeaders", requestHeaders };
  const urlFilter = `|https://${site.host}/`; // this host alone: a domain would mean all names below it
  const conditions = [{ urlFilter, resourceTypes: ["main_frame"] }, { urlFilter, initiatorDomains: [site.host], resourceTypes: parts }];
  return conditions.map((condition) => ({ action, condition }) as unknown as Omit<Rule, "id">); // the types know enums where browsers take texts
}

/** Puts the bridge into the tabs that show a site already; a tab that navigates away meanwhile, or shows an error page, needs none. */
async function inject(on: readonly Site[]): Promise<void> {
  if (on.length === 0) return;
  for (const { id } of await api.tabs.query({ url: on.map(({ pattern }) => pattern) })) {
    if (id !== undefined) await api.scripting.executeScript({ target: { tabId: id }, files: [bridgeFile] }).catch(() => undefined);
  }
}

/** Has every bridge that stands in a page look whether its site is still on: no permission is needed to speak to scripts of ours. */
async function tellTabs(): Promise<void> {
  for (const { id } of await api.tabs.query({})) {
    if (id !== undefined) await api.tabs.sendMessage(id, { type: "bridge:look" }).catch(() => undefined); // none there
  }
}

/** Keeps everything true, one change after the other. Call it once, when the background starts. */
export function keepBridges(): void {
  let last = Promise.resolve();
  const change = (...acts: (() => Promise<void>)[]): void => {
    for (const act of acts) {
      last = last.then(act).catch((error: unknown) => {
        console.error("keeping the bridges failed", error);
      });
    }
  };
  const injectAll = async (): Promise<void> => inject(await sites());
  api.runtime.onInstalled.addListener(() => { change(forgetUngranted, settle, injectAll); });
  api.runtime.onStartup.addListener(() => { change(forgetUngranted, settle); });
  api.permissions.onRemoved.addListener(() => { change(forgetUngranted, settle, tellTabs); });
  api.permissions.onAdded.addListener(() => { change(settle, injectAll); });
  api.storage.onChanged.addListener((changes, area) => {
    if (area === "managed" || "bridges" in changes || "bridgeProfiles" in changes) change(settle, injectAll, tellTabs);
  });
}
