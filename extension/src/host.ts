/** One run of the program `natsuin`: its greeting is checked, what it says is given its types, and its end is explained. */

import { hostMessage, protocolVersion, type ErrorBody, type Hello, type HostMessage, type ToHost } from "./messages/host.ts";

/** What a host's user hears. `failed` is the last of all. */
export interface HostListener {
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
  #greeted = false;
  #closed = false;

  /** `lastError` reads the browser's reason while a disconnect is handled (Firefox puts it on the port instead). */
  constructor(port: chrome.runtime.Port, lastError: () => string | undefined, listener: HostListener) {
    this.#port = port;
    this.#listener = listener;
    this.#late = setTimeout(() => {
      this.#fail({ code: "HOST_FAILED" });
    }, greetingTimeout);
    port.onMessage.addListener((message: unknown) => {
      if (!this.#closed) this.#receive(message);
    });
    port.onDisconnect.addListener((ended) => {
      const reason = (ended as { error?: Error | null }).error?.message ?? lastError();
      if (!this.#closed) this.#fail({ code: this.#greeted ? "HOST_FAILED" : codeOfMissingGreeting(reason) });
    });
  }

  send(message: ToHost): void {
    if (this.#closed) return;
    if (this.#greeted) this.#port.postMessage(message);
    else this.#waiting.push(message);
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
    let message: HostMessage;
    try {
      message = hostMessage(raw, "");
    } catch {
      this.#fail(this.#greeted ? { code: "INTERNAL" } : unfit(raw));
      return;
    }
    if ((message.type === "hello") === this.#greeted) this.#fail({ code: "INTERNAL" });
    else if (message.type === "hello") this.#greet(message);
    else this.#listener.message(message);
  }

  #greet(hello: Hello): void {
    if (hello.protocol !== protocolVersion) {
      this.#fail(unfit(hello));
      return;
    }
    this.#greeted = true;
    clearTimeout(this.#late);
    this.#listener.hello(hello);
    for (const message of this.#waiting.splice(0)) this.#port.postMessage(message);
  }
}

/** A greeting of another protocol may have another shape; its number is all that is read. */
function unfit(hello: unknown): ErrorBody {
  const protocol = (hello as { protocol?: unknown } | null)?.protocol;
  if (typeof protocol !== "number" || protocol === protocolVersion) return { code: "INTERNAL" };
  return { code: "VERSION_MISMATCH", update: protocol < protocolVersion ? "host" : "extension" };
}

/** Both browsers name a host that is not registered, forbidden or cannot be started; a program that ran and ended is reported otherwise, or not at all. */
function codeOfMissingGreeting(reason: string | undefined): "HOST_MISSING" | "HOST_FAILED" {
  return reason === undefined || /exited|communicating/.test(reason) ? "HOST_FAILED" : "HOST_MISSING";
}
