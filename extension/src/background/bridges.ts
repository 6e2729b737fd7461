/** Government pages that speak to an extension by events: how each is served, what it may ask for, and what it hears. */

import type { Call, Operation, Reply } from "./operation.ts";
import type { Pace } from "./pace.ts";
import { originOf } from "./sender.ts";
import { parseDetail, readLaunch, type Launch } from "../bridge/launch.ts";
import { describeReply, describeRequest, type Entry } from "../bridge/recording.ts";
import { errcodeOf, failure, success } from "../bridge/reply.ts";
import { isMac, servedBy } from "../bridge/serve.ts";
import type { Site } from "../bridge/settings.ts";
import { fromBridge, type ToBridge } from "../messages/bridge.ts";
import type { ErrorBody, Language, PortalRequest } from "../messages/host.ts";
import type { PortalResults } from "../messages/results.ts";
import { read } from "../shape.ts";

type Port = chrome.runtime.Port;

/** What the bridges use of the browser, the settings and the calls. */
export interface BridgeEnvironment {
  extensionId: string;
  /** What this browser calls itself, and so what pages hear that are not told otherwise. */
  userAgent: string;
  siteOf: (origin: string) => Promise<Site | undefined>;
  language: () => Promise<Language>;
  /** Starts an operation in the one place that there is; undefined when its page has gone. */
  start: (call: Call, gone: () => boolean) => Promise<Operation | undefined>;
  /** Why an operation could not be started. */
  refusalOf: (error: unknown) => ErrorBody;
  /** Whether the citizen has this tab before them. */
  inFront: (tab: number) => Promise<boolean>;
  pace: Pick<Pace, "take" | "ended">;
  /** Notes what happened, where the citizen has a recording made of that site. */
  note: (pattern: string, entry: Omit<Entry, "at">) => void;
}

const commands = { login: "portal-login", sign: "portal-sign", attributes: "portal-attributes" } as const;

export class Bridges {
  readonly #env: BridgeEnvironment;

  constructor(env: BridgeEnvironment) {
    this.#env = env;
  }

  /** The content script of a page opened its port. */
  connect(port: Port): void {
    const asked = originOf(port.sender, this.#env.extensionId);
    const tab = port.sender?.tab?.id;
    if ("code" in asked || tab === undefined) {
      port.disconnect();
      return;
    }
    new Page(port, asked.origin, tab, this.#env).listen();
  }
}

/** One page, from its loading to its end. */
class Page {
  readonly #port: Port;
  readonly #origin: string;
  readonly #tab: number;
  readonly #env: BridgeEnvironment;
  #gone = false;
  /** A request has no reply yet. */
  #busy = false;
  #operation: Operation | undefined;

  constructor(port: Port, origin: string, tab: number, env: BridgeEnvironment) {
    this.#port = port;
    this.#origin = origin;
    this.#tab = tab;
    this.#env = env;
  }

  listen(): void {
    this.#port.onMessage.addListener((raw: unknown) => {
      const message = read(fromBridge, raw);
      if (message?.type === "launch") void this.#launch(message.detail);
      else if (message?.type === "look") void this.#serve();
      else this.#leave(); // `close`, or nothing that our script says
    });
    this.#port.onDisconnect.addListener(() => {
      this.#leave();
    });
    void this.#serve();
  }

  /** Tells the page's script how to serve it, or that it has no business there. */
  async #serve(): Promise<Site | undefined> {
    const site = await this.#env.siteOf(this.#origin);
    this.#say(site === undefined ? this.#off() : { type: "serve", served: servedBy(site.profile, this.#onMac(site)) });
    return site;
  }

  /** Carries out a request, and replies whatever comes. */
  async #launch(detail: string): Promise<void> {
    const site = await this.#env.siteOf(this.#origin);
    if (site === undefined) {
      this.#say(this.#off());
      return;
    }
    this.#env.note(site.pattern, { what: "request", ...describeRequest(detail) });
    const request = parseDetail(detail);
    const fail = (error: ErrorBody | undefined, why?: string): void => {
      this.#reply(site, failure(request, errcodeOf(site.profile, this.#onMac(site), error?.code)), { code: error?.code, why });
    };
    if (this.#busy) {
      fail({ code: "BUSY" });
      return;
    }
    const launch = readLaunch(request, site.profile);
    if ("field" in launch) {
      fail({ code: "INVALID_REQUEST" }, launch.field);
      return;
    }
    this.#busy = true;
    const why = await this.#hindrance();
    if (why === undefined) await this.#start(site, launch, fail);
    else fail({ code: "BUSY" }, why);
    if (this.#operation === undefined) this.#busy = false;
  }

  /** Why no window may open for this page now. */
  async #hindrance(): Promise<"background" | "too-often" | undefined> {
    if (!(await this.#env.inFront(this.#tab))) return "background";
    return (await this.#env.pace.take(this.#origin)) ? undefined : "too-often";
  }

  async #start(site: Site, launch: Launch, fail: (error: ErrorBody) => void): Promise<void> {
    const lang = await this.#env.language();
    const identifier = launch.action === "login" ? undefined : site.settings.identifier;
    const call: Call = {
      info: { origin: this.#origin, command: commands[launch.action], lang, serviceId: launch.serviceId, count: launch.digests.length, identifier: identifier !== undefined },
      request: requestOf(launch, this.#origin, site, identifier),
      reply: (message) => {
        this.#ended(message, site, launch, fail, identifier);
      },
    };
    try {
      this.#operation = await this.#env.start(call, () => this.#gone);
    } catch (error) {
      fail(this.#env.refusalOf(error));
    }
  }

  /** The operation said something: its result or its error is the last of it. */
  #ended(message: Reply, site: Site, launch: Launch, fail: (error: ErrorBody) => void, identifier: string | undefined): void {
    if (message.type !== "result" && message.type !== "error") return;
    this.#busy = false;
    this.#operation = undefined;
    void this.#env.pace.ended(this.#origin, message.type === "result");
    if (message.type === "error") {
      fail(message.error);
      return;
    }
    const result = message.result as PortalResults[Launch["action"]]; // its shape was checked
    if ("signatures" in result && result.signatures.length !== launch.digests.length) fail({ code: "INTERNAL" });
    else this.#reply(site, success(launch, result, site.profile, identifier), {});
  }

  #reply(site: Site, detail: string, cause: { code?: string | undefined; why?: string | undefined }): void {
    this.#env.note(site.pattern, { what: "reply", ...describeReply(detail), ...cause });
    this.#say({ type: "reply", detail });
  }

  /** The page is gone, or its script says so: what runs for it ends. */
  #leave(): void {
    if (this.#gone) return;
    this.#gone = true;
    if (!this.#busy || this.#operation === undefined) return;
    void this.#env.pace.ended(this.#origin, false);
    this.#operation.pageGone();
  }

  #say(message: ToBridge): void {
    if (!this.#gone) this.#port.postMessage(message);
  }

  #off(): ToBridge {
    return { type: "off", userAgent: this.#env.userAgent };
  }

  /** Whether this page is told of a Mac: not where it is told of Windows. */
  #onMac({ settings }: Site): boolean {
    return isMac(this.#env.userAgent) && settings.disguise === undefined;
  }
}

/** What the host is asked for. Whether a digest may be signed at all is its own to judge, by what the profile allows. */
function requestOf({ action, serviceId, digests }: Launch, origin: string, { profile }: Site, identifier: string | undefined): PortalRequest {
  const { bare, sha1 } = profile.digests;
  const allow = [...(bare ? (["bare"] as const) : []), ...(sha1 ? (["sha-1"] as const) : [])];
  const known = identifier === undefined ? {} : { identifier };
  switch (action) {
    case "login":
      return { command: "portal-login", origin, serviceId, digest: digests[0] ?? "", allow };
    case "sign":
      return { command: "portal-sign", origin, serviceId, digests, ...known, allow };
    case "attributes":
      return { command: "portal-attributes", origin, serviceId, ...known };
  }
}
