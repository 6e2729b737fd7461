/**
 * The page that verifies: a file is dropped or chosen, and what can be said of its signatures is shown. File and result live in this page's memory and go with it.
 * The controls for choosing stand in verify.html and stay; whatever depends on the file is drawn below them.
 */

import type { Answer } from "../ask.ts";
import { button, byId, element } from "../dom.ts";
import { notesOn, remedyOf } from "../errors.ts";
import type { MessageKey, Translate } from "../i18n.ts";
import type { ErrorBody, Language } from "../messages/host.ts";
import type { Verified } from "../messages/verify.ts";
import { speak } from "../speak.ts";
import { elided, readableSize, visible } from "../window/names.ts";
import { adding, belongs, dropped, likely, missingFiles, named, troubleWith, type Trouble } from "./choice.ts";
import { fileLine, lacksFiles, resultFacts, takesFiles, verdictFor } from "./result.ts";
import type { Filing, Named, Run, Wanted } from "./run.ts";
import { savedResult, type Saved } from "./save.ts";
import type { Told } from "./told.ts";
import { sentenceOf } from "./verdict.ts";

export interface VerifyEnvironment {
  lang: Language;
  texts: (lang: Language) => Promise<Translate>;
  chooseLanguage: (lang: Language) => Promise<void>;
  /** Starts a run; `progress` hears how many bytes the program has. */
  verify: (filing: Filing, wanted: Wanted, progress: (done: number) => void) => Run;
  /** Has the browser store a file. */
  save: (file: Saved) => void;
}

/** What the page is at. */
type State =
  | { is: "waiting" }
  | { is: "troubled"; trouble: Trouble }
  | { is: "asking"; files: File[] }
  | { is: "doubting"; files: File[]; missing: string[] }
  | { is: "running"; run: Run; done: number; missing?: string[] }
  | { is: "ended"; answer: Answer<Verified>; attributes: boolean };

const troubles: Record<Trouble, { sentence: MessageKey; remedy: MessageKey }> = {
  "no-file": { sentence: "verify_no_file", remedy: "verify_no_file_remedy" },
  folder: { sentence: "verify_folder", remedy: "verify_folder_remedy" },
  empty: { sentence: "verify_empty", remedy: "verify_empty_remedy" },
  "too-large": { sentence: "verify_too_large", remedy: "verify_too_large_remedy" },
  "too-many": { sentence: "verify_too_many", remedy: "verify_too_many_remedy" },
};

export class VerifyPage {
  readonly #env: VerifyEnvironment;
  #lang: Language;
  #t: Translate = (key) => key;
  #filing: Filing | undefined;
  #state: State = { is: "waiting" };

  constructor(env: VerifyEnvironment) {
    this.#env = env;
    this.#lang = env.lang;
  }

  async open(): Promise<void> {
    this.#listen();
    await this.#speak(this.#lang);
  }

  /** Forgets file and result, and ends what is under way. */
  clear(): void {
    this.#show({ is: "waiting" });
    this.#filing = undefined;
  }

  get #attributes(): boolean {
    return (byId("attributes") as HTMLInputElement).checked;
  }

  #listen(): void {
    const picker = byId("file") as HTMLInputElement;
    byId("choose").addEventListener("click", () => {
      picker.click();
    });
    picker.addEventListener("change", () => {
      const files = Array.from(picker.files ?? []);
      picker.value = ""; // the same file can be chosen again
      if (files.length > 0) this.#take(files);
    });
    byId("language").addEventListener("click", () => void this.#switchLanguage());
    byId("attributes").addEventListener("change", () => {
      this.#again();
    });
    // Wherever a file is dropped on the page, the browser must not open it in the page's place.
    document.addEventListener("dragover", (event) => {
      event.preventDefault();
      document.body.classList.add("dragging");
    });
    document.addEventListener("dragleave", (event) => {
      if (event.relatedTarget === null) document.body.classList.remove("dragging");
    });
    document.addEventListener("drop", (event) => {
      event.preventDefault();
      document.body.classList.remove("dragging");
      const files = event.dataTransfer ? dropped(event.dataTransfer) : "no-file";
      if (Array.isArray(files) && this.#missing) this.#meet(files, this.#missing, (event.target as Element).closest("#missing") !== null);
      else this.#take(files);
    });
  }

  async #switchLanguage(): Promise<void> {
    const lang = this.#lang === "ja" ? "en" : "ja";
    await this.#env.chooseLanguage(lang);
    await this.#speak(lang);
    this.#again(); // the host's words are of one language
  }

  async #speak(lang: Language): Promise<void> {
    this.#t = await this.#env.texts(lang);
    this.#lang = lang;
    speak(this.#t, lang, "verify_title");
    this.#draw();
  }

  /** A new choice, in place of whatever was there. */
  #take(files: File[] | Trouble): void {
    if (!Array.isArray(files)) {
      this.#show({ is: "troubled", trouble: files });
      return;
    }
    const [only, ...others] = files;
    if (only && others.length === 0) this.#check({ document: named(only), files: [] });
    else this.#ask(files);
  }

  /** Which of several files is the signed one, only the citizen knows. */
  #ask(files: File[]): void {
    this.#show({ is: "asking", files });
    byId("outcome-title").focus();
  }

  /** Files that were dropped where some are missing: beside the question for them too, where their names tell. */
  #meet(files: File[], missing: string[], meant: boolean): void {
    if (meant || belongs(files, missing)) {
      this.#add(files, missing);
      return;
    }
    this.#show({ is: "doubting", files, missing });
    byId("outcome-title").focus();
  }

  #add(files: readonly File[], missing: string[]): void {
    const filing = this.#filing;
    if (filing) this.#check({ ...filing, files: adding(filing.files, files, missing) }, missing);
  }

  #remove(file: Named): void {
    const filing = this.#filing;
    if (filing) this.#check({ ...filing, files: filing.files.filter((each) => each !== file) });
  }

  /** The names of what is missing and can be added, as far as names are known; undefined where nothing is. What was added last may not have been seen yet. */
  get #missing(): string[] | undefined {
    const state = this.#state;
    if (state.is === "running" || state.is === "doubting") return state.missing;
    return state.is === "ended" && "result" in state.answer && takesFiles(state.answer.result) ? missingFiles(state.answer.result) : undefined;
  }

  /** Checks what was checked, or is being checked, anew: it is to be told otherwise. */
  #again(): void {
    if (this.#filing && (this.#state.is === "ended" || this.#state.is === "running")) this.#check(this.#filing);
  }

  /** Checks a file; `missing` tells that it goes with what was added just now, of these. */
  #check(filing: Filing, missing?: string[]): void {
    const trouble = troubleWith(filing);
    if (trouble !== undefined) {
      this.#show({ is: "troubled", trouble });
      return;
    }
    const wanted = { lang: this.#lang, attributes: this.#attributes };
    const run = this.#env.verify(filing, wanted, (done) => {
      if (this.#state.is !== "running" || this.#state.run !== run) return;
      this.#state.done = done;
      this.#drawProgress();
    });
    this.#filing = filing;
    this.#show({ is: "running", run, done: 0, ...(missing && { missing }) });
    void run.answer.then((answer) => {
      if (this.#state.is === "running" && this.#state.run === run) this.#show({ is: "ended", answer, attributes: wanted.attributes });
    });
  }

  /** Goes on to another state; what was under way is ended. */
  #show(state: State): void {
    const before = this.#state;
    this.#state = state;
    if (before.is === "running") before.run.cancel();
    this.#draw();
  }

  /** Draws what depends on the state. Whoever had the focus in what goes finds it at the title. */
  #draw(): void {
    const place = byId("outcome");
    const focused = place.contains(document.activeElement);
    const code = this.#state.is === "ended" && "error" in this.#state.answer ? this.#state.answer.error.code : undefined;
    document.body.dataset.state = this.#state.is;
    byId("status").textContent = this.#sentence();
    if (code === undefined) delete byId("status").dataset.code;
    else byId("status").dataset.code = code;
    place.replaceChildren(...this.#body());
    this.#drawProgress();
    if (focused) byId("outcome-title").focus();
  }

  /** What eyes and ears are told first. */
  #sentence(): string {
    const t = this.#t;
    const state = this.#state;
    switch (state.is) {
      case "waiting":
        return t("verify_nothing");
      case "troubled":
        return t(troubles[state.trouble].sentence);
      case "asking":
        return t("verify_which");
      case "doubting":
        return t("verify_doubt");
      case "running":
        return t(state.missing ? "verify_adding" : "verify_running");
      case "ended":
        if ("error" in state.answer) return state.answer.error.code === "FILE_FAILED" ? t("verify_unreadable") : t(`error_${ours(state.answer.error).code}`);
        return sentenceOf(verdictFor(state.answer.result), { t });
    }
  }

  #body(): HTMLElement[] {
    const state = this.#state;
    switch (state.is) {
      case "waiting":
        return [];
      case "troubled":
        return [element("p", {}, this.#t(troubles[state.trouble].remedy))];
      case "asking":
        return [this.#question(state.files)];
      case "doubting":
        return this.#doubt(state.files, state.missing);
      case "running":
        return this.#progress(state.run);
      case "ended":
        return "error" in state.answer ? this.#failure(state.answer.error) : this.#result(state.answer.result, state.attributes);
    }
  }

  #question(files: File[]): HTMLElement {
    const t = this.#t;
    const guess = likely(files);
    const choices = files.map((file, i) => element("div", { class: "check" },
      element("input", { type: "radio", name: "signed", id: `signed-${i}`, value: String(i), checked: file === guess }),
      element("label", { for: `signed-${i}` }, fileLine(named(file), { lang: this.#lang }))));
    const form = element("form", {},
      element("fieldset", {}, element("legend", {}, t("verify_which_legend")), ...choices),
      element("p", { class: "quiet" }, t("verify_which_hint")),
      element("button", { type: "submit", class: "primary", id: "start" }, t("verify_start")));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const signed = files[Number(new FormData(form).get("signed"))];
      if (signed) this.#check({ document: named(signed), files: adding([], files.filter((file) => file !== signed), []) });
    });
    return form;
  }

  /** Whether dropped files are those that are missing, only the citizen knows. */
  #doubt(files: File[], missing: string[]): HTMLElement[] {
    const t = this.#t;
    return [
      element("p", {}, t("verify_doubt_why")),
      element("ul", {}, ...files.map((file) => element("li", {}, fileLine(named(file), { lang: this.#lang })))),
      button({ id: "add", class: "primary" }, t("verify_doubt_add"), () => {
        this.#add(files, missing);
      }),
      button({ id: "other" }, t("verify_doubt_other"), () => {
        this.#take(files);
      }),
    ];
  }

  #progress(run: Run): HTMLElement[] {
    return [
      element("progress", { id: "progress", max: "1", "aria-labelledby": "status" }),
      element("p", { id: "progress-text", class: "quiet" }),
      button({ id: "cancel" }, this.#t("refuse"), () => {
        run.cancel();
      }),
    ];
  }

  /** How far the bytes are; after the last of them nobody can say how long it takes. */
  #drawProgress(): void {
    const { done } = this.#state as Partial<Extract<State, { is: "running" }>>;
    const bar = document.querySelector<HTMLProgressElement>("#progress");
    if (done === undefined || !bar || !this.#filing) return;
    const total = [this.#filing.document, ...this.#filing.files].reduce((sum, { content }) => sum + content.size, 0);
    if (done < total) bar.value = done / total;
    else bar.removeAttribute("value");
    byId("progress-text").textContent = done < total ? this.#t("verify_read", readableSize(done, this.#lang), readableSize(total, this.#lang)) : this.#t("verify_judging");
  }

  #failure(error: ErrorBody): HTMLElement[] {
    const t = this.#t;
    const again = button({ id: "again" }, t("verify_again"), () => {
      this.#again();
    });
    if (error.code === "CANCELLED") return [again];
    const remedy = error.code === "FILE_FAILED" ? t("verify_unreadable_remedy") : remedyOf(ours(error), t);
    return [element("p", {}, remedy), ...notesOn(error, t).map((note) => element("p", {}, note)), again];
  }

  #result(verified: Verified, attributes: boolean): HTMLElement[] {
    const filing = this.#filing;
    if (!filing) return [];
    const told: Told = { t: this.#t, lang: this.#lang, words: verified.words };
    const [box, ...facts] = resultFacts(verified, filing, attributes, told);
    const save = button({ id: "save" }, this.#t("verify_save"), () => {
      this.#env.save(savedResult(verified, filing));
    });
    return [...(box ? [box] : []), ...this.#missingPart(verified), ...this.#addedPart(filing.files), ...facts,
      element("div", { class: "save" }, save, attributes && element("p", { class: "quiet" }, this.#t("verify_save_personal")))];
  }

  /** What was signed and is not here, with the way to add it. An archive has to bring all of it. */
  #missingPart(verified: Verified): HTMLElement[] {
    if (!lacksFiles(verified)) return [];
    const t = this.#t;
    const names = missingFiles(verified);
    return [element("section", { id: "missing", class: "warning", "aria-labelledby": "missing-title" },
      element("h3", { id: "missing-title" }, t("verify_missing")),
      names.length === 0 ? element("p", {}, t("verify_missing_content")) : element("ul", {}, ...names.map((name) => element("li", {}, element("bdi", {}, elided(visible(name)))))),
      ...(takesFiles(verified) ? this.#adder(names) : [element("p", {}, t("verify_missing_entry"))]))];
  }

  #adder(names: string[]): HTMLElement[] {
    const t = this.#t;
    const picker = element("input", { type: "file", id: "missing-file", multiple: true, hidden: true, "aria-label": t("verify_add") });
    picker.addEventListener("change", () => {
      const files = Array.from(picker.files ?? []);
      if (files.length > 0) this.#add(files, names);
    });
    const add = button({ id: "add", class: "primary" }, t("verify_add"), () => {
      picker.click();
    });
    return [add, picker, element("p", { class: "quiet" }, t("verify_missing_drop"))];
  }

  /** The files that were added, each with the way to take it back. */
  #addedPart(files: readonly Named[]): HTMLElement[] {
    if (files.length === 0) return [];
    const t = this.#t;
    const lines = files.map((file) => element("li", {},
      fileLine(file, { lang: this.#lang }),
      button({ class: "link", "aria-label": `${t("verify_remove")} – ${visible(file.name)}` }, t("verify_remove"), () => {
        this.#remove(file);
      })));
    return [element("section", { id: "added", "aria-labelledby": "added-title" }, element("h3", { id: "added-title" }, t("verify_added")), element("ul", {}, ...lines))];
  }
}

/** An error as this page may tell it: no site asked for anything here. */
function ours(error: ErrorBody): ErrorBody {
  return error.code === "INVALID_REQUEST" ? { code: "INTERNAL" } : error;
}
