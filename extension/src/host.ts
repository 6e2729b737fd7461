/** One run of the program `natsuin`: its greeting is checked and answered, what it says is given its types, and its end is explained. */

import { hostMessage, spoken, type ErrorBody, type Hello, type HostMessage, type ToHost } from "./messages/host.ts";
import { read } from "./shape.ts";
import { agree, carriesOut, introductionOf } from "./versions.ts";

/** What a host's user hears. `failed` is the last of all. */
export interface HostListener {
  /** The greeting; its `protocol` is the version that both speak now. */
  hello: (hello: Hello) => void;
  message: (message: Exclude<HostMessage, Hello>) => void;
  failed: (error: ErrorBody) => void;
}

/** How long the program may take to start and greet, in milliseconds. */
export const greetingTimeout = 5_000;

/** A connection to the host. What is sent before the greeting waits for it: an unfit host is sent nothing. */
export class Host {
  readonly #port: chrome.runtime.Port;
  readonly #listener: HostListener;
  readonly #waiting: ToHost[] = [];
  readonly #late: ReturnType<typeof setTimeout>;
  /** The extension's own version. */
  readonly #version: string;
  #hello: Hello | undefined;
  /** The host speaks newer versions of the protocol besides the one that was agreed on. */
  #newer = false;
  #closed = false;

  /** `lastError` reads the browser's reason while a disconnect is handled (Firefox puts it on the port instead). `version` is the extension's. */
  constructor(port: chrome.runtime.Port, lastError: () => string | undefined, version: string, listener: HostListener) {
    this.#port = port;
    this.#version = version;
    this.#listener = listener;
    this.#late = setTimeout(() => {
      this.#fail({ code: "HOST_FAILED" });
    }, greetingTimeout);
    port.onMessage.addListener((message: unknown) => {
      if (!this.#closed) this.#receive(message);
    });
    port.onDisconnect.addListener((ended) => {
      const reason = (ended as { error?: Error | null }).error?.message ?? lastError();
      if (!this.#closed) this.#fail({ code: this.#hello ? "HOST_FAILED" : codeOfMissingGreeting(reason) });
    });
  }

  /** Sends it, unless it is a request that this host does not carry out: then it is the host that has to be updated. */
  send(message: ToHost): void {
    if (this.#closed) return;
    if (this.#hello === undefined) this.#waiting.push(message);
    else if (message.type === "request" && !carriesOut(this.#hello.capabilities, message)) this.#fail(this.#mismatch("host", this.#hello.version));
    else this.#port.postMessage(message);
  }

  /** Ends the program: the end of its input cancels everything. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#late);
    this.#port.disconnect();
  }

  #fail(error: ErrorBody): void {
    this.close();
    this.#listener.failed(error);
  }

  #receive(raw: unknown): void {
    if (this.#hello === undefined) {
      this.#greet(raw);
      return;
    }
    let message: HostMessage;
    try {
      message = hostMessage(raw, "");
    } catch {
      this.#fail(this.#newer ? this.#mismatch("extension", this.#hello.version) : { code: "INTERNAL" });
      return;
    }
    if (message.type === "hello") this.#fail({ code: "INTERNAL" });
    else if (message.type === "error" && message.error.code === "VERSION_MISMATCH") this.#fail(this.#mismatch(message.error.update ?? "extension", this.#hello.version));
    else this.#listener.message(message);
  }

  /** Takes the host's greeting and answers it. What else it holds is read once it is clear that both speak a version: another one's may have another shape. */
  #greet(raw: unknown): void {
    const introduction = introductionOf(raw);
    if (introduction === undefined) {
      this.#fail({ code: "HOST_FAILED" });
      return;
    }
    const { version, speaks } = introduction;
    const protocol = agree(spoken, speaks);
    if (typeof protocol === "string") {
      this.#fail(this.#mismatch(protocol, version));
      return;
    }
    this.#newer = speaks.newest > spoken.newest;
    const hello = read(hostMessage, raw);
    if (hello?.type !== "hello") {
      this.#fail(this.#newer ? this.#mismatch("extension", version) : { code: "HOST_FAILED" });
      return;
    }
    this.#hello = { ...hello, protocol };
    clearTimeout(this.#late);
    this.#port.postMessage({ type: "hello", version: this.#version, protocol } satisfies ToHost);
    this.#listener.hello(this.#hello);
    for (const message of this.#waiting.splice(0)) this.send(message);
  }

  /** The error that names the older of the two, and for the citizen what is installed. */
  #mismatch(update: "extension" | "host", host: string): ErrorBody {
    return { code: "VERSION_MISMATCH", update, versions: { extension: this.#version, host } };
  }
}

/** Both browsers name a host that is not registered, forbidden or cannot be started; one that ran and ended, or said what is no message, is reported otherwise or not at all. */
function codeOfMissingGreeting(reason: string | undefined): "HOST_MISSING" | "HOST_FAILED" {
  return reason === undefined || /exited|communicating|exceeds/.test(reason) ? "HOST_FAILED" : "HOST_MISSING";
}
