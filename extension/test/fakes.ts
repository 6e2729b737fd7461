/** Stand-ins for the browser: ports that are joined in pairs, and golden messages. */

import { readFileSync } from "node:fs";

type Listener<A extends unknown[]> = (...args: A) => void;

class FakeEvent<A extends unknown[]> {
  readonly #listeners: Listener<A>[] = [];
  addListener(listener: Listener<A>): void {
    this.#listeners.push(listener);
  }
  emit(...args: A): void {
    for (const listener of this.#listeners) listener(...args);
  }
}

/** One end of a runtime port. Messages are copied as JSON, as Chromium does, and arrive at once. */
export class FakePort {
  readonly onMessage = new FakeEvent<[unknown]>();
  readonly onDisconnect = new FakeEvent<[chrome.runtime.Port]>();
  readonly sent: unknown[] = [];
  connected = true;
  other: FakePort | undefined;
  readonly name: string;
  readonly sender: chrome.runtime.MessageSender | undefined;
  error: Error | null = null;

  constructor(name = "", sender?: chrome.runtime.MessageSender) {
    this.name = name;
    this.sender = sender;
  }

  postMessage(message: unknown): void {
    if (!this.connected) throw new Error("Attempting to use a disconnected port object");
    const text = JSON.stringify(message);
    this.sent.push(JSON.parse(text));
    this.other?.onMessage.emit(JSON.parse(text));
  }

  /** Tells only the other end, as browsers do. */
  disconnect(): void {
    if (!this.connected) return;
    this.connected = false;
    const { other } = this;
    if (other?.connected) {
      other.connected = false;
      other.onDisconnect.emit(other.port);
    }
  }

  get port(): chrome.runtime.Port {
    return this as unknown as chrome.runtime.Port;
  }
}

/** The extension's end of a connection to the program. What the extension says of itself stands apart from what it asks for. */
export class HostPort extends FakePort {
  greeting: unknown;
  override postMessage(message: unknown): void {
    if ((message as { type?: unknown }).type === "hello" && this.connected) this.greeting = message;
    else super.postMessage(message);
  }
}

/** Two joined ends. */
export function pair(name = "", sender?: chrome.runtime.MessageSender): [FakePort, FakePort] {
  const [near, far] = [new FakePort(name), new FakePort(name, sender)];
  near.other = far;
  far.other = near;
  return [near, far];
}

/** A golden message, shared with the Go tests. */
export function golden(name: string): unknown {
  return JSON.parse(goldenText(name));
}

export function goldenText(name: string): string {
  return readFileSync(`${import.meta.dirname}/../../internal/protocol/testdata/${name}.json`, "utf8").trimEnd();
}

/** What is left of a message without these keys. */
export function without(message: object, ...keys: string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(message).filter(([key]) => !keys.includes(key)));
}

/** A value with the keys of all its objects in order, so that two texts can be compared. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, each]) => [key, sorted(each)]));
}

/** Waits until what is under way in promises and message ports has happened. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 4; i++) await new Promise((resolve) => setImmediate(resolve));
}
