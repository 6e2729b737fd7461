/** The page of Natsuin's window: connects to the background and draws. */

import { api } from "../browser.ts";
import { loadTexts } from "../texts.ts";
import { windowPort, type ToWindow } from "../messages/window.ts";
import { chooseLanguage } from "../settings.ts";
import { listenToKeys } from "./keys.ts";
import { PromptWindow } from "./window.ts";

listenToKeys();

const port = api.runtime.connect({ name: windowPort });
const prompt = new PromptWindow({
  send: (message) => {
    if (!prompt.over) port.postMessage(message);
  },
  close: () => {
    window.close();
  },
  texts: loadTexts,
  chooseLanguage,
});
port.onMessage.addListener((message: ToWindow) => {
  prompt.receive(message);
});
port.onDisconnect.addListener(() => {
  prompt.lost();
});

// The newest window takes the place of those that still show an outcome.
const windows = new BroadcastChannel("natsuin-windows");
windows.onmessage = () => {
  if (prompt.over) window.close();
};
windows.postMessage("opened");
