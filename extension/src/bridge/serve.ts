/** What a profile means for one page. */

import type { Served } from "../messages/bridge.ts";
import type { Profile } from "./profile.ts";
import { errcodeOf } from "./reply.ts";

/** The values for a page; `onMac`: the browser tells it of a Mac. */
export function servedBy(profile: Profile, onMac: boolean): Served {
  const inputs = profile.inputs.map(({ id, value, valueOnMac }) => ({ id, value: (onMac ? valueOnMac : undefined) ?? value }));
  return { inputs, ...profile.events, errcode: errcodeOf(profile, onMac) };
}

/**
 * The values for a page whose settings are not known yet, which takes a moment, and pages look early. None on a Mac: it has values of its own, unless the site is
 * told of Windows, and no page is to see both.
 */
export function servedAtOnce(profile: Profile | undefined, userAgent: string): Served | undefined {
  return profile === undefined || isMac(userAgent) ? undefined : servedBy(profile, false);
}

/** Whether a browser tells pages of a Mac, by the mark that the official extension looks for (efiling-pages.md §1.1). */
export function isMac(userAgent: string): boolean {
  return userAgent.includes("Intel Mac OS X");
}
