/** The messages between the background and Natsuin's window. The window draws what it is told last, and keeps nothing else. */

import type { ErrorBody, HostMessageOf, HostPrompt, Language, OwnRequest, PortalRequest, Token } from "./host.ts";
import type { DocumentInfo, SignPayload } from "./sign.ts";
import { boolean, integer, list, object, oneOf, text, variant, type TypeOf } from "../shape.ts";

/** The name of the runtime port of a window; its page's address carries the operation's id. */
export const windowPort = "window";

/** The longest PIN that a frame may carry, in bytes. */
export const maxPin = 16;

/** A site's operation. `signing` comes with the site's arguments. */
export interface SiteOperation {
  origin: string;
  command: "authenticate" | "sign";
  lang: Language;
  signing?: Signing;
}

/** What a site wants signed and how, as the citizen is shown it. */
export interface Signing {
  format: SignPayload["format"];
  profile?: string;
  attached?: boolean;
  xades?: boolean;
  /** The ids of the parts that are signed, where it is not all. */
  elements?: string[];
  documents: (DocumentInfo & { cosigned?: true })[];
  /** What the same signature covers. */
  files?: DocumentInfo[];
  /** Where the seal is drawn, and its text where it has one. What it looks like, only the host says. */
  seal?: { page: number; x: number; y: number; size: number; ring?: boolean; text?: string };
}

/** An operation of the card page: it has no origin. */
export type OwnOperation = OwnRequest & { origin?: undefined; lang: Language };

/** What a government page asks for. `count`: its digests; `identifier`: it also gets what follows the citizen and their card. */
export interface PortalOperation {
  origin: string;
  command: PortalRequest["command"];
  lang: Language;
  serviceId: string;
  count: number;
  identifier: boolean;
}

/** What stays the same while an operation runs: who asks for what. */
export type OperationInfo = SiteOperation | OwnOperation | PortalOperation;

/** How far an operation is. `starting` and `card` cannot be counted. */
export type ProgressState =
  | { kind: "progress"; phase: "starting" | "card" }
  | { kind: "progress"; phase: "sending" | "signing"; done: number; total: number };

export type WindowState =
  | { kind: "waiting-site" }
  | { kind: "waiting-reader" }
  /** `other`: readers that hold a card of another kind. */
  | { kind: "waiting-card"; other?: string[] }
  | ProgressState
  | { kind: "dialog"; dialog: HostMessageOf<"dialog"> }
  /** The reader's pad waits for the PIN until that moment, in milliseconds since 1970. */
  | { kind: "pad"; pad: HostMessageOf<"pad">; until: number }
  | { kind: "prompt"; prompt: HostPrompt }
  | { kind: "done" }
  /** `token`: the kind of card that it happened with, where it is known. */
  | { kind: "error"; error: ErrorBody; token?: Token };

export type ToWindow =
  | { type: "info"; info: OperationInfo }
  | { type: "state"; state: WindowState }
  /** Another page asked meanwhile and was told to wait; without an origin it was the card page. */
  | { type: "busy"; origin?: string };

/** What the window says: the citizen's answer to a prompt, a PIN as bytes, or that everything is to stop. */
export const fromWindow = variant("type", {
  answer: object({ type: oneOf("answer"), prompt: integer(0, 1 << 30), accept: boolean }, { reader: text() }),
  pin: object({ type: oneOf("pin"), prompt: integer(0, 1 << 30), pin: list(integer(0, 255), 1, maxPin) }),
  cancel: object({ type: oneOf("cancel") }),
});
export type FromWindow = TypeOf<typeof fromWindow>;
