/** The hosts of government pages. */

const label = "[a-z0-9](?:[a-z0-9-]*[a-z0-9])?";
const government = new RegExp(`^(?:${label}\\.)+(?:go|lg)\\.jp$`);

/** Whether a host stands under go.jp or lg.jp, where only public bodies of Japan can register names. */
export function isGovernment(host: string): boolean {
  return host.length <= 253 && government.test(host);
}

/** Whether a text is an exact government host, or one with `*.` before it for every name below; never all of go.jp or lg.jp. */
export function isSitePattern(site: string): boolean {
  return isGovernment(site.startsWith("*.") ? site.slice(2) : site);
}

/** Whether one of these sites covers the host. `*.` stands for names below, at any depth, as in browsers' match patterns; not for the name itself. */
export function covers(sites: readonly string[], host: string): boolean {
  return isGovernment(host) && sites.some((site) => (site.startsWith("*.") ? host.endsWith(site.slice(1)) : host === site));
}

/** The host of an address that a bridge may serve: https on its usual port, nothing else. */
export function hostOf(address: string): string | undefined {
  const { protocol, hostname, port } = new URL(address);
  return protocol === "https:" && port === "" && isGovernment(hostname) ? hostname : undefined;
}
