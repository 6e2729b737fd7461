/**
 * The bridge in a government page: two hidden inputs by which the page finds an extension, and one event in each direction (efiling-pages.md §1). It reads
 * of a request no more than a refusal of its own needs, and takes nothing on the page's word. Where the official extension is there, it stands aside.
 */

import type { FromBridge, Served, ToBridge } from "../messages/bridge.ts";
import { maxDetail, parseDetail } from "./launch.ts";
import { failure } from "./reply.ts";
import { learnTruth, type Truth } from "./truth.ts";

/** How the bridge of a page stands: `aside` for the official extension, where it serves nothing and still hears when the site is switched off. */
export type State = "on" | "aside" | "off";

/** What the bridge uses of its extension. */
export interface Extension {
  connect: () => chrome.runtime.Port;
  /** Whether it is still there: an update or a removal leaves its scripts in the pages, cut off. */
  lives: () => boolean;
  /** The event by which a bridge tells those before it that they may have to go. */
  takeover: string;
}

export class PageBridge {
  readonly #window: Window;
  readonly #extension: Extension;
  #served: Served | undefined;
  #inputs: HTMLInputElement[] = [];
  #port: chrome.runtime.Port | undefined;
  /** The request that waits for its reply: one at a time, because replies have no number. */
  #waiting: { request: Record<string, unknown> | undefined } | undefined;
  #state: State = "on";
  /** Forgets every listener. */
  readonly #listeners = new AbortController();
  #heard = new AbortController();
  /** Sees what comes into the body while our inputs stand in it: the official extension may come later. */
  readonly #watch = new MutationObserver(() => { this.#isOurs(); });
  readonly #truth: Truth;

  /** `atOnce`: how such a page is served until the background has said how. */
  constructor(window: Window, atOnce: Served | undefined, extension: Extension) {
    this.#window = window;
    this.#extension = extension;
    const { signal } = this.#listeners;
    const { takeover } = extension;
    window.document.dispatchEvent(new CustomEvent(takeover)); // the inputs of a bridge that was cut off would look like the official extension's
    this.#truth = learnTruth(window.document, signal);
    window.document.addEventListener(takeover, () => { if (!extension.lives()) this.#abandon(); }, { signal });
    window.addEventListener("pagehide", () => { this.#leavePage(); }, { signal });
    window.addEventListener("pageshow", (event) => { if (event.persisted) this.#comeBack(); }, { signal });
    window.document.addEventListener("readystatechange", () => { this.#place(); }, { signal });
    if (atOnce !== undefined) this.#serve(atOnce);
    this.#open();
  }

  get state(): State {
    return this.#state;
  }

  /** The site may be off, or served otherwise: asks the background, which says so of itself to a page that connects. */
  look(): void {
    if (this.#state === "off") return;
    if (this.#port === undefined) this.#open();
    else this.#port.postMessage({ type: "look" } satisfies FromBridge);
  }

  /** Takes everything back that this script put into the page. */
  leave(): void {
    this.#state = "off";
    this.#listeners.abort();
    this.#heard.abort();
    this.#remove();
    this.#port?.disconnect();
    this.#port = undefined;
  }

  /** Leaves the page to the official extension. What was asked for before still has its answer. */
  #standAside(): void {
    this.#state = "aside";
    this.#heard.abort();
    this.#remove();
  }

  #serve(served: Served): void {
    if (this.#state !== "on") return;
    this.#served = served;
    this.#heard.abort();
    this.#heard = new AbortController();
    this.#window.document.addEventListener(served.request, (event) => { this.#launch((event as CustomEvent<unknown>).detail, served); }, { signal: this.#heard.signal });
    this.#remove();
    this.#place();
  }

  /** Puts the inputs where the page looks for them, once there is a body; nothing where another extension's stand. */
  #place(): void {
    const { document } = this.#window;
    if (this.#served === undefined || document.readyState === "loading" || !this.#isOurs() || this.#inputs.length > 0) return;
    this.#inputs = this.#served.inputs.map(({ id, value }) => {
      const input = document.createElement("input");
      Object.assign(input, { type: "hidden", id, value });
      return input;
    });
    const body = document.body as HTMLElement | null;
    if (body === null) return; // documents of other kinds have none
    body.append(...this.#inputs);
    this.#watch.observe(body, { childList: true });
  }

  #remove(): void {
    this.#watch.disconnect();
    for (const input of this.#inputs.splice(0)) input.remove();
  }

  /** Whether the page is ours to serve: where inputs stand that we did not put there, the official extension is, and this one stands aside. */
  #isOurs(): boolean {
    const { document } = this.#window;
    if (this.#state !== "on") return false;
    const others = this.#served?.inputs.some(({ id }) => Array.from(document.querySelectorAll(`[id="${id}"]`)).some((found) => !this.#inputs.includes(found as HTMLInputElement))) ?? false;
    if (others) this.#standAside();
    return !others;
  }

  #launch(detail: unknown, served: Served): void {
    if (!this.#isOurs()) return;
    const request = parseDetail(detail);
    const long = typeof detail === "string" && detail.length > maxDetail; // no port need carry what nobody reads
    if (long || this.#waiting !== undefined) {
      this.#say(failure(request, served.errcode));
      return;
    }
    this.#waiting = { request };
    const port = this.#open();
    if (port === undefined) return;
    port.postMessage({ type: "launch", detail: typeof detail === "string" ? detail : "" } satisfies FromBridge);
  }

  /** The port to the background, which ends its ports when it has been idle. */
  #open(): chrome.runtime.Port | undefined {
    if (this.#port !== undefined) return this.#port;
    let port: chrome.runtime.Port;
    try {
      port = this.#extension.connect();
    } catch {
      this.#abandon();
      return undefined;
    }
    port.onMessage.addListener((message: ToBridge) => {
      if (port === this.#port) this.#hear(message);
    });
    port.onDisconnect.addListener(() => {
      if (port !== this.#port) return;
      this.#port = undefined;
      if (this.#extension.lives()) this.#unanswered();
      else this.#abandon();
    });
    this.#port = port;
    return port;
  }

  #hear(message: ToBridge): void {
    switch (message.type) {
      case "serve":
        if (JSON.stringify(message.served) !== JSON.stringify(this.#served)) this.#serve(message.served);
        return;
      case "reply":
        this.#waiting = undefined;
        this.#say(message.detail);
        return;
      case "off":
        this.#unanswered();
        this.#truth.tell(message.userAgent);
        this.leave();
    }
  }

  /** Nobody is left to answer: the page hears so. */
  #unanswered(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined && this.#served !== undefined) this.#say(failure(waiting.request, this.#served.errcode));
  }

  /** The extension was updated or removed: this script belongs to nobody. */
  #abandon(): void {
    this.#unanswered();
    this.leave();
    this.#truth.bequeath();
  }

  #say(detail: string): void {
    if (this.#served === undefined) return;
    this.#window.document.dispatchEvent(new CustomEvent(this.#served.reply, { bubbles: true, detail }));
  }

  /** The protocol's mode 05, which comes from the extension and has no reply. */
  #leavePage(): void {
    this.#port?.postMessage({ type: "close" } satisfies FromBridge);
    this.#port?.disconnect();
    this.#port = undefined;
  }

  /** The page was kept and is shown again: what it asked for before it went was called off. */
  #comeBack(): void {
    this.#open();
    this.#unanswered();
  }
}
