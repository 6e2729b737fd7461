/** Recordings: what two pages of ours and a site do to them at the same time, and how much they hold. */

import { beforeEach, describe, expect, it, vi } from "vitest";
import { describeRequest } from "../src/bridge/recording.ts";
import { settle } from "./fakes.ts";
import { digestInfo, myna as profile } from "./portal.ts";

const { browser } = vi.hoisted(() => {
  const browser = { session: {} as Record<string, unknown>, managed: {} as Record<string, unknown> };
  let last = Promise.resolve();
  vi.stubGlobal("navigator", { locks: { request: (_: string, act: () => Promise<void>) => (last = last.then(act)) } });
  const later = () => new Promise((resolve) => setImmediate(resolve));
  vi.stubGlobal("chrome", {
    storage: {
      managed: { get: () => Promise.resolve(browser.managed) },
      session: {
        get: async () => { await later(); return structuredClone(browser.session); },
        set: async (values: object) => { await later(); Object.assign(browser.session, structuredClone(values)); },
      },
    },
  });
  return { browser };
});

const { keepOnly, note, record, recordings, recordingsAllowed } = await import("../src/background/recordings.ts");

const [myna, etax] = ["https://myna.go.jp/*", "https://login.e-tax.nta.go.jp/*"];
const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;

beforeEach(() => { Object.assign(browser, { session: {}, managed: {} }); });

async function quiet(): Promise<void> {
  for (let i = 0; i < 5; i++) await settle();
}

describe("a recording", () => {
  it("holds what happens from its start on", async () => {
    note(myna, { what: "request" });
    await record(myna, true);
    note(myna, { what: "request", json: true });
    note(etax, { what: "request" });
    note(myna, { what: "reply" });
    await quiet();
    const number = expect.any(Number) as unknown;
    expect(await recordings()).toEqual({ [myna]: { started: number, entries: [{ at: number, what: "request", json: true }, { at: number, what: "reply" }] } });
  });

  it.each([[{ allowRecordings: false }, 0], [{ allowRecordings: 0 }, 0], [{ allowRecordings: "no" }, 0], [{ allowRecordings: "true" }, 0], [{ allowRecordings: 1 }, 1], [{ allowRecordings: true }, 1], [{}, 1]])("is made with the policy %j: %s", async (managed, made) => {
    browser.managed = managed;
    await record(myna, true);
    note(myna, { what: "request" });
    await quiet();
    expect([Object.keys(await recordings()).length, await recordingsAllowed()]).toEqual([made, made === 1]);
  });

  it("that is ended while a note is written stays ended", async () => {
    await record(myna, true);
    note(myna, { what: "request" });
    const ended = record(myna, false);
    note(myna, { what: "reply" });
    await ended;
    await quiet();
    expect(await recordings()).toEqual({});
  });

  it("goes with its site, and no other does", async () => {
    await record(myna, true);
    await record(etax, true);
    note(myna, { what: "request" });
    await keepOnly([etax]);
    await quiet();
    expect(Object.keys(await recordings())).toEqual([etax]);
  });

  it("has at most 500 entries", async () => {
    browser.session.bridgeRecordings = { [myna]: { started: 0, entries: Array.from({ length: 499 }, () => ({ at: 0, what: "reply" })) } };
    note(myna, { what: "request" });
    note(myna, { what: "request" });
    await quiet();
    expect((await recordings())[myna]?.entries).toHaveLength(500);
  });
});

describe("an entry", () => {
  it.each([
    ["keys", JSON.stringify(Object.fromEntries(Array.from({ length: 80_000 }, (_, i) => [`k${i}`, 0]))), 0],
    ["digests", JSON.stringify({ mode: "02", digest: Array.from({ length: 12_000 }, () => digestInfo) }), 2],
    ["arrays in arrays", `{"digest":${deep}}`, 1],
  ])("is small whatever the request holds: many %s", (_, detail, keys) => {
    const entry = describeRequest(detail, profile) as { keys: object[] };
    expect([entry.keys.length, JSON.stringify(entry).length < 8_000]).toEqual([keys, true]);
  });

  it.each(["mode", "service_id", "digest", "uuid", "combination_code"])("tells the name of a key of the protocol: %s", (key) => {
    expect(describeRequest(JSON.stringify({ [key]: "x" }), profile)).toMatchObject({ keys: [{ key, type: "string", length: 1 }] });
  });

  it.each(["timeout", "yamada_taro", "Yamada_Taro_19900131", "氏名", "constructor"])("counts every other key, and does not tell its name: %s", (key) => {
    const entry = describeRequest(JSON.stringify({ mode: "01", [key]: "x" }), profile);
    expect(entry).toMatchObject({ keys: [{ key: "mode" }], others: 1 });
    expect(JSON.stringify(entry)).not.toContain(key);
  });

  it.each([
    ["01", "01"], ["03", "03"], ["A", "A"], ["check", "check"],
    ["19900131", "other"], ["yamada", "other"], ["003", "other"], ["山", "other"], ["", "other"], ["constructor", "other"],
  ])("tells a mode only when it is short, the self-test's or the profile's: %j", (mode, told) => {
    expect(describeRequest(JSON.stringify({ mode }), profile)).toMatchObject({ mode: told });
  });

  it("tells the modes of the profile", () => {
    expect(describeRequest(JSON.stringify({ mode: "login2" }), { modes: { login2: "login" } })).toMatchObject({ mode: "login2" });
  });

  it.each([["01", "01"], ["A123", "A123"], ["12345", "other"], ["1234567890123", "other"], ["a_b", "other"], ["", "other"]])("tells a service id only when it is short: %j", (id, told) => {
    expect(describeRequest(JSON.stringify({ service_id: id }), profile)).toMatchObject({ service_id: told, keys: [{ key: "service_id", type: "string", length: id.length }] });
  });
});
