import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { errorCodes, forSite, hostMessage } from "../src/messages/host.ts";
import { authenticated, cardStatus, certificate, changedPin, directory, portalAttributes, portalLogin, portalSigned, signed, surface, validity } from "../src/messages/results.ts";
import { verified } from "../src/messages/verify.ts";
import { fromPage } from "../src/messages/page.ts";
import { Invalid } from "../src/shape.ts";
import { golden, goldenText, sorted, without } from "./fakes.ts";

const testdata = new URL("../../internal/protocol/testdata/", import.meta.url);
const fromExtension = /^(extension-|request-|chunk|answer|pin|cancel)/;
const lists = /^(codes|bad)/;
const fromHost = readdirSync(testdata)
  .map((file) => file.replace(/\.json$/, ""))
  .filter((name) => !fromExtension.test(name) && !lists.test(name));

describe("golden messages of the host", () => {
  it("are there", () => {
    expect(fromHost.length).toBeGreaterThan(12);
  });

  it.each(fromHost)("%s is read without a change", (name) => {
    expect(sorted(hostMessage(golden(name), ""))).toEqual(sorted(golden(name)));
  });

  const results = {
    "result-authenticate": authenticated, "result-sign": signed, "result-status": cardStatus, "result-certificate": certificate, "result-attributes": surface,
    "result-change-pin": changedPin, "result-validity": validity, "result-desks": directory, "result-verify": verified, "result-verify-everything": verified, "result-verify-refusal": verified,
    "result-portal-login": portalLogin, "result-portal-sign": portalSigned, "result-portal-attributes": portalAttributes,
  } as const;

  it("have a shape for each result", () => {
    expect(Object.keys(results).sort()).toEqual(fromHost.filter((name) => name.startsWith("result-")).sort());
  });

  it.each(Object.entries(results))("%s holds its result, and nothing else passes for one", (name, shape) => {
    const { result } = golden(name) as { result: unknown };
    expect(shape(result, "result")).toEqual(result);
    for (const mutated of mutations(result)) {
      let read: unknown;
      try {
        read = shape(mutated, "result");
      } catch (error) {
        expect(error).toBeInstanceOf(Invalid);
        continue;
      }
      expect(sorted(read)).toEqual(sorted(mutated));
    }
  });

  it("hello may hold what nobody knows yet: only that is passed over", () => {
    const hello = golden("hello") as { capabilities: { profiles: object } };
    const { capabilities } = hello;
    const newer = { ...hello, channel: 1, capabilities: { ...capabilities, languages: ["ja"], profiles: { ...capabilities.profiles, jades: ["b"] } } };
    expect(hostMessage(newer, "")).toEqual(hello);
  });

  it.each(fromHost.filter((name) => name !== "hello"))("%s with something else in it is refused, or read as it is", (name) => {
    for (const mutated of mutations(golden(name))) {
      let read: unknown;
      try {
        read = hostMessage(mutated, "");
      } catch (error) {
        expect(error).toBeInstanceOf(Invalid);
        continue;
      }
      expect(sorted(read)).toEqual(sorted(mutated));
    }
  });
});

describe("error codes", () => {
  const codes = (JSON.parse(goldenText("codes")) as { code: string; who: string[]; own?: true }[]);

  it("are those of the shared list", () => {
    expect([...errorCodes].sort()).toEqual(codes.map(({ code }) => code).sort());
  });

  it("reach a site, but for those of our own pages", () => {
    const own = codes.filter((each) => each.own === true).map(({ code }) => code);
    expect(own).not.toEqual([]);
    expect(errorCodes.filter((code) => forSite({ code }).code !== code)).toEqual(own);
    expect(forSite({ code: "PIN_REFUSED", triesLeft: 3 })).toEqual({ code: "INTERNAL" });
  });

  it("are those of the documentation, said by the same parts", () => {
    const page = readFileSync(new URL("../../docs/protocol.md", import.meta.url), "utf8");
    const rows = [...page.matchAll(/^\| `([A-Z_]+)` \| ([a-z, ]+) \|/gm)].map(([, code, who]) => ({ code, who: who?.split(", ") }));
    expect(rows).toEqual(codes.map(({ code, who }) => ({ code, who })));
  });
});

const challenge = "dGhpcyBpcyBhIGNoYWxsZW5nZSBvZiB0aGlydHktdHdv";
const document = { name: "申請書.xml", size: 9 };
const digested = { name: "図面.pdf", digest: "ab".repeat(32), hash: "SHA-256" };
const sign = { type: "sign", format: "cms", documents: [document] };
const raw = { ...sign, format: "raw" };
const pdf = { ...sign, format: "pdf" };
const seal = { page: 1, x: 0, y: 0, size: 60, text: "見本" };
const base64 = (bytes: number) => Buffer.alloc(bytes).toString("base64");

/** What a page says so that the host is asked for this; the rest of a request is the extension's own. */
function saidByPage(request: object): object {
  return { ...without(request, "id", "command", "lang", "origin", "windowPin", "reader"), type: "sign" };
}

describe("messages of a page", () => {
  it.each([
    { type: "start", command: "status" },
    { type: "start", command: "sign", lang: "ja" },
    { type: "authenticate", challenge },
    { type: "authenticate", challenge: "A".repeat(128) },
    sign,
    { ...sign, documents: [document, digested, { ...digested, digest: "ab".repeat(64), hash: "SHA-512" }] },
    { ...sign, attached: false },
    { ...raw, documents: [{ name: "n".repeat(255), size: 0 }] },
    { ...raw, documents: [document, digested] },
    { ...raw, hash: "SHA-512", documents: [document, { ...digested, digest: "ab".repeat(64), hash: "SHA-512" }] },
    { ...pdf, seal: { ...seal, x: 1_000_000, text: "𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷" } },
    { ...pdf, seal: { ...without(seal, "text"), picture: base64(1 << 19) } },
    { ...sign, documents: Array(4).fill({ ...document, message: base64(1 << 20) }) },
    { ...raw, documents: [{ ...digested, digest: "ab".repeat(48), hash: "SHA-384" }, { ...digested, digest: "cd".repeat(48), hash: "SHA-384" }] },
    { ...sign, documents: Array.from({ length: 1000 }, () => document) },
    { type: "chunk", document: 0, data: "AAAA" },
  ])("$type is read without a change: case %#", (message) => {
    expect(fromPage(message, "")).toEqual(message);
  });

  it.each([
    ["message", "authenticate"],
    ["message", null],
    ["message", []],
    ["type", {}],
    ["type", { type: "request" }],
    ["type", { type: "constructor" }],
    ["origin", { type: "start", command: "sign", origin: "https://bank.example" }],
    ["activated", { type: "start", command: "sign", activated: true }],
    ["command", { type: "start", command: "pin" }],
    ["lang", { type: "start", command: "sign", lang: "de" }],
    ["challenge", { type: "authenticate", challenge: "A".repeat(40) }],
    ["challenge", { type: "authenticate", challenge: "A".repeat(132) }],
    ["challenge", { type: "authenticate", challenge: `${challenge.slice(0, -1)}_` }],
    ["challenge", { type: "authenticate", challenge: 44 }],
    ["challenge", { type: "authenticate" }],
    ["format", without(sign, "format")],
    ["format", { ...sign, format: "pgp" }],
    ["attached", { ...sign, attached: 1 }],
    ["attached", { ...raw, attached: false }],
    ["documents", { ...sign, documents: [] }],
    ["documents", { ...sign, documents: Array.from({ length: 1001 }, () => document) }],
    ["documents", { ...sign, documents: { length: 1 } }],
    ["documents", { ...sign, documents: [{ ...document, size: 1 << 28 }, { ...document, size: 1 }] }],
    ["documents", { ...sign, attached: true, documents: [{ ...document, size: (8 << 20) + 1 }] }],
    ["documents[1].digest", { ...sign, attached: true, documents: [document, digested] }],
    ["documents[0].name", { ...sign, documents: [{ ...document, name: "" }] }],
    ["documents[0].name", { ...sign, documents: [{ ...document, name: "あ".repeat(86) }] }],
    ["documents[0].name", { ...sign, documents: [{ ...document, name: "a\nb" }] }],
    ["documents[0].name", { ...sign, documents: [{ ...document, name: "a\u2028b" }] }],
    ["documents[0].name", { ...sign, documents: [{ ...document, name: "\ud800" }] }],
    ["documents[0].size", { ...sign, documents: [{ ...document, size: -1 }] }],
    ["documents[0].size", { ...sign, documents: [{ ...document, size: 1.5 }] }],
    ["documents[0].size", { ...sign, documents: [{ ...document, size: (1 << 28) + 1 }] }],
    ["documents[0].digest", { ...sign, documents: [{ ...document, digest: digested.digest }] }],
    ["documents[0].digest", { ...sign, documents: [{ ...digested, digest: "ab".repeat(31) }] }],
    ["documents[0].digest", { ...sign, documents: [{ ...digested, digest: "AB".repeat(32) }] }],
    ["documents[0].digest", { ...sign, documents: [{ ...digested, hash: "SHA-384" }] }],
    ["documents[0].hash", { ...sign, documents: [{ ...digested, hash: "MD5" }] }],
    ["documents[0]", { ...sign, documents: [null] }],
    ["documents[2].hash", { ...raw, documents: [document, digested, { ...digested, digest: "ab".repeat(64), hash: "SHA-512" }] }],
    ["documents[1].hash", { ...raw, documents: [{ ...digested, digest: "ab".repeat(64), hash: "SHA-512" }, document] }],
    ["documents[0].message", { ...sign, documents: [{ ...document, message: base64((1 << 20) + 1) }] }],
    ["documents", { ...sign, documents: [...Array<object>(4).fill({ ...document, message: base64(1 << 20) }), { ...document, message: base64(1) }] }],
    ["seal.picture", { ...pdf, seal: { ...without(seal, "text"), picture: base64((1 << 19) + 1) } }],
    ["seal.picture", { ...pdf, seal: { ...without(seal, "text"), picture: "" } }],
    ["seal.text", { ...pdf, seal: { ...seal, text: "" } }],
    ["seal.text", { ...pdf, seal: { ...seal, text: "\ud800" } }],
    ["document", { type: "chunk", document: 1000, data: "AAAA" }],
    ["data", { type: "chunk", document: 0, data: "" }],
    ["data", { type: "chunk", document: 0, data: "AAA" }],
    ["data", { type: "chunk", document: 0, data: "AA==AAAA" }],
    ["data", { type: "chunk", document: 0, data: "A".repeat((4 << 20) + 4) }],
    ["x", { ...sign, x: 1 }],
  ])("a fault in %s is named: case %#", (field, message) => {
    expect(() => fromPage(message, "")).toThrow(expect.objectContaining({ field }));
  });

  const requests = readdirSync(testdata).flatMap((file) => (file.startsWith("request-sign") ? [file.replace(/\.json$/, "")] : []));

  it.each(requests)("ask for the golden %s", (name) => {
    const message = saidByPage(golden(name) as object);
    expect(fromPage(message, "")).toEqual(message);
  });

  const bad = (JSON.parse(goldenText("bad")) as { name: string; frame: string; field: string }[])
    .filter(({ frame, field }) => frame.includes('"command":"sign"') && !["pinPad", "reader", "windowPin", "origin"].includes(field));

  it("are held against the host's own list", () => {
    expect(requests.length).toBeGreaterThan(5);
    expect(bad.length).toBeGreaterThan(70);
  });

  it.each(bad)("are refused where the host would refuse them: $name", ({ frame, field }) => {
    expect(() => fromPage(saidByPage(JSON.parse(frame) as object), "")).toThrow(expect.objectContaining({ field }));
  });

  it("takes no key from a prototype", () => {
    expect(() => fromPage(Object.create({ type: "authenticate", challenge }), "")).toThrow(Invalid);
  });
});

/** A message with each of its values replaced by something else in turn, each key left out, and a key too many. */
function* mutations(value: unknown): Generator {
  yield* [null, true, -1, 1.5, "", "…", [], {}];
  if (typeof value !== "object" || value === null) return;
  if (!Array.isArray(value)) yield { ...value, extra: 1 };
  for (const key of Object.keys(value)) {
    const copy = (): Record<string, unknown> => structuredClone(value) as Record<string, unknown>;
    const without = copy();
    Reflect.deleteProperty(without, key);
    if (!Array.isArray(value)) yield without;
    for (const mutated of mutations((value as Record<string, unknown>)[key])) {
      const changed = copy();
      changed[key] = mutated;
      yield changed;
    }
  }
}
