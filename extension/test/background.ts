/** A browser with one background in it, and what happens there. */

import { Calls } from "../src/background/calls.ts";
import { Host } from "../src/host.ts";
import type { OwnRequest, Preferences } from "../src/messages/host.ts";
import { golden, HostPort, pair, settle, type FakePort } from "./fakes.ts";

export const extensionId = "hhnehdihhglcpjndlgjpdphoohfhihjg";
export const windowPage = `chrome-extension://${extensionId}/prompt.html`;
export const cardPage = `chrome-extension://${extensionId}/card.html`;
export const shinsei = "https://shinsei.example";
export const { challenge } = golden("request-authenticate") as { challenge: string };
export const hello = golden("hello");
export const authenticated = (golden("result-authenticate") as { result: unknown }).result;
const card = { token: "card", issuer: "foreign" };
export const pinPrompt = { type: "prompt", prompt: 1, kind: "pin", pin: "authentication", triesLeft: 3, maxTries: 3, card };
export const consentPrompt = { type: "prompt", prompt: 1, kind: "consent", digest: "6b".repeat(32), hidden: 0, pin: "signature", triesLeft: 5, maxTries: 5, card };
export const dialog = { type: "dialog", pin: "authentication", triesLeft: 3, maxTries: 3, card };

export class Browser {
  readonly hosts: HostPort[] = [];
  readonly opened: string[] = [];
  readonly closed: number[] = [];
  readonly focused: number[] = [];
  readonly timers = new Map<number, () => void>();
  granted = true;
  preferences: Preferences = { windowPin: true };
  readonly chosenReaders: string[] = [];
  windowFails = false;
  /** Windows open no sooner than this. */
  windowDelay = Promise.resolve();
  readonly calls = new Calls({
    extensionId,
    version: "0.1.0",
    windowPage,
    cardPage,
    isGranted: () => Promise.resolve(this.granted),
    language: (site) => Promise.resolve(site ?? "ja"),
    preferences: () => Promise.resolve(this.preferences),
    chooseReader: (reader) => this.chosenReaders.push(reader),
    connectHost: (listener) => {
      const port = new HostPort();
      this.hosts.push(port);
      return new Host(port.port, () => "Specified native messaging host not found.", "0.1.0", listener);
    },
    openWindow: (operation) => {
      if (this.windowFails) return Promise.reject(new Error("no window"));
      const id = this.opened.push(operation);
      return this.windowDelay.then(() => id);
    },
    closeWindow: (id) => this.closed.push(id),
    focusWindow: (id) => this.focused.push(id),
    later: (milliseconds, act) => {
      this.timers.set(milliseconds, act);
      return () => this.timers.delete(milliseconds);
    },
  });

  get host(): HostPort {
    const last = this.hosts.at(-1);
    if (!last) throw new Error("no host was started");
    return last;
  }

  /** A page's relay opens a port. */
  page(origin = shinsei, sender: Partial<chrome.runtime.MessageSender> = {}): FakePort {
    const [relay, background] = pair("call", {
      id: extensionId, frameId: 0, url: `${origin}/form?q=1`, origin, tab: { id: 7 } as chrome.tabs.Tab, ...sender,
    });
    this.calls.call(background.port);
    return relay;
  }

  /** The window's page opens its port. */
  window(sender: Partial<chrome.runtime.MessageSender> = {}) {
    const [window, background] = pair("window", { id: extensionId, url: `${windowPage}?operation=${this.opened.at(-1) ?? ""}`, origin: new URL(windowPage).origin, ...sender });
    const heard = inbox(window);
    this.calls.window(background.port);
    return { window, heard, shown: () => heard.filter(({ type }) => type === "state").at(-1)?.state };
  }

  /** An operation that the host has been asked for, with its window open. */
  async operation(command: "authenticate" | "sign", request: object) {
    const page = this.page();
    const heard = inbox(page);
    page.postMessage({ type: "start", command, activated: true, lang: "ja" });
    page.postMessage({ type: command, ...request });
    await settle();
    this.host.onMessage.emit(hello);
    const [id = ""] = this.opened;
    const say = (message: object): void => { this.host.onMessage.emit({ id, ...message }); };
    return { page, id, say, ...this.window(), heard };
  }

  /** The card page opens a port. */
  cardPage(sender: Partial<chrome.runtime.MessageSender> = {}): FakePort {
    const [page, background] = pair("card", { id: extensionId, frameId: 0, url: cardPage, origin: new URL(cardPage).origin, tab: { id: 8 } as chrome.tabs.Tab, ...sender });
    this.calls.own(background.port);
    return page;
  }

  /** An operation of the card page that the host has been asked for, with its window open. */
  async own(request: OwnRequest) {
    const page = this.cardPage();
    const heard = inbox(page);
    page.postMessage({ lang: "ja", request });
    await settle();
    this.host.onMessage.emit(hello);
    const id = this.opened.at(-1) ?? "";
    const say = (message: object): void => { this.host.onMessage.emit({ id, ...message }); };
    return { page, id, say, ...this.window(), heard };
  }

  /** A login that the host has been asked for. */
  login() {
    return this.operation("authenticate", { challenge });
  }
}

/** What arrived at an end of a port. */
export function inbox(port: FakePort): Record<string, unknown>[] {
  const messages: Record<string, unknown>[] = [];
  port.onMessage.addListener((message) => messages.push(message as Record<string, unknown>));
  return messages;
}
