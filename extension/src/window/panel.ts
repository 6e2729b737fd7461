/** What a panel of the window is, and the parts that several of them share. */

import { personalData, portalDisclosure } from "./consent.ts";
import { button, element } from "../dom.ts";
import type { Translate } from "../i18n.ts";
import type { Language } from "../messages/host.ts";
import type { FromWindow, OperationInfo, ProgressState } from "../messages/window.ts";

/** The names of the states, as the page's `data-state` tells them. */
export type StateName =
  | "waiting-site" | "waiting-reader" | "waiting-card" | "choose-reader" | "consent" | "hidden" | "last-try" | "dialog" | "pin" | "weak-pin" | "pad-consent" | "pad"
  | "progress" | "done" | "error";

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
  /** Keeps the panel true while it is shown; `announce` says something aloud. */
  live?: (forget: AbortSignal, announce: (text: string) => void) => void;
}

/** What a panel is made from. */
export interface Scene {
  info: OperationInfo;
  t: Translate;
  lang: Language;
  /** The citizen has cancelled: once is enough. */
  cancelled: boolean;
  send: (message: FromWindow) => void;
  close: () => void;
  /** Shows another panel without asking the background: the second question about hidden documents. */
  show: (panel: Panel) => void;
}

/** What the site learns of the citizen; of what the card page asks for, nobody else learns anything. */
export function disclosure({ info, t }: Scene): HTMLElement {
  if (info.command === "sign") return personalData(t);
  if ("serviceId" in info) return portalDisclosure(info, t);
  return element("p", { id: "discloses" }, t(info.origin === undefined ? "discloses_own" : "discloses_authenticate"));
}

export function paragraph(text: string): HTMLElement {
  return element("p", {}, text);
}

/** Something is going on; it says nothing that the title does not. */
export function activity(): HTMLElement {
  return element("div", { class: "activity", "aria-hidden": "true" }, element("span"), element("span"), element("span"));
}

/** Stops everything. */
export function cancelButton({ t, cancelled, send }: Scene): HTMLButtonElement {
  const cancel = button({ id: "refuse", class: "secondary", disabled: cancelled }, t("refuse"), () => {
    cancel.disabled = true;
    send({ type: "cancel" });
  });
  return cancel;
}

export function closeButton({ t, close }: Scene): HTMLButtonElement {
  return button({ id: "close", class: "primary" }, t("close"), close);
}
