/** What is known of the card and of the PIN that is asked for. */

import { element } from "../dom.ts";
import type { MessageKey, Translate } from "../i18n.ts";
import type { HostMessageOf, Issuer, Pin, Problem, Purpose, Token } from "../messages/host.ts";

type PinState = Omit<HostMessageOf<"dialog">, "type" | "id">;

export const tokenKeys: Record<Token, MessageKey> = {
  card: "token_card", "juki-card": "token_juki_card", android: "token_android", iphone: "token_iphone", unknown: "token_unknown",
};
export const issuerKeys: Record<Issuer, MessageKey> = {
  "j-lis": "issuer_j_lis", "not-shipped": "issuer_not_shipped", foreign: "issuer_foreign", unknown: "issuer_unknown",
};
export const pinKeys: Record<Pin, MessageKey> = {
  authentication: "pin_authentication", signature: "pin_signature", "card-surface": "pin_card_surface",
};
export const purposeKeys: Record<Purpose, MessageKey> = { current: "pin_current", new: "pin_new", repeat: "pin_repeat" };
const problems: Record<Problem, MessageKey> = {
  wrong: "problem_wrong", "counter-fell": "problem_counter_fell", "too-short": "problem_too_short", "too-long": "problem_too_long",
  "bad-character": "problem_bad_character", "full-width": "problem_full_width",
  different: "problem_different", same: "problem_same", "no-letter": "problem_no_letter", "no-digit": "problem_no_digit",
};

/** Adds the kind of card and its issuer: what is wrong with a card is read before anything else, what is right after it. */
export function withCard(card: PinState["card"], t: Translate, body: HTMLElement[]): HTMLElement[] {
  const facts = element("section", { class: `card issuer-${card.issuer}`, id: "card" },
    element("p", {}, t("card", t(tokenKeys[card.token]))),
    element("p", { id: "issuer" }, t(issuerKeys[card.issuer])));
  return card.issuer === "foreign" || card.issuer === "not-shipped" ? [facts, ...body] : [...body, facts];
}

/** The sentence for a PIN that was not taken. */
export function problemText(problem: Problem, t: Translate): string {
  return t(problems[problem]);
}

/** Which PIN, how many tries, that it cannot be typed where it was wanted, and what was wrong with the last one. A new PIN costs no try. */
export function pinFacts(state: PinState, t: Translate): HTMLElement[] {
  const { pin, triesLeft, maxTries, problem, purpose } = state;
  const facts = [
    element("p", { class: "pin-name" }, t(pinKeys[pin])),
    purpose === undefined || purpose === "current" ? triesFact(triesLeft, maxTries, t) : ruleOf(pin, t),
    ...noPadFact(state, t),
  ];
  return problem === undefined ? facts : [element("p", { class: "problem", role: "alert" }, problemText(problem, t)), ...facts];
}

/** What a new PIN must look like. */
export function ruleOf(pin: Pin, t: Translate): HTMLElement {
  return element("p", { id: "rule" }, t(pin === "signature" ? "rule_letters" : "rule_digits"));
}

export function triesFact(left: number, max: number, t: Translate): HTMLElement {
  return element("p", { class: left < max ? "tries fewer" : "tries", id: "tries" }, triesText(left, t));
}

/** Who chose the reader's own pad must know why the PIN is asked for elsewhere. */
export function noPadFact({ noPad }: Pick<PinState, "noPad">, t: Translate): HTMLElement[] {
  return noPad === true ? [element("p", { id: "no-pad", class: "warning" }, t("no_pad"))] : [];
}

/** How many tries are left, in the words of the system dialog. Of the last one nothing else is said: what follows it is said where it is asked for. */
export function triesText(left: number, t: Translate): string {
  return left === 1 ? t("tries_last") : t("tries", left);
}

/** The same, where nothing around it says that a PIN is meant. */
export function pinTriesText(left: number, t: Translate): string {
  return left === 1 ? t("pin_tries_last") : t("pin_tries", left);
}
