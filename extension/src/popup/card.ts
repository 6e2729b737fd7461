/** What the popup shows of readers and cards, without a PIN: the same as the card page, in fewer words. */

import type { Answer } from "../ask.ts";
import { standingFacts } from "../card/readers.ts";
import { deskLine, errorFacts, fact, topicLink, type View } from "../card/view.ts";
import { dayInJapan } from "../dates.ts";
import { element } from "../dom.ts";
import type { ErrorBody } from "../messages/host.ts";
import type { CardStatus, PinStatus, ReaderStatus } from "../messages/results.ts";
import { issuerKeys, tokenKeys } from "../window/facts.ts";
import { visible } from "../window/names.ts";

/** The answer of the host as elements. */
export function cardPanel(answer: Answer<CardStatus>, view: View): HTMLElement[] {
  if ("error" in answer) return errorPanel(answer.error, view);
  const { readers } = answer.result;
  if (readers.length === 0) return errorPanel({ code: "NO_READER" }, view);
  return readers.map((reader) => element("div", { class: "reader" }, element("p", { class: "reader-name" }, element("bdi", {}, visible(reader.name))), ...readerFacts(reader, view)));
}

function errorPanel(error: ErrorBody, view: View): HTMLElement[] {
  return [element("p", { "data-code": error.code }, view.t(`error_${error.code}`)), ...errorFacts(error, view)];
}

function readerFacts({ card, error, token, authentication, signature, cardSurface }: ReaderStatus, view: View): HTMLElement[] {
  const { t } = view;
  if (!card) return [element("p", {}, t("popup_no_card"))];
  if (error) return errorPanel(error, view);
  const issuer = authentication?.issuer;
  return [
    ...(token ? [element("p", {}, t(tokenKeys[token]))] : []),
    ...(issuer && issuer !== "j-lis" ? [element("p", { class: `issuer-${issuer}` }, t(issuerKeys[issuer]))] : []),
    element("dl", {},
      ...(authentication ? fact(t("popup_authentication"), ...validityFacts(authentication, view), ...triesFacts(authentication, view)) : []),
      ...(signature ? fact(t("popup_signature"), ...validityFacts(signature, view), ...(signature.present === "no" ? [topicLink("signature-missing", view)] : []), ...triesFacts(signature, view)) : []),
      ...(cardSurface ? fact(t("card_section_attributes"), ...triesFacts(cardSurface, view)) : [])),
    ...(signature?.present === "no" || [authentication, signature, cardSurface].some((pin) => pin?.triesLeft === 0) ? [deskLine(view)] : []),
  ];
}

/** Until when a certificate is valid; unless all is well, also what that means and what to do. Of one that a PIN guards nothing is known. */
function validityFacts({ present, notAfter, standing }: PinStatus, view: View): (HTMLElement | string)[] {
  const { t, lang } = view;
  if (present === "no") return [t("card_absent")];
  if (notAfter === undefined) return [];
  const day = dayInJapan(new Date(notAfter), lang);
  if (standing?.state === "valid") return [t("popup_valid_days", day, standing.daysLeft)];
  return [t("popup_valid_until", day), ...(standing ? [standingFacts(standing, view)] : [])];
}

function triesFacts({ triesLeft, maxTries }: { triesLeft: number; maxTries: number }, view: View): HTMLElement[] {
  const { t } = view;
  if (triesLeft > 0) return [element("span", { class: triesLeft < maxTries ? "alarm" : undefined }, t("tries_left", triesLeft))];
  return [element("span", { class: "alarm" }, t("card_blocked")), topicLink("locked-pin", view)];
}
