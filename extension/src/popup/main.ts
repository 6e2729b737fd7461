/** The toolbar popup: switches the site of the present tab on and off, shows what is known of the card without a PIN, and leads to the explanations. */

import { ask } from "../ask.ts";
import { api } from "../browser.ts";
import { deskOf } from "../card/desks.ts";
import { searchFragment } from "../card/opening.ts";
import { connectHost } from "../connect.ts";
import { byId } from "../dom.ts";
import type { MessageKey, Translate } from "../i18n.ts";
import { isBlocked, isVouchedFor, sitePolicy, unusableForbidding } from "../policy.ts";
import { loadTexts } from "../texts.ts";
import { isGranted, patternOf } from "../background/sites.ts";
import { cardStatus, directory, type Desk } from "../messages/results.ts";
import { chosenDesk, language } from "../settings.ts";
import { showGovernment } from "./bridge.ts";
import { cardPanel } from "./card.ts";

const lang = await language();
const t = await loadTexts(lang);
document.documentElement.lang = lang;
const texts: Record<string, MessageKey> = {
  "site-title": "popup_site", "card-title": "popup_card", card: "popup_reading", "card-page": "popup_card_page", "verify-page": "verify_title",
  "search-label": "popup_search", "search-submit": "card_search", options: "popup_options",
  bridge: "popup_bridge_setup",
};
for (const [id, key] of Object.entries(texts)) byId(id).textContent = t(key);

byId("card-page").addEventListener("click", () => {
  openTab("card.html");
});
byId("verify-page").addEventListener("click", () => {
  openTab("verify.html");
});
byId("search-form").addEventListener("submit", (event) => {
  event.preventDefault();
  openTab(`card.html${searchFragment((byId("search") as HTMLInputElement).value)}`);
});
// Links lead to the card page, and the popup goes as it does with the buttons.
byId("card").addEventListener("click", (event) => {
  const link = (event.target as Element).closest("a");
  if (!link) return;
  event.preventDefault();
  openTab(link.getAttribute("href") ?? "");
});
byId("options").addEventListener("click", () => {
  void api.runtime.openOptionsPage().then(() => {
    window.close();
  });
});

await Promise.all([showSite(t), showCard(t), showFaults(t)]);

async function showCard(t: Translate): Promise<void> {
  const [answer, desk] = await Promise.all([ask(connectHost, { command: "status" }, cardStatus, lang), findDesk()]);
  byId("card").replaceChildren(...cardPanel(answer, { t, lang, desk, token: undefined, page: "card.html" }));
}

/** Says that something may be forbidden here which an administrator did not mean to. */
async function showFaults(t: Translate): Promise<void> {
  const unusable = await unusableForbidding();
  byId("policy-faults").textContent = unusable.length > 0 ? t("popup_policy_faults") : "";
}

/** The help desk that the citizen chose, as the host's directory has it. */
async function findDesk(): Promise<Desk | undefined> {
  const key = await chosenDesk();
  if (key === undefined) return undefined;
  const answer = await ask(connectHost, { command: "desks" }, directory, lang);
  return "result" in answer ? deskOf(key, answer.result.desks) : undefined;
}

/** Opens a page of ours beside the site's. */
function openTab(page: string): void {
  void api.tabs.create({ url: api.runtime.getURL(page) }).then(() => {
    window.close();
  });
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
  const policy = await sitePolicy();
  if (isBlocked(policy, url.origin)) {
    byId("site-state").textContent = t("popup_blocked");
    return;
  }
  if (tab?.id !== undefined && (await showGovernment(url, tab.id, t, openTab))) return;
  const origins = [patternOf(url.origin)];
  const toggle = byId("site-switch");
  let on = await isGranted(url.origin);
  const draw = (): void => {
    byId("site-state").textContent = [t(on ? "popup_on" : "popup_off"), ...(isVouchedFor(policy, url.origin) ? [t("popup_vouched")] : [])].join(" ");
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
