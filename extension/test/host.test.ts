import { afterEach, describe, expect, it, vi } from "vitest";
import { greetingTimeout, Host } from "../src/host.ts";
import type { ErrorBody, Hello, HostMessage } from "../src/messages/host.ts";
import { HostPort, golden, goldenText } from "./fakes.ts";

function start(lastError?: string) {
  const heard: (Hello | HostMessage)[] = [];
  const failures: ErrorBody[] = [];
  const port = new HostPort();
  const host = new Host(port.port, () => lastError, "0.1.0", {
    hello: (hello) => heard.push(hello),
    message: (message) => heard.push(message),
    failed: (error) => failures.push(error),
  });
  return { port, host, heard, failures };
}

const hello = golden("hello");
afterEach(() => {
  vi.useRealTimers();
});

const cancel = { type: "cancel", id: "r-3" } as const;

describe("a host", () => {
  it("is sent nothing before it has greeted, and then all that waited", () => {
    const { port, host, heard } = start();
    host.send(cancel);
    expect(port.sent).toEqual([]);
    port.onMessage.emit(hello);
    expect([port.greeting, port.sent]).toEqual([golden("extension-hello"), [cancel]]);
    expect(heard).toEqual([hello]);
  });

  it("is sent a PIN in exactly the form that its decoder wants", () => {
    const { port, host } = start();
    port.onMessage.emit(hello);
    const texts: string[] = [];
    port.postMessage = (message) => texts.push(JSON.stringify(message));
    host.send({ type: "pin", id: "r-3", prompt: 3, pin: Array.from(new TextEncoder().encode("ABC123")) });
    expect(texts).toEqual([goldenText("pin")]);
  });

  it.each([
    ["HOST_MISSING", "Specified native messaging host not found."],
    ["HOST_MISSING", "Access to the specified native messaging host is forbidden."],
    ["HOST_FAILED", "Native host has exited."],
    ["HOST_FAILED", undefined],
  ])("that ends before its greeting is %s when Chromium says %s", (code, reason) => {
    const { port, failures } = start(reason);
    port.onDisconnect.emit(port.port);
    expect(failures).toEqual([{ code }]);
  });

  it("that Firefox does not know is missing", () => {
    const { port, failures } = start();
    port.error = new Error("No such native application io.github.natsuin");
    port.onDisconnect.emit(port.port);
    expect(failures).toEqual([{ code: "HOST_MISSING" }]);
  });

  it("that ends after its greeting has failed", () => {
    const { port, failures } = start("Native host has exited.");
    port.onMessage.emit(hello);
    port.onDisconnect.emit(port.port);
    expect(failures).toEqual([{ code: "HOST_FAILED" }]);
  });

  it.each([
    ["a second greeting", [hello, hello]],
    ["something unknown", [hello, { type: "surprise" }]],
    ["something misshapen", [hello, { type: "progress", id: "r", done: -1, total: 1 }]],
  ])("that says %s is not listened to any longer", (_, messages) => {
    const { port, failures } = start();
    for (const message of messages) port.onMessage.emit(message);
    port.onMessage.emit(golden("progress"));
    expect(failures).toEqual([{ code: "INTERNAL" }]);
    expect(port.connected).toBe(false);
  });

  it("that does not greet is not waited for", () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { port, failures } = start();
    vi.advanceTimersByTime(greetingTimeout - 1);
    expect(failures).toEqual([]);
    vi.advanceTimersByTime(1);
    expect([failures, port.connected]).toEqual([[{ code: "HOST_FAILED" }], false]);
  });

  it("that greeted, or was closed, may take its time", () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const [greeted, closed] = [start(), start()];
    greeted.port.onMessage.emit(hello);
    closed.host.close();
    vi.advanceTimersByTime(10 * greetingTimeout);
    expect([greeted.failures, closed.failures]).toEqual([[], []]);
  });

  it("that was closed is heard and sent to no more", () => {
    const { port, host, heard, failures } = start();
    port.onMessage.emit(hello);
    host.close();
    host.send(cancel);
    port.onMessage.emit(golden("progress"));
    port.onDisconnect.emit(port.port);
    expect([heard.length, port.sent, failures]).toEqual([1, [], []]);
  });
});
