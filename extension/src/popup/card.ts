/** What the popup shows of readers and cards. */

import { element } from "../dom.ts";
import type { Answer } from "../ask.ts";
import { dayInJapan } from "../dates.ts";
import { remedyOf } from "../errors.ts";
import type { Translate } from "../i18n.ts";
import type { ErrorBody, Language } from "../messages/host.ts";
import type { CardStatus, PinStatus, ReaderStatus } from "../messages/results.ts";
import { issuerKeys, tokenKeys, triesText } from "../window/facts.ts";

/** The answer of the host as elements. */
export function cardPanel(answer: Answer<CardStatus>, t: Translate, lang: Language, now: Date): HTMLElement[] {
  if ("error" in answer) return errorPanel(answer.error, t);
  const { readers } = answer.result;
  if (readers.length === 0) return [element("p", {}, t("popup_no_reader"))];
  return readers.map((reader) => element("div", { class: "reader" }, element("p", { class: "reader-name" }, reader.name), ...readerFacts(reader, t, lang, now)));
}

function errorPanel(error: ErrorBody, t: Translate): HTMLElement[] {
  return [element("p", { "data-code": error.code }, t(`error_${error.code}`)), element("p", {}, remedyOf(error, t))];
}

function readerFacts(reader: ReaderStatus, t: Translate, lang: Language, now: Date): HTMLElement[] {
  if (!reader.card) return [element("p", {}, t("popup_no_card"))];
  if (reader.error) return errorPanel(reader.error, t);
  const issuer = reader.authentication?.issuer;
  return [
    ...(reader.token ? [element("p", {}, t(tokenKeys[reader.token]))] : []),
    ...(issuer && issuer !== "j-lis" ? [element("p", { class: `issuer-${issuer}` }, t(issuerKeys[issuer]))] : []),
    element("dl", {},
      ...pinFacts(t("popup_authentication"), reader.authentication, t, lang, now),
      ...pinFacts(t("popup_signature"), reader.signature, t, lang, now)),
  ];
}

function pinFacts(name: string, pin: PinStatus | undefined, t: Translate, lang: Language, now: Date): HTMLElement[] {
  if (!pin) return [];
  const facts = [pin.triesLeft === 0 ? t("popup_blocked") : triesText(pin.triesLeft, pin.maxTries, t)];
  if (pin.notAfter !== undefined) {
    const end = new Date(pin.notAfter);
    facts.push(t(end < now ? "popup_expired" : "popup_valid_until", dayInJapan(end, lang)));
  }
  return [element("dt", {}, name), ...facts.map((fact) => element("dd", {}, fact))];
}
