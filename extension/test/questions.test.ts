// @vitest-environment happy-dom
/** The questions that came with the card page: readers, new PINs, the reader's own pad. */

import { describe, expect, it, vi } from "vitest";
import ja from "../_locales/ja/messages.json";
import { problemOf } from "../src/window/pin.ts";
import { guardTime } from "../src/window/guard.ts";
import type { Problem, Purpose } from "../src/messages/host.ts";
import type { OwnOperation } from "../src/messages/window.ts";
import { accept, change, comparing, dialog, find, login, pad, padConsent, promptState, readers, reading, sent, show, weak } from "./window.ts";

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

describe("changing a PIN in the window", () => {
  const signaturePin: OwnOperation = { command: "change-pin", pin: "signature", lang: "ja" };
  const ask = (asked: { purpose: Purpose; problem?: Problem }) => promptState("prompt-pin", { kind: "pin", pin: "signature", triesLeft: 1, ...asked });

  it.each([
    ["current", "今の暗証番号", "残り1回です", "次へ"],
    ["new", "新しい暗証番号", ja.rule_letters.message, "次へ"],
    ["repeat", "新しい暗証番号（もう一度）", ja.rule_letters.message, "変更する"],
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
    expect(find("#tries").textContent).toBe("残り1回です");
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
