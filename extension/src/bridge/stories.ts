/** The other computers that a site may be told of, by name, and what people call their systems. What is told, src/disguise knows. */

export const storyTitles = { "windows-10": "Windows 10", "windows-11": "Windows 11" } as const;
export type StoryName = keyof typeof storyTitles;
export const storyNames = Object.keys(storyTitles) as StoryName[];
