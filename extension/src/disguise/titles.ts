/** What people call the systems of the stories. */

import type { StoryName } from "../bridge/profile.ts";

export const storyTitles: Record<StoryName, string> = { "windows-10": "Windows 10", "windows-11": "Windows 11" };
