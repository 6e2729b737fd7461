/**
 * What an administrator has settled for the extension, in the browser's policies: the keys of static/managed_schema.json, and no others. What forbids something
 * and cannot be read forbids all that it could mean, and is told: nobody would notice otherwise that it forbids nothing.
 */

import { api } from "./browser.ts";
import { isObject } from "./shape.ts";

/** Every key that is read. */
export const policyKeys = ["allowedSites", "allowRecordings", "allowWindowPin", "blockedSites", "bridges", "bridgeSites"] as const;

/** What stands under each key; Chromium leaves out what is not of its type in the schema, Firefox leaves out nothing. */
type Values = Partial<Record<(typeof policyKeys)[number], unknown>>;

/** The values as the browser has them; Firefox rejects the question where no policy is installed. */
export async function managed(): Promise<Values> {
  return api.storage.managed.get([...policyKeys]).catch(() => ({}));
}

/** A switch is on when it is absent, true or 1. Whoever wrote "no" or "false" in quotes meant to forbid something, so what cannot be read forbids it. */
export function isOn(value: unknown): boolean {
  return value === undefined || on.includes(value);
}

/** What switches can be. Firefox hands over what stands in the registry of Windows as it is: numbers. */
const on: readonly unknown[] = [true, 1];
const off: readonly unknown[] = [false, 0];

/** The sites for which an administrator vouches, and those that they forbid: exact hosts, `*.` for the names below one, `*` for all. */
export interface SitePolicy { allowed: string[]; blocked: string[] }

/** What is forbidden and cannot be read may be any site: then all of them are. */
export async function sitePolicy(): Promise<SitePolicy> {
  const { allowed, blocked } = readSites(await managed());
  return { allowed: allowed.hosts, blocked: blocked.unusable.length > 0 ? ["*"] : blocked.hosts };
}

/** The paths of what cannot be used, as the administrator wrote them, but for what is within the settings of government pages. */
export async function unusable(): Promise<string[]> {
  const values = await managed();
  const objects = (["bridges", "bridgeSites"] as const).filter((key) => values[key] !== undefined && !isObject(values[key]));
  return [...readSites(values).allowed.unusable, ...unusableIn(values), ...objects];
}

/** Those among them that forbid more than was meant, perhaps. */
export async function unusableForbidding(): Promise<string[]> {
  return unusableIn(await managed());
}

function unusableIn(values: Values): string[] {
  const switches = (["allowRecordings", "allowWindowPin"] as const).filter((key) => !isOn(values[key]) && !off.includes(values[key]));
  return [...readSites(values).blocked.unusable, ...switches];
}

/** The most sites that are vouched for: the options page offers each. What is forbidden has no limit, beyond which it would be allowed. */
const maxAllowed = 500;

interface Hosts { hosts: string[]; unusable: string[] }

function readSites({ allowedSites, blockedSites }: Values): { allowed: Hosts; blocked: Hosts } {
  return {
    allowed: readHosts("allowedSites", allowedSites, (host, i) => i < maxAllowed && host !== "*"),
    blocked: readHosts("blockedSites", blockedSites, () => true),
  };
}

/** The hosts of a list, and the paths of what is none of them. */
function readHosts(key: string, listed: unknown, fits: (host: string, i: number) => boolean): Hosts {
  const entries = entriesOf(key, listed);
  if (entries === undefined) return { hosts: [], unusable: [key] };
  const hosts: string[] = [];
  const unusable: string[] = [];
  for (const [i, [path, entry]] of entries.entries()) {
    const host = hostOf(entry);
    if (host !== undefined && fits(host, i)) hosts.push(host);
    else unusable.push(path);
  }
  return { hosts, unusable };
}

/** The entries of a list, each after its path. A text is a list of one, and numbered values are one, too: Firefox makes them of a list in the registry of Windows that is empty or does not begin with 1. */
function entriesOf(key: string, listed: unknown): [path: string, entry: unknown][] | undefined {
  if (listed === undefined) return [];
  if (typeof listed === "string") return [[key, listed]];
  if (Array.isArray(listed)) return listed.map((entry, i) => [`${key}[${String(i)}]`, entry]);
  if (!isObject(listed) || !Object.keys(listed).every((name) => /^\d+$/.test(name))) return undefined;
  return Object.entries(listed).map(([name, entry]) => [`${key}["${name}"]`, entry]);
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
