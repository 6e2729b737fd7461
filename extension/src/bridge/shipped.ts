/** The profiles that come with Natsuin. */

import myna from "./profiles/myna.json" with { type: "json" };
import { covers } from "./hosts.ts";
import { profile, type Profile } from "./profile.ts";

export const shipped: readonly Profile[] = [profile(myna, "")];

/** The shipped profile of a host. */
export function shippedFor(host: string): Profile | undefined {
  return shipped.find(({ sites }) => covers(sites, host));
}
