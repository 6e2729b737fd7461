/** Extension and host of different ages: docs/protocol.md, "Versions that differ". */

import { greeting, type ErrorBody, type Hello, type HostRequest, type Versions } from "./messages/host.ts";
import { contentsOf } from "./messages/sign.ts";
import { read } from "./shape.ts";

/** Which of the two is too old. */
type Outdated = NonNullable<ErrorBody["update"]>;

/** The newest version that both speak, or who has to be updated for there to be one. */
export function agree(ours: Versions, theirs: Versions): number | Outdated {
  if (theirs.newest < ours.oldest) return "host";
  if (theirs.oldest > ours.newest) return "extension";
  return Math.min(ours.newest, theirs.newest);
}

/** What a host says of itself whatever its age; undefined for what is no greeting. */
export function introductionOf(raw: unknown): { version: string; speaks: Versions } | undefined {
  const found = read(greeting, raw);
  if (found === undefined) return undefined;
  const { version, protocol, oldest = protocol } = found;
  return oldest > protocol ? undefined : { version, speaks: { oldest, newest: protocol } };
}

/** Whether a host of these capabilities carries that request out. */
export function carriesOut({ commands, formats, profiles, hashes }: Hello["capabilities"], request: HostRequest): boolean {
  if (!commands.includes(request.command)) return false;
  if (request.command !== "sign") return true;
  if (!formats.includes(request.format)) return false;
  if ("profile" in request && !profiles[request.format].includes(request.profile)) return false;
  return [request, ...contentsOf(request)].every((part) => !("hash" in part) || hashes.includes(part.hash));
}
