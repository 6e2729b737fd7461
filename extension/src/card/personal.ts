/** What was opened with a PIN: a certificate, and the four attributes. */

import { element } from "../dom.ts";
import { birthInWords, dayInJapan } from "../dates.ts";
import type { MessageKey } from "../i18n.ts";
import { attributeNames, type AttributeName, type Attributes, type Certificate, type Surface } from "../messages/results.ts";
import { issuerKeys } from "../window/facts.ts";
import { standingFacts } from "./readers.ts";
import { deskLine, fact, topicLink, type View } from "./view.ts";

/** All that texts need. */
type Spoken = Pick<View, "t" | "lang">;

const attributeKeys: Record<AttributeName, MessageKey> = { name: "attribute_name", address: "attribute_address", birthDate: "attribute_birth", sex: "attribute_sex" };
const sexKeys: Record<Attributes["sex"], MessageKey> = { male: "sex_male", female: "sex_female", "not-applicable": "sex_not_applicable", unknown: "sex_unknown", other: "sex_other" };

/** A certificate's dates, issuer and number, and the four attributes where it has them. */
export function certificateFacts(certificate: Certificate, view: View): HTMLElement[] {
  const { slot, issuer, serial, attributes } = certificate;
  const { t } = view;
  return [
    element("dl", {},
      ...fact(t("card_kind"), t(slot === "signature" ? "popup_signature" : "popup_authentication")),
      ...fact(t("card_issuer"), element("div", { class: `issuer-${issuer}` }, t(issuerKeys[issuer]))),
      ...fact(t("card_serial"), element("code", {}, serial)),
      ...periodFacts(t("card_period"), certificate, view),
      ...(attributes ? attributeNames.flatMap((name) => fact(t(attributeKeys[name]), valueOf(attributes, name, view))) : [])),
    ...(attributes ? remarks(attributes, view) : []),
    element("p", { class: "quiet" }, t("card_no_revocation")),
  ];
}

/** From when until when a certificate is valid, and how it stands. */
function periodFacts(term: string, { notBefore, notAfter, standing }: Certificate, view: View): HTMLElement[] {
  const { t, lang } = view;
  return fact(term, t("card_from_until", dayInJapan(new Date(notBefore), lang), dayInJapan(new Date(notAfter), lang)), ...standingFacts(standing, view));
}

/** The four attributes by themselves. */
export function attributeFacts(attributes: Attributes, view: Spoken): HTMLElement[] {
  return [element("dl", {}, ...attributeNames.flatMap((name) => fact(view.t(attributeKeys[name]), valueOf(attributes, name, view)))), ...remarks(attributes, view)];
}

/** The four attributes of the card's surface, beside those of the certificate where the two were compared. */
export function surfaceFacts({ attributes, certificate, differences = [], signatureCertificate }: Surface, view: View): HTMLElement[] {
  const { t } = view;
  if (!certificate) return attributeFacts(attributes, view);
  const head = [t("card_attribute"), t("card_surface"), t("popup_signature"), t("card_comparison")].map((text) => element("th", { scope: "col" }, text));
  const rows = attributeNames.map((name) => {
    const differs = differences.includes(name);
    return element("tr", {},
      element("th", { scope: "row" }, t(attributeKeys[name])),
      element("td", {}, valueOf(attributes, name, view)),
      element("td", {}, valueOf(certificate, name, view)),
      element("td", { class: differs ? "alarm" : undefined }, t(differs ? "card_different" : "card_same")));
  });
  return [
    ...(differences.length === 0 ? [element("p", {}, t("card_all_same"))] : differenceFacts(differences, view)),
    element("div", { class: "table", role: "region", tabindex: "0", "aria-label": t("card_comparison") }, element("table", {}, element("thead", {}, element("tr", {}, ...head)), element("tbody", {}, ...rows))),
    ...remarks(certificate, view),
    ...(signatureCertificate ? [element("dl", {}, ...periodFacts(t("popup_signature"), signatureCertificate, view)), element("p", { class: "quiet" }, t("card_no_revocation"))] : []),
  ];
}

function differenceFacts(differences: readonly AttributeName[], view: View): HTMLElement[] {
  const { t } = view;
  return [
    element("p", { class: "alarm", id: "differences" }, t("card_differences", names(differences, view))),
    element("p", {}, t("card_differences_hint")),
    topicLink("change-of-details", view),
    ...deskLine(view),
  ];
}

/** One attribute, as text that is Japanese in every language of the page. */
function valueOf(attributes: Attributes, name: AttributeName, { t, lang }: Spoken): HTMLElement {
  switch (name) {
    case "birthDate":
      return element("span", {}, birthInWords(attributes.birthDate, lang, t) ?? attributes.birthDate);
    case "sex":
      return element("span", {}, t(sexKeys[attributes.sex], attributes.sexCode));
    case "name":
    case "address":
      return element("bdi", { lang: "ja" }, attributes[name]);
  }
}

function remarks(attributes: Attributes, view: Spoken): HTMLElement[] {
  const { t, lang } = view;
  const { substitutes = [] } = attributes;
  return [
    ...(substitutes.length > 0 ? [element("p", { class: "quiet" }, t("card_substitutes", names(substitutes, view)))] : []),
    ...(birthInWords(attributes.birthDate, lang, t) === undefined ? [element("p", { class: "quiet" }, t("card_birth_unknown"))] : []),
  ];
}

function names(attributes: readonly AttributeName[], { t, lang }: Spoken): string {
  return attributes.map((name) => t(attributeKeys[name])).join(lang === "ja" ? "、" : ", ");
}
