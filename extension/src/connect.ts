/** The host as this browser starts it. */

import { api } from "./browser.ts";
import { Host, type HostListener } from "./host.ts";
import { hostName } from "./messages/host.ts";

/** Starts the program and listens to it. */
export function connectHost(listener: HostListener): Host {
  return new Host(api.runtime.connectNative(hostName), () => api.runtime.lastError?.message, api.runtime.getManifest().version, listener);
}
