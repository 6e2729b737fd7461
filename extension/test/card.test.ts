// @vitest-environment happy-dom
/** The card page: what it shows, what it starts, and what it forgets. */

import { readFileSync } from "node:fs";
import axe from "axe-core";
import { describe, expect, it } from "vitest";
import en from "../_locales/en/messages.json";
import ja from "../_locales/ja/messages.json";
import type { Answer } from "../src/ask.ts";
import { run } from "../src/card/call.ts";
import { errorBody } from "../src/messages/host.ts";
import { cardStatus, changedPin } from "../src/messages/results.ts";
import { attributes, certificate, deskKeys, find, html, open, phoneCertificate, press, reader, standing, text, willBe, world } from "./card.ts";
import { pair, settle } from "./fakes.ts";

const cancelled = { error: { code: "CANCELLED" } } as const;

async function faults(): Promise<unknown[]> {
  const { violations } = await axe.run(document, { rules: { "color-contrast": { enabled: false } } });
  return violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
}

describe("the page", () => {
  it("has a text for each of its keys", () => {
    const keys = [...html.matchAll(/data-(?:text|label)="(\w+)"/g)].map(([, key]) => key);
    expect(keys.length).toBeGreaterThan(30);
    for (const key of keys) expect(Object.keys(en)).toContain(key);
  });

  it("has no fault that axe finds, empty and full, in both languages", async () => {
    await open({ name: "Empty", card: false, pinPad: false }, reader, { name: "Other", card: true, error: { code: "NOT_JPKI" } });
    for (const lang of ["ja", "en"]) {
      expect(document.documentElement.lang).toBe(lang);
      expect(await faults()).toEqual([]);
      await press("#language");
    }
    willBe({ result: certificate });
    await press("#read-signature");
    willBe({ result: { attributes, certificate: { ...attributes, address: "" }, differences: ["address"] } });
    await press("#read-attributes");
    find<HTMLDetailsElement>("#topic-locked-pin").open = true;
    expect(await faults()).toEqual([]);
  });

  it("speaks the other language at once, also of what it read", async () => {
    await open();
    willBe({ result: certificate });
    await press("#read-signature");
    await press("#language");
    expect([document.documentElement.lang, world.lang, find("#language").lang]).toEqual(["en", "en", "ja"]);
    expect(text("#certificate-outcome")).toContain("January 31, 1990");
    expect(text("#certificate-outcome [lang=ja]")).toBe("見本　太郎");
    expect(text("#overview-title")).toBe(en.card_section_card.message);
  });
});

describe("readers and cards", () => {
  it("are shown with all that needs no PIN", async () => {
    await open({ name: "Empty\u202e", card: false }, reader);
    const shown = text("#readers");
    for (const part of ["Empty‹U+202E›", ja.card_no_card.message, "Sony RC-S300", ja.card_has_pad.message, ja.token_card.message, "2029年1月31日", "あと900日", "2028年10月31日", "残り5回", ja.pin_card_surface.message, ja.card_no_revocation.message]) {
      expect(shown).toContain(part);
    }
    expect(document.querySelectorAll("#readers article")).toHaveLength(2);
  });

  it("the sample is what the host may say", () => {
    expect(cardStatus({ readers: [reader] }, "")).toEqual({ readers: [reader] });
  });

  it.each([
    [{ state: "expires-soon", daysLeft: 12, renewalOpens: "2028-10-31" }, "あと12日", true],
    [{ state: "expires-soon", daysLeft: 0, renewalOpens: "2028-10-31" }, "今日まで", true],
    [{ state: "expired", daysLeft: 0, renewalOpens: "2028-10-31" }, "有効期限が切れています", true],
    [{ state: "not-yet-valid", daysLeft: 9, renewalOpens: "2028-10-31" }, "日付と時刻", false],
  ])("a certificate that $0.state says what to do, and where", async (other, sentence, desk) => {
    world.desk = deskKeys[0];
    await open({ ...reader, authentication: { ...reader.authentication, standing: other } });
    const box = find(`[data-standing=${other.state}]`);
    expect(box.textContent).toContain(sentence);
    expect(box.textContent.includes("093-331-1661")).toBe(desk);
    expect(box.classList.contains("warning")).toBe(true);
  });

  it.each([
    ["no", ja.card_absent.message],
    ["unknown", ja.card_presence_unknown.message],
  ])("a signature certificate of which is known %s leads to the reasons", async (present, sentence) => {
    await open({ ...reader, signature: { ...reader.signature, present } });
    expect(text("#readers")).toContain(sentence);
    find("#readers a[href='#topic-signature-missing']").click();
    expect(find<HTMLDetailsElement>("#topic-signature-missing").open).toBe(true);
    expect(document.activeElement?.tagName).toBe("SUMMARY");
  });

  const blocked = { triesLeft: 0 };
  it.each([
    ["the card-surface PIN", { cardSurface: { ...reader.cardSurface, ...blocked } }, ja.remedy_PIN_BLOCKED.message],
    ["the authentication PIN", { authentication: { ...reader.authentication, ...blocked } }, ja.blocked_authentication.message],
    ["the signature PIN", { signature: { ...reader.signature, ...blocked } }, ja.blocked_signature.message],
    ["both certificates' PINs", { authentication: { ...reader.authentication, ...blocked }, signature: { ...reader.signature, ...blocked } }, ja.remedy_PIN_BLOCKED.message],
  ])("a blocked PIN says by whom it is reset, and leads to its explanation and to the desk: %s", async (_, change, remedy) => {
    await open({ ...reader, ...change });
    expect(text("#readers .alarm")).toBe(ja.card_blocked.message);
    expect(text("#readers")).toContain(remedy);
    find("#readers a[href='#topic-locked-pin']");
    find("#readers a[href='#desks']");
  });

  it("an authentication certificate that is absent or cannot be read says so, and leads to the counter", async () => {
    const undated = { triesLeft: 3, maxTries: 3, present: "unknown" };
    for (const [present, sentence] of [["no", ja.card_absent.message], ["unknown", ja.card_unreadable.message], ["yes", ja.card_unreadable.message]] as const) {
      await open({ ...reader, signature: undefined, authentication: { ...undated, present } });
      expect(text("#readers dd")).toBe(sentence);
      find("#readers a[href='#desks']");
    }
    find("#read-authentication[hidden]");
  });

  describe("of a smartphone", () => {
    const phone = { ...reader, token: "iphone", authentication: { triesLeft: 3, maxTries: 3, present: "yes" }, signature: { triesLeft: 5, maxTries: 5, present: "unknown" }, cardSurface: undefined };
    const counters = () => document.querySelectorAll("#readers .desk, #readers a[href='#desks']").length;

    it("say that they want their PIN, and where it is typed", async () => {
      await open(phone);
      expect([text("#readers").includes(ja.card_needs_pin.message), text("#readers").includes(ja.card_unreadable.message)]).toEqual([true, false]);
      expect(document.querySelectorAll("#readers dd a[href='#certificate']")).toHaveLength(2);
      expect([find("#read-authentication").hidden, counters()]).toEqual([false, 0]);
    });

    it("send nobody to a counter or a terminal", async () => {
      await open({ ...phone, authentication: { ...phone.authentication, triesLeft: 0 }, signature: { ...phone.signature, present: "no" } });
      expect(text("#readers")).toContain(ja.remedy_phone.message);
      find("#readers a[href='#topic-smartphone']");
      expect([counters(), document.querySelector("#readers a[href='#topic-locked-pin'], #readers a[href='#topic-signature-missing']")]).toEqual([0, null]);
    });

    it.each([["valid", 900], ["expires-soon", 12], ["expires-soon", 0], ["expired", 0]])("have no day of renewal: %s, days left: %d", async (state, daysLeft) => {
      await open(phone);
      willBe({ result: { ...phoneCertificate, standing: { ...standing, state, daysLeft } } });
      await press("#read-authentication");
      const box = find("#certificate-outcome .standing");
      for (const part of ["2028年10月31日", "窓口"]) expect(box.textContent).not.toContain(part);
      expect(box.querySelector("a[href='#topic-smartphone']") === null).toBe(state === "valid");
    });

    it.each(["PIN_BLOCKED", "CERTIFICATE_EXPIRED", "CERTIFICATE_ABSENT"] as const)("failures lead to their own explanation: %s", async (code) => {
      await open(phone);
      willBe({ error: { code, ...(code === "PIN_BLOCKED" && { pin: "authentication" as const }) } });
      await press("#read-authentication");
      expect(text("#certificate-outcome")).toContain(ja.remedy_phone.message);
      find("#certificate-outcome a[href='#topic-smartphone']");
      expect(document.querySelector("#certificate-outcome .desk")).toBeNull();
    });
  });

  it("an old card has no standing, whatever its dates, and leads to why", async () => {
    await open({ ...reader, token: "juki-card" });
    expect([text("#readers").includes("2029年1月31日"), document.querySelector("#readers .standing")]).toEqual([true, null]);
    find("#readers a[href='#topic-juki-card']");
  });

  it.each([["CERTIFICATE_ABSENT", "signature-missing"], ["CERTIFICATE_EXPIRED", "expired"], ["LAST_TRY", "forgotten-pin"], ["APPLICATION_ABSENT", "smartphone"]] as const)("failures lead to their explanation: %s", async (code, topic) => {
    await open();
    willBe({ error: { code } });
    await press("#read-signature");
    find(`#certificate-outcome a[href='#topic-${topic}']`);
  });

  it.each([[{ result: { readers: [] } }, ja.remedy_NO_READER.message, ""], [{ error: { code: "NO_SERVICE" } }, ja.remedy_NO_SERVICE.message, ja.error_NO_SERVICE.message]])("that are not there come with a remedy: case %#", async (answer, remedy, sentence) => {
    world.answers.status = answer;
    await open();
    expect([text("#readers").includes(remedy), text("#overview-status")]).toEqual([true, sentence]);
  });

  it("are asked for again by a button that keeps its focus, and by none while that lasts", async () => {
    await open();
    find("#refresh").focus();
    find("#refresh").click();
    expect([text("#overview-status"), find("#refresh").getAttribute("aria-disabled"), document.activeElement?.id]).toEqual([ja.popup_reading.message, "true", "refresh"]);
    find("#refresh").click();
    await settle();
    expect([text("#overview-status"), find("#refresh").getAttribute("aria-disabled")]).toEqual(["", "false"]);
    expect(world.asked.filter(({ command }) => command === "status")).toHaveLength(2);
  });

  it("a reader that was chosen is named, and can be forgotten", async () => {
    world.reader = "Sony RC-S300";
    await open();
    expect(text("#chosen-reader")).toContain("Sony RC-S300");
    await press("#forget-reader");
    expect([world.reader, text("#chosen-reader"), document.activeElement?.id]).toEqual([undefined, "", "overview-title"]);
  });
});

describe("a certificate", () => {
  it("is read and shown with its four attributes and what was replaced in them", async () => {
    await open();
    willBe({ result: certificate });
    await press("#read-signature");
    expect(world.ran).toEqual([{ request: { command: "certificate", slot: "signature" }, lang: "ja" }]);
    const shown = text("#certificate-outcome");
    for (const part of ["見本　太郎", attributes.address, "1990年1月31日", "男", "1a2b", "2024年5月1日", ja.issuer_foreign.message, "氏名には、"]) expect(shown).toContain(part);
    expect(text("#certificate-status")).toBe(ja.card_read.message);
  });

  it("of a phone needs its PIN too, and only then is offered", async () => {
    await open();
    expect(find("#read-authentication").hidden).toBe(true);
    await open({ ...reader, token: "iphone" });
    expect(find("#read-authentication").hidden).toBe(false);
    willBe({ result: phoneCertificate });
    await press("#read-authentication");
    expect(world.ran.at(-1)?.request).toEqual({ command: "certificate", slot: "authentication" });
    expect(text("#certificate-outcome")).not.toContain(ja.attribute_name.message);
  });

  it.each([
    ["1990-00-00", "1990年（月日不明）", false],
    ["0000-01-31", "1月31日（年不明）", false],
    ["1990-00-31", "1990-00-31", true],
  ])("with a date of birth that nobody knows in full tells what is known, and is held against no new PIN: %s", async (birthDate, shown, asRecorded) => {
    await open();
    willBe({ result: { ...certificate, attributes: { ...attributes, birthDate } } });
    await press("#read-signature");
    expect(text("#certificate-outcome")).toContain(shown);
    expect(text("#certificate-outcome").includes(ja.card_birth_unknown.message)).toBe(asRecorded);
    willBe(cancelled);
    await press("#change-signature");
    expect(world.ran.at(-1)?.request).toEqual({ command: "change-pin", pin: "signature" });
  });
});

describe("the four attributes", () => {
  it("are read alone", async () => {
    await open();
    willBe({ result: { attributes } });
    await press("#read-attributes");
    expect(world.ran[0]?.request).toEqual({ command: "attributes", compare: false });
    expect([text("#attributes-outcome").includes("見本　太郎"), document.querySelector("#attributes-outcome table")]).toEqual([true, null]);
  });

  it.each([[[], ja.card_all_same.message], [["name", "address"], "違う項目：氏名、住所"]])("are compared, with differences by name: %j", async (differences, sentence) => {
    await open();
    find<HTMLInputElement>("#compare").checked = true;
    willBe({ result: { attributes, certificate: { ...attributes, name: "見本　次郎" }, differences, signatureCertificate: { ...phoneCertificate, slot: "signature" } } });
    await press("#read-attributes");
    expect(world.ran[0]?.request).toEqual({ command: "attributes", compare: true });
    for (const part of [sentence, "2024年5月1日から2029年1月31日まで", ja.card_no_revocation.message]) expect(text("#attributes-outcome")).toContain(part);
    expect(document.querySelectorAll("#attributes-outcome [data-standing=valid]")).toHaveLength(1);
    expect(document.querySelectorAll("#attributes-outcome td.alarm")).toHaveLength(differences.length);
  });
});

describe("changing a PIN", () => {
  it.each(["authentication", "signature", "card-surface"])("starts the change of %s and tells the full result", async (pin) => {
    await open();
    willBe({ result: { pin, triesLeft: 3, maxTries: 3 } });
    await press(`#change-${pin}`);
    expect(world.ran[0]?.request).toEqual({ command: "change-pin", pin });
    expect(text("#change-status")).toContain("変更しました：");
    expect(text("#change-outcome")).toContain("残り3回");
    expect(world.asked.filter(({ command }) => command === "status")).toHaveLength(2);
  });

  it("holds a new PIN against the birth date that was read here, until it is cleared", async () => {
    await open();
    willBe({ result: { attributes } });
    await press("#read-attributes");
    willBe(cancelled);
    await press("#change-authentication");
    expect(world.ran.at(-1)?.request).toEqual({ command: "change-pin", pin: "authentication", birthDate: "1990-01-31" });
    world.page.clear();
    await press("#change-authentication");
    expect(world.ran.at(-1)?.request).toEqual({ command: "change-pin", pin: "authentication" });
  });

  it.each([
    [{ code: "PIN_BLOCKED", triesLeft: 0, pin: "card-surface" }, [ja.remedy_PIN_BLOCKED.message, "093-331-1661"]],
    [{ code: "PIN_BLOCKED", triesLeft: 0, pin: "signature" }, [ja.blocked_signature.message, "093-331-1661"]],
    [{ code: "PIN_REFUSED", triesLeft: 3 }, [ja.remedy_PIN_REFUSED.message, "暗証番号は、残り3回です（あと3回間違えるとロックされます）。"]],
    [{ code: "APPLICATION_ABSENT" }, [ja.remedy_APPLICATION_ABSENT.message]],
    [{ code: "CARD_LOST", reason: "pin-may-be-changed" }, [ja.pin_may_be_changed.message]],
    [{ code: "CANCELLED" }, []],
    [{ code: "CANCELLED", reason: "pin-may-be-changed" }, [ja.pin_may_be_changed.message]],
  ])("that fails says why and what to do: $0.code", async (error, parts) => {
    world.desk = deskKeys[0];
    await open();
    willBe({ error: errorBody(error, "") });
    await press("#change-card-surface");
    expect(text("#change-status")).toBe(ja[`error_${error.code}` as keyof typeof ja].message);
    expect(find("#change-status").dataset.code).toBe(error.code);
    for (const part of parts) expect(text("#change-outcome")).toContain(part);
    if (parts.length === 0) expect(text("#change-outcome")).toBe("");
  });

  it("is explained where it cannot help", async () => {
    await open();
    find("#change-help a[href='#topic-locked-pin']");
    find("#change-help a[href='#desks']");
  });
});

it("one operation at a time: the other buttons do nothing, and keep their focus", async () => {
  await open();
  let finish: (answer: Answer<unknown>) => void = () => undefined;
  world.outcome = new Promise((resolve) => { finish = resolve; });
  find("#read-signature").focus();
  await press("#read-signature");
  await press("#change-signature");
  await press("#read-attributes");
  const disabled = () => Array.from(document.querySelectorAll("[data-operation]"), (each) => each.getAttribute("aria-disabled"));
  expect([world.ran.length, text("#certificate-status"), document.activeElement?.id]).toEqual([1, ja.card_under_way.message, "read-signature"]);
  expect(new Set(disabled())).toEqual(new Set(["true"]));
  finish(cancelled);
  await settle();
  expect(new Set(disabled())).toEqual(new Set(["false"]));
});

describe("personal data", () => {
  const fill = async (): Promise<void> => {
    await open();
    willBe({ result: certificate });
    await press("#read-signature");
    willBe({ result: { attributes } });
    await press("#read-attributes");
    find<HTMLInputElement>("#birth").value = "1990-01-31";
  };

  it("is cleared everywhere by one button", async () => {
    await fill();
    expect(document.body.innerHTML).toContain("見本");
    await press("#attributes-outcome .clear");
    expect(document.body.textContent).not.toContain("見本");
    expect([find<HTMLInputElement>("#birth").value, text("#attributes-status"), document.activeElement?.id]).toEqual(["", ja.card_cleared.message, "attributes-title"]);
  });

  it("goes with the page", () => {
    expect(readFileSync(`${import.meta.dirname}/../src/card/main.ts`, "utf8")).toMatch(/"pagehide", \(\) => \{\s+page\.clear\(\);/);
  });

  it("never comes back with another language", async () => {
    await fill();
    world.page.clear();
    await press("#language");
    expect(document.body.textContent).not.toContain("見本");
  });
});

describe("an operation over a port", () => {
  const start = () => {
    const [page, background] = pair("card");
    const heard: unknown[] = [];
    background.onMessage.addListener((message) => heard.push(message));
    return { answer: run(page.port, { lang: "ja", request: { command: "change-pin", pin: "signature" } }, changedPin), background, heard };
  };

  it.each([
    [{ type: "result", result: { pin: "signature", triesLeft: 5, maxTries: 5 } }, { result: { pin: "signature", triesLeft: 5, maxTries: 5 } }],
    [{ type: "result", result: { pin: "signature" } }, { error: { code: "INTERNAL" } }],
    [{ type: "error", error: { code: "BUSY" } }, { error: { code: "BUSY" } }],
  ])("ends with its answer: case %#", async (message, expected) => {
    const { answer, background, heard } = start();
    background.postMessage(message);
    expect(await answer).toEqual(expected);
    expect([heard, background.connected]).toEqual([[{ lang: "ja", request: { command: "change-pin", pin: "signature" } }], false]);
  });

  it("ends with its background", async () => {
    const { answer, background } = start();
    background.disconnect();
    expect(await answer).toEqual({ error: { code: "INTERNAL" } });
  });
});
