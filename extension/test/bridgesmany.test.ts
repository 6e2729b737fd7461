/** What the background makes of many requests of government pages: one at a time, pauses, pages that go away; and what a recording holds of them. */

import { describe, expect, it, vi } from "vitest";
import type { Operation } from "../src/background/operation.ts";
import { hello } from "./background.ts";
import { asked, bare, certificate, failed, launch, login, page, scene, signature } from "./bridgescene.ts";
import { settle, type FakePort } from "./fakes.ts";
import { digestInfo } from "./portal.ts";

describe("one at a time", () => {
  it("in a tab: a second is refused while the first goes on", async () => {
    const { script, replies, say } = await asked();
    await launch(script, { mode: "04", service_id: "01" });
    await launch(script, { mode: "05" });
    expect([replies(), scene.browser.opened.length]).toEqual([[failed("04"), failed("05")], 1]);
    await say({ type: "result", result: { signature, certificate } });
    expect(replies()).toHaveLength(3);
    await launch(script, login);
    expect(scene.browser.opened).toHaveLength(2);
  });

  it("in the browser: another tab is refused, the window says so where it is, and nothing is counted", async () => {
    const { told } = await asked();
    const other = page();
    const before = scene.pasts;
    for (let i = 0; i < 30; i++) await launch(other.script, login);
    expect(other.replies()).toEqual(Array.from({ length: 30 }, () => failed()));
    expect([told.at(-1), scene.browser.focused, scene.pasts]).toEqual([{ type: "busy", origin: scene.origin }, [], before]);
    expect(scene.notes.at(-1)?.entry).toMatchObject({ code: "BUSY", why: "taken" });
  });

  it("in the browser: a page that is not before the citizen does not even reach the window", async () => {
    const { told } = await asked();
    const [other, before] = [page(), told.length];
    scene.front = false;
    await launch(other.script, login);
    expect([other.replies(), told.length]).toEqual([[failed()], before]);
  });

  it("over the tab that asked, and over no other, the window may stay with its outcome", async () => {
    const { say } = await asked();
    expect([scene.browser.calls.isWindowOf(1, 7), scene.browser.calls.isWindowOf(1, 8), scene.browser.calls.isWindowOf(2, 7)]).toEqual([true, false, false]);
    await say({ type: "error", error: { code: "CANCELLED" } });
    expect([scene.browser.calls.isWindowOf(1, 7), scene.browser.calls.isWindowOf(1, 8)]).toEqual([true, false]);
  });
});

describe("an operation", () => {
  it("that ends before it is there, and speaks after its end, is answered once; the next request is served", async () => {
    const pageGone = vi.fn();
    scene.start = ({ reply }) => {
      reply({ type: "error", error: { code: "NO_CARD" } });
      reply({ type: "result", result: { signature, certificate } });
      return Promise.resolve({ pageGone } as unknown as Operation);
    };
    const { script, replies } = page();
    await launch(script, login);
    expect([replies(), scene.pasts[scene.origin]?.failures]).toEqual([[failed()], 1]);
    await launch(script, login);
    expect([replies(), scene.pasts[scene.origin]?.failures]).toEqual([[failed(), failed()], 2]);
    script.disconnect();
    await settle();
    expect([pageGone.mock.calls, scene.pasts[scene.origin]?.failures]).toEqual([[], 2]);
  });

  it("that could not be started leaves the place to the next", async () => {
    scene.start = () => Promise.reject(new Error("no"));
    const { script, replies } = page();
    await launch(script, login);
    await launch(script, login);
    expect(replies()).toEqual([failed(), failed()]);
    expect(scene.notes.filter(({ entry }) => "code" in entry).map(({ entry }) => entry)).toEqual([expect.objectContaining({ code: "INTERNAL" }), expect.objectContaining({ code: "INTERNAL" })]);
  });

  it("whose page goes away is one failure", async () => {
    const { script } = await asked();
    script.disconnect();
    await settle();
    expect(scene.pasts[scene.origin]?.failures).toBe(1);
  });
});

describe("a page that goes away", () => {
  it.each([
    ["with close", (script: FakePort) => { script.postMessage({ type: "close" }); }],
    ["without a word", (script: FakePort) => { script.disconnect(); }],
    ["and whose script says nonsense", (script: FakePort) => { script.postMessage({ type: "nonsense" }); }],
  ])("%s ends what runs for it, with no reply", async (_, go) => {
    const { script, replies, id } = await asked();
    go(script);
    await settle();
    expect([scene.browser.closed, scene.browser.host.sent.at(-1), replies()]).toEqual([[1], { type: "cancel", id }, []]);
  });

  it("before its window opened opens none", async () => {
    const { script, replies } = page();
    script.postMessage({ type: "launch", detail: JSON.stringify(login) });
    script.disconnect();
    await settle();
    expect([scene.browser.opened, scene.browser.hosts, replies()]).toEqual([[], [], []]);
  });
});

describe("a guard against nuisance", () => {
  const fail = async (script: FakePort): Promise<boolean> => {
    const before = scene.browser.opened.length;
    await launch(script, login);
    if (scene.browser.opened.length === before) return false;
    scene.browser.host.onMessage.emit(hello);
    scene.browser.host.onMessage.emit({ type: "error", id: scene.browser.opened.at(-1), error: { code: "CANCELLED" } });
    await settle();
    return true;
  };

  it("is that the tab is before the citizen", async () => {
    scene.front = false;
    const { script, replies } = page();
    await launch(script, login);
    expect([replies(), scene.browser.opened, scene.browser.hosts]).toEqual([[failed()], [], []]);
  });

  it("is a pause that grows with failures, from the third in a row", async () => {
    const { script, replies } = page();
    const opens: boolean[] = [];
    for (let i = 0; i < 4; i++) opens.push(await fail(script));
    expect(opens).toEqual([true, true, true, false]);
    expect(replies()).toEqual(Array.from({ length: 4 }, () => failed()));
    scene.now += 10_000;
    expect([await fail(script), await fail(script)]).toEqual([true, false]);
    scene.now += 29_999;
    expect(await fail(script)).toBe(false);
    scene.now += 1;
    expect([await fail(script), await fail(script)]).toEqual([true, false]);
    scene.now += 60_000;
    expect(await fail(script)).toBe(true);
    scene.now += 300_000;
    for (let i = 0; i < 3; i++) expect(await fail(script)).toBe(true);
  });

  it("forgets failures with a success", async () => {
    const { script } = page();
    for (let i = 0; i < 2; i++) await fail(script);
    await launch(script, login);
    scene.browser.host.onMessage.emit(hello);
    scene.browser.host.onMessage.emit({ type: "result", id: scene.browser.opened.at(-1), result: { signature, certificate } });
    await settle();
    for (let i = 0; i < 3; i++) expect(await fail(script)).toBe(true);
    expect(await fail(script)).toBe(false);
  });

  it("is a number of windows in a time", async () => {
    const { script } = page();
    for (let i = 0; i < 20; i++) {
      await launch(script, login);
      scene.browser.host.onMessage.emit(hello);
      scene.browser.host.onMessage.emit({ type: "result", id: scene.browser.opened.at(-1), result: { signature, certificate } });
      await settle();
      scene.now += 1000;
    }
    expect(scene.browser.opened).toHaveLength(20);
    expect(await fail(script)).toBe(false);
    scene.now += 300_000;
    expect(await fail(script)).toBe(true);
  });

  it("counts what nobody can carry out", async () => {
    const { script, replies } = page();
    for (let i = 0; i < 30; i++) await launch(script, "{");
    expect([replies().length, scene.pasts[scene.origin]?.asked.length]).toEqual([30, 20]);
    expect(await fail(script)).toBe(false);
    scene.now += 300_000;
    expect(await fail(script)).toBe(true);
  });

  it("counts a page that goes away as a failure", async () => {
    for (let i = 0; i < 3; i++) {
      const { script } = await asked();
      script.disconnect();
      await settle();
      scene.browser.host.onDisconnect.emit(scene.browser.host.port);
    }
    const { script } = page();
    expect(await fail(script)).toBe(false);
  });
});

describe("a recording", () => {
  it("holds names, lengths and codes, and no value", async () => {
    const digest = [digestInfo, Buffer.alloc(32, 1).toString("base64"), "山田"];
    const { say, script } = await asked({ ...login, mode: "02", digest: [digestInfo] });
    await say({ type: "result", result: { signatures: [signature], certificate } });
    await launch(script, { mode: "氏名", service_id: "見本 太郎", digest, "住所": "東京都", n: null });
    await launch(script, "見本");
    expect(scene.notes.map(({ pattern, entry }) => [pattern, entry])).toEqual([
      [`${scene.origin}/*`, {
        what: "request", json: true, mode: "02", service_id: "01", array: true, digests: [{ base64: true, bytes: 51, digestInfo: "SHA-256" }],
        keys: [{ key: "mode", type: "string", length: 2 }, { key: "service_id", type: "string", length: 2 }, { key: "digest", type: "array", length: 1, each: [{ type: "string", length: 68 }] }],
      }],
      [`${scene.origin}/*`, {
        what: "reply", result: "0",
        keys: [
          { key: "mode", type: "string", length: 2 }, { key: "result", type: "string", length: 1 }, { key: "signature", type: "array", length: 1, each: [{ type: "string", length: 344 }] },
          { key: "certificate", type: "string", length: bare.length },
        ],
      }],
      [`${scene.origin}/*`, {
        what: "request", json: true, mode: "other", service_id: "other", array: true,
        digests: [{ base64: true, bytes: 51, digestInfo: "SHA-256" }, { base64: true, bytes: 32, digestInfo: "other" }, { base64: false, length: 2 }],
        keys: [
          { key: "mode", type: "string", length: 2 }, { key: "service_id", type: "string", length: 5 }, { key: "digest", type: "array", length: 3, each: [{ type: "string", length: 68 }, { type: "string", length: 44 }, { type: "string", length: 2 }] },
        ],
        others: 2,
      }],
      [`${scene.origin}/*`, expect.objectContaining({ what: "reply", result: "1", errcode: "EW044-C300", code: "INVALID_REQUEST", why: "mode" })],
      [`${scene.origin}/*`, { what: "request", json: false, type: "string", length: 2 }],
      [`${scene.origin}/*`, expect.objectContaining({ code: "INVALID_REQUEST", why: "detail" })],
    ]);
    const told = JSON.stringify(scene.notes);
    for (const secret of [digestInfo, signature, bare.slice(0, 40), "見本", "太郎", "東京", "山田", "住所", "氏名"]) expect(told).not.toContain(secret);
  });
});
