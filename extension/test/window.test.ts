// @vitest-environment happy-dom
import axe from "axe-core";
import { describe, expect, it, vi } from "vitest";
import en from "../_locales/en/messages.json";
import ja from "../_locales/ja/messages.json";
import { errorCodes, hostMessage, type Issuer } from "../src/messages/host.ts";
import type { WindowState } from "../src/messages/window.ts";
import { guardTime } from "../src/window/guard.ts";
import { successTime } from "../src/window/window.ts";
import { golden } from "./fakes.ts";
import { accept, chosen, closed, consent, dialog, find, login, prompt, promptState, sent, show, signature, signs, states } from "./window.ts";

describe("every state", () => {
  it.each(states)("%s: case %# names itself, asks whom it is about, and can be left", async (name, info, state) => {
    await show(info, state);
    expect(document.body.dataset.state).toBe(name);
    expect(find("#origin").textContent).toBe(info.origin ?? "Natsuinのカードの画面");
    expect(find("#origin strong").textContent).toBe(info.origin === undefined ? "Natsuinのカードの画面" : "shinsei.example");
    expect(find("#asks").textContent).toBe(info.origin === undefined ? ja.asks_own.message : ja.asks.message);
    expect(find("#purpose").textContent).not.toBe("");
    expect(find("#state").textContent).not.toBe("");
    expect(document.documentElement.lang).toBe("ja");
    expect(document.querySelectorAll("#refuse, #close")).toHaveLength(1);
  });

  it.each(states)("%s: case %# has no fault that axe finds, in both languages", async (_, info, state) => {
    vi.useRealTimers();
    for (const lang of ["ja", "en"] as const) {
      await show({ ...info, lang }, state);
      // happy-dom computes no colours: contrast.test.ts does.
      const { violations } = await axe.run(document, { rules: { "color-contrast": { enabled: false } } });
      expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
    }
  });

  it.each(states)("%s: case %# moves the focus to what it is about", async (name, info, state) => {
    await show(info, state);
    expect(document.activeElement?.id).toBe("state");
    vi.advanceTimersByTime(guardTime);
    expect(document.activeElement?.id).toBe({ pin: "pin", "choose-reader": "reader-0" }[name] ?? "state");
  });
});

describe("what a signature discloses", () => {
  it("and the card are shown again before the second yes, with the documents that it is about", async () => {
    await show(signature, consent);
    accept();
    expect(document.body.dataset.state).toBe("hidden");
    expect(Array.from(document.querySelectorAll("#documents tbody tr"), (row) => row.firstElementChild?.textContent)).toEqual(["図面.pdf"]);
    expect(find("#issuer").textContent).toBe(ja.issuer_foreign.message);
    expect(document.querySelectorAll("#discloses li")).toHaveLength(4);
    vi.useRealTimers();
    const { violations } = await axe.run(document, { rules: { "color-contrast": { enabled: false } } });
    expect(violations.map(({ id }) => id)).toEqual([]);
  });

  it.each([consent, promptState("prompt-pin"), { kind: "dialog", dialog: { ...hostMessage(golden("dialog"), ""), pin: "signature" } } as WindowState])("is shown before the PIN is typed: case %#", async (state) => {
    await show(signature, state);
    expect(Array.from(document.querySelectorAll("#discloses li"), (item) => item.textContent)).toEqual(["氏名", "住所", "生年月日", "性別"]);
  });
});

describe("consent", () => {
  it("shows the documents as strangers named them, harmlessly", async () => {
    await show(signature, consent);
    const rows = Array.from(document.querySelectorAll("#documents tbody tr"), (row) => Array.from(row.children, (cell) => cell.textContent));
    expect(rows).toEqual([["申請書.xml", expect.stringContaining("1.5")], ["契約書‹U+202E›fdp.exe", "3 バイト"], ["図面.pdf", "内容は表示できません"]]);
    expect(document.querySelectorAll("#documents bdi")).toHaveLength(3);
    expect(find("#purpose").textContent).toContain("3件");
  });

  it("shows the digest that the system dialog repeats", async () => {
    await show(signature, consent);
    expect(find("#digest").textContent.replaceAll(" ", "")).toBe("6b".repeat(32));
  });

  it("asks a second time about documents that nobody can see", async () => {
    await show(signature, consent);
    accept();
    expect(document.body.dataset.state).toBe("hidden");
    expect(sent).toEqual([]);
    find("#accept").click();
    expect(sent).toEqual([]);
    accept();
    expect(sent).toEqual([{ type: "answer", prompt: 1, accept: true }]);
  });

  it("asks once when all can be seen", async () => {
    await show(signature, promptState("prompt-consent", { hidden: 0 }));
    accept();
    expect(sent).toEqual([{ type: "answer", prompt: 1, accept: true }]);
  });

  it.each(["consent", "hidden"])("is refused by a button and by Escape: %s", async (name) => {
    await show(signature, consent);
    if (name === "hidden") accept();
    find("#refuse").click();
    document.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
    expect(sent).toEqual(Array(2).fill({ type: "answer", prompt: 1, accept: false }));
  });

  it.each<[Issuer, string | undefined]>([["foreign", "J-LISが発行したカードではありません"], ["not-shipped", "確認できません"], ["j-lis", undefined]])("says what a card of %s is before anything else", async (issuer, text) => {
    await show(signature, promptState("prompt-consent", { card: { token: "card", issuer } }));
    const first = find("#panel").firstElementChild;
    expect(first?.id === "card").toBe(text !== undefined);
    expect(find("#card").textContent).toContain(text ?? "J-LIS");
  });
});

describe("the guard", () => {
  it("opens half a second after the question came into view", async () => {
    await show(signature, consent);
    const button = find<HTMLButtonElement>("#accept");
    vi.advanceTimersByTime(guardTime - 1);
    expect(button.disabled).toBe(true);
    button.click();
    expect(sent).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(button.disabled).toBe(false);
  });

  it("closes again when the window comes to the front", async () => {
    await show(signature, consent);
    vi.advanceTimersByTime(guardTime);
    window.dispatchEvent(new Event("focus"));
    expect(find<HTMLButtonElement>("#accept").disabled).toBe(true);
    vi.advanceTimersByTime(guardTime);
    expect(find<HTMLButtonElement>("#accept").disabled).toBe(false);
  });

  it("stays closed out of view", async () => {
    const visibility = vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden");
    await show(signature, consent);
    vi.advanceTimersByTime(10 * guardTime);
    expect(find<HTMLButtonElement>("#accept").disabled).toBe(true);
    visibility.mockReturnValue("visible");
    document.dispatchEvent(new Event("visibilitychange"));
    vi.advanceTimersByTime(guardTime);
    expect(find<HTMLButtonElement>("#accept").disabled).toBe(false);
    visibility.mockRestore();
  });

  it("ignores a key that is held down", () => {
    const press = (key: string, repeat: boolean) => document.dispatchEvent(new KeyboardEvent("keydown", { key, repeat, cancelable: true }));
    expect([press("Enter", true), press(" ", true), press("Enter", false), press("a", true)]).toEqual([false, false, true, true]);
  });

  it("also stands before the last try", async () => {
    await show(signature, promptState("prompt-last-try"));
    find("#accept").click();
    expect(sent).toEqual([]);
    accept();
    expect(sent).toEqual([{ type: "answer", prompt: 2, accept: true }]);
  });
});

describe("an outcome", () => {
  it.each(errorCodes)("%s has a sentence and a remedy in both languages", async (code) => {
    for (const [lang, texts] of [["ja", ja], ["en", en]] as const) {
      await show({ ...login, lang }, { kind: "error", error: { code } });
      if (lang === "en" && document.documentElement.lang === "ja") {
        find("#language").click();
        await prompt.settled;
      }
      expect(document.body.dataset.code).toBe(code);
      expect(find("#state").textContent).toBe(texts[`error_${code}`].message);
      expect(find("#remedy").textContent).toBe(texts[`remedy_${code}`].message);
    }
  });

  it("says that a try may be spent when nobody knows", async () => {
    await show(login, { kind: "error", error: { code: "CARD_LOST" } });
    expect(document.body.textContent).not.toContain(ja.try_may_be_spent.message);
    await show(login, { kind: "error", error: { code: "CARD_LOST", reason: "try-may-be-spent" } });
    expect(document.body.textContent).toContain(ja.try_may_be_spent.message);
  });

  it("says which of the two to update", async () => {
    await show(login, { kind: "error", error: { code: "VERSION_MISMATCH", update: "extension" } });
    expect(find("#remedy").textContent).toBe(ja.remedy_update_extension.message);
  });

  it("closes by itself when it is a success, and stays when it is not", async () => {
    await show(login, { kind: "error", error: { code: "NO_CARD" } });
    vi.advanceTimersByTime(10 * successTime);
    expect(closed).toBe(0);
    find("#close").click();
    expect(closed).toBe(1);
    await show(login, { kind: "done" });
    vi.advanceTimersByTime(successTime);
    expect(closed).toBe(2);
  });

  it("stays when the background goes", async () => {
    await show(login, { kind: "error", error: { code: "NO_CARD" } });
    prompt.lost();
    await prompt.settled;
    expect([document.body.dataset.code, closed]).toEqual(["NO_CARD", 0]);
  });
});

describe("a background that goes", () => {
  it("is a failure while something is under way", async () => {
    await show(login, { kind: "waiting-card" });
    prompt.lost();
    await prompt.settled;
    expect(document.body.dataset.code).toBe("INTERNAL");
  });

  it("closes a window that belongs to nothing", async () => {
    prompt.lost();
    await prompt.settled;
    expect(closed).toBe(1);
  });
});

describe("the window", () => {
  it("cancels once", async () => {
    await show(login, { kind: "waiting-card" });
    find("#refuse").click();
    find("#refuse").click();
    expect(sent).toEqual([{ type: "cancel" }]);
  });

  it("changes its language in place, and remembers", async () => {
    await show(signature, consent);
    find("#language").click();
    await prompt.settled;
    expect([document.documentElement.lang, find("#state").textContent, chosen]).toEqual(["en", en.state_consent.message, ["en"]]);
    expect(find("#purpose").textContent).toContain("documents: 3");
  });

  it("names the other language in that language", async () => {
    await show(login, dialog);
    expect([find("#language").textContent, find("#language").lang]).toEqual(["English", "en"]);
    find("#language").click();
    await prompt.settled;
    expect([find("#language").textContent, find("#language").lang]).toEqual(["日本語", "ja"]);
  });

  it("tells that another page asked meanwhile", async () => {
    await show(login, dialog);
    prompt.receive({ type: "busy", origin: "https://other.example" });
    await prompt.settled;
    expect(find("#notice").textContent).toContain("https://other.example");
    expect(document.body.dataset.state).toBe("dialog");
  });

  const sending = (done: number): WindowState => ({ kind: "progress", phase: "sending", done, total: 1000 });

  it.each<[WindowState, string | undefined]>([
    [sending(2), "2"],
    [{ kind: "progress", phase: "card" }, undefined],
  ])("goes on without touching the button or the focus: case %#", async (next, value) => {
    await show(signature, sending(1));
    const refuse = find<HTMLButtonElement>("#refuse");
    refuse.focus();
    await show(signature, next);
    expect(find("#refuse")).toBe(refuse);
    expect(document.activeElement).toBe(refuse);
    expect(document.querySelector("progress")?.getAttribute("value")).toBe(value);
    refuse.click();
    await show(signature, sending(3));
    expect(find<HTMLButtonElement>("#refuse").disabled).toBe(true);
  });

  it("lets nobody cancel again who has, whatever is shown next", async () => {
    await show(login, { kind: "waiting-card" });
    find("#refuse").click();
    await show(login, { kind: "progress", phase: "card" });
    expect(find<HTMLButtonElement>("#refuse").disabled).toBe(true);
    find("#language").click();
    await prompt.settled;
    expect([find("#refuse").textContent, find<HTMLButtonElement>("#refuse").disabled]).toEqual([en.refuse.message, true]);
  });

  it("says progress aloud once a phase and once a tenth, beside a title that is silent", async () => {
    const said: (string | null)[] = [];
    const steps: WindowState[] = [{ kind: "progress", phase: "starting" }, ...[1, 2, 99, 100, 101, 250].map(sending), { kind: "progress", phase: "card" }];
    for (const step of steps) {
      await show(signature, step);
      said.push(find("#announcement").textContent);
    }
    const spoken = said.filter((text, i) => text !== said[i - 1]);
    expect(spoken).toEqual(["", `${ja.state_sending.message} 0%`, `${ja.state_sending.message} 10%`, `${ja.state_sending.message} 20%`, ja.state_card.message]);
    expect([find("#announcement").getAttribute("role"), find("#state").hasAttribute("aria-live")]).toEqual(["status", false]);
    await show(signature, consent);
    expect(find("#announcement").textContent).toBe("");
  });

  it("never makes markup of what a site says", async () => {
    await show(signs({ format: "cms", documents: [{ name: "<img src=x onerror=alert(1)>", size: 1 }] }), consent);
    expect(document.querySelector("#panel img")).toBeNull();
    expect(find("#documents").textContent).toContain("<img");
  });
});
