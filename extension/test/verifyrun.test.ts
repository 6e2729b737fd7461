/** One run of the program that checks a file: what it is sent, and what comes of it. */

import { describe, expect, it } from "vitest";
import { Host } from "../src/host.ts";
import { verify } from "../src/verify/run.ts";
import { HostPort, golden, settle } from "./fakes.ts";

const MiB = 2 ** 20;
const hello = golden("hello") as { capabilities: { commands: string[] } };
const { result } = golden("result-verify") as { result: object };

function start(contents: Blob[] = [new Blob(["署名"])]) {
  const port = new HostPort();
  const progress: number[] = [];
  const [document = new Blob([]), ...files] = contents;
  const named = (content: Blob, i: number) => ({ name: `${i}.pdf`, content });
  const run = verify((listener) => new Host(port.port, () => "Specified native messaging host not found.", "0.1.0", listener),
    { document: named(document, 0), files: files.map((file, i) => named(file, i + 1)) }, { lang: "ja", attributes: true }, (done) => progress.push(done));
  const sent = () => port.sent as { type: string; id: string; document?: number; data?: string }[];
  return { port, progress, run, sent, id: () => sent()[0]?.id };
}

describe("a run", () => {
  it("sends the golden request", async () => {
    const wanted = golden("request-verify") as { documents: { size: number }[]; files: { size: number }[] };
    const { port, sent } = start([...wanted.documents, ...wanted.files].map(({ size }) => new Blob(["x".repeat(size)])));
    port.onMessage.emit(hello);
    await settle();
    expect(sent()[0]).toEqual({ ...wanted, id: expect.any(String) as unknown, documents: [{ name: "0.pdf", size: 123 }], files: [{ name: "1.pdf", size: 9 }] });
  });

  it("names no files where there are none", () => {
    const { port, sent } = start();
    port.onMessage.emit(hello);
    expect(sent()[0]).not.toHaveProperty("files");
  });

  it("sends one chunk after another, of 3 MiB at most, and tells how far it is", async () => {
    const contents = [new Blob([new Uint8Array(3 * MiB + 1).fill(1)]), new Blob([]), new Blob(["ab"])];
    const { port, progress, run, sent, id } = start(contents);
    port.onMessage.emit(hello);
    for (const [document, bytes, lengths] of [[0, 3 * MiB, [3 * MiB]], [0, 3 * MiB + 1, [3 * MiB, 1]], [2, 2, [3 * MiB, 1, 2]]] as const) {
      await settle();
      const chunks = sent().slice(1);
      expect(chunks.map(({ data = "" }) => atob(data).length)).toEqual(lengths);
      expect(chunks.at(-1)?.document).toBe(document);
      port.onMessage.emit({ type: "received", id: id(), document, bytes });
    }
    await settle();
    expect([sent().length, progress]).toEqual([4, [3 * MiB, 3 * MiB + 1, 3 * MiB + 3]]);
    port.onMessage.emit({ type: "result", id: id(), result });
    expect(await run.answer).toEqual({ result });
    expect(port.connected).toBe(false);
  });

  it("is told of an error, and of a result of no shape", async () => {
    for (const [message, error] of [[{ type: "error", error: { code: "INVALID_REQUEST", field: "files" } }, { code: "INVALID_REQUEST", field: "files" }], [{ type: "result", result: { document: {} } }, { code: "INTERNAL" }]] as const) {
      const { port, run, id } = start();
      port.onMessage.emit(hello);
      port.onMessage.emit({ ...message, id: id() });
      expect(await run.answer).toEqual({ error });
    }
  });

  it("wants a program that verifies", async () => {
    const { port, run, sent } = start();
    port.onMessage.emit({ ...hello, capabilities: { ...hello.capabilities, commands: ["status"] } });
    expect(await run.answer).toEqual({ error: { code: "VERSION_MISMATCH", update: "host", versions: { extension: "0.1.0", host: "0.1.0" } } });
    expect([sent(), port.connected]).toEqual([[], false]);
  });

  it("wants a program", async () => {
    const { port, run } = start();
    port.onDisconnect.emit(port.port);
    expect(await run.answer).toEqual({ error: { code: "HOST_MISSING" } });
  });

  it("can be cancelled, which ends the program", async () => {
    const { port, run, sent } = start();
    port.onMessage.emit(hello);
    run.cancel();
    await settle();
    expect(await run.answer).toEqual({ error: { code: "CANCELLED" } });
    expect([port.connected, sent().length]).toEqual([false, 1]);
  });

  it.each([
    ["gone", () => Promise.reject(new DOMException("gone", "NotFoundError"))],
    ["shorter", () => Promise.resolve(new ArrayBuffer(1))],
  ])("ends when a file is %s while it is read", async (_, arrayBuffer) => {
    const content = new Blob(["署名"]);
    content.slice = () => Object.assign(new Blob(["署名"]), { arrayBuffer });
    const { port, run } = start([content]);
    port.onMessage.emit(hello);
    expect(await run.answer).toEqual({ error: { code: "FILE_FAILED" } });
    expect(port.connected).toBe(false);
  });
});
