/** Who speaks, by the browser's own record of the sender; never by what was said. */

import type { ErrorCode } from "../page/natsuin.ts";

type Sender = chrome.runtime.MessageSender;

/** Longer origins are refused by the host. */
const maxOrigin = 255;

/** The origin of a page that may call, or why it may not: https, or http on this machine itself (which only the developer build is granted). */
export function originOf(sender: Sender | undefined, extensionId: string): { origin: string } | { code: ErrorCode } {
  if (sender?.id !== extensionId || sender.tab?.id === undefined || sender.url === undefined) return { code: "INTERNAL" };
  if (sender.frameId !== 0) return { code: "NOT_TOP_FRAME" };
  const url = new URL(sender.url);
  const local = url.protocol === "http:" && (url.hostname === "localhost" || url.hostname === "127.0.0.1");
  // A sandboxed page has an address but no origin: where the browser tells the origin, the two must agree.
  const opaque = sender.origin !== undefined && sender.origin !== url.origin;
  if ((url.protocol !== "https:" && !local) || opaque || url.origin.length > maxOrigin) return { code: "INSECURE_CONTEXT" };
  return { origin: url.origin };
}

/** The operation whose window speaks, when it is really our own window's page. */
export function operationOf(sender: Sender | undefined, extensionId: string, windowPage: string): string | undefined {
  return ownAddress(sender, extensionId, windowPage)?.searchParams.get("operation") ?? undefined;
}

/** Whether one of our own pages speaks, and from a tab's top frame: nothing that a site or its relay opens is one. */
export function isOwnPage(sender: Sender | undefined, extensionId: string, page: string): boolean {
  return ownAddress(sender, extensionId, page) !== undefined && sender?.frameId === 0;
}

/** The address of the speaker when it is that page of ours; `page` has neither query nor fragment. */
function ownAddress(sender: Sender | undefined, extensionId: string, page: string): URL | undefined {
  if (sender?.id !== extensionId || sender.url === undefined) return undefined;
  if (sender.origin !== undefined && sender.origin !== new URL(page).origin) return undefined;
  const bare = new URL(sender.url);
  bare.search = bare.hash = "";
  return bare.href === page ? new URL(sender.url) : undefined;
}
