import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { authenticate, NatsuinError, sign, status, type CallOptions, type Document, type SignOptions } from "../src/page/natsuin.ts";
import { pulseInterval } from "../src/page/session.ts";
import { golden, settle } from "./fakes.ts";
import { enter, FakeWindow } from "./page.ts";

const { challenge } = golden("request-authenticate") as { challenge: string };
const token = (golden("result-authenticate") as { result: unknown }).result;

let page: FakeWindow;
const ports: MessagePort[] = [];

beforeEach(() => {
  page = new FakeWindow();
  enter(page);
});

afterEach(() => {
  for (const port of ports.splice(0)) port.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** The other end of the library's newest port, as a relay holds it. */
function relay() {
  const { data, ports: [port] } = page.posted.at(-1) ?? { data: undefined, ports: [] };
  if (!port) throw new Error("nothing was posted");
  ports.push(port);
  const heard: Record<string, unknown>[] = [];
  const say = (message: object): void => {
    port.postMessage(JSON.stringify(message));
  };
  port.onmessage = (event: MessageEvent<string>) => {
    heard.push(JSON.parse(event.data) as Record<string, unknown>);
  };
  const { id } = data as { id: string };
  return { port, heard, say, id, connect: () => { say({ type: "connected", id }); } };
}

/** A call as JavaScript allows it. */
function call(method: unknown, ...options: unknown[]): Promise<unknown> {
  return (method as (...options: unknown[]) => Promise<unknown>)(...options);
}

/** Bytes whose buffer was given away since. */
function transferred(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
}

/** The type and the bytes of a Blob. */
async function read(blob: Blob | undefined): Promise<[string | undefined, number[]]> {
  return [blob?.type, [...new Uint8Array((await blob?.arrayBuffer()) ?? new ArrayBuffer(0))]];
}

const result = { type: "result", result: { certificate: "MIIF", algorithm: "RS256", issuer: "foreign" } };

/** What a promise was rejected with. */
async function failure(promise: Promise<unknown>): Promise<NatsuinError> {
  const error: unknown = await promise.then(() => undefined, (reason: unknown) => reason);
  expect(error).toBeInstanceOf(NatsuinError);
  return error as NatsuinError;
}

describe("the handshake", () => {
  it("posts one message, to the page's own origin, with a random id and a port", async () => {
    const calls = [failure(status()), failure(status())];
    expect(page.posted.map(({ data }) => data)).toEqual(Array(2).fill({ type: "natsuin:connect", id: expect.stringMatching(/^[0-9a-f]{32}$/) as unknown }));
    expect(new Set(page.posted.map(({ data }) => (data as { id: string }).id)).size).toBe(2);
    for (const error of await Promise.all(calls)) expect(error.code).toBe("UNAVAILABLE");
    expect(page.posted).toHaveLength(2);
  });

  it("names both remedies when nobody answers within a second", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const failed = failure(status());
    await vi.advanceTimersByTimeAsync(1000);
    const { code, message } = await failed;
    expect(code).toBe("UNAVAILABLE");
    expect(message).toMatch(/Install it .* switch this site on/);
  });

  it("fails when the relay goes without a word, and not before two pulses were left without an answer", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const failed = failure(authenticate({ challenge: new Promise(() => undefined) }));
    let over = false;
    void failed.then(() => { over = true; });
    const { say, heard, id } = relay();
    const pulses = () => heard.filter(({ type }) => type === "pulse").length;
    const passes = async (): Promise<void> => {
      vi.advanceTimersByTime(pulseInterval);
      await settle();
    };
    say({ type: "connected", id, pulse: true });
    await settle();
    for (let i = 1; i <= 4; i++) {
      await passes();
      expect(pulses()).toBe(i);
      if (i % 2 === 0) say({ type: "pulse" }); // every other one is answered late
      await settle();
    }
    await passes();
    await passes();
    expect(over).toBe(false);
    await passes();
    const { code, message } = await failed;
    expect([code, vi.getTimerCount()]).toEqual(["UNAVAILABLE", 0]);
    expect(message).toContain("Reload the page");
  });

  it("asks a relay that knows no pulses for none", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const failed = failure(authenticate({ challenge: new Promise(() => undefined) }));
    const { say, heard, connect } = relay();
    connect();
    await settle();
    vi.advanceTimersByTime(10 * pulseInterval);
    await settle();
    expect(heard.map(({ type }) => type)).toEqual(["start"]);
    say({ type: "error", error: { code: "CANCELLED" } });
    expect((await failed).code).toBe("CANCELLED");
  });

  it("takes no answer that is posted to the window, and none with another id", async () => {
    const failed = failure(status());
    const { say, id } = relay();
    say({ type: "connected", id: "0".repeat(32) });
    page.emit("message", { data: { type: "connected", id }, source: page, origin: page.location.origin, ports: [] });
    page.emit("message", { data: JSON.stringify({ type: "result", result: {} }), source: page, origin: page.location.origin, ports: [] });
    expect((await failed).code).toBe("UNAVAILABLE");
  });

  it("starts in the task of the call, while the click is still known", async () => {
    const call = failure(authenticate({ challenge: new Promise(() => undefined) }));
    const { heard, connect, say } = relay();
    connect();
    await settle();
    expect(heard).toEqual([{ type: "start", command: "authenticate" }]);
    say({ type: "error", error: { code: "CANCELLED" } });
    expect((await call).code).toBe("CANCELLED");
  });
});

describe("a call is refused at once", () => {
  it("on an insecure page", async () => {
    vi.stubGlobal("isSecureContext", false);
    expect((await failure(status())).code).toBe("INSECURE_CONTEXT");
  });

  it("inside a frame", async () => {
    page.top = {};
    expect((await failure(status())).code).toBe("NOT_TOP_FRAME");
  });

  it("when it was aborted before", async () => {
    expect((await failure(status({ signal: AbortSignal.abort() }))).code).toBe("CANCELLED");
  });

  const document = { name: "a", bytes: new Uint8Array(1) };
  const place = { page: 1, x: 0, y: 0, size: 60 };
  it.each([
    ["challenge", () => authenticate({ challenge: "short" })],
    ["documents", () => sign({ format: "cms", documents: [] })],
    ["documents", () => sign({ format: "cms" } as unknown as SignOptions)],
    ["documents[0]", () => sign({ format: "cms", documents: [null] as unknown as Document[] })],
    ["documents[1].bytes", () => sign({ format: "cms", documents: [document, { name: "a", bytes: "text" } as unknown as Document] })],
    ["documents[0].digest", () => sign({ format: "cms", documents: [{ name: "a", digest: "00", hash: "SHA-256" } as unknown as Document] })],
    ["documents[0].digest", () => sign({ format: "cms", documents: [{ name: "a", digest: new Uint8Array(31), hash: "SHA-256" }] })],
    ["documents[0].name", () => sign({ format: "cms", documents: [{ ...document, name: "" }] })],
    ["format", () => sign({ format: "pgp" as "cms", documents: [document] })],
    ["attached", () => sign({ format: "pdf", documents: [document], attached: true } as unknown as SignOptions)],
    ["documents[0].digest", () => sign({ format: "pdf", documents: [{ name: "a", digest: new Uint8Array(32), hash: "SHA-256" }] } as unknown as SignOptions)],
    ["documents[0].message", () => sign({ format: "cms", documents: [{ ...document, message: "MIIB" }] } as unknown as SignOptions)],
    ["documents[0].message", () => sign({ format: "xml", documents: [{ ...document, message: new Uint8Array(1) }] } as unknown as SignOptions)],
    ["files", () => sign({ format: "xml", documents: [document], files: {} } as unknown as SignOptions)],
    ["files", () => sign({ format: "xml", profile: "etax", documents: [document], files: [document] })],
    ["files[0].bytes", () => sign({ format: "xml", documents: [document], files: [{ name: "b", bytes: null }] } as unknown as SignOptions)],
    ["files[0].name", () => sign({ format: "xml", documents: [document], files: [document] })],
    ["elements", () => sign({ format: "xml", documents: [document], elements: "a" } as unknown as SignOptions)],
    ["seal", () => sign({ format: "pdf", documents: [document], seal: 1 } as unknown as SignOptions)],
    ["seal", () => sign({ format: "cms", documents: [document], seal: { ...place, text: "見本" } } as unknown as SignOptions)],
    ["seal.size", () => sign({ format: "pdf", documents: [document], seal: { ...place, size: 7, text: "見本" } })],
    ["seal.text", () => sign({ format: "pdf", documents: [document], seal: { ...place, text: "見本", picture: new Uint8Array(1) } })],
    ["seal.text", () => sign({ format: "pdf", documents: [document], seal: place } as unknown as SignOptions)],
    ["seal.picture", () => sign({ format: "pdf", documents: [document], seal: { ...place, picture: "iVBORw0KGgo=" } } as unknown as SignOptions)],
    ["seal.picture", () => sign({ format: "pdf", documents: [document], seal: { ...place, picture: new Uint8Array((1 << 19) + 1) } })],
    ["seal.picture", () => sign({ format: "pdf", documents: [document], seal: { ...place, picture: new Blob([]) } })],
    ["seal.picture", () => sign({ format: "pdf", documents: [document], seal: { ...place, picture: transferred(new Uint8Array(1)) } })],
    ["documents[1].hash", () => sign({ format: "raw", documents: [document, { name: "a", digest: new Uint8Array(48), hash: "SHA-384" }] })],
    ["documents[0].bytes", () => sign({ format: "cms", documents: [{ name: "a", bytes: transferred(new Uint8Array(1)) }] })],
    ["documents[0].bytes", () => sign({ format: "cms", documents: [{ name: "a", bytes: transferred(new Uint8Array(1)).buffer }] })],
    ["documents[0].bytes", () => sign({ format: "cms", documents: [{ name: "a", bytes: new DataView(new ArrayBuffer(1)) as unknown as Blob }] })],
    ["documents[0]", () => sign({ format: "cms", documents: Array(1) as Document[] })],
    ["onprogress", () => sign({ format: "cms", documents: [document], onprogress: "log" } as unknown as SignOptions)],
    ["lang", () => status({ lang: "de" as "ja" })],
    ["signal", () => status({ signal: new AbortController() as unknown as AbortSignal })],
    ["options", () => status(null as unknown as undefined)],
    ["options", () => call(authenticate)],
    ["options", () => call(authenticate, challenge)],
    ["lnag", () => status({ lnag: "ja" } as CallOptions)],
    ["chalenge", () => call(authenticate, { challenge, chalenge: challenge })],
    ["sael", () => call(sign, { format: "pdf", documents: [document], sael: { ...place, text: "見本" } })],
    ["x".repeat(40), () => call(sign, { format: "pdf", documents: [document], ["x".repeat(41)]: 1 })],
    ["documents[1].nmae", () => call(sign, { format: "cms", documents: [document, { ...document, nmae: "b" }] })],
    ["documents[0].byets", () => call(sign, { format: "cms", documents: [{ name: "a", byets: new Uint8Array(1) }] })],
    ["documents[0].digest", () => call(sign, { format: "cms", documents: [{ ...document, digest: new Uint8Array(32), hash: "SHA-256" }] })],
    ["files[0].type", () => call(sign, { format: "xml", documents: [document], files: [{ ...document, name: "b", type: "text/plain" }] })],
    ["seal.colour", () => call(sign, { format: "pdf", documents: [document], seal: { ...place, text: "見本", colour: "red" } })],
    ["challenge", () => call(authenticate, {})],
    ["challenge", () => call(authenticate, { challenge: 44 })],
    ["options", () => call(sign)],
    ["documents", () => call(sign, {})],
  ])("with a fault in %s: case %#", async (field, ask) => {
    expect(await failure(ask())).toMatchObject({ code: "INVALID_REQUEST", field });
  });

  afterEach(() => {
    expect(page.posted).toEqual([]);
  });
});

describe("authenticate", () => {
  it("resolves to the token", async () => {
    const call = authenticate({ challenge, lang: "en" });
    const { heard, connect, say } = relay();
    connect();
    await settle();
    expect(heard).toEqual([{ type: "start", command: "authenticate", lang: "en" }, { type: "authenticate", challenge }]);
    say({ type: "result", result: token });
    expect(await call).toEqual(token);
    await settle();
    expect(heard.at(-1)).toEqual({ type: "close" });
  });

  it("waits for whatever can be awaited", async () => {
    const foreign = runInNewContext("Promise.resolve(challenge)", { challenge }) as Promise<string>;
    const lazy: PromiseLike<string> = { then: (...heard) => Promise.resolve(challenge).then(...heard) };
    for (const later of [foreign, lazy]) {
      const token = failure(authenticate({ challenge: later }));
      const { heard, connect, say } = relay();
      connect();
      await settle();
      expect(heard[1]).toEqual({ type: "authenticate", challenge });
      say({ type: "error", error: { code: "CANCELLED" } });
      await token;
    }
  });

  it("sends no challenge to a relay that is not there yet", async () => {
    const call = failure(authenticate({ challenge }));
    const { heard } = relay();
    await settle();
    expect(heard).toEqual([{ type: "start", command: "authenticate" }]);
    expect((await call).code).toBe("UNAVAILABLE");
  });

  it("passes on why a site's challenge failed, and closes", async () => {
    const call = authenticate({ challenge: Promise.reject(new TypeError("Failed to fetch")) });
    const { heard, connect } = relay();
    connect();
    await expect(call).rejects.toThrow(new TypeError("Failed to fetch"));
    await settle();
    expect(heard.at(-1)).toEqual({ type: "close" });
  });

  it("names a challenge that breaks the rules when it comes", async () => {
    const call = failure(authenticate({ challenge: Promise.resolve("short") }));
    relay().connect();
    expect(await call).toMatchObject({ code: "INVALID_REQUEST", field: "challenge" });
  });

  it("rejects with all that an error says", async () => {
    const call = failure(authenticate({ challenge }));
    const { connect, say } = relay();
    connect();
    say({ type: "error", error: { code: "VERSION_MISMATCH", update: "host" } });
    const error = await call;
    expect(error).toMatchObject({ name: "NatsuinError", code: "VERSION_MISMATCH", update: "host", message: expect.stringContaining("host") as unknown });
  });

  it("is cancelled by its signal, and only then", async () => {
    const controller = new AbortController();
    const call = failure(authenticate({ challenge, signal: controller.signal }));
    const { heard, connect } = relay();
    connect();
    await settle();
    controller.abort();
    expect((await call).code).toBe("CANCELLED");
    await settle();
    expect(heard.at(-1)).toEqual({ type: "close" });
  });
});

describe("sign", () => {
  it("sends bytes of every kind in order, waiting for each chunk, and puts the signatures together", async () => {
    const large = new Uint8Array(3 * (1 << 20) + 2).map((_, i) => i % 251);
    const progress: unknown[] = [];
    const call = sign({
      format: "cms",
      attached: false,
      documents: [
        { name: "blob", bytes: new Blob([large]) },
        { name: "empty", bytes: new Uint8Array(0) },
        { name: "digest", digest: new Uint8Array(32).fill(0xab), hash: "SHA-256" },
        { name: "view", bytes: large.subarray(1, 4) },
        { name: "buffer", bytes: new Uint8Array([255]).buffer },
      ],
      onprogress: (each) => progress.push(each),
    });
    const { port, heard, connect, say } = relay();
    const chunks: { document: number; bytes: Buffer }[] = [];
    port.onmessage = (event: MessageEvent<string>) => {
      const message = JSON.parse(event.data) as { type: string; document: number; data: string };
      if (message.type !== "chunk") heard.push(message);
      else {
        chunks.push({ document: message.document, bytes: Buffer.from(message.data, "base64") });
        say({ type: "received", document: message.document, bytes: 1 });
      }
    };
    connect();
    await vi.waitFor(() => { expect(chunks).toHaveLength(4); }, { timeout: 15_000 });
    expect(heard[1]).toEqual({
      type: "sign", format: "cms", attached: false,
      documents: [
        { name: "blob", size: large.length }, { name: "empty", size: 0 }, { name: "digest", digest: "ab".repeat(32), hash: "SHA-256" },
        { name: "view", size: 3 }, { name: "buffer", size: 1 },
      ],
    });
    expect(chunks.map(({ document, bytes }) => [document, bytes.length])).toEqual([[0, 3 << 20], [0, 2], [3, 3], [4, 1]]);
    expect(Buffer.concat(chunks.slice(0, 2).map(({ bytes }) => bytes)).equals(large)).toBe(true);
    expect(chunks[2]?.bytes).toEqual(Buffer.from([1, 2, 3]));

    say({ type: "progress", done: 5, total: 5 });
    for (let document = 0; document < 5; document++) {
      say({ type: "signature", document, last: false, data: Buffer.from([document]).toString("base64") });
      say({ type: "signature", document, last: true, data: Buffer.from([9]).toString("base64") });
    }
    say({ type: "result", result: { certificate: "MIIF", algorithm: "RS256", issuer: "foreign" } });
    const { files, ...signed } = await call;
    expect(await Promise.all(files.map(read))).toEqual([0, 1, 2, 3, 4].map((document) => ["application/pkcs7-signature", [document, 9]]));
    expect(signed).toEqual({
      signatures: [0, 1, 2, 3, 4].map((document) => new Uint8Array([document, 9])),
      certificate: new Uint8Array([0x30, 0x82, 0x05]),
      algorithm: "RS256",
      issuer: "foreign",
    });
    expect(progress.at(0)).toEqual({ phase: "sending", done: 3 << 20, total: large.length + 4 });
    expect(progress.at(-1)).toEqual({ phase: "signing", done: 5, total: 5 });
  });

  it("takes bytes that another realm made", async () => {
    const [bytes, buffer] = runInNewContext("[new Uint8Array([1, 2]), new Uint8Array([3]).buffer]") as [Uint8Array, ArrayBuffer];
    const digest = runInNewContext("new Uint8Array(32)") as Uint8Array;
    const signed = failure(sign({ format: "cms", documents: [{ name: "a", bytes }, { name: "b", bytes: buffer }, { name: "c", digest, hash: "SHA-256" }] }));
    const { heard, connect, say } = relay();
    connect();
    await settle();
    say({ type: "received", document: 0, bytes: 2 });
    await settle();
    expect(heard.slice(1)).toEqual([
      expect.objectContaining({ documents: [{ name: "a", size: 2 }, { name: "b", size: 1 }, { name: "c", digest: "00".repeat(32), hash: "SHA-256" }] }),
      { type: "chunk", document: 0, data: "AQI=" },
      { type: "chunk", document: 1, data: "Aw==" },
    ]);
    say({ type: "error", error: { code: "CANCELLED" } });
    await signed;
  });

  it("takes objects of classes, and keys that hold nothing", async () => {
    class Filing {
      readonly #path = "drafts/a";
      get name(): string { return this.#path.slice(-1); }
      get bytes(): Uint8Array { return new Uint8Array([1]); }
      get path(): string { return this.#path; }
    }
    const signed = failure(call(sign, { format: "pdf", documents: [new Filing()], seal: undefined, sael: undefined }));
    const { heard, connect, say } = relay();
    connect();
    await settle();
    expect(heard[1]).toEqual({ type: "sign", format: "pdf", documents: [{ name: "a", size: 1 }] });
    say({ type: "error", error: { code: "CANCELLED" } });
    await signed;
  });

  it("goes by the list as it was at the call", async () => {
    const documents: Document[] = [{ name: "a", bytes: new Uint8Array([1]) }, { name: "b", bytes: new Uint8Array([2]) }];
    const signed = sign({ format: "cms", documents });
    const { heard, connect, say } = relay();
    documents.splice(0, 2, { name: "evil", bytes: new Uint8Array(9) });
    connect();
    for (let document = 0; document < 2; document++) {
      await settle();
      say({ type: "received", document, bytes: 1 });
    }
    say({ type: "result", result: { certificate: "MIIF", algorithm: "RS256", issuer: "foreign" } });
    expect((await signed).signatures).toHaveLength(2);
    expect(heard.slice(2, 4)).toEqual([{ type: "chunk", document: 0, data: "AQ==" }, { type: "chunk", document: 1, data: "Ag==" }]);
  });

  it.each<[string, () => [Uint8Array | ArrayBuffer, () => void]]>([
    ["written to", () => {
      const bytes = new Uint8Array([1, 2, 3, 4]);
      return [bytes, () => { bytes.fill(0); }];
    }],
    ["transferred away", () => {
      const bytes = new Uint8Array([1, 2, 3, 4]);
      return [bytes, () => { transferred(bytes); }];
    }],
    ["shrunk", () => {
      const bytes = runInNewContext("new Uint8Array(new ArrayBuffer(4, { maxByteLength: 8 }))") as Uint8Array<ArrayBuffer>;
      bytes.set([1, 2, 3, 4]);
      return [bytes.buffer, () => { (bytes.buffer as unknown as { resize: (size: number) => void }).resize(2); }];
    }],
    ["shared with a worker that writes to it", () => {
      const bytes = new Uint8Array(new SharedArrayBuffer(4));
      bytes.set([1, 2, 3, 4]);
      return [bytes, () => { bytes.fill(0); }];
    }],
  ])("signs bytes as they were at the call, though they are %s then", async (_, make) => {
    const [bytes, change] = make();
    const signed = sign({ format: "pdf", documents: [{ name: "b", bytes }] });
    change();
    const { heard, connect, say } = relay();
    connect();
    await vi.waitFor(() => { expect(heard).toHaveLength(3); });
    expect(heard[2]).toEqual({ type: "chunk", document: 0, data: "AQIDBA==" });
    say({ type: "received", document: 0, bytes: 4 });
    say({ type: "signature", document: 0, last: true, data: "BQY=" });
    say(result);
    const { files: [file], signatures } = await signed;
    expect([await read(file), signatures]).toEqual([["application/pdf", [1, 2, 3, 4, 5, 6]], [new Uint8Array([5, 6])]]);
  });

  it("refers to a Blob instead of copying it", async () => {
    const blob = new Blob([new Uint8Array([1, 2])]);
    const parts: unknown[] = [];
    const signed = sign({ format: "pdf", documents: [{ name: "b", bytes: blob }] });
    const { heard, connect, say } = relay();
    connect();
    await vi.waitFor(() => { expect(heard).toHaveLength(3); });
    vi.stubGlobal("Blob", class extends Blob {
      constructor(made: BlobPart[], options: BlobPropertyBag) {
        super(made, options);
        parts.push(...made);
      }
    });
    say({ type: "received", document: 0, bytes: 2 });
    say({ type: "signature", document: 0, last: true, data: "BQY=" });
    say(result);
    await signed;
    expect(parts).toEqual([blob, new Uint8Array([5, 6])]);
    expect(parts[0]).toBe(blob);
  });

  it("ends at once with a Blob that gives less than it said", async () => {
    const blob = new Blob([new Uint8Array(4)]);
    const signed = failure(sign({ format: "cms", documents: [{ name: "a", bytes: new Uint8Array(1) }, { name: "b", bytes: blob }] }));
    const { heard, connect, say } = relay();
    connect();
    await vi.waitFor(() => { expect(heard).toHaveLength(3); });
    blob.slice = () => new Blob([]);
    say({ type: "received", document: 0, bytes: 1 });
    expect(await signed).toMatchObject({ code: "INVALID_REQUEST", field: "documents[1].bytes" });
    await settle();
    expect(heard.slice(3)).toEqual([{ type: "close" }]);
  });

  it.each<[SignOptions, string]>([
    [{ format: "xml", documents: [{ name: "a.xml", bytes: new Uint8Array(0) }] }, "application/xml"],
    [{ format: "cms", attached: true, documents: [{ name: "a", bytes: new Uint8Array(0) }] }, "application/pkcs7-mime"],
    [{ format: "raw", documents: [{ name: "a", bytes: new Uint8Array(0) }] }, "application/octet-stream"],
  ])("gives what is to be stored: case %#", async (options, mediaType) => {
    const signed = sign(options);
    const { connect, say } = relay();
    connect();
    await settle();
    say({ type: "signature", document: 0, last: true, data: "BQY=" });
    say(result);
    expect(await Promise.all((await signed).files.map(read))).toEqual([[mediaType, [5, 6]]]);
  });

  it("sends everything that was asked for, and the files after the documents", async () => {
    const elements = ["構成情報"];
    const signed = failure(sign({
      format: "xml", profile: "egov", hash: "SHA-512", elements,
      documents: [{ name: "kousei.xml", bytes: new Uint8Array([1]) }],
      files: [{ name: "a.pdf", bytes: new Blob([new Uint8Array([2])]) }, { name: "b.pdf", digest: new Uint8Array(64), hash: "SHA-512" }],
    }));
    elements.push("evil");
    const { heard, connect, say } = relay();
    connect();
    await vi.waitFor(() => { expect(heard).toHaveLength(3); });
    say({ type: "received", document: 0, bytes: 1 });
    await vi.waitFor(() => { expect(heard).toHaveLength(4); });
    expect(heard.slice(1)).toEqual([
      {
        type: "sign", format: "xml", profile: "egov", hash: "SHA-512", elements: ["構成情報"], documents: [{ name: "kousei.xml", size: 1 }],
        files: [{ name: "a.pdf", size: 1 }, { name: "b.pdf", digest: "00".repeat(64), hash: "SHA-512" }],
      },
      { type: "chunk", document: 0, data: "AQ==" },
      { type: "chunk", document: 1, data: "Ag==" },
    ]);
    say({ type: "error", error: { code: "DOCUMENT_REFUSED", field: "documents[0]", reason: "doctype" } });
    expect(await signed).toMatchObject({ code: "DOCUMENT_REFUSED", field: "documents[0]", reason: "doctype", message: expect.stringMatching(/documents\[0\] cannot be signed: doctype/) as unknown });
  });

  it("sends a message to join, and a seal's picture as it was at the call", async () => {
    const message = new Uint8Array([3]);
    const joined = failure(sign({ format: "cms", documents: [{ name: "a", bytes: new Uint8Array(0), message }] }));
    const first = relay();
    message.fill(0);
    first.connect();
    await vi.waitFor(() => { expect(first.heard).toHaveLength(2); });
    expect(first.heard[1]).toEqual({ type: "sign", format: "cms", documents: [{ name: "a", size: 0, message: "Aw==" }] });
    first.say({ type: "error", error: { code: "CANCELLED" } });
    await joined;

    const bytes = new Uint8Array([4]);
    const sealed = failure(sign({ format: "pdf", profile: "moj", documents: [{ name: "a.pdf", bytes: new Uint8Array(0) }], seal: { page: 1, x: 2, y: 3, size: 60, ring: true, picture: bytes } }));
    const second = relay();
    bytes.fill(0);
    second.connect();
    await vi.waitFor(() => { expect(second.heard).toHaveLength(2); });
    expect(second.heard[1]).toEqual({ type: "sign", format: "pdf", profile: "moj", documents: [{ name: "a.pdf", size: 0 }], seal: { page: 1, x: 2, y: 3, size: 60, ring: true, picture: "BA==" } });
    second.say({ type: "error", error: { code: "CANCELLED" } });
    await sealed;
  });

  it("stops sending when the operation ends", async () => {
    const call = failure(sign({ format: "cms", documents: [{ name: "a", bytes: new Uint8Array(10) }] }));
    const { connect, say } = relay();
    connect();
    await settle();
    say({ type: "error", error: { code: "CANCELLED" } });
    expect((await call).code).toBe("CANCELLED");
  });
});

it("never knows whether a reader or a card is there without a human act", async () => {
  const call = status();
  const { connect, say } = relay();
  connect();
  const versions = { extension: "0.1.0", host: "0.1.0", protocol: 1, capabilities: { formats: ["cms"], profiles: { pdf: [], xml: [] }, hashes: [], prompt: "dialog" } };
  say({ type: "result", result: versions });
  expect(await call).toEqual({ library: "0.1.0", ...versions });
});
