/**
 * Tells a page the story: runs in the page's own world, before its scripts. A page that looks for it can find it out; nothing of Natsuin's depends on what a page
 * does with it.
 */

import { appVersionOf, userAgentOf, type Story } from "./story.ts";

/**
 * How the bridge learns the name of the event on the document that ends the disguise with the true user agent. The name is another one in every page, and the two
 * scripts meet before any of the page's: whichever comes later speaks first, and afterwards neither listens.
 */
const [offered, asked] = ["end-offered", "end-asked"];

type Method = (...args: unknown[]) => unknown;

/** Puts the story in place of the truth, in this window, until the event comes. */
export function disguise(window: Window & typeof globalThis, story: Story): void {
  const { navigator, Navigator, document } = window;
  const agent = userAgentOf(navigator.userAgent, story);
  const truths: (() => void)[] = [];
  const apply = Reflect.apply.bind(Reflect); // the page's scripts may put another one there
  /** Has what a prototype has under that name say something else than it would. */
  const replace = (prototype: object, name: string, part: "get" | "value", around: (told: unknown) => unknown): void => {
    const original = Object.getOwnPropertyDescriptor(prototype, name);
    if (original?.configurable !== true) return; // this browser has no such thing
    // A proxy of the browser's own function has its name, and its complaints.
    const told = new Proxy(Reflect.get(original, part) as Method, { apply: (real, self, args) => around(apply(real, self, args)) });
    Object.defineProperty(prototype, name, { ...original, [part]: told });
    truths.push(() => { Object.defineProperty(prototype, name, original); });
  };
  const tell = (prototype: object, name: string, value: string): void => {
    replace(prototype, name, "get", () => value);
  };

  tell(Navigator.prototype, "userAgent", agent);
  tell(Navigator.prototype, "appVersion", appVersionOf(navigator.appVersion, agent, story));
  tell(Navigator.prototype, "platform", story.platform);
  tell(Navigator.prototype, "oscpu", story.userAgent); // Firefox alone

  const hints = (navigator as { userAgentData?: object }).userAgentData;
  if (hints !== undefined) {
    const prototype = Object.getPrototypeOf(hints) as object;
    tell(prototype, "platform", story.hints.platform);
    replace(prototype, "toJSON", "value", (told) => retold(told, story));
    replace(prototype, "getHighEntropyValues", "value", (told) => (told as Promise<unknown>).then((values) => retold(values, story)));
  }

  const end = crypto.randomUUID();
  document.addEventListener(end, (event) => {
    for (const restore of truths.splice(0)) restore();
    // Firefox has a page's own user agent from the request that brought it, and that told the story.
    const { detail } = event as CustomEvent<unknown>;
    if (typeof detail === "string" && navigator.userAgent !== detail) tell(Navigator.prototype, "userAgent", detail);
  }, { once: true });
  if (window.top === window) offer(document, end); // the bridge is in no frame
}

function offer(document: Document, end: string): void {
  const tell = (): boolean => document.dispatchEvent(new CustomEvent(offered, { detail: end, cancelable: true }));
  if (tell()) document.addEventListener(asked, tell, { once: true }); // nobody took it yet
}

/** What the bridge does: learns of the disguise, and returns how to end it in this page. */
export function learnEnd(document: Document, signal: AbortSignal): (userAgent: string) => void {
  let end: unknown;
  document.addEventListener(offered, (event) => {
    event.preventDefault();
    end = (event as CustomEvent<unknown>).detail;
  }, { once: true, signal });
  document.dispatchEvent(new CustomEvent(asked));
  return (userAgent) => {
    if (typeof end === "string") document.dispatchEvent(new CustomEvent(end, { detail: userAgent }));
  };
}

/** The hints that the browser gave, with the story's values for those of them that tell of the system. */
function retold(told: unknown, { hints }: Story): object {
  const given = told as Record<string, unknown>;
  return { ...given, ...Object.fromEntries(Object.entries(hints).filter(([name]) => Object.hasOwn(given, name))) };
}

/** Whether this window's story can be the same as its headers': frames of a site inside pages of other sites keep the truth in both, and so do other ports. */
export function isSites({ top, origin }: Window): boolean {
  try {
    return top !== null && top.origin === origin && new URL(origin).port === "";
  } catch {
    return false; // another origin's, or none
  }
}
