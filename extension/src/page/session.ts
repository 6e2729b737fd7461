/** One call's conversation with the extension: the handshake, then JSON texts over a private port. */

import { fromBase64, toHex } from "./bytes.ts";
import { base64Length } from "../shape.ts";
import type { SiteError } from "../messages/host.ts";
import type { Command, Connected, FromPage, Pulse, ToPage } from "../messages/page.ts";
import type { Chunk } from "./documents.ts";

/** How long the relay may take to answer, in milliseconds. */
export const handshakeTimeout = 1000;

/** How often the relay is asked whether it is still there, in milliseconds. It is gone when it leaves two pulses without an answer: before one, the page may just have been busy itself. */
export const pulseInterval = 5000;

/** A failure on its way to the page; the public face turns it into a NatsuinError. */
export class Failure extends Error {
  readonly body: SiteError;
  constructor(body: SiteError) {
    super(body.code);
    this.body = body;
  }
}

/** A relay of an older extension does not speak of pulses. */
type Incoming = (Omit<Connected, "pulse"> & { pulse?: true }) | Pulse | ToPage;
type Count = Pick<Extract<ToPage, { type: "progress" }>, "done" | "total">;

/**
 * A session starts at once, in the task of the call itself, so that the relay still sees the click that led to it. Whatever ends it (an error, an abort,
 * no answer) rejects everything that waits.
 */
export class Session {
  readonly #id = toHex(crypto.getRandomValues(new Uint8Array(16)));
  readonly #port: MessagePort;
  readonly #signal: AbortSignal | undefined;
  readonly #result: Promise<unknown>;
  readonly #parts = new Map<number, Uint8Array<ArrayBuffer>[]>();
  readonly #timer: ReturnType<typeof setTimeout>;
  #pulse: ReturnType<typeof setInterval> | undefined;
  #unanswered = 0;
  #resolve!: (result: unknown) => void;
  #reject!: (reason: Failure) => void;
  #connected!: () => void;
  readonly #ready: Promise<void>;
  #received: (() => void) | undefined;
  #onprogress: ((progress: Count) => void) | undefined;

  constructor(command: Command, lang: "ja" | "en" | undefined, signal: AbortSignal | undefined) {
    this.#result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#result.catch(() => undefined); // a rejection is heard by whoever waits; nobody may be waiting yet
    this.#ready = new Promise((resolve) => {
      this.#connected = resolve;
    });
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#port.onmessage = (event: MessageEvent<unknown>) => {
      if (typeof event.data === "string") this.#receive(JSON.parse(event.data) as Incoming);
    };
    this.#timer = setTimeout(() => {
      this.#reject(new Failure({ code: "UNAVAILABLE" }));
    }, handshakeTimeout);
    this.#signal = signal;
    if (signal?.aborted) this.#abort();
    else {
      signal?.addEventListener("abort", this.#abort);
      window.postMessage({ type: "natsuin:connect", id: this.#id }, window.location.origin, [port2]);
      this.#post({ type: "start", command, ...(lang && { lang }) });
    }
  }

  readonly #abort = (): void => {
    this.#reject(new Failure({ code: "CANCELLED" }));
  };

  #post(message: FromPage | Pulse): void {
    this.#port.postMessage(JSON.stringify(message));
  }

  /** Sends the arguments of the call once the relay is there. */
  send(message: FromPage): void {
    void this.#ready.then(() => {
      this.#post(message);
    });
  }

  /** Sends a chunk, waits until the host has it, and returns its number of bytes. */
  async sendChunk(chunk: Chunk): Promise<number> {
    const received = new Promise<void>((resolve) => {
      this.#received = resolve;
    });
    this.send(chunk);
    await this.during(received);
    return base64Length(chunk.data);
  }

  /** Waits for something of the page's own, but no longer than the session lives. */
  during<T>(value: T | PromiseLike<T>): Promise<T> {
    return Promise.race([value, this.#result.then(() => Promise.reject(new Failure({ code: "INTERNAL" })))]);
  }

  /** Waits for the end. */
  result(onprogress?: (progress: Count) => void): Promise<unknown> {
    this.#onprogress = onprogress;
    return this.#result;
  }

  /** The signature that came for that document, put together. */
  signature(document: number): Uint8Array<ArrayBuffer> {
    return concatenate(this.#parts.get(document) ?? []);
  }

  /** Ends the conversation; the relay is told, because a port that is closed tells nobody. */
  close(): void {
    clearTimeout(this.#timer);
    clearInterval(this.#pulse);
    this.#signal?.removeEventListener("abort", this.#abort);
    this.#port.postMessage(JSON.stringify({ type: "close" }));
    this.#port.close();
  }

  /** Notices when the relay is gone: whoever waits for its answer would wait for ever. */
  #watch(): void {
    this.#pulse = setInterval(() => {
      if (this.#unanswered >= 2) this.#reject(new Failure({ code: "UNAVAILABLE" }));
      this.#unanswered++;
      this.#post({ type: "pulse" });
    }, pulseInterval);
  }

  #receive(message: Incoming): void {
    switch (message.type) {
      case "connected":
        if (message.id !== this.#id) return;
        clearTimeout(this.#timer);
        if (message.pulse) this.#watch();
        this.#connected();
        return;
      case "pulse":
        this.#unanswered = 0;
        return;
      case "received":
        this.#received?.();
        return;
      case "progress":
        this.#onprogress?.({ done: message.done, total: message.total });
        return;
      case "signature":
        this.#parts.set(message.document, [...(this.#parts.get(message.document) ?? []), fromBase64(message.data)]);
        return;
      case "result":
        this.#resolve(message.result);
        return;
      case "error":
        this.#reject(new Failure(message.error));
        return;
    }
  }
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
