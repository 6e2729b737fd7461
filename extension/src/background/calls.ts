/** Calls from pages, of sites and our own: who may, one operation at a time, and the windows that belong to them. */

import { Operation, type Call, type Reply, type Surroundings } from "./operation.ts";
import { greet, type Answer } from "../ask.ts";
import { isOwnPage, operationOf, originOf } from "./sender.ts";
import { fromCardPage, type ToCardPage } from "../messages/card.ts";
import { forSite, type ErrorBody, type Hello, type Language, type Preferences } from "../messages/host.ts";
import { fromRelay, type FromRelay, type HostVersions, type ToPage } from "../messages/page.ts";
import { fromWindow, type FromWindow, type ToWindow } from "../messages/window.ts";
import { read } from "../shape.ts";

type Port = chrome.runtime.Port;

/** What calls use of the browser and of the settings. */
export interface CallEnvironment extends Omit<Surroundings, "preferences"> {
  extensionId: string;
  version: string;
  windowPage: string;
  cardPage: string;
  isGranted: (origin: string) => Promise<boolean>;
  language: (site?: Language) => Promise<Language>;
  preferences: () => Promise<Preferences>;
}

/** How long the outcome of a greeting serves further calls, in milliseconds. */
export const greetingLifetime = 2_000;

export class Calls {
  readonly #env: CallEnvironment;
  /** Ports of calls that are not over yet. */
  readonly #ports = new Set<Port>();
  /** The one operation of this browser; the last one stays until the next, for its window. */
  #operation: Operation | undefined;
  #greeting: Promise<Answer<Hello>> | undefined;

  constructor(env: CallEnvironment) {
    this.#env = env;
  }

  /** Whether a call is under way, or its program still holds the card. */
  get busy(): boolean {
    return this.#ports.size > 0 || this.#operation?.released === false;
  }

  /** A relay opened a port for one call. */
  call(port: Port): void {
    this.#ports.add(port);
    let operation: Promise<Operation | undefined> | undefined;
    let gone = false;
    const reply = (message: Reply): void => {
      const told: ToPage = message.type === "error" ? { type: "error", error: forSite(message.error) } : message;
      if (!gone) port.postMessage(told);
    };
    port.onMessage.addListener((raw: unknown) => {
      const message = read(fromRelay, raw) ?? { type: "invalid", field: "message" };
      if (operation === undefined) operation = this.#begin(port.sender, message, reply, () => gone);
      else void operation.then((running) => running?.fromPage(message));
    });
    port.onDisconnect.addListener(() => {
      this.#ports.delete(port);
      gone = true;
      void operation?.then((running) => running?.pageGone());
    });
  }

  /** The card page opened a port for one operation. Nobody else may: what it asks for shows personal data and changes PINs. */
  own(port: Port): void {
    if (!isOwnPage(port.sender, this.#env.extensionId, this.#env.cardPage)) {
      port.disconnect();
      return;
    }
    this.#ports.add(port);
    let operation: Promise<Operation | undefined> | undefined;
    let gone = false;
    const reply = (message: ToCardPage): void => {
      if (!gone) port.postMessage(message);
    };
    port.onMessage.addListener((raw: unknown) => {
      const message = read(fromCardPage, raw);
      if (operation !== undefined || message === undefined) return;
      const call: Call = {
        info: { ...message.request, lang: message.lang },
        request: message.request,
        reply: (answer) => {
          if (answer.type === "result" || answer.type === "error") reply(answer);
        },
      };
      operation = this.start(call, () => gone).catch((error: unknown) => {
        reply({ type: "error", error: refusalOf(error) });
        return undefined;
      });
    });
    port.onDisconnect.addListener(() => {
      this.#ports.delete(port);
      gone = true;
      void operation?.then((running) => running?.pageGone());
    });
  }

  /** A window's page is there. */
  window(port: Port): void {
    const operation = this.#operation;
    if (operation === undefined || operationOf(port.sender, this.#env.extensionId, this.#env.windowPage) !== operation.id) {
      port.disconnect();
      return;
    }
    port.onMessage.addListener((raw: unknown) => {
      const message: FromWindow | undefined = read(fromWindow, raw);
      if (message) operation.fromWindow(message);
    });
    const left = operation.windowOpened((message: ToWindow) => {
      port.postMessage(message);
    });
    port.onDisconnect.addListener(left);
  }

  /** Whether that is the window of the last operation, which may still show its outcome, and the operation is that tab's. */
  isWindowOf(id: number, tab: number): boolean {
    return this.#operation?.isWindowOf(id, tab) ?? false;
  }

  /** Whether the one place is taken; if so, its window tells that the origin asked meanwhile, where it is. */
  taken(origin: string): boolean {
    if (this.#operation?.ended !== false) return false;
    this.#operation.tellOther(origin);
    return true;
  }

  /** A window of the browser was closed. */
  windowClosed(id: number): void {
    if (this.#operation?.ended === false) this.#operation.windowClosed(id);
  }

  /** Starts what the first message of a call asks for; a refusal is told to the page. */
  async #begin(sender: Port["sender"], message: FromRelay, reply: Call["reply"], gone: () => boolean): Promise<Operation | undefined> {
    try {
      return await this.#admit(sender, message, reply, gone);
    } catch (error) {
      reply({ type: "error", error: refusalOf(error) });
      return undefined;
    }
  }

  /** Decides over the first message of a call: the versions, an operation, or a {@link Refusal}. */
  async #admit(sender: Port["sender"], message: FromRelay, reply: Call["reply"], gone: () => boolean): Promise<Operation | undefined> {
    const asked = originOf(sender, this.#env.extensionId);
    if ("code" in asked) throw new Refusal({ code: asked.code });
    const { origin } = asked;
    if (message.type !== "start") throw new Refusal({ code: "INVALID_REQUEST", field: message.type === "invalid" ? message.field : "type" });
    if (!(await this.#env.isGranted(origin))) throw new Refusal({ code: "UNAVAILABLE" });
    const { command } = message;
    if (command === "status") {
      reply({ type: "result", result: await this.#versions() });
      return undefined;
    }
    if (!message.activated) throw new Refusal({ code: "NO_USER_ACTIVATION" });
    const lang = await this.#env.language(message.lang);
    return this.start({ info: { origin, command, lang }, reply }, gone);
  }

  /** Starts an operation in the one place that there is, unless its page has gone meanwhile. Rejects when the place is taken: see {@link refusalOf}. */
  async start(call: Call, gone: () => boolean): Promise<Operation | undefined> {
    const preferences = await this.#env.preferences();
    // From here to the new operation nothing waits: two calls cannot both find the place free.
    if (gone()) return undefined;
    if (this.#operation?.ended === false) {
      this.#operation.refuseOther(call.info.origin);
      throw new Refusal({ code: "BUSY" });
    }
    this.#operation = new Operation(call, { ...this.#env, preferences });
    return this.#operation;
  }

  async #versions(): Promise<HostVersions> {
    const answer = await this.#greet();
    if ("error" in answer) throw new Refusal(answer.error);
    const { version, protocol, capabilities: { formats, profiles, hashes, prompt } } = answer.result; // the commands of our own pages are no site's business
    return { extension: this.#env.version, host: version, protocol, capabilities: { formats, profiles, hashes, prompt } };
  }

  /** Starts the host for its greeting alone; calls that come meanwhile or soon after share the outcome, so that a page cannot start program after program. */
  #greet(): Promise<Answer<Hello>> {
    this.#greeting ??= greet(this.#env.connectHost).finally(() => {
      this.#env.later(greetingLifetime, () => {
        this.#greeting = undefined;
      });
    });
    return this.#greeting;
  }
}

/** A call that does not become an operation, and why. */
class Refusal extends Error {
  readonly body: ErrorBody;
  constructor(body: ErrorBody) {
    super(body.code);
    this.body = body;
  }
}

/** Why a call became no operation. */
export function refusalOf(error: unknown): ErrorBody {
  return error instanceof Refusal ? error.body : { code: "INTERNAL" };
}
