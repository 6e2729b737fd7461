// @vitest-environment happy-dom
import { describe, expect, it, vi } from "vitest";
import ja from "../_locales/ja/messages.json";
import { guardTime } from "../src/window/guard.ts";
import { find, login, promptState, sent, show, signature } from "./window.ts";

describe("the PIN field", () => {
  const type = (text: string): void => {
    vi.advanceTimersByTime(guardTime);
    find<HTMLInputElement>("#pin").value = text;
    find("#pin-form").dispatchEvent(new Event("submit", { cancelable: true }));
  };
  const authentication = promptState("prompt-pin", { pin: "authentication", triesLeft: 3, maxTries: 3, problem: undefined });

  const closed = (): boolean[] => ["#pin", "#pin-submit"].map((control) => find<HTMLInputElement>(control).disabled);

  it("takes no keys that were meant for the page below", async () => {
    await show(login, authentication);
    vi.advanceTimersByTime(guardTime - 1);
    expect([closed(), document.activeElement?.id]).toEqual([[true, true], "state"]);
    find<HTMLInputElement>("#pin").value = "1234";
    find("#pin-form").dispatchEvent(new Event("submit", { cancelable: true }));
    expect(sent).toEqual([]);
    vi.advanceTimersByTime(1);
    expect([closed(), document.activeElement?.id]).toEqual([[false, false], "pin"]);
    window.dispatchEvent(new Event("focus"));
    expect(closed()).toEqual([true, true]);
    vi.advanceTimersByTime(guardTime);
    expect([closed(), document.activeElement?.id]).toEqual([[false, false], "pin"]);
  });

  it("takes the focus from no button", async () => {
    await show(login, authentication);
    find("#refuse").focus();
    vi.advanceTimersByTime(guardTime);
    expect(document.activeElement?.id).toBe("refuse");
  });

  it("sends bytes and is empty afterwards", async () => {
    await show(signature, promptState("prompt-pin"));
    type("abc123");
    expect(sent).toEqual([{ type: "pin", prompt: 3, pin: [97, 98, 99, 49, 50, 51] }]);
    expect(find<HTMLInputElement>("#pin").value).toBe("");
    expect(find<HTMLButtonElement>("#pin-submit").disabled).toBe(true);
  });

  it("keeps nothing for the browser, and says why it is there", async () => {
    await show(login, authentication);
    const field = find<HTMLInputElement>("#pin");
    expect([field.type, field.autocomplete, field.inputMode]).toEqual(["password", "off", "numeric"]);
    expect(find("#panel").textContent).toContain(ja.pin_why.message);
    expect(find("#tries").textContent).toContain("残り3回");
  });

  it("says what was wrong with the last one", async () => {
    await show(signature, promptState("prompt-pin"));
    expect(find("#pin-problem").textContent).toBe(ja.problem_wrong.message);
    expect(find("#tries").textContent).toContain("残り4回");
  });

  it.each([
    ["", "too_short"], ["123", "too_short"], ["12345", "too_long"], ["12a4", "bad_character"], ["１２３４", "full_width"], ["12 4", "bad_character"], ["12３4", "full_width"],
  ] as const)("keeps %j from the card: %s", async (text, problem) => {
    await show(login, authentication);
    type(text);
    expect(sent).toEqual([]);
    expect(find("#pin-problem").textContent).toBe(ja[`problem_${problem}`].message);
    expect(find<HTMLInputElement>("#pin").value).toBe("");
  });

  it.each([["ABC12", "too_short"], ["A".repeat(17), "too_long"], ["ABC-12", "bad_character"], ["ＡＢＣ１２３", "full_width"]] as const)("keeps the signature PIN %j from the card: %s", async (text, problem) => {
    await show(signature, promptState("prompt-pin"));
    type(text);
    expect(sent).toEqual([]);
    expect(find("#pin-problem").textContent).toBe(ja[`problem_${problem}`].message);
  });
});
