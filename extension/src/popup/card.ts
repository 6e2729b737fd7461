/** What the popup shows of readers and cards. */

import { element } from "../dom.ts";
import type { MessageKey, Translate } from "../i18n.ts";
import type { ErrorBody, ReaderStatus } from "../messages/host.ts";
import { issuerKeys, tokenKeys } from "../window/facts.ts";
import type { StatusAnswer } from "./status.ts";

type PinStatus = NonNullable<ReaderStatus["authentication"]>;

/** The answer of the host as elements. */
export function cardPanel(answer: StatusAnswer, t: Translate, lang: string, now: Date): HTMLElement[] {
  if ("error" in answer) return errorPanel(answer.error, t);
  const { readers } = answer.status;
  if (readers.length === 0) return [element("p", {}, t("popup_no_reader"))];
  return readers.map((reader) => element("div", { class: "reader" }, element("p", { class: "reader-name" }, reader.name), ...readerFacts(reader, t, lang, now)));
}

function errorPanel(error: ErrorBody, t: Translate): HTMLElement[] {
  const remedy: MessageKey = error.update === undefined ? `remedy_${error.code}` : `remedy_update_${error.update}`;
  return [element("p", { "data-code": error.code }, t(`error_${error.code}`)), element("p", {}, t(remedy))];
}

function readerFacts(reader: ReaderStatus, t: Translate, lang: string, now: Date): HTMLElement[] {
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

function pinFacts(name: string, pin: PinStatus | undefined, t: Translate, lang: string, now: Date): HTMLElement[] {
  if (!pin) return [];
  const facts = [pin.triesLeft === 0 ? t("popup_blocked") : t("tries", pin.triesLeft, pin.maxTries)];
  if (pin.notAfter !== undefined) {
    const end = new Date(pin.notAfter);
    facts.push(t(end < now ? "popup_expired" : "popup_valid_until", japaneseDay(end, lang)));
  }
  return [element("dt", {}, name), ...facts.map((fact) => element("dd", {}, fact))];
}

/** The day in Japan: certificates end at the end of a day there. */
function japaneseDay(time: Date, lang: string): string {
  return new Intl.DateTimeFormat(lang, { dateStyle: "long", timeZone: "Asia/Tokyo" }).format(time);
}
