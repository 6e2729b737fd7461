// @vitest-environment happy-dom
/** The questions that came with the card page: readers, new PINs, the reader's own pad. */

import { describe, expect, it, vi } from "vitest";
import ja from "../_locales/ja/messages.json";
import { problemOf } from "../src/window/pin.ts";
import { guardTime } from "../src/window/guard.ts";
import type { Problem, Purpose } from "../src/messages/host.ts";
import type { OwnOperation } from "../src/messages/window.ts";
import { accept, change, comparing, dialog, find, login, pad, padConsent, promptState, readers, reading, sent, show, signature, weak } from "./window.ts";

const panel = (): string => find("#panel").textContent;

describe("choosing a reader", () => {
  it("shows names harmlessly, tokens in words, and nothing chosen", async () => {
    await show(change, readers);
    expect(Array.from(document.querySelectorAll(".choice"), ({ textContent }) => textContent)).toEqual(["Sony RC-S300マイナンバーカード", "Reader‹U+202E›2スマートフォン（Android）"]);
    expect(document.querySelectorAll("input:checked")).toHaveLength(0);
  });

  const choose = (): void => {
    vi.advanceTimersByTime(guardTime);
    find("#reader-form").dispatchEvent(new Event("submit", { cancelable: true }));
  };

  it("answers with the name as the host gave it", async () => {
    await show(change, readers);
    find<HTMLInputElement>("#reader-1").checked = true;
    choose();
    expect(sent).toEqual([{ type: "answer", prompt: 4, accept: true, reader: "Reader\u202e2" }]);
  });

  it("asks again when none is chosen", async () => {
    await show(change, readers);
    choose();
    expect([sent, find("#reader-problem").textContent]).toEqual([[], ja.reader_none.message]);
  });

  it("waits for the guard", async () => {
    await show(change, readers);
    find<HTMLInputElement>("#reader-0").checked = true;
    find("#reader-form").dispatchEvent(new Event("submit", { cancelable: true }));
    expect(sent).toEqual([]);
    expect(Array.from(document.querySelectorAll<HTMLInputElement>("input, #accept"), ({ disabled }) => disabled)).toEqual([true, true, true]);
  });
});

it("names the readers that hold other cards", async () => {
  await show(comparing, { kind: "waiting-card", other: ["Yubico\u200bKey"] });
  expect(find("#other").textContent).toBe(`${ja.other_cards.message}Yubico‹U+200B›Key`);
});

describe("a weak PIN", () => {
  it("is taken after the guard, or another is chosen at once", async () => {
    await show(change, weak);
    expect(panel()).toContain(ja.weak_repeated.message + ja.weak_common.message);
    find("#accept").click();
    expect(sent).toEqual([]);
    find("#refuse").click();
    accept();
    expect(sent).toEqual([{ type: "answer", prompt: 4, accept: false }, { type: "answer", prompt: 4, accept: true }]);
    expect([find("#refuse").textContent, find("#accept").textContent]).toEqual([ja.weak_other.message, ja.weak_accept.message]);
  });
});

describe("the reader's pad", () => {
  it("is used after a yes", async () => {
    await show(login, padConsent);
    expect(panel()).toContain("残り3回");
    expect(panel()).not.toContain(ja.pad_order.message);
    accept();
    expect(sent).toEqual([{ type: "answer", prompt: 4, accept: true }]);
  });

  it("tells the order of three PINs", async () => {
    for (const state of [padConsent, pad(Date.now() + 60_000)]) {
      await show(change, state);
      expect(panel()).toContain(ja.pad_order.message);
    }
  });

  it("counts down for the eyes, and is said aloud twice", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    await show(login, pad(Date.now() + 60_000));
    expect(find("#seconds").textContent).toBe("残り時間：60秒");
    const said = new Set<string>();
    for (let second = 0; second < 70; second++) {
      vi.advanceTimersByTime(1000);
      said.add(find("#announcement").textContent);
    }
    expect(find("#seconds").textContent).toBe("残り時間：0秒");
    expect([...said]).toEqual(["", "残り時間：30秒", "残り時間：10秒"]);
    expect(find("#seconds").hasAttribute("aria-live")).toBe(false);
  });

  it("counts no more once something else is shown", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
    await show(login, pad(Date.now() + 60_000));
    const seconds = find("#seconds");
    await show(login, { kind: "progress", phase: "card" });
    vi.advanceTimersByTime(5000);
    expect(seconds.textContent).toBe("残り時間：60秒");
  });

  it("shows no more than the host grants, whatever the clock says", async () => {
    await show(login, pad(Date.now() + 3_600_000));
    expect(find("#seconds").textContent).toBe("残り時間：60秒");
  });
});

describe("a pad that was wanted and is not there", () => {
  it.each([
    ["dialog", { kind: "dialog", dialog: { ...dialog.dialog, noPad: true } }],
    ["pin", promptState("prompt-pin", { noPad: true })],
    ["last-try", promptState("prompt-last-try", { noPad: true })],
    ["weak-pin", promptState("prompt-weak-pin", { noPad: true })],
  ] as const)("is told: %s", async (name, state) => {
    await show(change, state);
    expect([document.body.dataset.state, find("#no-pad").textContent]).toEqual([name, ja.no_pad.message]);
  });

  it("is not spoken of otherwise", async () => {
    for (const state of [dialog, promptState("prompt-pin"), promptState("prompt-last-try"), weak]) {
      await show(change, state);
      expect(document.querySelector("#no-pad")).toBeNull();
    }
  });
});

it("says that another program spent a try, and that nothing was sent", async () => {
  await show(login, { kind: "dialog", dialog: { ...dialog.dialog, problem: "counter-fell" } });
  expect(find("#panel .problem").textContent).toBe(ja.problem_counter_fell.message);
  await show(login, promptState("prompt-pin", { problem: "counter-fell" }));
  expect(find("#pin-problem").textContent).toBe(ja.problem_counter_fell.message);
});

it("names our page once, in the sentence", async () => {
  await show(change, dialog);
  expect([find("#asks").textContent, find("#origin").hidden, find("#purpose").textContent]).toEqual([ja.asks_own.message, true, `暗証番号の変更：${ja.pin_authentication.message}`]);
  await show(login, dialog);
  expect(find("#origin").hidden).toBe(false);
});

describe("a failure", () => {
  it.each([
    [login, { code: "PIN_BLOCKED", pin: "authentication" }, ja.blocked_authentication.message, "locked-pin"],
    [signature, { code: "PIN_BLOCKED", pin: "signature" }, ja.blocked_signature.message, "locked-pin"],
    [change, { code: "PIN_BLOCKED", pin: "card-surface" }, ja.remedy_PIN_BLOCKED.message, "locked-pin"],
    [login, { code: "PIN_BLOCKED" }, ja.remedy_PIN_BLOCKED.message, "locked-pin"],
    [signature, { code: "CERTIFICATE_ABSENT" }, ja.remedy_CERTIFICATE_ABSENT.message, "signature-missing"],
    [login, { code: "CERTIFICATE_ABSENT" }, ja.remedy_CERTIFICATE_ABSENT.message, "getting-them"],
    [login, { code: "CERTIFICATE_EXPIRED" }, ja.remedy_CERTIFICATE_EXPIRED.message, "expired"],
    [login, { code: "LAST_TRY", triesLeft: 1 }, ja.pin_tries_last.message, "forgotten-pin"],
    [login, { code: "NO_READER" }, ja.remedy_NO_READER.message, undefined],
  ] as const)("says what to do, and leads to what explains it: case %#", async (info, error, remedy, topic) => {
    await show(info, { kind: "error", error });
    expect(panel()).toContain(remedy);
    expect(document.querySelector("#topic")?.getAttribute("href")).toBe(topic && `card.html#topic-${topic}`);
  });

  it.each(["PIN_BLOCKED", "CERTIFICATE_ABSENT", "CERTIFICATE_EXPIRED", "LAST_TRY"] as const)("with a smartphone leads to no counter: %s", async (code) => {
    await show(login, { kind: "error", error: { code, ...(code === "PIN_BLOCKED" && { pin: "authentication" }) }, token: "android" });
    expect(panel()).not.toContain("窓口");
    expect(find("#topic").getAttribute("href")).toBe("card.html#topic-smartphone");
  });
});

describe("changing a PIN in the window", () => {
  const signaturePin: OwnOperation = { command: "change-pin", pin: "signature", lang: "ja" };
  const ask = (asked: { purpose: Purpose; problem?: Problem }) => promptState("prompt-pin", { kind: "pin", pin: "signature", triesLeft: 1, ...asked });

  it.each([
    ["current", "現在の暗証番号", "残り1回です。", "次へ"],
    ["new", "新しい暗証番号", ja.rule_letters.message, "次へ"],
    ["repeat", "新しい暗証番号（確認のためもう一度）", ja.rule_letters.message, "変更する"],
  ] as const)("asks for the %s one", async (purpose, label, fact, submit) => {
    await show(signaturePin, ask({ purpose }));
    expect(find("label[for=pin]").textContent).toBe(label);
    expect(find("#state").textContent).toBe(ja[`state_pin_${purpose}`].message);
    expect(panel()).toContain(fact);
    expect(find("#pin-submit").textContent).toBe(submit);
    expect(document.querySelectorAll("#tries")).toHaveLength(purpose === "current" ? 1 : 0);
    const described = find("#pin").getAttribute("aria-describedby")?.split(" ") ?? [];
    for (const id of described) find(`#${id}`);
  });

  it.each([["ABCDEF", "no-digit"], ["123456", "no-letter"], ["ABC12", "too-short"], ["ABC123", undefined]] as const)("a new signature PIN %s is %s", (text, problem) => {
    expect(problemOf("signature", text, "new")).toBe(problem);
    if (problem !== "too-short") expect(problemOf("signature", text, "current")).toBeUndefined();
  });

  it.each(["different", "same", "no-letter", "no-digit"] as const)("tells what was wrong: %s", async (problem) => {
    await show(signaturePin, ask({ purpose: "new", problem }));
    expect(find("#pin-problem").textContent).toBe(ja[`problem_${problem.replace("-", "_")}` as keyof typeof ja].message);
  });

  it.each(["current", "new", "repeat"] as const)("tells which one the system dialog wants: %s", async (purpose) => {
    await show(change, { kind: "dialog", dialog: { ...dialog.dialog, purpose } });
    expect(find("#state").textContent).toBe(ja[`state_dialog_${purpose}`].message);
    expect(panel()).toContain(ja.dialog_compare_own.message);
  });
});

describe("the last try", () => {
  it("is called the last one, and nothing else", async () => {
    await show(login, promptState("prompt-last-try"));
    expect(find("#tries").textContent).toBe("残り1回です。");
    expect(panel()).not.toContain("続けて");
  });
});

describe("the outcome of a page of ours", () => {
  it("says where to look, and that nothing leaves", async () => {
    await show(reading, { kind: "done" });
    expect(panel()).toContain(ja.done_own.message);
    await show(reading, dialog);
    expect(find("#discloses").textContent).toBe(ja.discloses_own.message);
  });

  it("gives no advice to who has cancelled", async () => {
    for (const [info, text] of [[change, ""], [login, ja.remedy_CANCELLED.message]] as const) {
      await show(info, { kind: "error", error: { code: "CANCELLED" } });
      expect([find("#state").textContent, panel()]).toEqual([ja.error_CANCELLED.message, text]);
      expect(document.querySelector("#panel h2")).toBeNull();
    }
  });

  it.each(["CARD_LOST", "CANCELLED"] as const)("says that a PIN may be changed when nobody knows: %s", async (code) => {
    await show(change, { kind: "error", error: { code, reason: "pin-may-be-changed" } });
    expect(panel()).toContain(ja.pin_may_be_changed.message);
  });
});
