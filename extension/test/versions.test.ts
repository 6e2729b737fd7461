/** Hosts of other ages, and worse ones, against this extension: docs/protocol.md, "Versions that differ". */

import { describe, expect, it } from "vitest";
import en from "../_locales/en/messages.json";
import ja from "../_locales/ja/messages.json";
import { Browser, challenge, inbox } from "./background.ts";
import { notesOn, remedyOf } from "../src/errors.ts";
import { Host } from "../src/host.ts";
import { translator } from "../src/i18n.ts";
import { spoken, type ErrorBody, type Hello, type HostMessage, type ToHost } from "../src/messages/host.ts";
import { agree, carriesOut, introductionOf } from "../src/versions.ts";
import { golden, HostPort, settle, without } from "./fakes.ts";

const hello = golden("hello") as Hello;
const { newest, oldest } = spoken;
const request = golden("request-status") as ToHost;

function meet(greeting: unknown) {
  const heard: (Hello | HostMessage)[] = [];
  const failures: ErrorBody[] = [];
  const port = new HostPort();
  const host = new Host(port.port, () => undefined, "0.1.0", { hello: (said) => heard.push(said), message: (said) => heard.push(said), failed: (error) => failures.push(error) });
  host.send(request);
  port.onMessage.emit(greeting);
  return { port, host, heard, failures };
}

describe("the version that two sides speak", () => {
  it.each([
    ["the same", [1, 1], [1, 1], 1],
    ["one of them speaks more: ours", [1, 2], [1, 1], 1],
    ["one of them speaks more: theirs", [1, 1], [1, 2], 1],
    ["ranges that meet", [2, 4], [1, 3], 3],
    ["one range inside the other", [1, 9], [4, 5], 5],
    ["theirs is older", [2, 3], [1, 1], "host"],
    ["theirs is newer", [1, 2], [3, 4], "extension"],
  ] as const)("%s", (_, [ourOldest, ourNewest], [theirOldest, theirNewest], agreed) => {
    expect(agree({ oldest: ourOldest, newest: ourNewest }, { oldest: theirOldest, newest: theirNewest })).toBe(agreed);
  });
});

describe("a host", () => {
  it.each([
    ["of this version", hello],
    ["of an older product with this protocol", { ...hello, version: "0.0.1" }],
    ["of a newer product with this protocol", { ...hello, version: "9.9.9-rc.1+build~5" }],
    ["that states no oldest version", without(hello, "oldest")],
    ["that speaks one version more, and still this one", { ...hello, version: "9.9.9", protocol: newest + 1, oldest }],
    ["with capabilities and keys that nobody knows yet", { ...hello, since: "2030", capabilities: { ...hello.capabilities, languages: ["ja"], commands: [...hello.capabilities.commands, "seal"] } }],
  ])("%s is greeted and asked", (_, greeting) => {
    const { port, failures, heard } = meet(greeting);
    expect(failures).toEqual([]);
    expect(port.greeting).toEqual({ type: "hello", version: "0.1.0", protocol: newest });
    expect(port.sent).toEqual([request]);
    expect(heard).toMatchObject([{ type: "hello", protocol: newest }]);
  });

  it.each([
    ["one version less", { ...hello, version: "0.0.9", protocol: oldest - 1, oldest: oldest - 1 }, "host", "0.0.9"],
    ["one version less, of another shape", { type: "hello", version: "0.0.9", protocol: oldest - 1 }, "host", "0.0.9"],
    ["one version more", { ...hello, version: "9.9.9", protocol: newest + 1, oldest: newest + 1 }, "extension", "9.9.9"],
    ["one version more, of another shape", { type: "hello", version: "9.9.9", protocol: newest + 1, more: true }, "extension", "9.9.9"],
    ["this version among newer ones, in a shape that cannot be read", { type: "hello", version: "9.9.9", protocol: newest + 1, oldest }, "extension", "9.9.9"],
  ])("that speaks %s is sent nothing, and the older of the two is named", (_, greeting, update, version) => {
    const { port, failures, heard } = meet(greeting);
    expect(failures).toEqual([{ code: "VERSION_MISMATCH", update, versions: { extension: "0.1.0", host: version } }]);
    expect([heard, port.greeting, port.sent, port.connected]).toEqual([[], undefined, [], false]);
  });

  it.each([
    ["nothing of a greeting", {}],
    ["null", null],
    ["a text", "hello"],
    ["a list", [hello]],
    ["another message", golden("progress")],
    ["a message of ours", golden("cancel")],
    ["a version that is no text", { ...hello, version: 1 }],
    ["a version that nobody should be shown", { ...hello, version: "<b>\u202e" }],
    ["half a protocol", { ...hello, protocol: 1.5 }],
    ["a protocol in words", { ...hello, protocol: "1" }],
    ["a protocol below all", { ...hello, protocol: -1 }],
    ["a range that ends before it begins", { ...hello, protocol: newest, oldest: newest + 1 }],
    ["no capabilities", without(hello, "capabilities")],
    ["capabilities of another shape", { ...hello, capabilities: { ...hello.capabilities, commands: "status" } }],
  ])("that greets with %s has failed", (_, greeting) => {
    const { port, failures, heard } = meet(greeting);
    expect(failures).toEqual([{ code: "HOST_FAILED" }]);
    expect([heard, port.greeting, port.sent, port.connected]).toEqual([[], undefined, [], false]);
  });

  it.each([
    ["that speaks newer versions, too, the extension is to be updated", { ...hello, version: "9.9.9", protocol: newest + 1 }, { code: "VERSION_MISMATCH", update: "extension", versions: { extension: "0.1.0", host: "9.9.9" } }],
    ["that speaks the same, there is a defect", hello, { code: "INTERNAL" }],
  ])("that says what nobody can read: of one %s", (_, greeting, error) => {
    const { port, failures } = meet(greeting);
    port.onMessage.emit({ type: "error", id: "r", error: { code: "SOMETHING_NEW" } });
    expect([failures, port.connected]).toEqual([[error], false]);
  });

  it.each([["extension"], ["host"]])("that finds our greeting unfit says which is older: %s", (update) => {
    const { port, failures } = meet(hello);
    port.onMessage.emit({ ...(golden("error-version") as object), error: { code: "VERSION_MISMATCH", update } });
    expect(failures).toEqual([{ code: "VERSION_MISMATCH", update, versions: { extension: "0.1.0", host: "0.1.0" } }]);
  });
});

describe("a request", () => {
  const sign = golden("request-sign-pdf") as Parameters<typeof carriesOut>[1];
  const xml = golden("request-sign-xml-files") as Parameters<typeof carriesOut>[1];
  const { capabilities } = hello;

  it.each([
    ["request-status", "request-authenticate", "request-sign", "request-sign-raw", "request-sign-pdf", "request-sign-xml", "request-sign-xml-files", "request-verify", "request-portal-sign"],
  ].flat())("%s is carried out by a host of this version", (name) => {
    expect(carriesOut(capabilities, golden(name) as typeof sign)).toBe(true);
  });

  it.each([
    ["its command", sign, { commands: ["status"] }],
    ["its format", sign, { formats: ["cms", "raw"] }],
    ["its profile", sign, { profiles: { ...capabilities.profiles, pdf: ["pades"] } }],
    ["its hash", golden("request-sign-xml") as typeof sign, { hashes: ["SHA-256"] }],
    ["the hash of a file", xml, { hashes: ["SHA-512"] }],
  ])("is not sent to a host that did not name %s, and that host is to be updated", (_, wanted, lacking) => {
    const { port, host, failures } = meet({ ...hello, version: "0.0.9", capabilities: { ...capabilities, commands: [...capabilities.commands], ...lacking, ...("commands" in lacking && { commands: ["status"] }) } });
    host.send(wanted);
    expect(port.sent).toEqual([request]);
    expect(failures).toEqual([{ code: "VERSION_MISMATCH", update: "host", versions: { extension: "0.1.0", host: "0.0.9" } }]);
  });
});

describe("people", () => {
  it.each([["host", oldest - 1], ["extension", newest + 1]] as const)("read in the window that the %s is to be updated, and sites learn no more than that", async (update, protocol) => {
    const browser = new Browser();
    const page = browser.page();
    const heard = inbox(page);
    page.postMessage({ type: "start", command: "authenticate", activated: true, lang: "ja" });
    page.postMessage({ type: "authenticate", challenge });
    await settle();
    const window = browser.window();
    browser.host.onMessage.emit({ type: "hello", version: "7.7.7", protocol, oldest: protocol });
    expect(heard).toEqual([{ type: "error", error: { code: "VERSION_MISMATCH", update } }]);
    const { error } = window.shown() as { error: ErrorBody };
    for (const texts of [ja, en]) {
      const t = translator(texts);
      expect(remedyOf(error, t)).toBe(texts[`remedy_update_${update}`].message);
      expect(notesOn(error, t)).toEqual([texts.versions.message.replace("$1", "0.1.0").replace("$2", "7.7.7")]);
    }
  });
});

it("an introduction is all that is read of a greeting before the versions agree", () => {
  expect(introductionOf({ type: "hello", version: "3", protocol: 7, oldest: 5, capabilities: null })).toEqual({ version: "3", speaks: { oldest: 5, newest: 7 } });
});
