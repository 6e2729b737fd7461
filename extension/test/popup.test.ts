// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import en from "../_locales/en/messages.json";
import ja from "../_locales/ja/messages.json";
import { ask as askHost, type Answer } from "../src/ask.ts";
import { Host } from "../src/host.ts";
import { translator } from "../src/i18n.ts";
import type { Question } from "../src/messages/host.ts";
import { cardStatus, type CardStatus } from "../src/messages/results.ts";
import { cardPanel } from "../src/popup/card.ts";
import { FakePort, golden, without } from "./fakes.ts";

const { result } = golden("result-status") as { result: unknown };
const now = new Date("2026-11-23T00:00:00Z");

function ask(question: Question = { command: "status" }) {
  const port = new FakePort();
  const answer = askHost((listener) => new Host(port.port, () => "Specified native messaging host not found.", listener), question, cardStatus, "ja");
  return { port, answer };
}

function text(answer: unknown, lang: "ja" | "en" = "ja"): string {
  return cardPanel(answer as Answer<CardStatus>, translator(lang === "ja" ? ja : en), lang, now).map((element) => element.textContent).join("\n");
}

describe("asking for readers and cards", () => {
  it("sends the golden request, and ends the program with its answer", async () => {
    const { port, answer } = ask();
    port.onMessage.emit(golden("hello"));
    const [request] = port.sent as { id: string }[];
    expect(request).toEqual({ ...(golden("request-status") as object), id: expect.stringMatching(/^[A-Za-z0-9-]{1,64}$/) as unknown });
    port.onMessage.emit({ type: "card", id: request?.id, presence: "no-card" });
    port.onMessage.emit({ type: "result", id: request?.id, result });
    expect(await answer).toEqual({ result });
    expect(port.connected).toBe(false);
  });

  it.each(["validity", "desks"])("sends the golden request of another question: %s", (command) => {
    const wanted = golden(`request-${command}`) as object;
    const { port } = ask(without(wanted, "type", "id", "lang") as unknown as Question);
    port.onMessage.emit(golden("hello"));
    expect(port.sent).toEqual([{ ...wanted, id: expect.any(String) as unknown }]);
  });

  it.each([
    [{ type: "result", id: "r", result: { readers: 1 } }, { code: "INTERNAL" }],
    [{ type: "error", id: "r", error: { code: "NO_SERVICE" } }, { code: "NO_SERVICE" }],
  ])("fails with what the host says: case %#", async (message, error) => {
    const { port, answer } = ask();
    port.onMessage.emit(golden("hello"));
    port.onMessage.emit(message);
    expect(await answer).toEqual({ error });
  });

  it("fails without a host", async () => {
    const { port, answer } = ask();
    port.onDisconnect.emit(port.port);
    expect(await answer).toEqual({ error: { code: "HOST_MISSING" } });
  });
});

describe("what is shown", () => {
  it("tells tries, validity by the day in Japan, and a card that is not J-LIS's", () => {
    const shown = text({ result });
    for (const part of ["Natsuin Test Reader 00 00", "残り3回", "2030年5月14日", "残り5回", ja.issuer_foreign.message, ja.popup_no_card.message, ja.error_NOT_JPKI.message]) {
      expect(shown).toContain(part);
    }
  });

  it.each([
    [{ triesLeft: 0, maxTries: 3 }, "The PIN is blocked."],
    [{ triesLeft: 3, maxTries: 3, notAfter: "2025-05-14T14:59:59Z" }, "Expired on May 14, 2025"],
  ])("tells of a PIN and a certificate of no more use: %o", (authentication, sentence) => {
    expect(text({ result: { readers: [{ name: "R", card: true, authentication }] } }, "en")).toContain(sentence);
  });

  it("tells that there is no reader", () => {
    expect(text({ result: { readers: [] } })).toBe(ja.popup_no_reader.message);
  });

  it("tells a failure with its remedy", () => {
    expect(text({ error: { code: "HOST_MISSING" } })).toBe(`${ja.error_HOST_MISSING.message}\n${ja.remedy_HOST_MISSING.message}`);
    expect(text({ error: { code: "VERSION_MISMATCH", update: "host" } })).toContain(ja.remedy_update_host.message);
  });
});
