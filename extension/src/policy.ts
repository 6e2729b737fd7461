/** What an administrator has settled for the extension, in the browser's policies: the keys of static/managed_schema.json, and no others. */

import { api } from "./browser.ts";

/** Every key that is read. */
export const policyKeys = ["allowedSites", "allowRecordings", "allowWindowPin", "blockedSites", "bridges", "bridgeSites"] as const;

/** The values as the browser has them; Firefox rejects the question where no policy is installed. */
export async function managed(): Promise<Partial<Record<(typeof policyKeys)[number], unknown>>> {
  return api.storage.managed.get([...policyKeys]).catch(() => ({}));
}

/** Whether a switch was turned off. Firefox hands over what stands in the registry of Windows as it is: 0 for false. */
export function isOff(value: unknown): boolean {
  return value === false || value === 0;
}

/** The sites for which an administrator vouches, and those that they forbid: exact hosts, `*.` for the names below one, `*` for all. */
export interface SitePolicy { allowed: string[]; blocked: string[] }

export async function sitePolicy(): Promise<SitePolicy> {
  const { allowedSites, blockedSites } = await managed();
  return { allowed: hostsOf(allowedSites).filter((host) => host !== "*"), blocked: hostsOf(blockedSites) };
}

/** The most entries of either list. */
const maxHosts = 500;

const form = /^(?:\*|(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)$/;

function hostsOf(listed: unknown): string[] {
  return Array.isArray(listed) ? listed.slice(0, maxHosts).filter((host): host is string => typeof host === "string" && form.test(host)) : [];
}

/** The paths of what cannot be used of the lists of sites. */
export async function siteFaults(): Promise<string[]> {
  const { allowedSites, blockedSites } = await managed();
  return Object.entries({ allowedSites, blockedSites }).flatMap(([key, listed]) => {
    if (listed === undefined) return [];
    if (!Array.isArray(listed)) return [key];
    return listed.flatMap((host, i) => (i >= maxHosts || typeof host !== "string" || !form.test(host) || (key === "allowedSites" && host === "*") ? [`${key}[${i}]`] : []));
  });
}

function covers(hosts: readonly string[], host: string): boolean {
  return hosts.some((each) => each === "*" || (each.startsWith("*.") ? host.endsWith(each.slice(1)) : host === each));
}

/** Whether an administrator vouches for the site of that address. */
export function isVouchedFor({ allowed }: SitePolicy, address: string): boolean {
  return covers(allowed, new URL(address).hostname);
}

/** Whether an administrator forbids the site of that address. Vouching for one goes before forbidding it. */
export function isBlocked(policy: SitePolicy, address: string): boolean {
  return covers(policy.blocked, new URL(address).hostname) && !isVouchedFor(policy, address);
}
