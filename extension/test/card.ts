/** The card page on a page of its own (the tests' environment is happy-dom), with a host and a background that answer what a test says. */

import { readFileSync } from "node:fs";
import { beforeEach } from "vitest";
import en from "../_locales/en/messages.json";
import ja from "../_locales/ja/messages.json";
import desksFile from "../../internal/rules/desks.json";
import type { Answer } from "../src/ask.ts";
import { deskKey } from "../src/card/desks.ts";
import { CardPage } from "../src/card/page.ts";
import { translator } from "../src/i18n.ts";
import type { Language, OwnRequest, Question } from "../src/messages/host.ts";
import { settle } from "./fakes.ts";

export const html = readFileSync(`${import.meta.dirname}/../static/card.html`, "utf8");
export const { desks } = desksFile;
export const deskKeys = desks.map(deskKey);

export const standing = { state: "valid", daysLeft: 900, renewalOpens: "2028-10-31" };
export const attributes = { name: "見本　太郎", address: "福岡県北九州市門司区清滝一丁目1番1号", birthDate: "1990-01-31", sex: "male", sexCode: "1" };
export const phoneCertificate = { slot: "authentication", issuer: "foreign", serial: "1a2b", notBefore: "2024-05-01T00:00:00+09:00", notAfter: "2029-01-31T23:59:59+09:00", standing };
export const certificate = { ...phoneCertificate, slot: "signature", attributes: { ...attributes, substitutes: ["name"] } };
const authentication = { triesLeft: 3, maxTries: 3, notBefore: "2024-05-01T00:00:00+09:00", notAfter: "2029-01-31T23:59:59+09:00", issuer: "j-lis", present: "yes", standing };
export const reader = {
  name: "Sony RC-S300", card: true, token: "card", label: "JPKIAPICCTOKEN2", pinPad: true, authentication,
  signature: { triesLeft: 5, maxTries: 5, present: "unknown" }, cardSurface: { triesLeft: 3, maxTries: 3 },
};

/** What the citizen's browser and card are, for one test. */
export interface World {
  asked: Question[];
  ran: { request: OwnRequest; lang: Language }[];
  /** What the host says of each question; a test changes it. */
  answers: Record<Question["command"], unknown>;
  /** What an operation comes to. */
  outcome: Promise<Answer<unknown>>;
  reader: string | undefined;
  /** The key of the desk that was chosen. */
  desk: string | undefined;
  lang: Language;
  page: CardPage;
}
export let world: World;

beforeEach(() => {
  document.body.innerHTML = /<body>(.*)<\/body>/s.exec(html)?.[1] ?? "";
  const answers = { status: { result: { readers: [reader] } }, desks: { result: { desks } }, validity: { error: { code: "INTERNAL" } } };
  world = { asked: [], ran: [], answers, outcome: Promise.resolve({ error: { code: "CANCELLED" } }), reader: undefined, desk: undefined, lang: "ja", page: undefined as unknown as CardPage };
  world.page = new CardPage({
    lang: "ja",
    texts: (lang) => Promise.resolve(translator(lang === "ja" ? ja : en)),
    chooseLanguage: (lang) => Promise.resolve(void (world.lang = lang)),
    ask: async <T>(question: Question) => {
      world.asked.push(question);
      return Promise.resolve(structuredClone(world.answers[question.command]) as Answer<T>);
    },
    run: async (request, shape, lang) => {
      world.ran.push({ request, lang });
      const answer = await world.outcome;
      return "error" in answer ? answer : { result: shape(answer.result, "result") };
    },
    chosenReader: () => Promise.resolve(world.reader),
    forgetReader: () => Promise.resolve(void (world.reader = undefined)),
    chosenDesk: () => Promise.resolve(world.desk),
    chooseDesk: (desk) => Promise.resolve(void (world.desk = desk)),
  });
});

export function find<E extends HTMLElement = HTMLElement>(selector: string): E { // eslint-disable-line @typescript-eslint/no-unnecessary-type-parameters -- as querySelector does
  const found = document.querySelector<E>(selector);
  if (!found) throw new Error(`no ${selector}`);
  return found;
}

export const text = (selector: string): string => find(selector).textContent;

export async function press(selector: string): Promise<void> {
  find(selector).click();
  await settle();
}

/** Opens the page with these readers connected. */
export async function open(...readers: object[]): Promise<void> {
  if (readers.length > 0) world.answers.status = { result: { readers } };
  await world.page.open();
}

/** What the next operation comes to. */
export function willBe(answer: Answer<unknown>): void {
  world.outcome = Promise.resolve(answer);
}
