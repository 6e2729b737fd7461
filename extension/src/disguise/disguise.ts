/**
 * Tells a page the story: runs in the page's own world, before its scripts. A page that looks for it can find it out; nothing of Natsuin's depends on what a page
 * does with it.
 */

import { offer } from "../bridge/truth.ts";
import { appVersionOf, userAgentOf, type Story } from "./story.ts";

type Method = (...args: unknown[]) => unknown;

/** Where a window has what tells of its computer. */
type Holder = (window: Window) => object | undefined;
const navigatorOf: Holder = ({ navigator }) => Object.getPrototypeOf(navigator) as object;
const hintsOf: Holder = ({ navigator }) => {
  const hints = (navigator as { userAgentData?: object }).userAgentData;
  return hints && (Object.getPrototypeOf(hints) as object);
};

/** Puts the story in place of the truth, in this window. In a page's top window an event ends it, there and in the page's frames. */
export function disguise(window: Window, story: Story): void {
  const { navigator, document } = window;
  const agent = userAgentOf(navigator.userAgent, story);
  const truths: ((window: Window) => void)[] = [];
  /** Has a window say something else than it would. Returns what it was. */
  const replace = (holder: object, name: string, part: "get" | "value", around: (told: unknown) => unknown): PropertyDescriptor | undefined => {
    const original = Object.getOwnPropertyDescriptor(holder, name);
    if (original?.configurable !== true) return undefined; // this browser has no such thing
    // A proxy of the browser's own function has its name, and its complaints.
    const told = new Proxy(Reflect.get(original, part) as Method, { apply: (real, self, args) => around(apply(real, self, args)) });
    Object.defineProperty(holder, name, { ...original, [part]: told });
    return original;
  };
  const tell = (of: Holder, name: string, part: "get" | "value", around: (told: unknown) => unknown): void => {
    const holder = of(window);
    const original = holder && replace(holder, name, part, around);
    if (original === undefined) return;
    truths.push((each) => { // the browser's functions serve the frames of the same origin, too
      const there = of(each);
      if (there !== undefined) Object.defineProperty(there, name, original);
    });
  };

  tell(navigatorOf, "userAgent", "get", () => agent);
  const appVersion = appVersionOf(navigator.appVersion, agent, story);
  tell(navigatorOf, "appVersion", "get", () => appVersion);
  tell(navigatorOf, "platform", "get", () => story.platform);
  tell(navigatorOf, "oscpu", "get", () => story.userAgent); // Firefox alone
  tell(hintsOf, "platform", "get", () => story.hints.platform);
  tell(hintsOf, "toJSON", "value", (told) => retold(told, story));
  tell(hintsOf, "getHighEntropyValues", "value", (told) => (told as Promise<unknown>).then((values) => retold(values, story)));

  if (window.top !== window) return; // the bridge is in no frame
  const end = crypto.randomUUID();
  document.addEventListener(end, (event) => {
    const { detail } = event as CustomEvent<unknown>;
    for (const each of [window, ...framesIn(window)]) {
      for (const restore of truths) restore(each);
      // Firefox has a page's own user agent from the request that brought it, and that told the story.
      const holder = navigatorOf(each);
      if (holder !== undefined && typeof detail === "string" && each.navigator.userAgent !== detail) replace(holder, "userAgent", "get", () => detail);
    }
  }, { once: true });
  offer(document, end);
}

/** The browser's own: the page's scripts may put another one there. */
const apply = Reflect.apply.bind(Reflect);

/** The hints that the browser gave, with the story's values for those of them that tell of the system. */
function retold(told: unknown, { hints }: Story): object {
  const given = told as Record<string, unknown>;
  return { ...given, ...Object.fromEntries(Object.entries(hints).filter(([name]) => Object.hasOwn(given, name))) };
}

/** The frames of a page that are told its story, however deep, also those inside of other sites' frames. */
function framesIn(window: Window): Window[] {
  const frames = Array.from({ length: window.length }, (_, i) => window[i] ?? []).flat();
  return frames.flatMap((frame) => [...(isSites(frame) ? [frame] : []), ...framesIn(frame)]);
}

/** Whether this window's story can be the same as its headers': frames of a site inside pages of other sites keep the truth in both, and so do other ports. */
export function isSites(window: Window): boolean {
  try {
    const { top, origin } = window;
    return top !== null && top.origin === origin && new URL(origin).port === "";
  } catch {
    return false; // another origin's, or none
  }
}
