/** What is settled about government pages: which sites are on and how, and what was changed in their profiles. */

import { api } from "../browser.ts";
import { hostOfPattern, isAmong, isGranted, patternOf } from "../background/sites.ts";
import { covers, hostOf, isGovernment } from "./hosts.ts";
import { readSites, usable, type Profile, type SiteSettings } from "./profile.ts";
import { shipped } from "./shipped.ts";
import { managed } from "../policy.ts";
import { isObject } from "../shape.ts";

/** A site that is switched on, with everything that holds for it now. */
export interface Site {
  /** Its match pattern, which is its key in the settings. */
  pattern: string;
  host: string;
  profile: Profile;
  settings: SiteSettings;
}

/** The settings of the sites, by their match patterns. */
export async function siteSettings(): Promise<Record<string, SiteSettings>> {
  const { bridges } = await api.storage.local.get("bridges");
  return readSites(bridges);
}

/** How a site's settings become others; `undefined` is a site that is off. */
type Change = (now: SiteSettings | undefined) => SiteSettings | undefined;

/** Changes the settings of one site, from what they are at this moment: another page of ours may have changed them. */
export async function settleSite(pattern: string, change: Change): Promise<void> {
  await alone(() => put(pattern, change));
}

/** Switches a site on whose permission was granted, as it was if it is on. Returns whether the permission is still there: a click elsewhere may have switched the site off meanwhile. */
export async function switchOn(pattern: string, { name }: Pick<Profile, "name">): Promise<boolean> {
  return alone(async () => {
    const granted = await api.permissions.contains({ origins: [pattern] });
    if (granted) await put(pattern, (now) => now ?? { profile: name });
    return granted;
  });
}

/** Switches a site off. Its permission goes, and all that hangs on it; where an administrator holds that, the settings alone. */
export async function switchOff(pattern: string): Promise<void> {
  await alone(async () => {
    await api.permissions.remove({ origins: [pattern] }).catch(() => false);
    await put(pattern, () => undefined);
  });
}

async function put(pattern: string, change: Change): Promise<void> {
  const { [pattern]: now, ...others } = await siteSettings();
  const next = change(now);
  await api.storage.local.set({ bridges: next === undefined ? others : { ...others, [pattern]: next } });
}

/** One change after the other, of all our pages and the background: none is lost, and no site is left with its permission and without its settings. */
async function alone<T>(act: () => Promise<T>): Promise<T> {
  return navigator.locks.request("bridges", act);
}

/** The citizen's overrides, by the names of profiles. */
export async function overrides(): Promise<Record<string, unknown>> {
  const { bridgeProfiles } = await api.storage.local.get("bridgeProfiles");
  return objectOf(bridgeProfiles);
}

/** Keeps the override of one profile; `undefined` goes back to what was shipped. */
export async function settleOverride(name: string, override: unknown): Promise<void> {
  await alone(async () => {
    const others = without(await overrides(), name);
    await api.storage.local.set({ bridgeProfiles: override === undefined ? others : { ...others, [name]: override } });
  });
}

/** What an administrator settled: overrides, and exact hosts that a profile serves too, by the names of profiles. */
export interface Policy { bridges: Record<string, unknown>; bridgeSites: Record<string, unknown> }

/** The policy. */
export async function policy(): Promise<Policy> {
  const { bridges, bridgeSites } = await managed();
  return { bridges: objectOf(bridges), bridgeSites: objectOf(bridgeSites) };
}

/** The profiles as they hold now. What cannot be used of an override is left out; the administrator's come after the citizen's. */
export async function profiles(): Promise<Profile[]> {
  const [own, { bridges, bridgeSites }] = await Promise.all([overrides(), policy()]);
  return shipped.map((each) => {
    const hosts = listOf(bridgeSites[each.name]).filter(isAddable);
    return { ...usable(each, own[each.name], bridges[each.name]), sites: [...each.sites, ...hosts] };
  });
}

/** The paths of what cannot be used of the hosts that an administrator added, and of settings for profiles that there are none of. */
export function bridgeFaults({ bridges, bridgeSites }: Policy): string[] {
  const unknown = Object.entries({ bridges, bridgeSites }).flatMap(([key, named]) => {
    return Object.keys(named).filter((name) => shipped.every((each) => each.name !== name)).map((name) => `${key}.${name}`);
  });
  const hosts = shipped.flatMap(({ name }) => {
    const listed = bridgeSites[name];
    if (listed !== undefined && !Array.isArray(listed)) return [`bridgeSites.${name}`];
    return listOf(listed).flatMap((host, i) => (isAddable(host, i) ? [] : [`bridgeSites.${name}[${i}]`]));
  });
  return [...unknown, ...hosts];
}

/** The most hosts that a policy adds to a profile. */
const maxHosts = 50;

/** Whether a policy's i-th host is added: an exact one, of a public body. */
function isAddable(host: unknown, i: number): host is string {
  return typeof host === "string" && isGovernment(host) && i < maxHosts;
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The profile that serves the pages of an address, whether its site is on or not. */
export function profileOf(address: string, all: readonly Profile[]): Profile | undefined {
  const host = hostOf(address);
  return host === undefined ? undefined : all.find(({ sites }) => covers(sites, host));
}

/** The site of a page's origin, if it is switched on: settled, granted, and one that its profile serves. */
export async function siteOf(origin: string): Promise<Site | undefined> {
  const pattern = patternOf(origin);
  const [settled, all, granted] = await Promise.all([siteSettings(), profiles(), isGranted(origin)]);
  return granted && hostOf(origin) !== undefined ? found(pattern, settled[pattern], all) : undefined;
}

/** Every site that is switched on. */
export async function sites(): Promise<Site[]> {
  const [settled, all] = await Promise.all([siteSettings(), profiles()]);
  const each = await Promise.all(Object.entries(settled).map(async ([pattern, settings]) => {
    const origin = originOf(pattern);
    return origin !== undefined && (await isGranted(origin)) ? found(pattern, settings, all) : undefined;
  }));
  return each.filter((site) => site !== undefined);
}

/** The match patterns of all pages that are or can be served by a bridge. Natsuin's own page API is not for them: whoever switched one on agreed to its bridge alone. */
export async function bridged(): Promise<string[]> {
  const [settled, all] = await Promise.all([siteSettings(), profiles()]);
  return [...new Set([...patternsOf(all), ...Object.keys(settled).filter((pattern) => originOf(pattern) !== undefined)])].sort();
}

/** The match patterns of all pages that these profiles serve. */
export function patternsOf(all: readonly Profile[]): string[] {
  return all.flatMap(({ sites }) => sites.map((site) => `https://${site}/*`));
}

/** Whether a page is one of those, on whatever port: permissions know none. */
export async function isBridged(origin: string): Promise<boolean> {
  return isAmong(origin, await bridged());
}

/** Forgets the sites whose permission is gone, and all that was settled for them. */
export async function forgetUngranted(): Promise<void> {
  await alone(async () => {
    for (const pattern of Object.keys(await siteSettings())) {
      const origin = originOf(pattern);
      if (origin === undefined || !(await isGranted(origin))) await put(pattern, () => undefined);
    }
  });
}

function found(pattern: string, settings: SiteSettings | undefined, all: readonly Profile[]): Site | undefined {
  const host = hostOfPattern(pattern);
  const profile = all.find(({ name }) => name === settings?.profile);
  return settings !== undefined && host !== undefined && profile !== undefined && covers(profile.sites, host) ? { pattern, host, profile, settings } : undefined;
}

/** The origin that a match pattern of one site stands for. */
function originOf(pattern: string): string | undefined {
  const host = hostOfPattern(pattern);
  return host !== undefined && isGovernment(host) && pattern.startsWith("https:") ? `https://${host}` : undefined;
}

/** What is left of a record without that key. */
export function without<T>(record: Record<string, T>, key: string): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([each]) => each !== key));
}

function objectOf(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {};
}
