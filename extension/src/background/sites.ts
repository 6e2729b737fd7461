/**
 * The sites that are switched on are the host permissions that were granted, but for those that an administrator forbids, and nothing else: the relay is
 * registered for those that have no bridge.
 */

import { api } from "../browser.ts";
import { isBlocked, sitePolicy } from "../policy.ts";

const scriptId = "relay";
const file = "relay.js";

/** The match pattern for one site: its scheme and host. Ports cannot be told apart (Firefox's patterns have none). */
export function patternOf(origin: string): string {
  const url = new URL(origin);
  return `${url.protocol}//${url.hostname}/*`;
}

/** The host of a match pattern for all pages of a host, of names below one (`*.`), or of all (`*`). */
export function hostOfPattern(pattern: string): string | undefined {
  return /^https?:\/\/([^/]+)\/\*$/.exec(pattern)?.[1];
}

/** Whether the host of an address is one of those patterns', of which `*.` stands for the names below. */
export function isAmong(address: string, patterns: readonly string[]): boolean {
  const { hostname } = new URL(address);
  return patterns.some((pattern) => {
    const host = hostOfPattern(pattern);
    return host?.startsWith("*.") ? hostname.endsWith(host.slice(1)) : hostname === host;
  });
}

/** Whether a site is switched on now; a page that was loaded before it was switched off still holds its relay. */
export async function isGranted(origin: string): Promise<boolean> {
  const [granted, policy] = await Promise.all([api.permissions.contains({ origins: [patternOf(origin)] }), sitePolicy()]);
  return granted && !isBlocked(policy, origin);
}

/** The patterns that were granted, forbidden ones among them. */
export async function permittedSites(): Promise<string[]> {
  const { origins = [] } = await api.permissions.getAll();
  return origins.filter((pattern) => /^https?:\/\//.test(pattern)).sort();
}

/** The patterns that were granted, without the sites that are forbidden. One for many hosts, which people give in the browser's own settings, stays: what a forbidden site asks for there is refused. */
export async function grantedSites(): Promise<string[]> {
  const [patterns, policy] = await Promise.all([permittedSites(), sitePolicy()]);
  return patterns.filter((pattern) => pattern.includes("://*") || !isBlocked(policy, pattern.replace(/\*$/, "")));
}

/** The match patterns of pages that are not for the relay, whatever is granted. */
type Excluded = () => Promise<string[]>;

/** Registers the relay for what is granted at this moment. */
async function register(excluded: Excluded): Promise<void> {
  const [granted, bridged] = await Promise.all([grantedSites(), excluded()]);
  const matches = granted.filter((pattern) => !bridged.includes(pattern));
  // Only a permission for many hosts at once, which people give in the browser's own settings, can reach those pages besides.
  const excludeMatches = matches.some((pattern) => /^https?:\/\/\*/.test(pattern)) ? bridged : [];
  const registered = await api.scripting.getRegisteredContentScripts({ ids: [scriptId] });
  if (registered.length > 0) await api.scripting.unregisterContentScripts({ ids: [scriptId] });
  if (matches.length === 0) return;
  await api.scripting.registerContentScripts([{ id: scriptId, matches, excludeMatches, js: [file], runAt: "document_start", allFrames: false, persistAcrossSessions: true }]);
}

/** Puts the relay into the tabs that show one of these sites already, so that nobody needs to reload. A tab that hangs, navigates away, or shows an error page keeps nobody waiting. */
async function inject(patterns: string[], excluded: Excluded): Promise<void> {
  const others = await excluded();
  const policy = await sitePolicy();
  for (const { id, url } of await api.tabs.query({ url: patterns })) {
    if (id === undefined || (url !== undefined && (isAmong(url, others) || isBlocked(policy, url)))) continue;
    void api.scripting.executeScript({ target: { tabId: id }, files: [file] }).catch(() => undefined);
  }
}

/** Keeps the registration true, one change after the other. Call it once, when the background starts. `excluded`: the pages that a bridge serves or could serve. */
export function keepSites(excluded: Excluded): void {
  let last = Promise.resolve();
  const change = (act: () => Promise<void>): void => {
    last = last.then(act).catch((error: unknown) => {
      console.error("registering the relay failed", error);
    });
  };
  const settle = (): void => {
    change(() => register(excluded));
  };
  // Sites that are switched on from the start (by policy, in the developer build, or before an update) may be open already.
  api.runtime.onInstalled.addListener(() => {
    settle();
    change(async () => inject(await grantedSites(), excluded));
  });
  api.runtime.onStartup.addListener(settle);
  api.permissions.onAdded.addListener(({ origins = [] }) => {
    settle();
    if (origins.length > 0) change(() => inject(origins, excluded));
  });
  api.permissions.onRemoved.addListener(settle);
  api.storage.onChanged.addListener((changes, area) => {
    if (area === "managed" || "bridges" in changes) settle();
  });
}
