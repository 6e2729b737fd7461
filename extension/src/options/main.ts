/** The options page, which is also the first page a citizen sees: what Natsuin is, how a site is switched on, and the sites that are. */

import { api } from "../browser.ts";
import { grantedSites, patternOf } from "../background/sites.ts";
import { button, byId, element } from "../dom.ts";
import type { MessageKey, Translate } from "../i18n.ts";
import { ask } from "../ask.ts";
import { connectHost } from "../connect.ts";
import { cardStatus } from "../messages/results.ts";
import { loadTexts } from "../texts.ts";
import { chooseLanguage, language, pinPadWanted, wantPinPad } from "../settings.ts";

const texts: Record<string, MessageKey> = {
  title: "options_title", language: "language", unofficial: "options_unofficial", "welcome-title": "options_welcome",
  "step-program": "options_step_program", "step-site": "options_step_site", "step-window": "options_step_window",
  "card-page": "popup_card_page", "sites-title": "options_sites", "address-label": "options_add_label", "add-submit": "options_add",
  "pad-title": "options_pad", "pad-label": "options_pad_use",
};

let lang = await language();
let t: Translate = await loadTexts(lang);
/** Whether a reader with a pad is connected; found out once, when the page opens. */
let padThere = false;
const pad = byId("pad") as HTMLInputElement;

async function draw(): Promise<void> {
  document.documentElement.lang = lang;
  document.title = t("options_title");
  for (const [id, key] of Object.entries(texts)) byId(id).textContent = t(key);
  byId("language").lang = lang === "ja" ? "en" : "ja";
  await drawPad();
  await drawSites();
}

/** The pad can be chosen where there is one; a choice that was made can always be taken back. */
async function drawPad(): Promise<void> {
  pad.checked = await pinPadWanted();
  pad.disabled = !padThere && !pad.checked;
  byId("pad-hint").textContent = t(padThere || pad.checked ? "options_pad_hint" : "options_pad_none");
}

async function findPad(): Promise<void> {
  const answer = await ask(connectHost, { command: "status" }, cardStatus, lang);
  padThere = "result" in answer && answer.result.readers.some(({ pinPad }) => pinPad === true);
  await drawPad();
}

async function drawSites(): Promise<void> {
  const sites = await grantedSites();
  const entries = sites.map((pattern) => {
    const site = pattern.replace(/\/\*$/, "");
    const remove = button({ "aria-label": `${t("options_turn_off")} – ${site}` }, t("options_turn_off"), () => {
      // What the manifest or an administrator grants cannot be taken back here: the browser refuses.
      void api.permissions.remove({ origins: [pattern] }).then((removed) => { if (!removed) refuse(); }, refuse);
    });
    const refuse = (): void => {
      remove.replaceWith(element("span", {}, t("options_remove_fixed")));
    };
    return element("li", {}, element("span", { dir: "ltr" }, site), remove);
  });
  byId("sites").replaceChildren(...(entries.length > 0 ? entries : [element("li", {}, t("options_no_sites"))]));
}

byId("language").addEventListener("click", () => {
  void (async () => {
    lang = lang === "ja" ? "en" : "ja";
    await chooseLanguage(lang);
    t = await loadTexts(lang);
    await draw();
  })();
});

byId("add").addEventListener("submit", (event) => {
  event.preventDefault();
  const field = byId("address") as HTMLInputElement;
  const problem = byId("add-problem");
  problem.textContent = "";
  const url = URL.canParse(field.value) ? new URL(field.value) : undefined;
  if (url?.protocol !== "https:") {
    problem.textContent = t("options_add_invalid");
    return;
  }
  // Nothing may wait before the request: the browser wants it in the click itself.
  void api.permissions.request({ origins: [patternOf(url.origin)] }).then((granted) => {
    if (granted) field.value = "";
    else problem.textContent = t("options_add_refused");
  });
});

pad.addEventListener("change", () => {
  void wantPinPad(pad.checked).then(drawPad);
});

api.permissions.onAdded.addListener(() => void drawSites());
api.permissions.onRemoved.addListener(() => void drawSites());
await draw();
void findPad();
