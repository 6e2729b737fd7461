/** The browser's extension API: Firefox calls it `browser`, Chromium `chrome`; promises and shapes are the same in both. */
export const api: typeof chrome = (globalThis as { browser?: typeof chrome }).browser ?? chrome;
