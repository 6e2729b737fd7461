/**
 * One operation, from the call to its outcome: a login or a signature for a site, or what the card page asks for. Three parties take part: the page (a site's
 * through its relay), the host and the window. Each may leave at any moment; whoever does, the other two are told, the card is released and the program ends.
 */

import type { Host, HostListener } from "../host.ts";
import type { ErrorBody, Hello, HostMessage, HostMessageOf, HostRequest, OwnRequest, PortalRequest, Preferences, Token } from "../messages/host.ts";
import type { FromRelay, ToPage } from "../messages/page.ts";
import { contentsOf, type SignPayload } from "../messages/sign.ts";
import type { FromWindow, OperationInfo, SiteOperation, ToWindow, WindowState } from "../messages/window.ts";
import { base64Length } from "../shape.ts";
import { doubtAfter, type Doubt } from "./doubt.ts";
import { checkResult } from "./result.ts";
import { signingOf } from "./signing.ts";
import { Transfer } from "./transfer.ts";

/** How long a click is good for: the site's arguments must come within it, in milliseconds. */
export const activationLifetime = 60_000;

/** How long a window may be without its page (a reload takes less, a crash does not end), in milliseconds. */
export const absenceTimeout = 1_000;

/** How long the host may take to answer a cancel, in milliseconds. */
export const cancelTimeout = 2_000;

/** How long the program is kept when an operation is over before the host has answered its request, in milliseconds. */
export const releaseTimeout = 15_000;

/** What the host says when it is called off while it waits: what it was waiting for. */
const missing: ReadonlySet<ErrorBody["code"]> = new Set(["NO_READER", "NO_CARD", "NOT_JPKI"]);

/** What an operation uses of the browser. */
export interface Surroundings {
  connectHost: (listener: HostListener) => Host;
  openWindow: (operation: string) => Promise<number>;
  closeWindow: (window: number) => void;
  focusWindow: (window: number) => void;
  preferences: Preferences;
  /** Keeps the reader that the citizen chose for later operations. */
  chooseReader: (reader: string) => void;
  /** Runs `act` later; the function returned forgets it. */
  later: (milliseconds: number, act: () => void) => () => void;
}

/** What goes back to whoever asked. */
export type Reply = Exclude<ToPage, { type: "error" }> | { type: "error"; error: ErrorBody };

/** Who asks for what, and how the answer goes back. `request`: everything is known from the start; otherwise the site's arguments follow. */
export interface Call {
  info: OperationInfo;
  request?: OwnRequest | PortalRequest;
  /** The tab of the page, where it matters whether the window lies over it. */
  tab?: number;
  reply: (message: Reply) => void;
}

export class Operation {
  readonly id = crypto.randomUUID();
  readonly #reply: Call["reply"];
  readonly #around: Surroundings;
  readonly #tab: number | undefined;
  readonly #host: Host;
  #info: OperationInfo;
  #state: WindowState = { kind: "waiting-site" };
  #ended = false;
  /** The page went away while its operation ran: no window is to stay. */
  #abandoned = false;
  /** The citizen wants it to stop; whatever the host still makes stays here. */
  #cancelled = false;
  /** The window's id; undefined until it is open. */
  #window: number | undefined;
  /** Windows that were closed meanwhile: the browser may tell of that before it tells the window's id. */
  readonly #closedWindows = new Set<number>();
  #tell: ((message: ToWindow) => void) | undefined;
  #forgetAbsence = (): void => undefined;
  #requested = false;
  /** The host has what it is sent, not only the queue for it. */
  #greeted = false;
  /** The host has answered the request or is gone: it holds no card. */
  #answered = false;
  #released = false;
  /** What the PIN asked for last may have done, until the host says more. */
  #doubt: Doubt | undefined;
  /** The kind of card that the host spoke of last. */
  #token: Token | undefined;
  /** Signatures wait here for the result: a page gets all of them or nothing. */
  readonly #signatures: Reply[] = [];
  #transfer: Transfer | undefined;
  #forget: () => void;

  constructor({ info, request, tab, reply }: Call, around: Surroundings) {
    this.#info = info;
    this.#reply = reply;
    this.#around = around;
    this.#tab = tab;
    this.#forget = around.later(activationLifetime, () => {
      this.#finish({ code: "TIMEOUT" });
    });
    this.#host = around.connectHost({
      hello: () => {
        this.#greeted = true;
      },
      message: (message) => {
        this.#fromHost(message);
      },
      failed: (error) => {
        this.#answered = true;
        this.#released = true;
        this.#forget();
        this.#finish(error);
      },
    });
    around.openWindow(this.id).then(
      (window) => {
        this.#window = window;
        if (this.#abandoned) around.closeWindow(window);
        else if (this.#openWindow === undefined) this.#cancel();
      },
      () => {
        this.#finish({ code: "INTERNAL" });
      },
    );
    if (request !== undefined) this.#begin(request);
  }

  /** Over: its window may still show the outcome, and its host may still be releasing the card. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Over for the program, too: it has ended. */
  get released(): boolean {
    return this.#released;
  }

  /** The page said something after its start. */
  fromPage(message: FromRelay): void {
    if (this.#ended) return;
    switch (message.type) {
      case "invalid":
        this.#finish({ code: "INVALID_REQUEST", field: message.field });
        return;
      case "authenticate":
        this.#authenticate(message.challenge);
        return;
      case "sign":
        this.#sign(message);
        return;
      case "chunk":
        this.#chunk(message.document, message.data);
        return;
      case "start":
        this.#finish({ code: "INVALID_REQUEST", field: "type" });
    }
  }

  /** The page is gone: nobody waits for an outcome. */
  pageGone(): void {
    if (this.#ended) return;
    this.#abandoned = true;
    if (this.#openWindow !== undefined) this.#around.closeWindow(this.#openWindow);
    this.#finish({ code: "CANCELLED" });
  }

  /** The window's page is there and hears what is to be shown. The function returned says that it is gone. */
  windowOpened(tell: (message: ToWindow) => void): () => void {
    this.#forgetAbsence();
    this.#tell = tell;
    tell({ type: "info", info: this.#info });
    tell({ type: "state", state: this.#state });
    return () => {
      if (this.#tell !== tell) return; // a newer page is there
      this.#tell = undefined;
      if (this.#ended) return;
      this.#forgetAbsence = this.#around.later(absenceTimeout, () => {
        this.#cancel();
      });
    };
  }

  /** The citizen said something in the window. */
  fromWindow(message: FromWindow): void {
    if (this.#ended) return;
    if (message.type === "cancel") {
      this.#cancel();
      return;
    }
    const open = this.#state.kind === "prompt" && this.#state.prompt.prompt === message.prompt ? this.#state.prompt : undefined;
    if (open === undefined || (message.type === "pin" && open.kind !== "pin")) return; // that prompt is gone
    const { id } = this;
    const { prompt } = message;
    if (message.type === "pin") {
      this.#doubt = doubtAfter(open, this.#info.command, this.#doubt);
      this.#host.send({ type: "pin", id, prompt, pin: message.pin });
    } else if (open.kind === "choose-reader" && message.accept) {
      const reader = open.readers.find(({ name }) => name === message.reader);
      if (reader === undefined) return;
      this.#token = reader.token;
      this.#around.chooseReader(reader.name);
      this.#host.send({ type: "answer", id, prompt, accept: true, reader: reader.name });
    } else {
      this.#host.send({ type: "answer", id, prompt, accept: message.accept });
    }
    this.#show({ kind: "progress", phase: "card" });
  }

  /** A window was closed; when it is this operation's, that is a cancel. */
  windowClosed(window: number): void {
    this.#closedWindows.add(window);
    if (window === this.#window) this.#cancel();
  }

  /** Another page asked meanwhile (a site, or the card page): the citizen is shown where to finish first. */
  refuseOther(origin?: string): void {
    this.tellOther(origin);
    if (this.#openWindow !== undefined) this.#around.focusWindow(this.#openWindow);
  }

  /** Another page asked meanwhile: the window says so, where it is. */
  tellOther(origin?: string): void {
    this.#tell?.({ type: "busy", ...(origin !== undefined && { origin }) });
  }

  /** Whether that is this operation's window, and the operation that tab's. */
  isWindowOf(id: number, tab: number): boolean {
    return id === this.#window && tab === this.#tab;
  }

  /** The window's id while it is open. */
  get #openWindow(): number | undefined {
    return this.#window === undefined || this.#closedWindows.has(this.#window) ? undefined : this.#window;
  }

  /** Everything is known from the start. */
  #begin(request: OwnRequest | PortalRequest): void {
    const { windowPin, reader, pinPad } = this.#around.preferences;
    const pad = pinPad === true && request.command !== "portal-sign"; // no pad has letters
    this.#request({ type: "request", id: this.id, lang: this.#info.lang, windowPin, ...(pad && { pinPad }), ...(reader !== undefined && { reader }), ...request });
  }

  #authenticate(challenge: string): void {
    const info = this.#expect("authenticate");
    if (info) this.#request({ ...this.#address(info), ...this.#around.preferences, command: "authenticate", challenge });
  }

  #sign(payload: SignPayload): void {
    const info = this.#expect("sign");
    if (!info) return;
    const { windowPin, reader } = this.#around.preferences; // and no pad: none has letters
    this.#transfer = new Transfer(contentsOf(payload));
    this.#info = { ...info, signing: signingOf(payload) };
    this.#tell?.({ type: "info", info: this.#info });
    this.#request({ ...payload, ...this.#address(info), windowPin, ...(reader !== undefined && { reader }), command: "sign" });
  }

  /** The site's operation, when these are the arguments that it waits for; anything else ends it. */
  #expect(command: SiteOperation["command"]): SiteOperation | undefined {
    const info = this.#info;
    if (!this.#requested && info.command === command) return info;
    this.#finish({ code: "INVALID_REQUEST", field: "type" });
    return undefined;
  }

  #address({ origin, lang }: SiteOperation) {
    return { type: "request", id: this.id, lang, origin } as const;
  }

  #request(request: HostRequest): void {
    this.#requested = true;
    this.#forget();
    this.#host.send(request);
    this.#show({ kind: "progress", phase: "starting" });
  }

  #chunk(document: number, data: string): void {
    if (this.#transfer?.take(base64Length(data)) === true) this.#host.send({ type: "chunk", id: this.id, document, data });
    else this.#finish({ code: "INVALID_REQUEST", field: "document" });
  }

  #fromHost(message: Exclude<HostMessage, Hello>): void {
    if (message.id === this.id && (message.type === "result" || message.type === "error")) this.#answered = true;
    if (this.#ended) {
      if (this.#answered) this.#close();
      return;
    }
    if (message.id === undefined) {
      this.#finish({ code: "INTERNAL" }); // an error about none of its requests: the host could not read what we said
      return;
    }
    if (message.id !== this.id) return;
    if ("card" in message) this.#token = message.card.token;
    if (this.#cancelled && message.type !== "error") {
      if (message.type === "result") this.#tooLate(message.result);
      return;
    }
    switch (message.type) {
      case "received": {
        const progress = this.#transfer?.received();
        this.#reply({ type: "received", document: message.document, bytes: message.bytes });
        if (progress) this.#show(progress);
        return;
      }
      case "card":
        this.#doubt = undefined;
        this.#show(presence(message));
        return;
      case "dialog":
        this.#doubt = doubtAfter(message, this.#info.command, this.#doubt);
        this.#show({ kind: "dialog", dialog: message });
        return;
      case "pad":
        this.#doubt = doubtAfter(message, this.#info.command, this.#doubt);
        this.#show({ kind: "pad", pad: message, until: Date.now() + message.seconds * 1000 });
        return;
      case "prompt":
        this.#show({ kind: "prompt", prompt: message });
        return;
      case "gone":
        if (this.#state.kind === "prompt" && this.#state.prompt.prompt === message.prompt) this.#show({ kind: "progress", phase: "card" });
        return;
      case "progress":
        this.#doubt = undefined;
        this.#reply({ type: "progress", done: message.done, total: message.total });
        this.#show({ kind: "progress", phase: "signing", done: message.done, total: message.total });
        return;
      case "signature":
        this.#signatures.push({ type: "signature", document: message.document, last: message.last, data: message.data });
        return;
      case "result":
        this.#result(message.result);
        return;
      case "error":
        this.#doubt = undefined; // the host knows
        this.#finish(message.error);
    }
  }

  /** The result crossed the cancel. What the card made is kept from whoever asked, but a new PIN holds, and the citizen must know. */
  #tooLate(result: unknown): void {
    this.#doubt = undefined;
    if (this.#info.command === "change-pin") this.#result(result);
    else this.#finish({ code: "CANCELLED" });
  }

  #result(raw: unknown): void {
    const result = checkResult(this.#info.command, raw);
    if (result === undefined) {
      this.#finish({ code: "INTERNAL" });
      return;
    }
    for (const signature of this.#signatures) this.#reply(signature);
    this.#reply({ type: "result", result });
    this.#show({ kind: "done" });
    this.#end();
  }

  /** Asks the host to stop; its answer says more than "cancelled" when it was waiting for a reader or a card. */
  #cancel(): void {
    if (this.#ended || this.#cancelled) return;
    if (!this.#requested) {
      this.#finish({ code: "CANCELLED" });
      return;
    }
    this.#cancelled = true;
    this.#host.send({ type: "cancel", id: this.id });
    this.#forget();
    this.#forget = this.#around.later(cancelTimeout, () => {
      this.#finish({ code: "CANCELLED" });
    });
  }

  #finish(cause: ErrorBody): void {
    if (this.#ended) return;
    const reason = this.#state.kind === "prompt" ? undefined : this.#doubt; // while a prompt waits the card does nothing
    const told = this.#info.origin === undefined ? this.#ownError(cause) : cause;
    const error = reason === undefined ? told : { ...told, reason };
    if (!this.#abandoned) this.#reply({ type: "error", error });
    this.#show({ kind: "error", error, ...(this.#token !== undefined && { token: this.#token }) });
    this.#end();
  }

  /** What the card page's error is: no site is to blame for it, and no site needs to know what was missing when the citizen cancelled. */
  #ownError(cause: ErrorBody): ErrorBody {
    if (cause.code === "INVALID_REQUEST") return { code: "INTERNAL" };
    return this.#cancelled && missing.has(cause.code) ? { code: "CANCELLED" } : cause;
  }

  #end(): void {
    this.#ended = true;
    this.#forgetAbsence();
    if (this.#requested && this.#greeted && !this.#answered) this.#release();
    else this.#close();
  }

  /**
   * Keeps the program until it has answered, which it does when the card is locked and released. Browsers kill a program soon after its port closes: in the
   * middle of a card command that would leave the card unlocked for others. Nobody but the host hears of it, and the open port keeps the background running.
   */
  #release(): void {
    if (!this.#cancelled) this.#host.send({ type: "cancel", id: this.id });
    this.#forget();
    this.#forget = this.#around.later(releaseTimeout, () => {
      this.#close();
    });
  }

  #close(): void {
    this.#released = true;
    this.#forget();
    this.#host.close();
  }

  #show(state: WindowState): void {
    this.#state = state;
    this.#tell?.({ type: "state", state });
  }
}

/** What is shown of readers and cards that come and go. */
function presence(event: HostMessageOf<"card">): WindowState {
  switch (event.presence) {
    case "no-reader":
      return { kind: "waiting-reader" };
    case "no-card":
      return { kind: "waiting-card", ...(event.other && { other: event.other }) };
    case "present":
      return { kind: "progress", phase: "card" };
  }
}
