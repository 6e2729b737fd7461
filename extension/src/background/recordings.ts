/** The recordings that the citizen has made of government pages, kept until the browser ends: what stands in them is harmless, and still theirs. */

import { api } from "../browser.ts";
import { without } from "../bridge/settings.ts";
import { maxEntries, type Entry, type Recording } from "../bridge/recording.ts";

const key = "bridgeRecordings";

/** The recordings, by the match patterns of their sites. */
export async function recordings(): Promise<Partial<Record<string, Recording>>> {
  const { [key]: kept } = await api.storage.session.get<{ [key]?: Partial<Record<string, Recording>> }>(key);
  return kept ?? {};
}

/** Starts a recording anew, or ends and forgets it. */
export async function record(pattern: string, wanted: boolean): Promise<void> {
  const others = without(await recordings(), pattern);
  await api.storage.session.set({ [key]: wanted ? { ...others, [pattern]: { started: Date.now(), entries: [] } } : others });
}

/** One note after the other: each reads what the last one wrote. */
let last = Promise.resolve();

/** Notes what happened, if that site is recorded. */
export function note(pattern: string, entry: Omit<Entry, "at">): void {
  const now = Date.now();
  last = last.then(async () => {
    const all = await recordings();
    const recording = all[pattern];
    if (recording === undefined || recording.entries.length >= maxEntries) return;
    const noted = { ...entry, at: now - recording.started } as Entry;
    await api.storage.session.set({ [key]: { ...all, [pattern]: { ...recording, entries: [...recording.entries, noted] } } });
  }).catch((error: unknown) => {
    console.error("noting failed", error);
  });
}
