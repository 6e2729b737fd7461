/** One signature of a file: what came of it and why, what it covers, who made it, what the signer claims, rule by rule. */

import { element } from "../dom.ts";
import { dayInJapan, momentInJapan } from "../dates.ts";
import { attributeFacts } from "../card/personal.ts";
import { fact, topicLink } from "../card/view.ts";
import type { Attributes } from "../messages/results.ts";
import type { Check, Claims, DocumentSignature, Outcome, Signer, SignerAttributes } from "../messages/verify.ts";
import { coverageFacts } from "./coverage.ts";
import { detailOf, foreign, items, listed, mark, marks, technical, wordFor, type Told } from "./told.ts";

/** The number of a signature among all, and whether its holder's attributes were asked for. */
export interface Place { number: number; of: number; attributes: boolean }

/** Draws it. */
export function signatureCard(signature: DocumentSignature, { number, of, attributes }: Place, told: Told): HTMLElement {
  const { t } = told;
  const { outcome, signer } = signature;
  const title = `signature-${number}`;
  return element("article", { class: `signature ${outcome}`, "data-outcome": outcome, "aria-labelledby": title },
    element("h3", { id: title }, t("verify_signature", number, of)),
    element("p", { class: "outcome-line" }, mark(marks[outcome]), " ", wordFor("signature", outcome, told)),
    ...reasonFacts(signature, told),
    element("dl", {},
      ...coverageFacts(signature, told),
      ...fact(t("verify_unchecked"), uncheckedList(signature, told), topicLink("revocation-check", { lang: told.lang, page: "card.html" })),
      ...(signer ? signerFacts(signer, told) : []),
      ...(attributes && signer ? fact(t("verify_holder"), ...holderFacts(signature.attributes, told)) : []),
      ...claimFacts(signature.claims, told),
      ...markFacts(signature, told),
      ...fact(t("verify_place"), foreign(wordFor("place", signature.place, told)))),
    ruleList(signature.checks, told));
}

/** Why it is not accepted, and what to do. */
function reasonFacts({ reason, detail }: DocumentSignature, told: Told): HTMLElement[] {
  return reason === undefined ? [] : [element("div", { class: "why" }, ...whyFacts(reason, detail, told))];
}

/** A reason in words with its remedy; its own word and the detail are for who helps. */
export function whyFacts(reason: string, detail: string | undefined, told: Told): HTMLElement[] {
  const remedy = told.words[`remedy/${reason}`];
  return [
    element("p", { "data-reason": reason }, wordFor("reason", reason, told)),
    ...(remedy === undefined ? [] : [element("p", {}, remedy)]),
    technical(technicalReason(reason, detail)),
  ];
}

/** The word for programs, with the detail, which may begin with it. */
export function technicalReason(reason: string, detail = ""): string {
  return detail.startsWith(reason) ? detail : [reason, detail].filter((part) => part !== "").join(": ");
}

/** What was not looked at: revocation always, and, of a signature that failed, whatever comes after its reason. */
function uncheckedList({ checks, outcome }: DocumentSignature, told: Told): HTMLElement {
  const { t } = told;
  const skipped = checks.filter((check) => check.outcome === "not-checked" && check.rule !== "revocation").map(({ rule }) => rule);
  const reached = checks.some(({ rule }) => rule === "revocation");
  return items(
    t("verify_no_revocation"),
    ...skipped.map((rule) => outcomeOf(rule, "not-checked", told)),
    ...(outcome === "failed" && !reached ? [t("verify_not_reached")] : []));
}

function signerFacts({ serial, sha256, notBefore, notAfter, policies, anchor }: Signer, told: Told): HTMLElement[] {
  const { t, lang } = told;
  return [
    ...fact(t("verify_signer"),
      element("span", {}, `${t("card_serial")} `, element("code", {}, serial)),
      element("span", {}, `${t("card_period")} `, t("card_from_until", dayInJapan(new Date(notBefore), lang), dayInJapan(new Date(notAfter), lang))),
      fingerprint(sha256, told),
      ...(policies.length > 0 ? [t("verify_policies", listed(policies, told))] : [])),
    ...fact(t("verify_root"), ...(anchor
      ? [
          element("span", {}, `${wordFor("origin", anchor.origin, told)} `, foreign(anchor.name)),
          fingerprint(anchor.sha256, told),
          ...(anchor.obtained === undefined ? [] : [t("verify_obtained", wordFor("obtained", anchor.obtained, told))]),
        ]
      : [t("verify_no_root")])),
  ];
}

function fingerprint(sha256: string, { t }: Told): HTMLElement {
  return element("span", {}, `${t("verify_fingerprint")} `, element("code", {}, sha256));
}

/** The four attributes, or why they are not told. */
function holderFacts(attributes: SignerAttributes | undefined, { t, lang }: Told): HTMLElement[] {
  return attributes ? attributeFacts(readable(attributes), { t, lang }) : [element("p", {}, t("verify_holder_unknown"))];
}

/** The codes of JIS X 0303, as the host's other results have them in words. */
const sexes: Record<string, Attributes["sex"]> = { 0: "unknown", 1: "male", 2: "female", 9: "not-applicable" };

/** The attributes as the card page knows them: a date after the digit of its era, and a digit other than 0 for each character that stands for another. */
function readable({ name, address, birthDate, sex, nameSubstitutes, addressSubstitutes }: SignerAttributes): Attributes {
  const replaced = (flags: string): boolean => /[^0]/.test(flags);
  return {
    name, address, sexCode: sex,
    birthDate: birthDate.replace(/^\d(\d{4})(\d{2})(\d{2})$/, "$1-$2-$3"),
    sex: sexes[sex] ?? "other",
    substitutes: [...(replaced(nameSubstitutes) ? ["name" as const] : []), ...(replaced(addressSubstitutes) ? ["address" as const] : [])],
  };
}

/** What the signer wrote, of which nothing is proven: the term says so. */
function claimFacts({ signingTime, time, name, reason, location }: Claims, { t, lang }: Told): HTMLElement[] {
  const said = (key: "verify_claimed_name" | "verify_claimed_reason" | "verify_claimed_location", value: string | undefined): HTMLElement[] =>
    value === undefined ? [] : [element("span", {}, `${t(key)} `, foreign(value))];
  const lines = [
    ...(signingTime === undefined ? [] : [t("verify_claimed_time", momentInJapan(signingTime, lang))]),
    ...(time === undefined ? [] : [t("verify_claimed_entry", momentInJapan(time, lang))]),
    ...said("verify_claimed_name", name),
    ...said("verify_claimed_reason", reason),
    ...said("verify_claimed_location", location),
  ];
  return lines.length === 0 ? [] : fact(t("verify_claims"), items(...lines));
}

/** The pages on which the signature shows, each once. */
function markFacts({ marks = [] }: DocumentSignature, told: Told): HTMLElement[] {
  const pages = [...new Set(marks.map(({ page }) => page))];
  return pages.length === 0 ? [] : fact(told.t("verify_marks"), listed(pages, told));
}

/** A rule and what came of it. */
function outcomeOf(rule: string, outcome: Outcome, told: Told): string {
  return wordFor("rule", rule, told) + told.t("verify_rule_outcome", wordFor("outcome", outcome, told));
}

function ruleList(checks: readonly Check[], told: Told): HTMLElement {
  const lines = checks.map(({ rule, outcome, detail }) =>
    element("li", { "data-rule": rule, "data-outcome": outcome },
      mark(marks[outcome]), " ", outcomeOf(rule, outcome, told),
      detail !== undefined && detailOf(detail, told)));
  return element("details", {}, element("summary", {}, told.t("verify_rules", checks.length)), element("ul", { class: "rules" }, ...lines));
}
