/** The background: one map from port names to handlers, and the browser's events. All listeners are added before anything waits. */

import { api } from "../browser.ts";
import { connectHost } from "../connect.ts";
import { cardPort } from "../messages/card.ts";
import { bridged, isBridged, siteOf } from "../bridge/settings.ts";
import { bridgePort } from "../messages/bridge.ts";
import { callPort } from "../messages/page.ts";
import { windowPort } from "../messages/window.ts";
import { sitePolicy } from "../policy.ts";
import { chooseReader, guardSettings, language, preferences } from "../settings.ts";
import { Bridges } from "./bridges.ts";
import { keepBridges } from "./bridgesites.ts";
import { Calls, refusalOf } from "./calls.ts";
import { Pace, type Pasts } from "./pace.ts";
import { note } from "./recordings.ts";
import { isGranted, keepSites } from "./sites.ts";
import { Updates } from "./updates.ts";

const windowPage = api.runtime.getURL("prompt.html");
const cardPage = api.runtime.getURL("card.html");

const calls = new Calls({
  extensionId: api.runtime.id,
  version: api.runtime.getManifest().version,
  windowPage,
  cardPage,
  isGranted: async (origin) => (await isGranted(origin)) && !(await isBridged(origin)),
  language,
  preferences,
  chooseReader: (reader) => void chooseReader(reader),
  connectHost,
  openWindow: async (operation) => {
    const opened = await api.windows.create({ url: `${windowPage}?operation=${operation}`, type: "popup", width: 520, height: 740, focused: true });
    if (opened?.id === undefined) throw new Error("the browser opened no window");
    return opened.id;
  },
  closeWindow: (id) => {
    api.windows.remove(id).catch(() => undefined); // it was closed already
  },
  focusWindow: (id) => {
    api.windows.update(id, { focused: true, drawAttention: true }).catch(() => undefined); // it is being closed
  },
  later: (milliseconds, act) => {
    const timer = setTimeout(act, milliseconds);
    return () => {
      clearTimeout(timer);
    };
  },
});

const bridges = new Bridges({
  extensionId: api.runtime.id,
  userAgent: navigator.userAgent,
  siteOf,
  language,
  taken: (origin) => calls.taken(origin),
  start: (call, gone) => calls.start(call, gone),
  refusalOf,
  inFront,
  pace: new Pace(
    async () => ((await api.storage.session.get("bridgePace")).bridgePace ?? {}) as Pasts,
    (bridgePace) => api.storage.session.set({ bridgePace }),
    Date.now,
  ),
  note,
});

const updates = new Updates({
  busy: () => calls.busy || bridges.busy,
  pagesOpen: async () => (await api.runtime.getContexts({})).some(({ contextType }) => ["TAB", "POPUP"].includes(contextType)),
  remembered: async () => (await api.storage.session.get("updateWaits")).updateWaits === true,
  remember: (updateWaits) => api.storage.session.set({ updateWaits }),
  reload: () => {
    api.runtime.reload();
  },
  later: (milliseconds, act) => void setTimeout(act, milliseconds),
});

const handlers: Record<string, (port: chrome.runtime.Port) => void> = {
  [callPort]: (port) => {
    calls.call(port);
  },
  [cardPort]: (port) => {
    calls.own(port);
  },
  [bridgePort]: (port) => {
    bridges.connect(port);
  },
  [windowPort]: (port) => {
    calls.window(port);
  },
};

api.runtime.onConnect.addListener((port) => handlers[port.name]?.(port));
api.windows.onRemoved.addListener((id) => {
  calls.windowClosed(id);
});
api.runtime.onInstalled.addListener(({ reason }) => {
  if (reason === "install") void welcome();
});
api.runtime.onUpdateAvailable.addListener(() => void updates.available());
// Chromium hands the policy over a moment after an installation, and tells of it once.
api.storage.onChanged.addListener(({ allowedSites }, area) => {
  if (area === "managed" && allowedSites !== undefined && allowedSites.oldValue === undefined) void welcome();
});
keepSites(bridged);
keepBridges(() => {
  bridges.look();
});
guardSettings().catch((error: unknown) => {
  console.error("guarding the settings failed", error);
});
void updates.resume();

/** Whether the citizen has that tab before them: it is the chosen one of the window they used last, or ours lies over it with the outcome of what it asked for. */
async function inFront(id: number): Promise<boolean> {
  const { active, windowId } = await api.tabs.get(id);
  const [own, last] = await Promise.all([api.windows.get(windowId), api.windows.getLastFocused()]);
  return active && own.state !== "minimized" && (last.id === windowId || (last.id !== undefined && calls.isWindowOf(last.id, id)));
}

/** Shows how Natsuin is switched on; where an administrator installed it, only if they vouch for sites, which the citizen still has to switch on. */
async function welcome(): Promise<void> {
  const [{ installType }, { allowed }] = await Promise.all([api.management.getSelf(), sitePolicy()]);
  if (installType !== "admin" || allowed.length > 0) await api.tabs.create({ url: api.runtime.getURL("options.html#welcome") });
}
