/** What every part of the card page and the popup draw with, and the pieces that several of them share. */

import { element } from "../dom.ts";
import { isPhone, notesOn, remedyOf, topicOf } from "../errors.ts";
import type { Translate } from "../i18n.ts";
import type { ErrorBody, Language, Token } from "../messages/host.ts";
import type { Desk } from "../messages/results.ts";
import { titleOf } from "./topics.ts";

/** The language, its texts, the help desk that the citizen chose, and the kind of card that is spoken of. */
export interface View {
  t: Translate;
  lang: Language;
  desk: Desk | undefined;
  /** Undefined where it is not known. */
  token: Token | undefined;
  /** The address of the card page, where its explanations are; empty on that page itself. */
  page: "" | "card.html";
}

/** Errors whose remedy is a municipality's counter. */
const atCounter: ReadonlySet<ErrorBody["code"]> = new Set(["PIN_BLOCKED", "LAST_TRY", "CERTIFICATE_ABSENT", "CERTIFICATE_EXPIRED", "CARD_FAULT"]);

/** What stands below the sentence of an error. Who has cancelled needs no advice, but must know what is uncertain. */
export function errorFacts(error: ErrorBody, view: View): HTMLElement[] {
  const { t, token } = view;
  const notes = notesOn(error, t).map((note) => element("p", {}, note));
  if (error.code === "CANCELLED") return notes;
  const topic = topicOf(error, token);
  return [
    element("p", {}, remedyOf(error, t, token)),
    ...notes,
    ...(topic === undefined ? [] : [topicLink(topic, view)]),
    ...(atCounter.has(error.code) ? deskLine(view) : []),
  ];
}

/** Names the counter that the citizen chose, or leads to the choice. No counter is in charge of a smartphone. */
export function deskLine({ t, lang, desk, token, page }: View): HTMLElement[] {
  if (isPhone(token)) return [];
  return [element("p", { class: "desk" }, desk ? t("card_desk", deskText(desk, t, lang)) : element("a", { href: `${page}#desks` }, t("card_choose_desk")))];
}

export function deskText({ municipality, office, telephone }: Desk, t: Translate, lang: Language): string {
  return t("card_desk_text", municipality[lang], office[lang], telephone);
}

/** Leads to an explanation. */
export function topicLink(id: string, { lang, page }: Pick<View, "lang" | "page">): HTMLElement {
  return element("p", {}, element("a", { href: `${page}#topic-${id}` }, titleOf(id, lang)));
}

/** A term with what is said of it. */
export function fact(term: string, ...said: (Node | string)[]): HTMLElement[] {
  return [element("dt", {}, term), ...said.map((each) => element("dd", {}, each))];
}
