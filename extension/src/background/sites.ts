/** The sites that are switched on are the host permissions that were granted, and nothing else: the relay is registered for exactly those. */

import { api } from "../browser.ts";

const scriptId = "relay";
const file = "relay.js";

/** The match pattern for one site: its scheme and host. Ports cannot be told apart (Firefox's patterns have none). */
export function patternOf(origin: string): string {
  const url = new URL(origin);
  return `${url.protocol}//${url.hostname}/*`;
}

/** Whether a site is switched on now; a page that was loaded before it was switched off still holds its relay. */
export async function isGranted(origin: string): Promise<boolean> {
  return api.permissions.contains({ origins: [patternOf(origin)] });
}

/** The patterns that were granted. */
export async function grantedSites(): Promise<string[]> {
  const { origins = [] } = await api.permissions.getAll();
  return origins.filter((pattern) => /^https?:\/\//.test(pattern)).sort();
}

/** Registers the relay for what is granted at this moment. */
async function register(): Promise<void> {
  const matches = await grantedSites();
  const registered = await api.scripting.getRegisteredContentScripts({ ids: [scriptId] });
  if (registered.length > 0) await api.scripting.unregisterContentScripts({ ids: [scriptId] });
  if (matches.length === 0) return;
  await api.scripting.registerContentScripts([{ id: scriptId, matches, js: [file], runAt: "document_start", allFrames: false, persistAcrossSessions: true }]);
}

/** Puts the relay into the tabs that show one of these sites already, so that nobody needs to reload. */
async function inject(patterns: string[]): Promise<void> {
  for (const tab of await api.tabs.query({ url: patterns })) {
    // A tab that navigates away meanwhile, or shows an error page, needs no relay.
    if (tab.id !== undefined) await api.scripting.executeScript({ target: { tabId: tab.id }, files: [file] }).catch(() => undefined);
  }
}

/** Keeps the registration true, one change after the other. Call it once, when the background starts. */
export function keepSites(): void {
  let last = Promise.resolve();
  const change = (act: () => Promise<void>): void => {
    last = last.then(act).catch((error: unknown) => {
      console.error("registering the relay failed", error);
    });
  };
  // Sites that are switched on from the start (by policy, in the developer build, or before an update) may be open already.
  api.runtime.onInstalled.addListener(() => {
    change(register);
    change(async () => {
      await inject(await grantedSites());
    });
  });
  api.runtime.onStartup.addListener(() => {
    change(register);
  });
  api.permissions.onAdded.addListener(({ origins = [] }) => {
    change(register);
    if (origins.length > 0) change(() => inject(origins));
  });
  api.permissions.onRemoved.addListener(() => {
    change(register);
  });
}
