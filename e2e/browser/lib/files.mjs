/** Where things lie: what `make build` left, and a folder of its own for each stage. */

import { access, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(fileURLToPath(import.meta.url), "../../../..");

/** A path in `build/`; throws where it was not built. */
export async function built(...path) {
  const file = join(root, "build", ...path);
  await access(file).catch(() => {
    throw new Error(`${file} is missing: run make build, and the tests by npm test`);
  });
  return file;
}

export const screenshots = join(root, "build", "screenshots");

/** A new folder, short enough for the names of sockets (107 bytes, unix(7)). */
export async function scratchFolder() {
  const path = await mkdtemp(join(tmpdir(), "natsuin-"));
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}
