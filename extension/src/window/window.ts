/**
 * Natsuin's window: who asks and for what, always; below it the panel of the present state. It draws what the background told it last.
 */

import { pinKeys } from "./facts.ts";
import { guard } from "./guard.ts";
import { visible } from "./names.ts";
import { announcement } from "./announce.ts";
import type { Panel, Scene } from "./panel.ts";
import { panelOf } from "./states.ts";
import { byId, element } from "../dom.ts";
import type { Translate } from "../i18n.ts";
import type { Language } from "../messages/host.ts";
import type { FromWindow, OperationInfo, ProgressState, ToWindow, WindowState } from "../messages/window.ts";

/** How long a success stays in view, in milliseconds; failures stay until they are closed. */
export const successTime = 3000;

export interface WindowEnvironment {
  send: (message: FromWindow) => void;
  close: () => void;
  texts: (lang: Language) => Promise<Translate>;
  chooseLanguage: (lang: Language) => Promise<void>;
}

export class PromptWindow {
  readonly #env: WindowEnvironment;
  #info: OperationInfo | undefined;
  #state: WindowState | undefined;
  #lang: Language | undefined;
  #t: Translate | undefined;
  #cancelled = false;
  #panel: Panel | undefined;
  /** Ends the guard of the panel that is shown. */
  #shown = new AbortController();
  /** Messages are drawn one after the other: texts may have to be loaded first. */
  #work = Promise.resolve();

  constructor(env: WindowEnvironment) {
    this.#env = env;
    byId("language").addEventListener("click", () => {
      this.#enqueue(() => this.#switchLanguage());
    });
  }

  /** The background said something. */
  receive(message: ToWindow): void {
    this.#enqueue(() => this.#draw(message));
  }

  /** The background is gone. An outcome stays; anything else has failed. */
  lost(): void {
    this.#enqueue(async () => {
      if (this.#info === undefined) this.#env.close();
      else if (!this.over) await this.#draw({ type: "state", state: { kind: "error", error: { code: "INTERNAL" } } });
    });
  }

  /** Whether an outcome is shown. */
  get over(): boolean {
    return this.#state?.kind === "done" || this.#state?.kind === "error";
  }

  /** Resolves when everything received so far is drawn. */
  get settled(): Promise<void> {
    return this.#work;
  }

  #enqueue(act: () => Promise<void>): void {
    this.#work = this.#work.then(act).catch((error: unknown) => {
      console.error("drawing failed", error);
    });
  }

  async #draw(message: ToWindow): Promise<void> {
    switch (message.type) {
      case "info":
        this.#info = message.info;
        await this.#load(this.#lang ?? message.info.lang);
        this.#drawInfo();
        return;
      case "state":
        this.#state = message.state;
        this.#drawState();
        if (message.state.kind === "done") setTimeout(this.#env.close, successTime);
        return;
      case "busy":
        if (this.#t) byId("notice").textContent = this.#t("busy_notice", message.origin === undefined ? this.#t("own_page") : visible(message.origin));
    }
  }

  async #load(lang: Language): Promise<void> {
    if (lang !== this.#lang) this.#t = await this.#env.texts(lang);
    this.#lang = lang;
    document.documentElement.lang = lang;
  }

  async #switchLanguage(): Promise<void> {
    const lang = this.#lang === "ja" ? "en" : "ja";
    await this.#load(lang);
    await this.#env.chooseLanguage(lang);
    byId("notice").textContent = "";
    this.#panel = undefined; // its buttons speak the other language
    this.#drawInfo();
    this.#drawState();
  }

  #drawInfo(): void {
    const [info, t] = [this.#info, this.#t];
    if (!info || !t) return;
    byId("language").textContent = t("language");
    byId("language").lang = this.#lang === "ja" ? "en" : "ja";
    byId("asks").textContent = t(info.origin === undefined ? "asks_own" : "asks");
    byId("purpose").textContent = purpose(info, t);
    byId("origin").hidden = info.origin === undefined; // the sentence before names our page already
    if (info.origin === undefined) this.#drawAsker(t("own_page"), [element("strong", {}, t("own_page"))]);
    else {
      const { protocol, hostname, port } = new URL(info.origin);
      this.#drawAsker(hostname, [`${protocol}//`, element("strong", {}, hostname), port && `:${port}`]);
    }
  }

  /** Who asks; sites have addresses, and so none can look like a page of ours. */
  #drawAsker(name: string, text: (Node | string)[]): void {
    document.title = `Natsuin – ${name}`;
    byId("origin").replaceChildren(...text);
  }

  #drawState(): void {
    const [info, state, t, lang] = [this.#info, this.#state, this.#t, this.#lang];
    if (!info || !state || !t || !lang) return;
    const scene: Scene = {
      info, t, lang,
      cancelled: this.#cancelled,
      send: (message) => {
        this.#cancelled ||= message.type === "cancel";
        this.#env.send(message);
      },
      close: this.#env.close,
      show: (panel) => {
        this.#show(panel);
      },
    };
    this.#show(panelOf(state, scene));
  }

  #show(panel: Panel): void {
    const { body } = document;
    const last = this.#panel;
    this.#panel = panel;
    if (last?.progress && panel.progress) {
      this.#goOn(last.progress, panel, panel.progress);
      return;
    }
    this.#shown.abort();
    this.#shown = new AbortController();
    body.dataset.state = panel.name;
    if (panel.code === undefined) delete body.dataset.code;
    else body.dataset.code = panel.code;
    byId("state").textContent = panel.title;
    byId("panel").replaceChildren(...panel.body);
    byId("buttons").replaceChildren(...panel.buttons);
    byId("announcement").textContent = "";
    byId("state").focus();
    panel.live?.(this.#shown.signal, (text) => {
      byId("announcement").textContent = text;
    });
    if (panel.guarded) {
      guard(panel.guarded, this.#shown.signal, () => {
        if (!document.activeElement?.matches("button")) panel.focus?.focus();
      });
    }
  }

  /** Going on is no new state: the buttons stay as they are, pressed or not, and so does the focus. */
  #goOn(last: ProgressState, panel: Panel, progress: ProgressState): void {
    byId("state").textContent = panel.title;
    if ("done" in progress && last.phase === progress.phase) byId("panel").querySelector("progress")?.setAttribute("value", String(progress.done));
    else byId("panel").replaceChildren(...panel.body);
    const said = announcement(last, progress, panel.title);
    if (said !== undefined) byId("announcement").textContent = said;
  }
}

function purpose(info: OperationInfo, t: Translate): string {
  switch (info.command) {
    case "authenticate":
      return t("purpose_authenticate");
    case "sign":
      return info.signing === undefined ? t("purpose_sign") : t("purpose_sign_count", info.signing.documents.length);
    case "certificate":
      return t(info.slot === "signature" ? "purpose_certificate_signature" : "purpose_certificate_authentication");
    case "attributes":
      return t(info.compare ? "purpose_attributes_compare" : "purpose_attributes");
    case "portal-login":
      return t("purpose_portal_login");
    case "portal-sign":
      return t("purpose_portal_sign", info.count);
    case "portal-attributes":
      return t("purpose_portal_attributes");
    case "change-pin":
      return t("purpose_change", t(pinKeys[info.pin]));
  }
}
