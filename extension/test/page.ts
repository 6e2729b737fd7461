/** A page without a browser: a window with its location, its activation and its messages. */

import { vi } from "vitest";

type Listener = (event: Record<string, unknown>) => void;

export class FakeWindow {
  readonly location = { origin: "https://shinsei.example" };
  readonly navigator = { userActivation: { isActive: true } };
  readonly posted: { data: unknown; ports: MessagePort[] }[] = [];
  top: unknown = this;
  readonly #listeners = new Map<string, Set<Listener>>();

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.set(type, (this.#listeners.get(type) ?? new Set()).add(listener));
  }

  removeEventListener(type: string, listener: Listener): void {
    this.#listeners.get(type)?.delete(listener);
  }

  emit(type: string, event: Record<string, unknown> = {}): void {
    for (const listener of [...(this.#listeners.get(type) ?? [])]) listener({ type, ...event });
  }

  /** A message of the page to itself, as the library sends it. */
  postMessage(data: unknown, target: string, ports: MessagePort[] = []): void {
    if (target !== this.location.origin) return;
    this.posted.push({ data, ports });
    queueMicrotask(() => { this.emit("message", { data: structuredClone(data), ports, source: this, origin: this.location.origin }); });
  }

  get window(): Window {
    return this as unknown as Window;
  }
}

/** Makes this the page that the library runs in. */
export function enter(page: FakeWindow): void {
  vi.stubGlobal("window", page);
  vi.stubGlobal("isSecureContext", true);
}
