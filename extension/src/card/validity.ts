/** Until when? The form that asks the host's rules, and their answer. */

import { byId, element } from "../dom.ts";
import { dayInWords } from "../dates.ts";
import type { MessageKey } from "../i18n.ts";
import type { Holder } from "../messages/host.ts";
import type { Term, Validity } from "../messages/results.ts";
import { fact, topicLink, type View } from "./view.ts";

/** The fields for dates, with their labels; their ids are the names that the host knows them by. */
const dates = { birth: "attribute_birth", issued: "card_issued", applied: "card_applied", stayUntil: "card_stay_until" } as const satisfies Record<string, MessageKey>;
type DateField = keyof typeof dates;
const dateFields = Object.keys(dates) as DateField[];

function input(id: DateField | "foreign"): HTMLInputElement {
  return byId(id) as HTMLInputElement;
}

/** What was typed, or the field that lacks its date. */
export function readHolder(): Holder | { missing: DateField } {
  const value = (field: DateField): string => input(field).value;
  const missing = (["birth", "issued"] as const).find((field) => value(field) === "");
  if (missing) return { missing };
  const foreign = input("foreign").checked;
  return {
    birth: value("birth"),
    issued: value("issued"),
    foreign,
    ...(value("applied") !== "" && { applied: value("applied") }),
    ...(foreign && value("stayUntil") !== "" && { stayUntil: value("stayUntil") }),
  };
}

/** What a date must be; the host says which one is not, and the rules are few (internal/rules/validity.go). */
const refusals = { birth: "card_birth_refused", issued: "card_issued_refused", applied: "card_applied_refused", stayUntil: "card_stay_refused" } as const satisfies Record<DateField, MessageKey>;

/** Marks the field that an error names and takes the focus there; gives the sentence that says why, or undefined when it names none. */
export function refuseField(field: string | undefined): ((view: View) => string) | undefined {
  const found = dateFields.find((each) => each === field);
  if (found === undefined) return undefined;
  input(found).setAttribute("aria-invalid", "true");
  input(found).focus();
  const missing = input(found).value === "";
  return ({ t }) => (missing ? t("card_validity_missing", t(dates[found])) : t(refusals[found]));
}

/** No field is refused any more. */
export function acceptFields(): void {
  for (const field of dateFields) input(field).removeAttribute("aria-invalid");
}

/** The end of a stay is asked of foreign residents only. */
export function showStay(): void {
  const { checked } = input("foreign");
  byId("stay-label").hidden = input("stayUntil").hidden = !checked;
}

/** Until when card and certificates last, each with what explains it. */
export function validityFacts({ card, authentication, signature }: Validity, view: View): HTMLElement[] {
  const { t } = view;
  return [element("dl", {},
    ...termFacts(t("token_card"), card, view),
    ...termFacts(t("popup_authentication"), authentication, view),
    ...termFacts(t("popup_signature"), signature, view))];
}

function termFacts(name: string, { until, untilIf20, never, byResidence, topic }: Term, view: View): HTMLElement[] {
  const { t, lang } = view;
  const said = [
    ...(until === undefined ? [] : [t("card_until", dayInWords(until, lang) ?? until)]),
    ...(untilIf20 === undefined ? [] : [t("card_until_if_20", dayInWords(untilIf20, lang) ?? untilIf20)]),
    ...(never === true ? [t("card_never")] : []),
    ...(byResidence === true ? [t("card_by_residence")] : []),
  ];
  return fact(name, ...said, topicLink(topic, view));
}
