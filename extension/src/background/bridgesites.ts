/** Keeps what government pages meet true to the settings: the bridge's content script, and where a site is told of another computer, that script and its headers. */

import { api } from "../browser.ts";
import { keepOnly, recordingsAllowed } from "./recordings.ts";
import { forgetUngranted, sites, type Site } from "../bridge/settings.ts";
import { storyNames } from "../bridge/stories.ts";
import { disguiseScripts, settleHeaders } from "../disguise/sites.ts";

const bridgeId = "bridge";
const ids = [bridgeId, ...storyNames];

type Script = chrome.scripting.RegisteredContentScript;

/** Registers the scripts for the sites that are on at this moment. Those that stay are never gone meanwhile: a page may be loading. */
async function settleScripts(): Promise<void> {
  const { scripting } = api;
  const on = await sites();
  const wanted = [script({ id: bridgeId, on, allFrames: false }), ...disguiseScripts(on).map(script)].filter(({ matches = [] }) => matches.length > 0);
  const there = (await scripting.getRegisteredContentScripts({ ids })).map(({ id }) => id);
  const gone = there.filter((id) => wanted.every((each) => each.id !== id));
  if (gone.length > 0) await scripting.unregisterContentScripts({ ids: gone });
  await put(wanted.filter(({ id }) => there.includes(id)), (scripts) => scripting.updateContentScripts(scripts));
  await put(wanted.filter(({ id }) => !there.includes(id)), (scripts) => scripting.registerContentScripts(scripts));
}

/** Scripts stand ready before a page's own begin. */
function script({ id, on, ...where }: Pick<Script, "id" | "allFrames" | "world"> & { on: readonly Site[] }): Script {
  return { id, matches: on.map(({ pattern }) => pattern).sort(), js: [`${id}.js`], runAt: "document_start", persistAcrossSessions: true, ...where };
}

/** Hands the scripts over; those for frames also for the empty frames that a site makes itself, which have no address, where the browser can (Chromium from 119). */
async function put(scripts: Script[], act: (scripts: Script[]) => Promise<void>): Promise<void> {
  if (scripts.length === 0) return;
  try {
    await act(scripts.map((each) => (each.allFrames === true ? { ...each, matchOriginAsFallback: true } : each)));
  } catch {
    await act(scripts);
  }
}

/** Puts the bridge into the tabs that show a site already; a tab that navigates away meanwhile, or shows an error page, needs none. */
async function inject(): Promise<void> {
  const on = await sites();
  if (on.length === 0) return;
  toTabs(await api.tabs.query({ url: on.map(({ pattern }) => pattern) }), (tab) => api.scripting.executeScript({ target: { tabId: tab }, files: [`${bridgeId}.js`] }));
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

/** Keeps everything true, one change after the other; what fails is reported, and keeps nothing else from being done. Call it once, when the background starts; `look` has the pages that are connected look at once. */
export function keepBridges(look: () => void): void {
  let last = Promise.resolve();
  const change = (...acts: (() => Promise<void>)[]): void => {
    for (const act of acts) {
      last = last.then(act).catch((error: unknown) => {
        console.error("keeping the bridges failed", error);
      });
    }
  };
  api.runtime.onInstalled.addListener(() => { change(forgetUngranted, settleScripts, settleHeaders, inject); });
  api.runtime.onStartup.addListener(() => { change(forgetUngranted, settleScripts, settleHeaders); });
  api.permissions.onRemoved.addListener(() => {
    look();
    change(forgetUngranted, settleScripts, settleHeaders, endRecordings, inject, tellTabs);
  });
  api.permissions.onAdded.addListener(() => { change(forgetUngranted, settleScripts, settleHeaders, inject); });
  api.storage.onChanged.addListener((changes, area) => {
    if (area !== "managed" && !("bridges" in changes || "bridgeProfiles" in changes)) return;
    look();
    change(settleScripts, settleHeaders, endRecordings, inject, tellTabs);
  });
}
