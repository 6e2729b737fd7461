/** The options page, which is also the first page a citizen sees: what Natsuin is, how a site is switched on, and the sites that are. */

import { api } from "../browser.ts";
import { grantedSites, patternOf } from "../background/sites.ts";
import { button, byId, element } from "../dom.ts";
import type { MessageKey, Translate } from "../i18n.ts";
import { loadTexts } from "../texts.ts";
import { chooseLanguage, language } from "../settings.ts";

const texts: Record<string, MessageKey> = {
  title: "options_title", language: "language", unofficial: "options_unofficial", "welcome-title": "options_welcome",
  "step-program": "options_step_program", "step-site": "options_step_site", "step-window": "options_step_window",
  "sites-title": "options_sites", "address-label": "options_add_label", "add-submit": "options_add",
};

let lang = await language();
let t: Translate = await loadTexts(lang);

async function draw(): Promise<void> {
  document.documentElement.lang = lang;
  document.title = t("options_title");
  for (const [id, key] of Object.entries(texts)) byId(id).textContent = t(key);
  byId("language").lang = lang === "ja" ? "en" : "ja";
  await drawSites();
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

api.permissions.onAdded.addListener(() => void drawSites());
api.permissions.onRemoved.addListener(() => void drawSites());
await draw();
