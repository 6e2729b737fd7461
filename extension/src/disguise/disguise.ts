/**
 * Tells a page the story: runs in the page's own world, before its scripts. Whatever a page does with it, nothing of Natsuin's depends on it.
 */

import { appVersionOf, userAgentOf, type Story } from "./story.ts";

/** The event on the document that ends the disguise, with the true user agent; a page that sends it changes nothing but its own view. */
export const revealEvent = "natsuin:reveal";

/** The hints of a browser that gives any; TypeScript's library does not know them. */
interface Hints { platform: string }
type Method = (this: Hints, ...args: unknown[]) => unknown;

/** Puts the story in place of the truth, in this window, until the event comes. */
export function disguise(window: Window & typeof globalThis, story: Story): void {
  const { navigator, Navigator, document } = window;
  const agent = userAgentOf(navigator.userAgent, story);
  const truths: (() => void)[] = [];
  /** Replaces what a prototype has under that name, in the form that it has. */
  const replace = (prototype: object, name: string, make: (original: PropertyDescriptor) => PropertyDescriptor): void => {
    const original = Object.getOwnPropertyDescriptor(prototype, name);
    if (original?.configurable !== true) return; // this browser has no such thing
    Object.defineProperty(prototype, name, make(original));
    truths.push(() => { Object.defineProperty(prototype, name, original); });
  };
  const tell = (prototype: object, name: string, value: string): void => {
    // A getter written so has the name and the bare form of the browser's own.
    replace(prototype, name, (original) => ({ ...original, ...Object.getOwnPropertyDescriptor({ get [name]() { return value; } }, name), enumerable: original.enumerable ?? true }));
  };

  tell(Navigator.prototype, "userAgent", agent);
  tell(Navigator.prototype, "appVersion", appVersionOf(navigator.appVersion, agent, story));
  tell(Navigator.prototype, "platform", story.platform);
  tell(Navigator.prototype, "oscpu", story.userAgent); // Firefox alone

  const hints = (navigator as { userAgentData?: object }).userAgentData;
  if (hints !== undefined) {
    const prototype = Object.getPrototypeOf(hints) as object;
    tell(prototype, "platform", story.hints.platform);
    const wrap = (name: string, around: (told: unknown) => unknown): void => {
      replace(prototype, name, (original) => {
        const method = original.value as Method;
        return { ...original, value: { [name](this: Hints, ...args: unknown[]) { return around(method.apply(this, args)); } }[name] };
      });
    };
    wrap("toJSON", (told) => retold(told, story));
    wrap("getHighEntropyValues", (told) => (told as Promise<unknown>).then((values) => retold(values, story)));
  }

  document.addEventListener(revealEvent, (event) => {
    for (const restore of truths.splice(0)) restore();
    // Firefox has a page's own user agent from the request that brought it, and that told the story.
    const { detail } = event as CustomEvent<unknown>;
    if (typeof detail === "string" && navigator.userAgent !== detail) tell(Navigator.prototype, "userAgent", detail);
  }, { once: true });
}

/** The hints that the browser gave, with the story's values for those of them that tell of the system. */
function retold(told: unknown, { hints }: Story): object {
  const given = told as Record<string, unknown>;
  return { ...given, ...Object.fromEntries(Object.entries(hints).filter(([name]) => Object.hasOwn(given, name))) };
}

/** Whether this window's story can be the same as its headers': frames of a site inside pages of other sites keep the truth in both. */
export function isSites(window: Window): boolean {
  try {
    return window.top?.location.origin === window.location.origin;
  } catch {
    return false; // another origin's
  }
}
