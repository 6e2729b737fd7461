/**
 * How the bridge and the script that tells a page of another computer (src/disguise) meet: that script has an event on the document which ends the story with the
 * true user agent. Its name is another one in every page, and the two meet before any of the page's scripts: whichever comes later speaks first, and afterwards
 * neither listens.
 */

const [offered, asked] = ["end-offered", "end-asked"];

/** Tells the name of that event to a bridge, once: to the one that is there, or to the first that comes. */
export function offer(document: Document, end: string): void {
  const tell = (): boolean => document.dispatchEvent(new CustomEvent(offered, { detail: end, cancelable: true }));
  if (tell()) document.addEventListener(asked, tell, { once: true }); // nobody took it yet
}

/** What a bridge can do with the name, in a page that is told a story; nothing in others. */
export interface Truth {
  /** Ends the story. */
  tell: (userAgent: string) => void;
  /** Leaves the name to the bridge that comes next. */
  bequeath: () => void;
}

/** Learns the name. Whoever calls this must do it before a page's scripts run, or after a bridge that bequeathed it. */
export function learnTruth(document: Document, signal: AbortSignal): Truth {
  let end: unknown;
  document.addEventListener(offered, (event) => {
    event.preventDefault();
    end = (event as CustomEvent<unknown>).detail;
  }, { once: true, signal });
  document.dispatchEvent(new CustomEvent(asked));
  return {
    tell: (userAgent) => {
      if (typeof end === "string") document.dispatchEvent(new CustomEvent(end, { detail: userAgent }));
    },
    bequeath: () => {
      if (typeof end === "string") offer(document, end);
    },
  };
}
