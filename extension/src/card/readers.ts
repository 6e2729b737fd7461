/** Readers, cards, certificates and tries left: all that is known without a PIN. */

import { element } from "../dom.ts";
import { dayInJapan, dayInWords } from "../dates.ts";
import { blockedKey, isPhone } from "../errors.ts";
import type { Pin } from "../messages/host.ts";
import type { CardStatus, PinStatus, ReaderStatus, Standing } from "../messages/results.ts";
import { issuerKeys, pinKeys, tokenKeys, triesText } from "../window/facts.ts";
import { visible } from "../window/names.ts";
import { deskLine, errorFacts, fact, topicLink, type View } from "./view.ts";

export type Slot = "authentication" | "signature";

/** The PINs, in the order that people meet them in. */
export const pins: readonly Pin[] = ["authentication", "signature", "card-surface"];

/** All readers, those without a card too. */
export function readerList({ readers }: CardStatus, view: View): HTMLElement[] {
  const { t } = view;
  if (readers.length === 0) return [element("p", {}, t("error_NO_READER")), element("p", {}, t("remedy_NO_READER"))];
  return readers.map((reader) => element("article", { class: "reader" }, element("h3", {}, element("bdi", {}, visible(reader.name))), ...readerFacts(reader, view)));
}

function readerFacts(reader: ReaderStatus, all: View): HTMLElement[] {
  const view = { ...all, token: reader.token };
  const { t } = view;
  const pad = reader.pinPad === true ? [element("p", { class: "quiet" }, t("card_has_pad"))] : [];
  if (!reader.card) return [...pad, element("p", {}, t("card_no_card"))];
  if (reader.error) return [...pad, element("p", { "data-code": reader.error.code }, t(`error_${reader.error.code}`)), ...errorFacts(reader.error, view)];
  const issuer = reader.authentication?.issuer;
  return [
    ...pad,
    ...tokenFacts(view),
    ...(issuer ? [element("p", { class: `issuer-${issuer}` }, t(issuerKeys[issuer]))] : []),
    element("h4", {}, t("card_certificates")),
    element("dl", {}, ...certificateFacts("authentication", reader.authentication, view), ...certificateFacts("signature", reader.signature, view)),
    element("p", { class: "quiet" }, t("card_no_revocation")),
    topicLink("revocation-check", view),
    element("h4", {}, t("card_pins")),
    element("dl", {}, ...pins.flatMap((pin) => triesFacts(pin, reader, view))),
  ];
}

/** The kind of card; one that is of no use any more leads to its explanation. */
export function tokenFacts(view: View): HTMLElement[] {
  const { t, token } = view;
  if (!token) return [];
  return [element("p", {}, t(tokenKeys[token])), ...(token === "juki-card" ? [topicLink("juki-card", view)] : [])];
}

/** What is known of a certificate without its PIN. */
export type Known = { is: "absent" | "needs-pin" | "unreadable" } | { is: "dated"; from: Date; until: Date };

/** The signature certificate is behind its PIN on every card, the authentication certificate on smartphones alone: elsewhere it can be read, unless the card is damaged. */
export function knownOf(slot: Slot, { present, notBefore, notAfter }: PinStatus, { token }: View): Known {
  if (present === "no") return { is: "absent" };
  if (notBefore !== undefined && notAfter !== undefined) return { is: "dated", from: new Date(notBefore), until: new Date(notAfter) };
  return { is: slot === "signature" || isPhone(token) ? "needs-pin" : "unreadable" };
}

/** Why a certificate may not be there. */
export function whyAbsent(slot: Slot, view: View): HTMLElement[] {
  return isPhone(view.token) ? [] : [topicLink(slot === "signature" ? "signature-missing" : "getting-them", view)];
}

/** Leads to where a certificate is read with its PIN. */
export function readWithPin({ t, page }: View): HTMLElement {
  return element("p", {}, element("a", { href: `${page}#certificate` }, t("card_section_certificate")));
}

function certificateFacts(slot: Slot, status: PinStatus | undefined, view: View): HTMLElement[] {
  if (!status) return [];
  const { t, lang, token } = view;
  const name = t(slot === "signature" ? "popup_signature" : "popup_authentication");
  const known = knownOf(slot, status, view);
  switch (known.is) {
    case "absent":
      return fact(name, t("card_absent"), ...whyAbsent(slot, view), ...deskLine(view));
    case "unreadable":
      return fact(name, element("span", { class: "alarm" }, t("card_unreadable")), ...deskLine(view));
    case "needs-pin":
      return status.present === "yes"
        ? fact(name, t("card_needs_pin"), ...(isPhone(token) ? [readWithPin(view)] : []))
        : fact(name, t("card_presence_unknown"), ...(isPhone(token) ? [readWithPin(view)] : whyAbsent(slot, view)));
    case "dated":
      return fact(name, t("card_from_until", dayInJapan(known.from, lang), dayInJapan(known.until, lang)), ...(status.standing ? standingFacts(status.standing, view) : []));
  }
}

/**
 * How a certificate stands: what it means, what to do, and where. When a smartphone's is renewed, and where, is not known here, and an old card's is of no use, whatever
 * its dates.
 */
export function standingFacts({ state, daysLeft, renewalOpens }: Standing, view: View): HTMLElement[] {
  const { t, lang, token } = view;
  if (token === "juki-card") return [];
  const phone = isPhone(token);
  const box = (alarm: boolean, ...facts: HTMLElement[]): HTMLElement[] => [element("div", { class: alarm ? "standing warning" : "standing", "data-standing": state }, ...facts)];
  const sentence = (text: string): HTMLElement => element("p", {}, text);
  const advice = (topic: string, ...facts: HTMLElement[]): HTMLElement[] => (phone ? [topicLink("smartphone", view)] : [...facts, topicLink(topic, view), ...deskLine(view)]);
  switch (state) {
    case "valid":
      return box(false, sentence(t("card_standing_valid", daysLeft)), ...(phone ? [] : [sentence(t("card_renew_from", dayInWords(renewalOpens, lang) ?? renewalOpens))]));
    case "expires-soon":
      return box(true, sentence(daysLeft === 0 ? t("card_standing_today") : t("card_standing_soon", daysLeft)), ...advice("renewal", sentence(t("card_renew_now"))));
    case "expired":
      return box(true, sentence(t("card_standing_expired")), ...advice("expired", sentence(t("remedy_CERTIFICATE_EXPIRED"))));
    case "not-yet-valid":
      return box(true, sentence(t("error_CERTIFICATE_NOT_YET_VALID")), sentence(t("remedy_CERTIFICATE_NOT_YET_VALID")));
  }
}

function triesFacts(pin: Pin, reader: ReaderStatus, view: View): HTMLElement[] {
  const status = statusOf(pin, reader);
  if (!status) return [];
  const { t } = view;
  const name = t(pinKeys[pin]);
  if (status.triesLeft > 0) return fact(name, element("span", { class: status.triesLeft < status.maxTries ? "alarm" : undefined }, triesText(status.triesLeft, t)));
  return fact(name, ...blockedFacts(pin, reader, view), ...deskLine(view));
}

/** That a PIN is blocked, and what to do about it. */
export function blockedFacts(pin: Pin, { authentication, signature }: ReaderStatus, view: View): HTMLElement[] {
  const { t, token } = view;
  const both = authentication?.triesLeft === 0 && signature?.triesLeft === 0;
  return [element("span", { class: "alarm" }, t("card_blocked")), element("p", {}, t(blockedKey(pin, token, both))), topicLink(isPhone(token) ? "smartphone" : "locked-pin", view)];
}

/** What is known of one of the PINs; nothing where the token lacks its application. */
export function statusOf(pin: Pin, { authentication, signature, cardSurface }: ReaderStatus): { triesLeft: number; maxTries: number } | undefined {
  return { authentication, signature, "card-surface": cardSurface }[pin];
}
