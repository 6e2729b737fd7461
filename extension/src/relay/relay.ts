/**
 * The relay stands in every page of a site that was switched on. It answers the page library's handshake and carries messages between the page's
 * private port and the background, after checking what comes from the page. It takes nothing on the page's word but the arguments of a call: the origin
 * is stamped by the background.
 */

import { connectMessage, fromPage, type Connected, type FromRelay, type Pulse, type ToPage } from "../messages/page.ts";
import type { SiteError } from "../messages/host.ts";
import { Invalid } from "../shape.ts";
import { watchActivation } from "./activation.ts";

/** Listens for handshakes in this window; `connect` opens a port to the background. */
export function listen(window: Window, connect: () => chrome.runtime.Port): void {
  const takeActivation = watchActivation(window);
  window.addEventListener("message", (event: MessageEvent<unknown>) => {
    if (event.source !== window || event.origin !== window.location.origin) return;
    const port = event.ports[0];
    const id = connectId(event.data);
    if (port === undefined || id === undefined) return;
    relay(window, port, id, connect, takeActivation);
  });
}

function connectId(data: unknown): string | undefined {
  try {
    return connectMessage(data, "").id;
  } catch {
    return undefined; // some other message of the page's own
  }
}

/** Carries one call from its handshake to its end. */
function relay(window: Window, page: MessagePort, id: string, connect: () => chrome.runtime.Port, takeActivation: () => boolean): void {
  let background: chrome.runtime.Port;
  try {
    background = connect();
  } catch {
    return; // the extension was updated or removed: this relay belongs to nobody, and must not answer
  }

  const toPage = (message: Connected | Pulse | ToPage): void => {
    page.postMessage(JSON.stringify(message));
  };
  const end = (): void => {
    window.removeEventListener("pagehide", leave);
    page.onmessage = null;
    background.disconnect();
  };
  const fail = (error: SiteError): void => {
    toPage({ type: "error", error });
    end();
  };
  // A page that goes away cancels what it asked for; should it come back from the back-forward cache, it finds that out.
  const leave = (): void => {
    fail({ code: "CANCELLED" });
  };
  window.addEventListener("pagehide", leave);

  background.onMessage.addListener((message: ToPage) => {
    toPage(message);
    if (message.type === "result" || message.type === "error") end();
  });
  background.onDisconnect.addListener(() => {
    fail({ code: "UNAVAILABLE" }); // the extension is being updated or switched off
  });
  page.onmessage = (event: MessageEvent<unknown>) => {
    if (event.data === closeText) end();
    else if (event.data === pulseText) toPage({ type: "pulse" });
    else background.postMessage(checked(event.data, takeActivation));
  };
  toPage({ type: "connected", id, pulse: true });
}

const closeText = JSON.stringify({ type: "close" });
const pulseText = JSON.stringify({ type: "pulse" } satisfies Pulse);

/** Turns what a page said into what the background may hear. A fault is passed on as one, so that the citizen reads of it too. */
function checked(data: unknown, takeActivation: () => boolean): FromRelay {
  try {
    const message = fromPage(parse(data), "");
    if (message.type !== "start") return message;
    return { ...message, activated: message.command !== "status" && takeActivation() };
  } catch (error) {
    return { type: "invalid", field: error instanceof Invalid ? error.field : "message" };
  }
}

function parse(data: unknown): unknown {
  if (typeof data !== "string") throw new Invalid("");
  return JSON.parse(data) as unknown;
}
