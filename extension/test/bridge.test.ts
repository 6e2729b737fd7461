/** What is known of government pages as data, and what goes to them, byte for byte. */

import Ajv from "ajv";
import { describe, expect, it } from "vitest";
import managed from "../static/managed_schema.json";
import { covers, hostOf, isGovernment, isSitePattern } from "../src/bridge/hosts.ts";
import { encodeBytes, encodeText } from "../src/bridge/encode.ts";
import { parseDetail, readLaunch } from "../src/bridge/launch.ts";
import { faultOf, isIdentifier, newIdentifier, overridden, profile, readSites, usable } from "../src/bridge/profile.ts";
import schema from "../src/bridge/profiles/schema.json";
import { errcodeOf, failure, success } from "../src/bridge/reply.ts";
import { isMac, servedAtOnce, servedBy } from "../src/bridge/serve.ts";
import { shipped, shippedFor } from "../src/bridge/shipped.ts";
import { errorCodes } from "../src/messages/host.ts";
import { Invalid } from "../src/shape.ts";
import { digestInfo, myna } from "./portal.ts";

const ajv = new Ajv();
const valid = ajv.compile(schema);

/** Whether our own reader takes it. */
function reads(value: unknown): boolean {
  try {
    profile(value, "");
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(Invalid);
    return false;
  }
}

describe("the profiles that come with Natsuin", () => {
  it.each(shipped.map((each) => [each.name, each] as const))("%s is one by the schema and by our own reader", (_, each) => {
    expect(valid(each) || valid.errors).toBe(true);
    expect(profile(each, "")).toEqual(each);
  });

  it("serve the pages of マイナポータル and e-Tax as the official extension does", () => {
    expect(myna.sites).toEqual(["myna.go.jp", "*.myna.go.jp", "*.e-tax.nta.go.jp", "*.keisan.nta.go.jp"]);
    const inputs = [{ id: "extension-is-installed", value: "24" }, { id: "app-is-installed", value: "29" }];
    expect(servedBy(myna, false)).toEqual({ inputs, request: "launchApp", reply: "recvMsg", errcode: "EW044-C300" });
    expect(servedBy(myna, true)).toEqual({ inputs: [inputs[0], { id: "app-is-installed", value: "40" }], request: "launchApp", reply: "recvMsg", errcode: "EM044-C300" });
  });

  it("are known at once, but on a Mac, which may be told of Windows", () => {
    const [mac, linux] = ["Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)", "Mozilla/5.0 (X11; Linux x86_64)"];
    expect([isMac(mac), isMac(linux)]).toEqual([true, false]);
    expect([servedAtOnce(myna, mac), servedAtOnce(myna, linux), servedAtOnce(undefined, linux)]).toEqual([undefined, servedBy(myna, false), undefined]);
  });
});

describe("a profile", () => {
  const { errors, ...withoutErrors } = myna;
  it.each([
    ["a key too many", { ...myna, extra: 1 }],
    ["a key too few", withoutErrors],
    ["errors without a default", { ...myna, errors: { codes: errors.codes } }],
    ["a name with capitals", { ...myna, name: "Myna" }],
    ["no sites", { ...myna, sites: [] }],
    ["all of go.jp", { ...myna, sites: ["*.go.jp"] }],
    ["all of lg.jp", { ...myna, sites: ["*.lg.jp"] }],
    ["go.jp itself", { ...myna, sites: ["go.jp"] }],
    ["a host elsewhere", { ...myna, sites: ["myna.go.jp.example"] }],
    ["a pattern within a name", { ...myna, sites: ["my*.go.jp"] }],
    ["a star deeper in", { ...myna, sites: ["a.*.go.jp"] }],
    ["an address", { ...myna, sites: ["https://myna.go.jp"] }],
    ["an id with a quote", { ...myna, inputs: [{ id: "a\"]", value: "1" }] }],
    ["an empty value", { ...myna, inputs: [{ id: "a", value: "" }] }],
    ["an event of two words", { ...myna, events: { request: "launch App", reply: "recvMsg" } }],
    ["an action that there is none of", { ...myna, modes: { "03": "renew" } }],
    ["a mode of a word", { ...myna, modes: { "log in": "login" } }],
    ["101 digests", { ...myna, maxDigests: 101 }],
    ["an encoding that there is none of", { ...myna, encodings: { ...myna.encodings, certificate: "hex" } }],
    ["a digest policy of words", { ...myna, digests: { bare: "yes", sha1: false } }],
    ["another story", { ...myna, disguise: "solaris" }],
    ["service ids that are none", { ...myna, serviceIds: "all" }],
    ["no service id", { ...myna, serviceIds: [] }],
    ["a service id of Japanese", { ...myna, serviceIds: ["番号"] }],
    ["a code of ours that there is none of", { ...myna, errors: { ...errors, codes: { NONE: "1" } } }],
    ["nothing", null],
    ["a list", []],
  ])("is not: %s", (_, value) => {
    expect([reads(value), valid(value)]).toEqual([false, false]);
  });

  it("names its page's codes for each of ours", () => {
    expect(schema.properties.errors.properties.codes.propertyNames.enum).toEqual(errorCodes);
    const every = { ...myna, errors: { ...errors, codes: Object.fromEntries(errorCodes.map((each) => [each, "1"])) } };
    expect([reads(every), valid(every)]).toEqual([true, true]);
  });

  it("has two names of events, which is more than the schema can say", () => {
    const one = { ...myna, events: { request: "recvMsg", reply: "recvMsg" } };
    expect([reads(one), valid(one)]).toEqual([false, true]);
    expect(schema.properties.events.description).toMatch(/must differ/);
  });

  it("has the same keys in the schema for administrators", () => {
    const described = Object.keys(managed.properties.bridges.additionalProperties.properties).sort();
    expect(described).toEqual(schema.required.filter((key) => !["name", "title", "sites"].includes(key)).sort());
  });
});

describe("an override", () => {
  it("replaces what it names, and nothing else", () => {
    const made = overridden(myna, { inputs: [{ id: "extension-is-installed", value: "25" }], events: { request: "launchApp2" }, errors: { codes: { CANCELLED: "EW001-0001" } } }, { maxDigests: 5 });
    expect(made).toEqual({
      ...myna, maxDigests: 5, inputs: [{ id: "extension-is-installed", value: "25" }], events: { request: "launchApp2", reply: "recvMsg" },
      errors: { ...myna.errors, codes: { CANCELLED: "EW001-0001" } },
    });
    expect(errcodeOf(made, false, "CANCELLED")).toBe("EW001-0001");
  });

  it.each([
    ["sites", { sites: ["evil.go.jp"] }],
    ["name", { name: "other" }],
    ["title", { title: { ja: "a", en: "b" } }],
    ["extra", { extra: 1 }],
    ["maxDigests", { maxDigests: 1000 }],
    ["events.reply", { events: { reply: "a b" } }],
    ["inputs[0].id", { inputs: [{ id: "", value: "1" }] }],
    ["errors.codes.NONE", { errors: { codes: { NONE: "1" } } }],
    ["events.reply", { events: { request: "recvMsg" } }],
    ["message", "{}"],
    ["message", null],
    ["message", []],
  ])("that touches %s wrongly is not used", (field, override) => {
    expect(faultOf(myna, override)).toBe(field);
    expect(usable(myna, override, { maxDigests: 7 })).toEqual({ ...myna, maxDigests: 7 });
  });

  it("that does not go together with a later one gives way to it", () => {
    const modes = (letter: string): object => ({ modes: Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`${letter}${i}`, "close"])) });
    const [own, administrators] = [{ ...modes("A"), maxDigests: 5 }, { ...modes("B"), digests: { bare: true } }];
    expect([faultOf(myna, own), faultOf(myna, administrators), faultOf(myna, own, administrators)]).toEqual([undefined, undefined, "modes"]);
    expect(usable(myna, own, administrators)).toEqual(overridden(myna, administrators));
  });

  it("can accept every service, by a list too", () => {
    for (const serviceIds of ["any", ["any"]]) expect(overridden(myna, { serviceIds: ["01"] }, { serviceIds }).serviceIds).toBe("any");
  });

  it("can allow a bare hash and SHA-1, which are refused otherwise", () => {
    expect(myna.digests).toEqual({ bare: false, sha1: false });
    expect(overridden(myna, { digests: { bare: true } }).digests).toEqual({ bare: true, sha1: false });
  });
});

describe("hosts", () => {
  it.each([
    ["myna.go.jp", true], ["app.oss.myna.go.jp", true], ["login.e-tax.nta.go.jp", true], ["www.keisan.nta.go.jp", true],
    ["e-tax.nta.go.jp", false], ["nta.go.jp", false], ["www.nta.go.jp", false], ["xmyna.go.jp", false], ["myna.go.jp.example", false], ["myna.lg.jp", false], ["MYNA.go.jp", false], ["", false],
  ])("%s is of the profile: %s", (host, is) => {
    expect(shippedFor(host) !== undefined).toBe(is);
    expect(covers(myna.sites, host)).toBe(is);
  });

  it.each([
    ["https://myna.go.jp/a?b#c", "myna.go.jp"],
    ["https://myna.go.jp:443", "myna.go.jp"],
    ["https://myna.go.jp:8443", undefined],
    ["http://myna.go.jp", undefined],
    ["https://myna.go.jp@evil.example", undefined],
    ["https://evil.example/https://myna.go.jp", undefined],
    ["https://go.jp", undefined],
    ["about:blank", undefined],
  ])("%s may be served as %s", (address, host) => {
    expect(hostOf(address)).toBe(host);
  });

  it("of public bodies alone are government's", () => {
    expect(["a.go.jp", "a.b.lg.jp"].map(isGovernment)).toEqual([true, true]);
    expect(["go.jp", "a.co.jp", "-a.go.jp", "a..go.jp", `${"a".repeat(250)}.go.jp`].map(isGovernment)).toEqual([false, false, false, false, false]);
    expect(["*.a.go.jp", "*.*.go.jp", "*go.jp"].map(isSitePattern)).toEqual([true, false, false]);
  });
});

describe("what a page asks for", () => {
  const login = { mode: "01", service_id: "01", digest: digestInfo };

  it.each([
    ["a login", login, { mode: "01", action: "login", serviceId: "01", digests: [digestInfo] }],
    ["signatures", { ...login, mode: "02", digest: [digestInfo, digestInfo] }, { mode: "02", action: "sign", serviceId: "01", digests: [digestInfo, digestInfo] }],
    ["one signature without an array", { ...login, mode: "02" }, { mode: "02", action: "sign", serviceId: "01", digests: [digestInfo] }],
    ["attributes", { mode: "04", service_id: "01" }, { mode: "04", action: "attributes", serviceId: "01", digests: [] }],
    ["attributes, with a digest that nobody asked for", { ...login, mode: "04" }, { mode: "04", action: "attributes", serviceId: "01", digests: [] }],
    ["a login, with more that we do not know", { ...login, timeout: 5, x: [{}] }, { mode: "01", action: "login", serviceId: "01", digests: [digestInfo] }],
    ["another service", { ...login, service_id: "A-7 x" }, { mode: "01", action: "login", serviceId: "A-7 x", digests: [digestInfo] }],
    ["100 signatures", { ...login, mode: "02", digest: Array.from({ length: 100 }, () => digestInfo) }, expect.objectContaining({ action: "sign" })],
  ])("is read: %s", (_, request, launch) => {
    expect(readLaunch(parseDetail(JSON.stringify(request)), myna)).toEqual(launch);
  });

  it.each([
    ["mode", { ...login, mode: "05" }],
    ["mode", { ...login, mode: "03" }],
    ["mode", { ...login, mode: 1 }],
    ["mode", { ...login, mode: "constructor" }],
    ["mode", { service_id: "01" }],
    ["service_id", { ...login, service_id: undefined }],
    ["service_id", { ...login, service_id: "" }],
    ["service_id", { ...login, service_id: "1".repeat(65) }],
    ["service_id", { ...login, service_id: "番号" }],
    ["service_id", { ...login, service_id: 1 }],
    ["digest", { ...login, digest: undefined }],
    ["digest", { ...login, digest: [digestInfo] }],
    ["digest", { ...login, digest: "" }],
    ["digest", { ...login, digest: "a-_=" }],
    ["digest", { ...login, digest: "AAA" }],
    ["digest", { ...login, digest: "A".repeat(400) }],
    ["digest", { ...login, digest: {} }],
    ["digest", { ...login, mode: "02", digest: [] }],
    ["digest", { ...login, mode: "02", digest: [digestInfo, 1] }],
    ["digest", { ...login, mode: "02", digest: Array.from({ length: 101 }, () => digestInfo) }],
  ])("is refused for its %s: case %#", (field, request) => {
    expect(readLaunch(parseDetail(JSON.stringify(request)), myna)).toEqual({ field });
  });

  it.each(["", "{", "null", "[]", "\"01\"", "1", undefined, { mode: "01" }, `{"mode":"${"1".repeat(1 << 20)}"}`])("is no request: case %#", (detail) => {
    expect(readLaunch(parseDetail(detail), myna)).toEqual({ field: "detail" });
  });

  it("is of an accepted service where a profile lists them", () => {
    const strict = overridden(myna, { serviceIds: ["01", "02"] });
    expect(readLaunch(login, strict)).toEqual(expect.objectContaining({ serviceId: "01" }));
    expect(readLaunch({ ...login, service_id: "03" }, strict)).toEqual({ field: "service_id" });
  });
});

describe("encodings", () => {
  it.each([
    ["Zg==", "Zg==", "Zg"], ["Zm8=", "Zm8=", "Zm8"], ["Zm9v", "Zm9v", "Zm9v"], ["", "", ""],
  ])("%j with and without its padding", (value, padded, bare) => {
    expect([encodeBytes(value, "base64"), encodeBytes(value, "base64-unpadded")]).toEqual([padded, bare]);
  });

  it("of texts are those of their UTF-8", () => {
    const text = "見本 太郎𠮷";
    const bytes = Buffer.from(text, "utf8");
    expect([encodeText(text, "hex"), encodeText(text, "base64"), encodeText(text, "text"), encodeText("", "hex")]).toEqual([bytes.toString("hex"), bytes.toString("base64"), text, ""]);
  });
});

describe("replies, byte for byte", () => {
  const signature = Buffer.alloc(256, 7).toString("base64");
  const certificate = Buffer.alloc(1000, 9).toString("base64");
  const bare = certificate.replace(/=+$/, "");
  const identifier = "000102030405060708090a0b0c0d0e0f";
  const combinationCode = "25fefd1edd16ed47fe1f05a91ae0f7b0d1bde1196c539466e68c3b9acdb2950a";
  const launch = { mode: "01", action: "login", serviceId: "01", digests: [digestInfo] } as const;

  it("to a login", () => {
    expect([signature.length, bare.length % 4]).toEqual([344, 2]);
    expect(success({ ...launch, digests: [digestInfo] }, { signature, certificate }, myna)).toBe(`{"mode":"01","result":"0","signature":"${signature}","certificate":"${bare}"}`);
  });

  it("to signatures, in the order that was asked for", () => {
    const sign = { ...launch, mode: "02", action: "sign", digests: [digestInfo, digestInfo] } as const;
    const other = Buffer.alloc(256, 8).toString("base64");
    expect(success({ ...sign, digests: [...sign.digests] }, { signatures: [signature, other], certificate }, myna)).toBe(`{"mode":"02","result":"0","signature":["${signature}","${other}"],"certificate":"${bare}"}`);
    expect(success({ ...sign, digests: [...sign.digests] }, { signatures: [signature], certificate, combinationCode }, myna, identifier))
      .toBe(`{"mode":"02","result":"0","uuid":"${identifier}","combination_code":"${combinationCode}","signature":["${signature}"],"certificate":"${bare}"}`);
  });

  it("to a question for the attributes", () => {
    const attributes = { name: "見本 太郎", sex: "1", address: "東京都", birthday: "19900102" };
    const said = `"name":"e8a68be69cac20e5a4aae9838e","sex":"31","address":"e69db1e4baace983bd","birthday":"3139393030313032"`;
    const ask = { ...launch, mode: "04", action: "attributes" } as const;
    expect(success({ ...ask, digests: [] }, attributes, myna)).toBe(`{"mode":"04","result":"0",${said}}`);
    expect(success({ ...ask, digests: [] }, { ...attributes, combinationCode }, myna, identifier)).toBe(`{"mode":"04","result":"0","uuid":"${identifier}","combination_code":"${combinationCode}",${said}}`);
  });

  it("hold an identifier only with the code that was computed with it", () => {
    const sign = { ...launch, mode: "02", action: "sign", digests: [digestInfo] } as const;
    for (const [result, id] of [[{ signatures: [signature], certificate }, identifier], [{ signatures: [signature], certificate, combinationCode }, undefined]] as const) {
      expect(success({ ...sign, digests: [...sign.digests] }, { ...result, signatures: [...result.signatures] }, myna, id)).not.toMatch(/uuid|combination/);
    }
  });

  it.each([
    ["a request", { mode: "01", service_id: "01", digest: "x" }, `{"mode":"01","result":"1","errcode":"EW044-C300"}`],
    ["a request without a mode", { service_id: "01" }, `{"result":"1","errcode":"EW044-C300"}`],
    ["a mode that is none", { mode: [1] }, `{"mode":[1],"result":"1","errcode":"EW044-C300"}`],
    ["no request", undefined, `{"result":"1","errcode":"EW044-C300"}`],
  ])("when there is no answer to %s", (_, request, reply) => {
    expect(failure(request, errcodeOf(myna, false))).toBe(reply);
  });

  it("tell every failure by the one code, another on a Mac, unless a profile knows better", () => {
    expect([errcodeOf(myna, false, "PIN_BLOCKED"), errcodeOf(myna, true, "PIN_BLOCKED")]).toEqual(["EW044-C300", "EM044-C300"]);
    const mapped = overridden(myna, { errors: { codes: { PIN_BLOCKED: "EW009-9999" } } });
    expect([errcodeOf(mapped, true, "PIN_BLOCKED"), errcodeOf(mapped, false, "CANCELLED")]).toEqual(["EW009-9999", "EW044-C300"]);
  });
});

describe("the settings of sites", () => {
  it("are read as they should be, or not at all", () => {
    const good = { profile: "myna", disguise: true, identifier: "0".repeat(32) };
    expect(readSites({ "https://myna.go.jp/*": good, b: { profile: "myna", disguise: false }, c: { profile: "myna", identifier: "short" }, d: 1 })).toEqual({ "https://myna.go.jp/*": good });
    expect([readSites(undefined), readSites([good]), readSites("x")]).toEqual([{}, {}, {}]);
  });

  it("have an identifier of their own", () => {
    const made = new Set(Array.from({ length: 20 }, newIdentifier));
    expect([made.size, [...made].every(isIdentifier)]).toEqual([20, true]);
  });
});
