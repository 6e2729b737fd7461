/** What the window shows in each state, as data: a sentence, what stands below it, and the buttons. */

import { consentBody, hiddenBody, signingOf, type ConsentPrompt } from "./consent.ts";
import { pinFacts, withCard } from "./facts.ts";
import { elided, visible } from "./names.ts";
import { activity, cancelButton, closeButton, disclosure, paragraph, type Panel, type Scene } from "./panel.ts";
import { pinForm } from "./pinform.ts";
import { portalConsentPanel } from "./portal.ts";
import { padConsentPanel, padPanel, readerPanel, weakPanel } from "./questions.ts";
import { titleOf } from "../card/topics.ts";
import { button, element } from "../dom.ts";
import { notesOn, refusalOf, remedyOf, topicOf } from "../errors.ts";
import type { MessageKey, Translate } from "../i18n.ts";
import type { ErrorBody, Purpose, Token } from "../messages/host.ts";
import type { OperationInfo, ProgressState, Signing, WindowState } from "../messages/window.ts";

type ErrorState = Extract<WindowState, { kind: "error" }>;
type Titles<K extends string> = Record<K, MessageKey>;
const dialogTitles: Titles<Purpose | "any"> = { any: "state_dialog", current: "state_dialog_current", new: "state_dialog_new", repeat: "state_dialog_repeat" };
const pinTitles: Titles<Purpose | "any"> = { any: "state_pin", current: "state_pin_current", new: "state_pin_new", repeat: "state_pin_repeat" };
const doneTitles: Titles<OperationInfo["command"]> = {
  authenticate: "state_done_authenticate", sign: "state_done_sign", certificate: "state_done_read", attributes: "state_done_read", "change-pin": "state_done_change",
  "portal-login": "state_done_authenticate", "portal-sign": "state_done_portal_sign", "portal-attributes": "state_done_portal_attributes",
};

/** The panel for a state. */
export function panelOf(state: WindowState, scene: Scene): Panel {
  const { t, info } = scene;
  switch (state.kind) {
    case "waiting-site":
      return { name: state.kind, title: t("state_waiting_site"), body: [paragraph(t("waiting_site_hint")), activity()], buttons: [cancelButton(scene)] };
    case "waiting-reader":
      return { name: state.kind, title: t("state_waiting_reader"), body: [paragraph(t("waiting_reader_hint")), activity()], buttons: [cancelButton(scene)] };
    case "waiting-card":
      return { name: state.kind, title: t("state_waiting_card"), body: [paragraph(t("waiting_card_hint")), ...otherCards(state.other ?? [], t), activity()], buttons: [cancelButton(scene)] };
    case "progress":
      return progressPanel(state, scene);
    case "dialog":
      return {
        name: "dialog",
        title: t(dialogTitles[state.dialog.purpose ?? "any"]),
        body: withCard(state.dialog.card, t, [
          ...pinFacts(state.dialog, t),
          paragraph(t("dialog_hint")),
          paragraph(t(info.origin === undefined ? "dialog_compare_own" : "dialog_compare")),
          disclosure(scene),
        ]),
        buttons: [cancelButton(scene)],
      };
    case "pad":
      return padPanel(state, scene);
    case "prompt":
      return promptPanel(state.prompt, scene);
    case "done":
      return {
        name: "done",
        title: t(doneTitles[info.command]),
        body: [...(info.origin === undefined && info.command !== "change-pin" ? [paragraph(t("done_own"))] : []), paragraph(t("done_hint"))],
        buttons: [closeButton(scene)],
      };
    case "error":
      return errorPanel(state, scene);
  }
}

function promptPanel(prompt: Extract<WindowState, { kind: "prompt" }>["prompt"], scene: Scene): Panel {
  const { t } = scene;
  const answer = (accept: boolean) => () => {
    scene.send({ type: "answer", prompt: prompt.prompt, accept });
  };
  const refuse = button({ id: "refuse", class: "secondary" }, t("refuse"), answer(false));
  switch (prompt.kind) {
    case "consent": {
      if ("digests" in prompt) return portalConsentPanel(prompt, scene);
      const yes = prompt.hidden > 0 ? () => { scene.show(hiddenPanel(prompt, answer, scene)); } : answer(true);
      const accept = button({ id: "accept", class: "primary" }, t("accept"), yes);
      const { body, forget } = consentBody(prompt, scene);
      return {
        name: "consent", title: t("state_consent"), body, buttons: [refuse, accept], guarded: [accept],
        live: (replaced) => {
          replaced.addEventListener("abort", forget);
        },
      };
    }
    case "last-try": {
      const accept = button({ id: "accept", class: "danger" }, t("accept_last_try"), answer(true));
      return { name: "last-try", title: t("state_last_try"), body: withCard(prompt.card, t, [...pinFacts(prompt, t), paragraph(t("last_try_hint"))]), buttons: [refuse, accept], guarded: [accept] };
    }
    case "pin": {
      const { form, field, submit } = pinForm(prompt, scene);
      const body = withCard(prompt.card, t, [form, paragraph(t("pin_why")), disclosure(scene)]);
      return { name: "pin", title: t(pinTitles[prompt.purpose ?? "any"]), body, buttons: [refuse, submit], guarded: [field, submit], focus: field };
    }
    case "choose-reader":
      return readerPanel(prompt, scene);
    case "weak-pin":
      return weakPanel(prompt, scene);
    case "pad":
      return padConsentPanel(prompt, scene);
  }
}

/** Readers with cards of another kind, so that nobody wonders why nothing happens. */
function otherCards(readers: readonly string[], t: Translate): HTMLElement[] {
  if (readers.length === 0) return [];
  const names = readers.map((name) => element("li", {}, element("bdi", {}, elided(visible(name)))));
  return [element("section", { id: "other" }, element("p", {}, t("other_cards")), element("ul", {}, ...names))];
}

/** The second question, when only digests are known of some documents. */
function hiddenPanel(prompt: ConsentPrompt, answer: (accept: boolean) => () => void, scene: Scene): Panel {
  const { t } = scene;
  const refuse = button({ id: "refuse", class: "secondary" }, t("refuse"), answer(false));
  const accept = button({ id: "accept", class: "danger" }, t("accept_hidden"), answer(true));
  return { name: "hidden", title: t("state_hidden", prompt.hidden), body: hiddenBody(prompt, scene), buttons: [refuse, accept], guarded: [accept] };
}

function progressPanel(state: ProgressState, scene: Scene): Panel {
  const { t } = scene;
  const titles = { starting: t("state_starting"), card: t("state_card"), sending: t("state_sending") };
  const title = state.phase === "signing" ? t("state_signing", state.done, state.total) : titles[state.phase];
  const bar = "total" in state ? element("progress", { value: String(state.done), max: String(Math.max(state.total, 1)), "aria-labelledby": "state" }) : activity();
  const hint = state.phase === "card" || state.phase === "signing" ? [paragraph(t("keep_card"))] : [];
  return { name: "progress", title, body: [bar, ...hint], buttons: [cancelButton(scene)], progress: state };
}

function errorPanel({ error, token }: ErrorState, scene: Scene): Panel {
  return { name: "error", title: scene.t(`error_${error.code}`), body: errorBody(error, token, scene), buttons: [closeButton(scene)], code: error.code };
}

/** What stands below the sentence of an error. Who has cancelled needs no advice, but must know what is uncertain. */
function errorBody(error: ErrorBody, token: Token | undefined, { info, t, lang }: Scene): HTMLElement[] {
  const remedy = element("p", { id: "remedy" }, remedyOf(error, t, token, info.command));
  const notes = notesOn(error, t).map(paragraph);
  if (error.code === "CANCELLED") return [...(info.origin === undefined ? [] : [remedy]), ...notes];
  const topic = topicOf(error, token, info.command);
  const more = topic === undefined ? [] : [element("p", {}, element("a", { id: "topic", href: `card.html#topic-${topic}`, target: "_blank" }, titleOf(topic, lang)))];
  return [...refusedBody(error, info, t), element("h2", {}, t("remedy")), remedy, ...notes, ...more, element("p", { class: "code" }, error.code)];
}

/** Which document is not signed, and why. */
function refusedBody(error: ErrorBody, info: OperationInfo, t: Translate): HTMLElement[] {
  if (error.code !== "DOCUMENT_REFUSED") return [];
  const why = refusalOf(error);
  const name = nameOf(error.field ?? "", signingOf(info));
  return [
    ...(name === undefined ? [] : [element("p", { id: "refused-document" }, t("refused_document"), element("bdi", {}, elided(visible(name))))]),
    ...(why === undefined ? [] : [element("p", { id: "refused" }, t(why))]),
  ];
}

/** The name of the document or file that an error's path leads to. */
function nameOf(field: string, signing: Signing): string | undefined {
  const [, list, index] = /^(documents|files)\[(\d+)\]$/.exec(field) ?? [];
  return (list === "files" ? signing.files : signing.documents)?.[Number(index)]?.name;
}
