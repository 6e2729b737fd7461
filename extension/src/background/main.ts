/** The background: one map from port names to handlers, and the browser's events. All listeners are added before anything waits. */

import { api } from "../browser.ts";
import { connectHost } from "../connect.ts";
import { cardPort } from "../messages/card.ts";
import { callPort } from "../messages/page.ts";
import { windowPort } from "../messages/window.ts";
import { chooseReader, guardSettings, language, preferences } from "../settings.ts";
import { Calls } from "./calls.ts";
import { isGranted, keepSites } from "./sites.ts";

const windowPage = api.runtime.getURL("prompt.html");
const cardPage = api.runtime.getURL("card.html");

const calls = new Calls({
  extensionId: api.runtime.id,
  version: api.runtime.getManifest().version,
  windowPage,
  cardPage,
  isGranted,
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

const handlers: Record<string, (port: chrome.runtime.Port) => void> = {
  [callPort]: (port) => {
    calls.call(port);
  },
  [cardPort]: (port) => {
    calls.own(port);
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
keepSites();
guardSettings().catch((error: unknown) => {
  console.error("guarding the settings failed", error);
});

/** Shows how Natsuin is switched on, unless an administrator installed it. */
async function welcome(): Promise<void> {
  const { installType } = await api.management.getSelf();
  if (installType !== "admin") await api.tabs.create({ url: api.runtime.getURL("options.html#welcome") });
}
