/** What a site is told of this computer instead of the truth: one story for script and headers (efiling-pages.md §1.9 and §2.3). */

import type { StoryName } from "../bridge/stories.ts";
import told from "./stories.json" with { type: "json" };

export type Story = (typeof told)[keyof typeof told];

/** Every story by its name. */
export const stories: Record<StoryName, Story> = told;

/** A browser's user agent with the story's system in it; Firefox names its version in the same parentheses. */
export function userAgentOf(real: string, { userAgent }: Story): string {
  return real.replace(/\([^)]*\)/, (system) => {
    const [version] = /; rv:[0-9.]+/.exec(system) ?? [""];
    return `(${userAgent}${version})`;
  });
}

/** What Chromium's `navigator.appVersion` says, or Firefox's, which names the system's family alone. */
export function appVersionOf(real: string, agent: string, { hints }: Story): string {
  return agent.includes("Gecko/") ? `${real.replace(/ .*/, "")} (${hints.platform})` : agent.replace(/^Mozilla\//, "");
}

/** A header that every request of the site carries, or loses (`undefined`). */
export type Header = [name: string, value: string | undefined];

/**
 * The headers of the story. Browsers that send no hints get none, and of those that a server must ask for only what is the same everywhere is left: the rest
 * would tell of the real system.
 */
export function headersOf(real: string, sendsHints: boolean, story: Story): Header[] {
  const agent: Header = ["User-Agent", userAgentOf(real, story)];
  if (!sendsHints) return [agent];
  return [
    agent,
    ["Sec-CH-UA-Platform", `"${story.hints.platform}"`],
    ["Sec-CH-UA-Platform-Version", undefined],
    ["Sec-CH-UA-Arch", undefined],
    ["Sec-CH-UA-Bitness", undefined],
    ["Sec-CH-UA-WoW64", undefined],
  ];
}
