/** The options page, which is also the first page a citizen sees: what Natsuin is, how a site is switched on, and the sites that are. */

import { api } from "../browser.ts";
import { isAmong, patternOf, permittedSites } from "../background/sites.ts";
import { bridged } from "../bridge/settings.ts";
import { button, byId, element, inTurn } from "../dom.ts";
import { notesOn, remedyOf } from "../errors.ts";
import type { ErrorBody, Hello } from "../messages/host.ts";
import type { MessageKey, Translate } from "../i18n.ts";
import { ask, greet, type Answer } from "../ask.ts";
import { connectHost } from "../connect.ts";
import { isBlocked, isVouchedFor, sitePolicy, unusable, type SitePolicy } from "../policy.ts";
import { cardStatus, type CardStatus } from "../messages/results.ts";
import { loadTexts } from "../texts.ts";
import { drawBridges, isGovernmentPage, listenToBridges } from "./bridges.ts";
import { chooseLanguage, language, pinPadWanted, wantPinPad } from "../settings.ts";

const texts: Record<string, MessageKey> = {
  title: "options_title", language: "language", unofficial: "options_unofficial", "welcome-title": "options_welcome",
  "step-program-how": "options_step_program_how", "step-site": "options_step_site", "step-window": "options_step_window",
  "card-page": "popup_card_page", "verify-page": "verify_title", "sites-title": "options_sites", "address-label": "options_add_label", "add-submit": "options_add",
  "pad-title": "options_pad", "versions-title": "options_versions", "version-extension-label": "options_version_extension", "version-host-label": "options_version_host", "pad-label": "options_pad_use", "pad-find": "options_pad_find",
};

/** What the project says of each system, and where its packages are. */
const installPages = {
  ja: "https://github.com/natsuin/natsuin/blob/main/README.ja.md#インストール",
  en: "https://github.com/natsuin/natsuin#install-it",
};

/** What to install, by the system. There is no program for others. */
const installSteps: Partial<Record<string, MessageKey>> = { win: "options_install_win", linux: "options_install_linux", mac: "options_install_mac" };
const installStep = installSteps[(await api.runtime.getPlatformInfo()).os];

/** How long it takes until the program is looked for again, in milliseconds: at first, and at most. */
const [firstPause, longestPause] = [2_000, 30_000];

let lang = await language();
let t: Translate = await loadTexts(lang);
/** The readers, once the citizen had them looked for: opening this page touches no card. */
let readers: Answer<CardStatus> | undefined;
/** The program's greeting, once it is there. */
let hello: Answer<Hello> | undefined;
const pad = byId("pad") as HTMLInputElement;
const padFind = byId("pad-find");

async function draw(): Promise<void> {
  document.documentElement.lang = lang;
  document.title = t("options_title");
  for (const [id, key] of Object.entries(texts)) byId(id).textContent = t(key);
  byId("step-program-how").setAttribute("href", installPages[lang]);
  byId("language").lang = lang === "ja" ? "en" : "ja";
  byId("step-program").textContent = t(installStep ?? "options_install_none");
  drawProgram();
  await drawPad();
  await drawSites();
  await drawBridges(t, lang);
}

/** Whether the program is there, where the citizen reads how to install it, and what is installed. One that does not fit says so in words: which of the two to update, and how. */
function drawProgram(): void {
  const version = hello !== undefined && "result" in hello ? hello.result.version : undefined;
  const error = hello !== undefined && "error" in hello ? hello.error : undefined;
  const shown = byId("step-program-state");
  const state = version === undefined ? unanswered(error, t("options_program_missing")) : t("options_program_there", version);
  shown.hidden = installStep === undefined;
  shown.classList.toggle("there", version !== undefined);
  if (shown.textContent !== state) shown.textContent = state; // what stays as it is must not be read out again
  byId("version-extension").textContent = api.runtime.getManifest().version;
  byId("version-host").textContent = version ?? unanswered(error);
}

/** What is read while the program has not greeted: why, or that it is being looked for. `missing` takes the place of the error that it is not there. */
function unanswered(error: ErrorBody | undefined, missing?: string): string {
  if (installStep === undefined) return t("options_install_none");
  if (error === undefined) return t("options_version_looking");
  return error.code === "HOST_MISSING" && missing !== undefined ? missing : explained(error);
}

/**
 * Looks for the program. Where there is none, the citizen may be installing it: it is looked for again, as long as they have this page before them. In the middle of an installation it can
 * be there and not start yet, so that once it was missing, a failure ends nothing either; one that never was is not started again and again.
 */
async function lookForProgram(): Promise<void> {
  let [missing, pause] = [false, firstPause];
  for (;;) {
    hello = await greet(connectHost);
    drawProgram();
    const code = "error" in hello ? hello.error.code : undefined;
    missing ||= code === "HOST_MISSING";
    if (!missing || (code !== "HOST_MISSING" && code !== "HOST_FAILED")) return;
    pause = await shownAgain(pause) ? firstPause : Math.min(2 * pause, longestPause);
  }
}

/** Waits that long, and then until the page is before the citizen. Whether it was brought there in the meantime, which ends the waiting: they come back from somewhere, perhaps from installing. */
function shownAgain(pause: number): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (shown: boolean): void => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", look);
      resolve(shown);
    };
    const look = (): void => {
      if (!document.hidden) end(true);
    };
    const timer = setTimeout(() => {
      if (!document.hidden) end(false);
    }, pause);
    document.addEventListener("visibilitychange", look);
  });
}

/** An error in one paragraph. */
function explained(error: ErrorBody): string {
  return [t(`error_${error.code}`), remedyOf(error, t), ...notesOn(error, t)].join(" ");
}

/** The pad can be chosen where there is one; a choice that was made can always be taken back. */
async function drawPad(): Promise<void> {
  pad.checked = await pinPadWanted();
  const there = readers !== undefined && "result" in readers && readers.result.readers.some(({ pinPad }) => pinPad === true);
  const offered = there || pad.checked;
  pad.disabled = !offered;
  padFind.hidden = offered;
  byId("pad-hint").textContent = offered ? t("options_pad_hint") : padMissing(readers);
}

/** Why no pad can be chosen. */
function padMissing(looked: typeof readers): string {
  if (looked === undefined) return t("options_pad_ask");
  return "error" in looked ? explained(looked.error) : t("options_pad_none");
}

async function findPad(): Promise<void> {
  if (padFind.getAttribute("aria-disabled") === "true") return;
  padFind.setAttribute("aria-disabled", "true"); // it keeps the focus
  byId("pad-hint").textContent = t("popup_reading");
  readers = await ask(connectHost, { command: "status" }, cardStatus, lang);
  padFind.removeAttribute("aria-disabled");
  await drawPad();
  if (padFind.hidden) pad.focus();
}

/** The administrator's sites, as they were read last: a click must not wait for them. */
let policy: SitePolicy = { allowed: [], blocked: [] };

/** Draws the sites that are on; those of government pages stand in their own section. */
const drawSites = inTurn(async (): Promise<void> => {
  policy = await sitePolicy();
  const [permitted, others] = await Promise.all([permittedSites(), bridged()]);
  const entries = permitted.filter((pattern) => !isAmong(pattern, others)).map((pattern) => {
    const site = pattern.replace(/\/\*$/, "");
    const remove = button({ "aria-label": `${t("options_turn_off")} – ${site}` }, t("options_turn_off"), () => {
      // What the manifest or an administrator grants cannot be taken back here: the browser refuses.
      void api.permissions.remove({ origins: [pattern] }).then((removed) => { if (!removed) refuse(); }, refuse);
    });
    const refuse = (): void => {
      remove.replaceWith(element("span", {}, t("options_remove_fixed")));
    };
    return element("li", {}, element("span", { dir: "ltr" }, site), ...standing(site), remove);
  });
  byId("sites").replaceChildren(...(entries.length > 0 ? entries : [element("li", {}, t("options_no_sites"))]), ...offers([...permitted, ...others]));
  const faults = await unusable();
  byId("policy-faults").textContent = faults.length > 0 ? t("options_policy_faults", faults.join(" ")) : "";
});

/** What an administrator says of a site. */
function standing(site: string): HTMLElement[] {
  if (!URL.canParse(site) || site.includes("*")) return [];
  if (isBlocked(policy, site)) return [element("span", { class: "alarm" }, t("popup_blocked"))];
  return isVouchedFor(policy, site) ? [element("span", {}, t("popup_vouched"))] : [];
}

/** The sites for which an administrator vouches and that are not among those yet. Only the citizen can switch them on: browsers let no policy grant what an extension asks for later. */
function offers(on: readonly string[]): HTMLElement[] {
  const off = policy.allowed.filter((host) => !host.startsWith("*.")).map((host) => `https://${host}`).filter((site) => !isAmong(site, on));
  return off.map((site) => {
    const add = button({ class: "primary", "aria-label": `${t("options_turn_on")} – ${site}` }, t("options_turn_on"), () => {
      void api.permissions.request({ origins: [patternOf(site)] });
    });
    return element("li", {}, element("span", { dir: "ltr" }, site), ...standing(site), add);
  });
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
  if (isBlocked(policy, url.origin)) {
    problem.textContent = t("popup_blocked");
    return;
  }
  if (isGovernmentPage(url.href)) {
    problem.textContent = t("options_add_government", t("bridge_title"));
    return;
  }
  // Nothing may wait before the request: the browser wants it in the click itself.
  void api.permissions.request({ origins: [patternOf(url.origin)] }).then((granted) => {
    if (granted) field.value = "";
    else problem.textContent = t("options_add_refused");
  });
});

padFind.addEventListener("click", () => void findPad());

pad.addEventListener("change", () => {
  void wantPinPad(pad.checked).then(drawPad);
});

listenToBridges(() => ({ t, lang }));
api.permissions.onAdded.addListener(() => void drawSites());
api.permissions.onRemoved.addListener(() => void drawSites());
api.storage.onChanged.addListener((_, area) => {
  if (area === "managed") void draw();
});
await draw();
if (installStep !== undefined) void lookForProgram();
