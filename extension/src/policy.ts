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
  return (await readSites()).policy;
}

/** The paths of what cannot be used of the lists of sites. */
export async function siteFaults(): Promise<string[]> {
  const { allowed, blocked } = (await readSites()).faults;
  return [...allowed, ...blocked];
}

/** The same, of what is forbidden alone: a site that an administrator meant to forbid may be open. */
export async function blockFaults(): Promise<string[]> {
  return (await readSites()).faults.blocked;
}

/** The most sites that are vouched for: the options page offers each. What is forbidden has no limit, beyond which it would be allowed. */
const maxAllowed = 500;

async function readSites(): Promise<{ policy: SitePolicy; faults: SitePolicy }> {
  const { allowedSites, blockedSites } = await managed();
  const allowed = readHosts("allowedSites", allowedSites, (host, i) => i < maxAllowed && host !== "*");
  const blocked = readHosts("blockedSites", blockedSites, () => true);
  return { policy: { allowed: allowed.hosts, blocked: blocked.hosts }, faults: { allowed: allowed.faults, blocked: blocked.faults } };
}

/** The hosts of a list, and the paths of what is none of them. */
function readHosts(key: string, listed: unknown, fits: (host: string, i: number) => boolean): { hosts: string[]; faults: string[] } {
  if (listed === undefined) return { hosts: [], faults: [] };
  if (!Array.isArray(listed)) return { hosts: [], faults: [key] };
  const hosts: string[] = [];
  const faults: string[] = [];
  for (const [i, entry] of listed.entries()) {
    const host = hostOf(entry);
    if (host !== undefined && fits(host, i)) hosts.push(host);
    else faults.push(`${key}[${String(i)}]`);
  }
  return { hosts, faults };
}

const form = /^(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?$/;

/** An entry as browsers write hosts, whatever its case and script: small letters, Punycode, no full stop at its end. */
function hostOf(entry: unknown): string | undefined {
  if (entry === "*") return entry;
  const [, below = "", name = ""] = /^(\*\.)?([^\s\p{Cc}/\\:@?#%*[\]]+)$/u.exec(typeof entry === "string" ? entry : "") ?? [];
  const host = URL.canParse(`https://${name}`) ? bare(new URL(`https://${name}`).hostname) : "";
  return form.test(host) ? below + host : undefined;
}

/** A host without the full stop that may end it: with and without, DNS has the same. */
function bare(host: string): string {
  return host.replace(/\.$/, "");
}

function covers(hosts: readonly string[], address: string): boolean {
  const host = bare(new URL(address).hostname);
  return hosts.some((each) => each === "*" || (each.startsWith("*.") ? host.endsWith(each.slice(1)) : host === each));
}

/** Whether an administrator vouches for the site of that address. */
export function isVouchedFor({ allowed }: SitePolicy, address: string): boolean {
  return covers(allowed, address);
}

/** Whether an administrator forbids the site of that address. Vouching for one goes before forbidding it. */
export function isBlocked(policy: SitePolicy, address: string): boolean {
  return covers(policy.blocked, address) && !isVouchedFor(policy, address);
}
