/** What the window shows in each state, as data: a sentence, what stands below it, and the buttons. */

import { consentBody, hiddenBody, personalData, type ConsentPrompt } from "./consent.ts";
import { pinFacts, withCard } from "./facts.ts";
import { pinForm } from "./pinform.ts";
import { button, element } from "../dom.ts";
import type { MessageKey, Translate } from "../i18n.ts";
import type { ErrorBody } from "../messages/host.ts";
import type { FromWindow, OperationInfo, ProgressState, WindowState } from "../messages/window.ts";

/** The names of the states, as the page's `data-state` tells them. */
export type StateName =
  | "waiting-site" | "waiting-reader" | "waiting-card" | "consent" | "hidden" | "last-try" | "dialog" | "pin" | "progress" | "done" | "error";

export interface Panel {
  name: StateName;
  title: string;
  body: Node[];
  buttons: HTMLButtonElement[];
  /** What says yes; it is guarded. */
  guarded?: (HTMLButtonElement | HTMLInputElement)[];
  /** What gets the focus from the title once the guard opens. */
  focus?: HTMLElement;
  progress?: ProgressState;
  code?: string;
}

/** What a panel is made from. */
export interface Scene {
  info: OperationInfo;
  t: Translate;
  lang: string;
  /** The citizen has cancelled: once is enough. */
  cancelled: boolean;
  send: (message: FromWindow) => void;
  close: () => void;
  /** Shows another panel without asking the background: the second question about hidden documents. */
  show: (panel: Panel) => void;
}

/** The panel for a state. */
export function panelOf(state: WindowState, scene: Scene): Panel {
  const { t, info } = scene;
  switch (state.kind) {
    case "waiting-site":
      return { name: state.kind, title: t("state_waiting_site"), body: [paragraph(t("waiting_site_hint")), activity()], buttons: [cancelButton(scene)] };
    case "waiting-reader":
      return { name: state.kind, title: t("state_waiting_reader"), body: [paragraph(t("waiting_reader_hint")), activity()], buttons: [cancelButton(scene)] };
    case "waiting-card":
      return { name: state.kind, title: t("state_waiting_card"), body: [paragraph(t("waiting_card_hint")), activity()], buttons: [cancelButton(scene)] };
    case "progress":
      return progressPanel(state, scene);
    case "dialog":
      return {
        name: "dialog",
        title: t("state_dialog"),
        body: withCard(state.dialog.card, t, [...pinFacts(state.dialog, t), paragraph(t("dialog_hint")), paragraph(t("dialog_compare")), disclosure(scene)]),
        buttons: [cancelButton(scene)],
      };
    case "prompt":
      return promptPanel(state.prompt, scene);
    case "done":
      return {
        name: "done",
        title: t(info.command === "sign" ? "state_done_sign" : "state_done_authenticate"),
        body: [paragraph(t("done_hint"))],
        buttons: [closeButton(scene)],
      };
    case "error":
      return errorPanel(state.error, scene);
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
      const yes = prompt.hidden > 0 ? () => { scene.show(hiddenPanel(prompt, answer, scene)); } : answer(true);
      const accept = button({ id: "accept", class: "primary" }, t("accept"), yes);
      return { name: "consent", title: t("state_consent"), body: consentBody(prompt, scene), buttons: [refuse, accept], guarded: [accept] };
    }
    case "last-try": {
      const accept = button({ id: "accept", class: "danger" }, t("accept_last_try"), answer(true));
      return { name: "last-try", title: t("state_last_try"), body: withCard(prompt.card, t, [...pinFacts(prompt, t), paragraph(t("last_try_hint"))]), buttons: [refuse, accept], guarded: [accept] };
    }
    case "pin": {
      const { form, field, submit } = pinForm(prompt, scene);
      return { name: "pin", title: t("state_pin"), body: withCard(prompt.card, t, [form, paragraph(t("pin_why")), disclosure(scene)]), buttons: [refuse, submit], guarded: [field, submit], focus: field };
    }
  }
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

function errorPanel(error: ErrorBody, scene: Scene): Panel {
  const { t } = scene;
  const remedy: MessageKey = error.update === undefined ? `remedy_${error.code}` : `remedy_update_${error.update}`;
  const tries = error.triesLeft === undefined || error.code === "PIN_BLOCKED" ? [] : [paragraph(t("tries_left", error.triesLeft))];
  const spent = error.reason === "try-may-be-spent" ? [paragraph(t("try_may_be_spent"))] : [];
  const close = closeButton(scene);
  return {
    name: "error",
    title: t(`error_${error.code}`),
    body: [element("h2", {}, t("remedy")), element("p", { id: "remedy" }, t(remedy)), ...tries, ...spent, element("p", { class: "code" }, error.code)],
    buttons: [close],
    code: error.code,
  };
}

/** What the site learns of the citizen. */
function disclosure({ info, t }: Scene): HTMLElement {
  return info.command === "sign" ? personalData(t) : element("p", { id: "discloses" }, t("discloses_authenticate"));
}

function paragraph(text: string): HTMLElement {
  return element("p", {}, text);
}

/** Something is going on; it says nothing that the title does not. */
function activity(): HTMLElement {
  return element("div", { class: "activity", "aria-hidden": "true" }, element("span"), element("span"), element("span"));
}

/** Stops everything. */
function cancelButton({ t, cancelled, send }: Scene): HTMLButtonElement {
  const cancel = button({ id: "refuse", class: "secondary", disabled: cancelled }, t("refuse"), () => {
    cancel.disabled = true;
    send({ type: "cancel" });
  });
  return cancel;
}

function closeButton({ t, close }: Scene): HTMLButtonElement {
  return button({ id: "close", class: "primary" }, t("close"), close);
}
