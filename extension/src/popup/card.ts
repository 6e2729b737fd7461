/** What the popup shows of readers and cards, without a PIN: the same as the card page, in fewer words. */

import type { Answer } from "../ask.ts";
import { blockedFacts, knownOf, pins, readWithPin, standingFacts, statusOf, tokenFacts, whyAbsent, type Slot } from "../card/readers.ts";
import { deskLine, errorFacts, fact, type View } from "../card/view.ts";
import { dayInJapan } from "../dates.ts";
import { element } from "../dom.ts";
import type { ErrorBody, Pin } from "../messages/host.ts";
import type { CardStatus, PinStatus, ReaderStatus } from "../messages/results.ts";
import { issuerKeys, pinTriesText } from "../window/facts.ts";
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

function readerFacts(reader: ReaderStatus, all: View): HTMLElement[] {
  const { card, error, token, authentication, signature, cardSurface } = reader;
  const view = { ...all, token };
  const { t } = view;
  if (!card) return [element("p", {}, t("popup_no_card"))];
  if (error) return errorPanel(error, view);
  const issuer = authentication?.issuer;
  return [
    ...tokenFacts(view),
    ...(issuer && issuer !== "j-lis" ? [element("p", { class: `issuer-${issuer}` }, t(issuerKeys[issuer]))] : []),
    element("dl", {},
      ...(authentication ? fact(t("popup_authentication"), ...validityFacts("authentication", authentication, view), ...triesFacts("authentication", reader, view)) : []),
      ...(signature ? fact(t("popup_signature"), ...validityFacts("signature", signature, view), ...triesFacts("signature", reader, view)) : []),
      ...(cardSurface ? fact(t("card_section_attributes"), ...triesFacts("card-surface", reader, view)) : [])),
    ...(needsDesk(reader, view) ? deskLine(view) : []),
  ];
}

/** Whether something is said of the card that a counter puts right. */
function needsDesk(reader: ReaderStatus, view: View): boolean {
  const { authentication, signature } = reader;
  const toldOf = (slot: Slot, status: PinStatus | undefined): boolean => status !== undefined && ["absent", "unreadable"].includes(knownOf(slot, status, view).is);
  return toldOf("authentication", authentication) || toldOf("signature", signature) || pins.some((pin) => statusOf(pin, reader)?.triesLeft === 0);
}

/** Until when a certificate is valid; unless all is well, also what that means and what to do. Of a signature certificate nothing is known. */
function validityFacts(slot: Slot, status: PinStatus, view: View): (HTMLElement | string)[] {
  const { t, lang, token } = view;
  const { standing } = status;
  const known = knownOf(slot, status, view);
  switch (known.is) {
    case "absent":
      return [t("card_absent"), ...whyAbsent(slot, view)];
    case "unreadable":
      return [element("span", { class: "alarm" }, t("card_unreadable"))];
    case "needs-pin":
      return slot === "signature" ? [] : [t("card_needs_pin"), readWithPin(view)];
    case "dated": {
      const day = dayInJapan(known.until, lang);
      if (standing?.state === "valid" && token !== "juki-card") return [t("popup_valid_days", day, standing.daysLeft)];
      return [t("popup_valid_until", day), ...(standing ? standingFacts(standing, view) : [])];
    }
  }
}

function triesFacts(pin: Pin, reader: ReaderStatus, view: View): HTMLElement[] {
  const status = statusOf(pin, reader);
  if (!status) return [];
  const { triesLeft, maxTries } = status;
  return triesLeft > 0 ? [element("span", { class: triesLeft < maxTries ? "alarm" : undefined }, pinTriesText(triesLeft, view.t))] : blockedFacts(pin, reader, view);
}
