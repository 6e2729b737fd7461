/** The toolbar popup: switches the site of the present tab on and off, and shows what is known of the card without a PIN. */

import { ask } from "../ask.ts";
import { api } from "../browser.ts";
import { connectHost } from "../connect.ts";
import { byId } from "../dom.ts";
import type { Translate } from "../i18n.ts";
import { loadTexts } from "../texts.ts";
import { isGranted, patternOf } from "../background/sites.ts";
import { cardStatus } from "../messages/results.ts";
import { language } from "../settings.ts";
import { cardPanel } from "./card.ts";

const lang = await language();
const t = await loadTexts(lang);
document.documentElement.lang = lang;
byId("site-title").textContent = t("popup_site");
byId("card-title").textContent = t("popup_card");
byId("card").textContent = t("popup_reading");
const cardPage = byId("card-page");
cardPage.textContent = t("popup_card_page");
cardPage.addEventListener("click", () => {
  void api.tabs.create({ url: api.runtime.getURL("card.html") }).then(() => {
    window.close();
  });
});
const options = byId("options");
options.textContent = t("popup_options");
options.addEventListener("click", () => {
  void api.runtime.openOptionsPage().then(() => {
    window.close();
  });
});

await Promise.all([showSite(t), showCard(t)]);

async function showCard(t: Translate): Promise<void> {
  byId("card").replaceChildren(...cardPanel(await ask(connectHost, { command: "status" }, cardStatus, lang), t, lang, new Date()));
}

/** The site of the present tab; opening the popup lets the extension see its address (activeTab). */
async function showSite(t: Translate): Promise<void> {
  const [tab] = await api.tabs.query({ active: true, currentWindow: true });
  const url = tab?.url === undefined ? undefined : new URL(tab.url);
  const local = url?.protocol === "http:" && (await isGranted(url.origin));
  if (!url || (url.protocol !== "https:" && !local)) {
    byId("site-state").textContent = t("popup_no_site");
    return;
  }
  byId("origin").textContent = url.origin;
  const origins = [patternOf(url.origin)];
  const toggle = byId("site-switch");
  let on = await isGranted(url.origin);
  const draw = (): void => {
    byId("site-state").textContent = t(on ? "popup_on" : "popup_off");
    toggle.textContent = t(on ? "popup_turn_off" : "popup_turn_on");
    toggle.className = on ? "secondary" : "primary";
    toggle.hidden = false;
  };
  draw();
  toggle.addEventListener("click", () => {
    // Nothing may wait before the request: the browser wants it in the click itself. The background does the rest when the permission changes.
    const change = on ? api.permissions.remove({ origins }) : api.permissions.request({ origins });
    // A host permission of the developer build cannot be taken back: the site stays on.
    void change.catch(() => false).then(async () => {
      on = await isGranted(url.origin);
      draw();
    });
  });
}
