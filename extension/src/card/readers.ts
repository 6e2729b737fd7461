/** Readers, cards, certificates and tries left: all that is known without a PIN. */

import { element } from "../dom.ts";
import { dayInJapan, dayInWords } from "../dates.ts";
import type { Pin } from "../messages/host.ts";
import type { CardStatus, PinStatus, ReaderStatus, Standing } from "../messages/results.ts";
import { issuerKeys, pinKeys, tokenKeys, triesText } from "../window/facts.ts";
import { visible } from "../window/names.ts";
import { deskLine, errorFacts, fact, topicLink, type View } from "./view.ts";

/** All readers, those without a card too. */
export function readerList({ readers }: CardStatus, view: View): HTMLElement[] {
  const { t } = view;
  if (readers.length === 0) return [element("p", {}, t("error_NO_READER")), element("p", {}, t("remedy_NO_READER"))];
  return readers.map((reader) => element("article", { class: "reader" }, element("h3", {}, element("bdi", {}, visible(reader.name))), ...readerFacts(reader, view)));
}

function readerFacts(reader: ReaderStatus, view: View): HTMLElement[] {
  const { t } = view;
  const pad = reader.pinPad === true ? [element("p", { class: "quiet" }, t("card_has_pad"))] : [];
  if (!reader.card) return [...pad, element("p", {}, t("card_no_card"))];
  if (reader.error) return [...pad, element("p", { "data-code": reader.error.code }, t(`error_${reader.error.code}`)), ...errorFacts(reader.error, view)];
  const issuer = reader.authentication?.issuer;
  return [
    ...pad,
    ...(reader.token ? [element("p", {}, t(tokenKeys[reader.token]))] : []),
    ...(issuer ? [element("p", { class: `issuer-${issuer}` }, t(issuerKeys[issuer]))] : []),
    element("h4", {}, t("card_certificates")),
    element("dl", {}, ...certificateFacts("authentication", reader.authentication, view), ...certificateFacts("signature", reader.signature, view)),
    element("p", { class: "quiet" }, t("card_no_revocation")),
    topicLink("revocation-check", view),
    element("h4", {}, t("card_pins")),
    element("dl", {}, ...triesFacts("authentication", reader.authentication, view), ...triesFacts("signature", reader.signature, view), ...triesFacts("card-surface", reader.cardSurface, view)),
  ];
}

function certificateFacts(slot: "authentication" | "signature", status: PinStatus | undefined, view: View): HTMLElement[] {
  if (!status) return [];
  const { t, lang } = view;
  const name = t(slot === "signature" ? "popup_signature" : "popup_authentication");
  const why = slot === "signature" && status.present !== "yes" ? [topicLink("signature-missing", view)] : [];
  if (status.present === "no") return fact(name, t("card_absent"), ...why, deskLine(view));
  if (status.notBefore === undefined || status.notAfter === undefined) return fact(name, t(status.present === "yes" ? "card_needs_pin" : "card_presence_unknown"), ...why);
  const period = t("card_from_until", dayInJapan(new Date(status.notBefore), lang), dayInJapan(new Date(status.notAfter), lang));
  return fact(name, period, ...(status.standing ? [standingFacts(status.standing, view)] : []));
}

/** How a certificate stands: what it means, what to do, and where. */
export function standingFacts({ state, daysLeft, renewalOpens }: Standing, view: View): HTMLElement {
  const { t, lang } = view;
  const box = (alarm: boolean, ...facts: HTMLElement[]): HTMLElement => element("div", { class: alarm ? "standing warning" : "standing", "data-standing": state }, ...facts);
  switch (state) {
    case "valid":
      return box(false, element("p", {}, t("card_standing_valid", daysLeft, dayInWords(renewalOpens, lang) ?? renewalOpens)));
    case "expires-soon":
      return box(true, element("p", {}, daysLeft === 0 ? t("card_standing_today") : t("card_standing_soon", daysLeft)), topicLink("renewal", view), deskLine(view));
    case "expired":
      return box(true, element("p", {}, t("card_standing_expired")), topicLink("expired", view), deskLine(view));
    case "not-yet-valid":
      return box(true, element("p", {}, t("error_CERTIFICATE_NOT_YET_VALID")), element("p", {}, t("remedy_CERTIFICATE_NOT_YET_VALID")));
  }
}

function triesFacts(pin: Pin, status: { triesLeft: number; maxTries: number } | undefined, view: View): HTMLElement[] {
  if (!status) return [];
  const { t } = view;
  const name = t(pinKeys[pin]);
  if (status.triesLeft > 0) return fact(name, element("span", { class: status.triesLeft < status.maxTries ? "alarm" : undefined }, triesText(status.triesLeft, status.maxTries, t)));
  return fact(name, element("span", { class: "alarm" }, t("card_blocked")), topicLink("locked-pin", view), deskLine(view));
}
