/** The recordings that the citizen has made of government pages, kept until the browser ends: what stands in them is harmless, and still theirs. */

import { api } from "../browser.ts";
import { without } from "../bridge/settings.ts";
import { isOn, managed } from "../policy.ts";
import { maxEntries, type Entry, type Recording } from "../bridge/recording.ts";

const key = "bridgeRecordings";

/** The recordings, by the match patterns of their sites. */
export async function recordings(): Promise<Partial<Record<string, Recording>>> {
  const { [key]: kept } = await api.storage.session.get<{ [key]?: Partial<Record<string, Recording>> }>(key);
  return kept ?? {};
}

/** Whether there may be recordings; only an administrator forbids them. */
export async function recordingsAllowed(): Promise<boolean> {
  return isOn((await managed()).allowRecordings);
}

/** Starts a recording anew, if there may be any, or ends and forgets it. */
export async function record(pattern: string, wanted: boolean): Promise<void> {
  await change(async (all) => {
    const others = without(all, pattern);
    return wanted && (await recordingsAllowed()) ? { ...others, [pattern]: { started: Date.now(), entries: [] } } : others;
  });
}

/** Notes what happened, if that site is recorded. */
export function note(pattern: string, entry: Omit<Entry, "at">): void {
  const now = Date.now();
  change((all) => {
    const recording = all[pattern];
    if (recording === undefined || recording.entries.length >= maxEntries) return undefined;
    const noted = { ...entry, at: now - recording.started } as Entry;
    return { ...all, [pattern]: { ...recording, entries: [...recording.entries, noted] } };
  }).catch((error: unknown) => {
    console.error("noting failed", error);
  });
}

/** Ends and forgets the recordings of all sites but these. */
export async function keepOnly(patterns: readonly string[]): Promise<void> {
  await change((all) => {
    const kept = Object.entries(all).filter(([pattern]) => patterns.includes(pattern));
    return kept.length === Object.keys(all).length ? undefined : Object.fromEntries(kept);
  });
}

type All = Awaited<ReturnType<typeof recordings>>;

/** One change after the other, of the background and of the options page; `undefined` leaves everything as it is. */
async function change(act: (all: All) => All | undefined | Promise<All>): Promise<void> {
  await navigator.locks.request(key, async () => {
    const next = await act(await recordings());
    if (next !== undefined) await api.storage.session.set({ [key]: next });
  });
}
