/**
 * The card page: everything about a card in one place. What a PIN guards is read through Natsuin's window, lives in this page's memory and goes with it. The page
 * draws its parts from what it knows; the controls stand in card.html and stay, so that nobody's focus is lost.
 */

import type { Answer } from "../ask.ts";
import { button, byId, element } from "../dom.ts";
import { dayInWords } from "../dates.ts";
import type { Translate } from "../i18n.ts";
import type { ErrorBody, Language, OwnRequest, Pin, Question, Token } from "../messages/host.ts";
import { cardStatus, certificate, changedPin, directory, surface, validity, type CardStatus, type Certificate, type Desk, type Surface, type Validity } from "../messages/results.ts";
import type { Shape } from "../shape.ts";
import { speak } from "../speak.ts";
import { pinKeys, triesText } from "../window/facts.ts";
import { visible } from "../window/names.ts";
import { deskKey, deskOf, deskOptions } from "./desks.ts";
import { certificateFacts, surfaceFacts } from "./personal.ts";
import { openingOf } from "./opening.ts";
import { readerList } from "./readers.ts";
import { findDesks, findTopics, nearTopics } from "./search.ts";
import { topicIds, topicList } from "./topics.ts";
import { acceptFields, readHolder, refuseField, showStay, validityFacts } from "./validity.ts";
import { deskLine, deskText, errorFacts, topicLink, type View } from "./view.ts";

export interface CardEnvironment {
  lang: Language;
  texts: (lang: Language) => Promise<Translate>;
  chooseLanguage: (lang: Language) => Promise<void>;
  /** Asks what needs no window. */
  ask: <T>(question: Question, shape: Shape<T>, lang: Language) => Promise<Answer<T>>;
  /** Runs what needs the window. */
  run: <T>(request: OwnRequest, shape: Shape<T>, lang: Language) => Promise<Answer<T>>;
  chosenReader: () => Promise<string | undefined>;
  forgetReader: () => Promise<void>;
  /** Of a help desk the key is kept. */
  chosenDesk: () => Promise<string | undefined>;
  chooseDesk: (key: string | undefined) => Promise<void>;
}

/** What an outcome looks like: a sentence for eyes and ears, and what stands below it. */
interface Outcome {
  sentence: string;
  body: HTMLElement[];
  /** Of a failure. */
  code?: ErrorBody["code"];
}
type DrawOutcome = (view: View) => Outcome;

/** The sections whose outcomes come and go. */
const outcomes = ["certificate", "attributes", "change", "validity"] as const;
type Section = (typeof outcomes)[number];

export class CardPage {
  readonly #env: CardEnvironment;
  #lang: Language;
  #t: Translate = (key) => key;
  #status: Answer<CardStatus> | undefined;
  #reading = false;
  #reader: string | undefined;
  #deskKey: string | undefined;
  #directory: Answer<{ desks: Desk[] }> | undefined;
  /** An operation is under way; its window is open. */
  #busy = false;
  readonly #outcomes = new Map<Section, DrawOutcome>();
  /** The date of birth, where something that was opened here tells it: a new PIN is held against it. */
  #birthDate: string | undefined;

  constructor(env: CardEnvironment) {
    this.#env = env;
    this.#lang = env.lang;
  }

  /** Draws the page, shows what the fragment of its address asks for, and asks for readers, cards and desks. */
  async open(fragment = ""): Promise<void> {
    this.#listen();
    this.#deskKey = await this.#env.chosenDesk();
    await this.#speak(this.#lang);
    const opening = openingOf(fragment);
    if (opening && "topic" in opening) this.showTopic(opening.topic);
    else if (opening) this.#showFound(opening.words);
    await Promise.all([this.refresh(), this.#askDesks()]);
  }

  /** Forgets everything that a PIN or the citizen's typing brought. */
  clear(): void {
    this.#birthDate = undefined;
    this.#outcomes.clear();
    (byId("holder") as HTMLFormElement).reset();
    acceptFields();
    showStay();
    this.#drawOutcomes();
  }

  /** Opens an explanation, whatever was searched for. */
  showTopic(id: string): void {
    if (!topicIds.includes(id)) return;
    this.#searchFor("");
    const topic = byId(`topic-${id}`) as HTMLDetailsElement;
    topic.open = true;
    topic.querySelector("summary")?.focus();
    topic.scrollIntoView();
  }

  /** Shows what is found by these words. */
  #showFound(words: string): void {
    const field = this.#searchFor(words);
    byId("topics").scrollIntoView();
    field.focus();
  }

  /** Asks for readers and cards. */
  async refresh(): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    this.#drawOverview();
    [this.#status, this.#reader] = await Promise.all([this.#env.ask({ command: "status" }, cardStatus, this.#lang), this.#env.chosenReader()]);
    this.#reading = false;
    this.#drawOverview();
  }

  get #view(): View {
    return { t: this.#t, lang: this.#lang, desk: deskOf(this.#deskKey, this.#desks), token: this.#token, page: "" };
  }

  /** The kind of card that an operation would use, where there is no doubt of it. */
  get #token(): Token | undefined {
    const cards = this.#status && "result" in this.#status ? this.#status.result.readers.filter(({ token }) => token !== undefined) : [];
    const chosen = cards.find(({ name }) => name === this.#reader);
    return chosen ? chosen.token : cards.length === 1 ? cards[0]?.token : undefined;
  }

  #listen(): void {
    const click = (id: string, act: () => Promise<void>): void => {
      byId(id).addEventListener("click", () => void act());
    };
    click("language", () => this.#switchLanguage());
    click("refresh", () => this.refresh());
    click("read-signature", () => this.#readCertificate("signature"));
    click("read-authentication", () => this.#readCertificate("authentication"));
    click("read-attributes", () => this.#readAttributes());
    for (const pin of ["authentication", "signature", "card-surface"] as const) click(`change-${pin}`, () => this.#changePin(pin));
    byId("search").addEventListener("input", () => {
      this.#search();
    });
    byId("foreign").addEventListener("change", showStay);
    byId("holder").addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#askValidity();
    });
    byId("desk").addEventListener("change", () => void this.#chooseDesk());
    document.addEventListener("click", (event) => {
      const link = (event.target as Element).closest<HTMLAnchorElement>("a[href^='#topic-']");
      if (link) this.showTopic(link.hash.slice("#topic-".length));
    });
  }

  async #switchLanguage(): Promise<void> {
    const lang = this.#lang === "ja" ? "en" : "ja";
    await this.#env.chooseLanguage(lang);
    await this.#speak(lang);
  }

  async #speak(lang: Language): Promise<void> {
    this.#t = await this.#env.texts(lang);
    this.#lang = lang;
    speak(this.#t, lang, "own_page");
    const open = Array.from(document.querySelectorAll("details[open]"), ({ id }) => id);
    byId("topic-list").replaceChildren(...topicList(this.#t, lang));
    for (const id of open) (byId(id) as HTMLDetailsElement).open = true;
    this.#search();
    this.#draw();
  }

  /** Draws all that depends on what is known. */
  #draw(): void {
    this.#drawOverview();
    this.#drawOutcomes();
    byId("change-help").replaceChildren(topicLink("locked-pin", this.#view), topicLink("forgotten-pin", this.#view), ...deskLine({ ...this.#view, token: undefined }));
    this.#drawDesks();
  }

  #drawOverview(): void {
    const [t, view, status] = [this.#t, this.#view, this.#status];
    const failure = !this.#reading && status && "error" in status ? status.error.code : undefined;
    say("overview-status", this.#reading ? t("popup_reading") : failure === undefined ? "" : t(`error_${failure}`), failure);
    byId("readers").setAttribute("aria-busy", String(this.#reading));
    byId("refresh").setAttribute("aria-disabled", String(this.#reading));
    if (status) byId("readers").replaceChildren(...("error" in status ? errorFacts(status.error, view) : readerList(status.result, view)));
    const phone = status && "result" in status && status.result.readers.some(({ token }) => token === "android" || token === "iphone");
    byId("read-authentication").hidden = phone !== true;
    const forget = button({ id: "forget-reader" }, t("card_reader_forget"), () => void this.#forgetReader());
    byId("chosen-reader").replaceChildren(...(this.#reader === undefined ? [] : [element("p", {}, t("card_reader_chosen", visible(this.#reader))), forget]));
  }

  async #forgetReader(): Promise<void> {
    await this.#env.forgetReader();
    this.#reader = undefined;
    this.#drawOverview();
    byId("overview-title").focus();
  }

  #drawOutcomes(): void {
    for (const section of outcomes) {
      const outcome = this.#outcomes.get(section)?.(this.#view);
      say(`${section}-status`, outcome?.sentence ?? "", outcome?.code);
      byId(`${section}-outcome`).replaceChildren(...(outcome ? [element("div", { class: "outcome" }, ...outcome.body)] : []));
    }
  }

  #say(section: Section, draw: DrawOutcome): void {
    this.#outcomes.set(section, draw);
    this.#drawOutcomes();
  }

  /** Runs an operation and says what came of it; the card's state may be another afterwards. */
  async #run<T>(section: Section, request: OwnRequest, shape: Shape<T>, draw: (result: T, view: View) => Outcome): Promise<T | undefined> {
    if (this.#busy) return undefined;
    const token = this.#token; // of the card that is there now, whatever comes after it
    this.#setBusy(true);
    this.#say(section, ({ t }) => ({ sentence: t("card_under_way"), body: [] }));
    const answer = await this.#env.run(request, shape, this.#lang);
    this.#setBusy(false);
    this.#say(section, (all) => {
      const view = { ...all, token };
      return "error" in answer ? failed(answer.error, view) : draw(answer.result, view);
    });
    void this.refresh();
    return "error" in answer ? undefined : answer.result;
  }

  /** While an operation is under way its buttons keep the focus and do nothing. */
  #setBusy(busy: boolean): void {
    this.#busy = busy;
    for (const each of document.querySelectorAll("[data-operation]")) each.setAttribute("aria-disabled", String(busy));
  }

  async #readCertificate(slot: "authentication" | "signature"): Promise<void> {
    const read = await this.#run<Certificate>("certificate", { command: "certificate", slot }, certificate, (result, view) => this.#personal("certificate", [...certificateFacts(result, view), privacyNote(view)], view));
    this.#remember(read?.attributes?.birthDate);
  }

  async #readAttributes(): Promise<void> {
    const compare = (byId("compare") as HTMLInputElement).checked;
    const read = await this.#run<Surface>("attributes", { command: "attributes", compare }, surface, (result, view) => this.#personal("attributes", [...surfaceFacts(result, view), privacyNote(view)], view));
    this.#remember(read?.attributes.birthDate);
  }

  /** Keeps a date of birth that the host can hold a new PIN against: a whole one. */
  #remember(birthDate: string | undefined): void {
    if (birthDate !== undefined && dayInWords(birthDate, this.#lang) !== undefined) this.#birthDate = birthDate;
  }

  /** Personal data, with the way to get rid of it. */
  #personal(section: Section, body: HTMLElement[], { t }: View): Outcome {
    const clear = button({ class: "clear" }, t("card_clear"), () => {
      this.clear();
      this.#say(section, (view) => ({ sentence: view.t("card_cleared"), body: [] }));
      byId(`${section}-title`).focus();
    });
    return { sentence: t("card_read"), body: [...body, clear] };
  }

  async #changePin(pin: Pin): Promise<void> {
    const birthDate = this.#birthDate;
    await this.#run("change", { command: "change-pin", pin, ...(birthDate !== undefined && { birthDate }) }, changedPin, (result, { t }) => ({
      sentence: t("card_changed", t(pinKeys[result.pin])),
      body: [element("p", {}, triesText(result.triesLeft, t))],
    }));
  }

  #searchFor(words: string): HTMLInputElement {
    const field = byId("search") as HTMLInputElement;
    field.value = words;
    this.#search();
    return field;
  }

  #search(): void {
    const words = (byId("search") as HTMLInputElement).value;
    const all = words.trim() === "";
    const found = findTopics(words);
    const desks = findDesks(this.#desks, words);
    const near = found.length + desks.length === 0 ? nearTopics(words) : [];
    showTopics(all ? topicIds : [...found, ...near]);
    byId("found-desks").replaceChildren(...desks.map((desk) => element("li", {}, deskText(desk, this.#t, this.#lang))));
    byId("found").textContent = all ? "" : near.length > 0 ? this.#t("card_near") : this.#t(found.length + desks.length === 0 ? "card_none_found" : "card_found", found.length + desks.length);
  }

  async #askValidity(): Promise<void> {
    acceptFields();
    const holder = readHolder();
    const answer: Answer<Validity> = "missing" in holder ? { error: { code: "INVALID_REQUEST", field: holder.missing } } : await this.#env.ask({ command: "validity", ...holder }, validity, this.#lang);
    if ("error" in answer) {
      const refused = refuseField(answer.error.field);
      this.#say("validity", (view) => (refused === undefined ? failed(answer.error, view) : { sentence: refused(view), body: [], code: answer.error.code }));
    } else {
      this.#say("validity", (view) => ({ ...this.#personal("validity", validityFacts(answer.result, view), view), sentence: "" }));
    }
  }

  async #askDesks(): Promise<void> {
    this.#directory = await this.#env.ask({ command: "desks" }, directory, this.#lang);
    this.#search();
    this.#draw();
  }

  get #desks(): readonly Desk[] {
    return this.#directory && "result" in this.#directory ? this.#directory.result.desks : [];
  }

  #drawDesks(): void {
    const answer = this.#directory;
    byId("desk").replaceChildren(...deskOptions(this.#desks, this.#view));
    const failure = answer && "error" in answer ? answer.error.code : undefined;
    say("desks-status", failure === undefined ? "" : this.#t(`error_${failure}`), failure);
  }

  async #chooseDesk(): Promise<void> {
    const chosen = deskOf((byId("desk") as HTMLSelectElement).value, this.#desks);
    this.#deskKey = chosen && deskKey(chosen);
    await this.#env.chooseDesk(this.#deskKey);
    this.#draw();
  }
}

/** Says a sentence where eyes and ears expect it; a failure's is marked with its code. */
function say(id: string, sentence: string, code: ErrorBody["code"] | undefined): void {
  const place = byId(id);
  place.textContent = sentence;
  if (code === undefined) delete place.dataset.code;
  else place.dataset.code = code;
}

/** Shows these explanations, in this order, and no others. What stands in its place already is not moved: it may have the focus. */
function showTopics(ids: readonly string[]): void {
  const list = byId("topic-list");
  for (const id of topicIds) byId(`topic-${id}`).hidden = !ids.includes(id);
  const shown = list.querySelectorAll("details:not([hidden])");
  if (ids.some((id, i) => shown[i]?.id !== `topic-${id}`)) list.append(...ids.map((id) => byId(`topic-${id}`)));
}

function privacyNote({ t }: View): HTMLElement {
  return element("p", { class: "quiet" }, t("card_privacy"));
}

function failed(error: ErrorBody, view: View): Outcome {
  return { sentence: view.t(`error_${error.code}`), body: errorFacts(error, view), code: error.code };
}
