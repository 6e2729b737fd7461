/** What is said aloud of progress to those who do not see the bar: each phase, and each tenth of it. */

import type { ProgressState } from "../messages/window.ts";

/** The sentence for going on from one progress to the next; undefined when that is too little to be said. */
export function announcement(last: ProgressState, next: ProgressState, title: string): string | undefined {
  if (!("done" in next)) return last.phase === next.phase ? undefined : title;
  const tenths = tenthsOf(next);
  if ("done" in last && last.phase === next.phase && tenthsOf(last) === tenths) return undefined;
  return `${title} ${tenths * 10}%`;
}

function tenthsOf({ done, total }: { done: number; total: number }): number {
  return total === 0 ? 10 : Math.floor((done / total) * 10);
}
