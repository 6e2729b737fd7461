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
  /** Whether the one place for operations is taken; its window tells the citizen that this origin asked meanwhile, and is not raised. */
  taken: (origin: string) => boolean;
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

/** What comes of a request: what the page hears, or why it has no answer. */
type Outcome = { detail: string } | { code: ErrorBody["code"]; why?: string };

/** The last word of an operation. */
type Last = Extract<Reply, { type: "result" | "error" }>;

const commands = { login: "portal-login", sign: "portal-sign", attributes: "portal-attributes" } as const;

export class Bridges {
  readonly #env: BridgeEnvironment;
  readonly #pages = new Set<Page>();

  constructor(env: BridgeEnvironment) {
    this.#env = env;
  }

  /** Whether a page waits for a reply. */
  get busy(): boolean {
    return [...this.#pages].some((page) => page.busy);
  }

  /** The content script of a page opened its port. */
  connect(port: Port): void {
    const asked = originOf(port.sender, this.#env.extensionId);
    const tab = port.sender?.tab?.id;
    if ("code" in asked || tab === undefined) {
      port.disconnect();
      return;
    }
    const page = new Page(port, asked.origin, tab, this.#env, () => { this.#pages.delete(page); });
    this.#pages.add(page);
    page.listen();
  }

  /** Settings or permissions changed: pages whose site is off now lose their operations and their ports, whether their scripts can hear of it or not. */
  look(): void {
    for (const page of this.#pages) page.look();
  }
}

/** One page, from its loading to its end. */
class Page {
  readonly #port: Port;
  readonly #origin: string;
  readonly #tab: number;
  readonly #env: BridgeEnvironment;
  readonly #left: () => void;
  #gone = false;
  /** A request has no reply yet. */
  #busy = false;
  /** Ends the operation that runs. */
  #callOff: (() => void) | undefined;

  constructor(port: Port, origin: string, tab: number, env: BridgeEnvironment, left: () => void) {
    this.#port = port;
    this.#origin = origin;
    this.#tab = tab;
    this.#env = env;
    this.#left = left;
  }

  get busy(): boolean {
    return this.#busy;
  }

  listen(): void {
    this.#port.onMessage.addListener((raw: unknown) => {
      const message = read(fromBridge, raw);
      if (message?.type === "launch") this.#do(this.#launch(message.detail));
      else if (message?.type === "look") this.look();
      else this.#end(); // `close`, or nothing that our script says
    });
    this.#port.onDisconnect.addListener(() => {
      this.#leave();
    });
    this.look();
  }

  look(): void {
    this.#do(this.#serve());
  }

  /** Where something of ours breaks the port ends, and the page's script answers for us. */
  #do(work: Promise<void>): void {
    work.catch((error: unknown) => {
      console.error("serving a page failed", error);
      this.#end();
    });
  }

  /** Tells the page's script how to serve it, or that it has no business there. */
  async #serve(): Promise<void> {
    const site = await this.#env.siteOf(this.#origin);
    if (site === undefined) this.#off();
    else this.#say({ type: "serve", served: servedBy(site.profile, this.#onMac(site)) });
  }

  /** Replies to a request, whatever comes of it. */
  async #launch(detail: string): Promise<void> {
    const site = await this.#env.siteOf(this.#origin);
    if (site === undefined) {
      this.#off();
      return;
    }
    this.#env.note(site.pattern, { what: "request", ...describeRequest(detail, site.profile) });
    const request = parseDetail(detail);
    const outcome = await this.#alone(() => this.#carryOut(request, site));
    if (outcome === undefined) return; // nobody is there to hear it
    const [reply, cause] = "detail" in outcome ? [outcome.detail, {}] : [failure(request, errcodeOf(site.profile, this.#onMac(site), outcome.code)), { code: outcome.code, why: outcome.why }];
    this.#env.note(site.pattern, { what: "reply", ...describeReply(reply), ...cause });
    this.#say({ type: "reply", detail: reply });
  }

  /** One request at a time. */
  async #alone(act: () => Promise<Outcome | undefined>): Promise<Outcome | undefined> {
    if (this.#busy) return { code: "BUSY" };
    this.#busy = true;
    try {
      return await act();
    } finally {
      this.#busy = false;
    }
  }

  async #carryOut(request: Record<string, unknown> | undefined, site: Site): Promise<Outcome | undefined> {
    const launch = readLaunch(request, site.profile);
    if ("field" in launch) {
      await this.#env.pace.take(this.#origin); // a page that asks for nonsense on and on has had its windows
      return { code: "INVALID_REQUEST", why: launch.field };
    }
    const why = await this.#hindrance();
    return why === undefined ? this.#operate(launch, site) : { code: "BUSY", why };
  }

  /** Why no window may open for this page now. */
  async #hindrance(): Promise<"background" | "taken" | "too-often" | undefined> {
    if (!(await this.#env.inFront(this.#tab))) return "background";
    if (this.#env.taken(this.#origin)) return "taken";
    return (await this.#env.pace.take(this.#origin)) ? undefined : "too-often";
  }

  /** Runs an operation to its end; undefined when the page has gone meanwhile. */
  async #operate(launch: Launch, site: Site): Promise<Outcome | undefined> {
    const lang = await this.#env.language();
    const identifier = launch.action === "login" ? undefined : site.settings.identifier;
    let end: (last?: Last) => void = () => undefined;
    const ended = new Promise<Last | undefined>((resolve) => { end = resolve; });
    const call: Call = {
      info: { origin: this.#origin, command: commands[launch.action], lang, serviceId: launch.serviceId, count: launch.digests.length, identifier: identifier !== undefined },
      request: requestOf(launch, this.#origin, site, identifier),
      tab: this.#tab,
      reply: (message) => {
        if (message.type === "result" || message.type === "error") end(message);
      },
    };
    try {
      const operation = await this.#env.start(call, () => this.#gone);
      if (operation === undefined) return undefined;
      this.#callOff = () => {
        operation.pageGone();
        end();
      };
    } catch (error) {
      return this.#env.refusalOf(error);
    }
    const last = await ended;
    this.#callOff = undefined;
    this.#do(this.#env.pace.ended(this.#origin, last?.type === "result"));
    if (last?.type !== "result") return last?.error;
    const result = last.result as PortalResults[Launch["action"]]; // its shape was checked
    if ("signatures" in result && result.signatures.length !== launch.digests.length) return { code: "INTERNAL" };
    return { detail: success(launch, result, site.profile, identifier) };
  }

  /** The page is gone, or its script says so: what runs for it ends. */
  #leave(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#left();
    this.#callOff?.();
  }

  /** Ends it from this side. */
  #end(): void {
    this.#leave();
    this.#port.disconnect();
  }

  #say(message: ToBridge): void {
    if (!this.#gone) this.#port.postMessage(message);
  }

  /** The site is off: its script hears so, and nothing waits for what it makes of that. */
  #off(): void {
    this.#say({ type: "off", userAgent: this.#env.userAgent });
    this.#end();
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
