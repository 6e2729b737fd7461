// @vitest-environment happy-dom
/** Natsuin's window for government pages: what the mode means, what cannot be seen, what leaves, and the second step of a signature. */

import axe from "axe-core";
import { describe, expect, it, vi } from "vitest";
import en from "../_locales/en/messages.json";
import ja from "../_locales/ja/messages.json";
import { hostMessage, type HostPrompt } from "../src/messages/host.ts";
import type { PortalOperation, WindowState } from "../src/messages/window.ts";
import { accept, dialog, find, padConsent, promptState, sent, show } from "./window.ts";

const origin = "https://myna.go.jp";
const info = (command: PortalOperation["command"], more: Partial<PortalOperation> = {}): PortalOperation => ({ origin, command, lang: "ja", serviceId: "01", count: 1, identifier: false, ...more });
const card = { token: "card", issuer: "j-lis" };
const digests = [{ hash: "SHA-256", first: "0123abcd", last: "ef456789" }, { hash: "SHA-512", first: "00000000", last: "ffffffff" }];
const consent = (chosen: object[], pin: string): WindowState => ({ kind: "prompt", prompt: hostMessage({ type: "prompt", id: "r-1", prompt: 3, kind: "consent", digests: chosen, pin, triesLeft: 3, maxTries: 3, card }, "") as HostPrompt });
const panel = (): string => find("#panel").textContent;
const all = [["portal-login", digests.slice(0, 1), "authentication"], ["portal-sign", digests, "signature"], ["portal-attributes", [], "card-surface"]] as const;

describe("a consent", () => {
  it("to a login says who asks, that the page chose what is signed, and that it could be used elsewhere", async () => {
    await show(info("portal-login"), consent(digests.slice(0, 1), "authentication"));
    expect([find("#origin").textContent, find("#purpose").textContent, find("#state").textContent]).toEqual([origin, ja.purpose_portal_login.message, ja.state_portal_login.message]);
    for (const text of [ja.portal_login_warning.message, ja.discloses_authenticate.message, "SHA-256", "0123abcd … ef456789", "01", ja.pin_authentication.message]) expect(panel()).toContain(text);
    expect([ja.portal_login_warning.message, en.portal_login_warning.message].map((text) => /ほかのサイト|elsewhere/.test(text))).toEqual([true, true]);
    accept();
    expect(sent).toEqual([{ type: "answer", prompt: 3, accept: true }]);
  });

  it("to signatures takes a second question, which says how many", async () => {
    await show(info("portal-sign", { count: 2 }), consent(digests, "signature"));
    for (const text of [ja.portal_sign_warning.message, ja.attribute_address.message]) expect(panel()).toContain(text);
    expect(Array.from(document.querySelectorAll("#digests tbody tr"), (row) => Array.from(row.children, ({ textContent }) => textContent))).toEqual([
      ["1", "SHA-256", "0123abcd … ef456789"], ["2", "SHA-512", "00000000 … ffffffff"],
    ]);
    accept();
    expect([sent, document.body.dataset.state, find("#state").textContent]).toEqual([[], "hidden", "もう一度確認：見えない文書への署名 2件"]);
    find("#accept").click();
    expect(sent).toEqual([]); // it is guarded anew
    accept();
    expect(sent).toEqual([{ type: "answer", prompt: 3, accept: true }]);
  });

  it("to a hash without a word of its function says so", async () => {
    await show(info("portal-login"), consent([{ ...digests[0], hash: "bare" }], "authentication"));
    expect(find("#digests td:nth-child(2)").textContent).toBe(ja.digest_bare.message);
  });

  it("to signatures can be refused at the second question, too", async () => {
    await show(info("portal-sign", { count: 2 }), consent(digests, "signature"));
    accept();
    find("#refuse").click();
    expect(sent).toEqual([{ type: "answer", prompt: 3, accept: false }]);
  });

  it("to attributes lists the four that leave", async () => {
    await show(info("portal-attributes", { count: 0 }), consent([], "card-surface"));
    expect(Array.from(document.querySelectorAll("#discloses li"), ({ textContent }) => textContent)).toEqual([ja.attribute_name.message, ja.attribute_address.message, ja.attribute_birth.message, ja.attribute_sex.message]);
    expect([document.querySelector("#digests"), document.querySelector("#identifier"), panel().includes(ja.discloses_portal_attributes.message)]).toEqual([null, null, true]);
    accept();
    expect(sent).toEqual([{ type: "answer", prompt: 3, accept: true }]);
  });

  it.each(all)("tells of the identifier where it goes along: %s", async (command, chosen, pin) => {
    await show(info(command, { identifier: command !== "portal-login" }), consent([...chosen], pin));
    expect(document.querySelector("#identifier")?.textContent).toBe(command === "portal-login" ? undefined : ja.discloses_identifier.message);
  });

  it("shows a service id as what it is: a stranger's text", async () => {
    await show(info("portal-login", { serviceId: "<b>\u202e01" }), consent(digests.slice(0, 1), "authentication"));
    expect(find("#service").textContent).toBe("サイトが示したサービス番号：<b>‹U+202E›01");
  });

  it.each(all)("has no fault that axe finds: %s", async (command, chosen, pin) => {
    await show(info(command, { identifier: true, lang: "en" }), consent([...chosen], pin));
    vi.useRealTimers();
    const { violations } = await axe.run(document, { rules: { "color-contrast": { enabled: false } } });
    expect(violations.map(({ id }) => id)).toEqual([]);
  });
});

describe("other panels", () => {
  it.each(all)("say what the site gets, until the end: %s", async (command) => {
    for (const state of [dialog, padConsent]) {
      await show(info(command), state);
      expect(find("#discloses").textContent).toContain(command === "portal-login" ? ja.discloses_authenticate.message : ja.attribute_name.message);
    }
  });

  it.each([["portal-login", ja.state_done_authenticate.message], ["portal-sign", ja.state_done_portal_sign.message], ["portal-attributes", ja.state_done_portal_attributes.message]] as const)("say the outcome: %s", async (command, title) => {
    await show(info(command), { kind: "done" });
    expect(find("#state").textContent).toBe(title);
  });

  it.each([["portal-login", ja.pin_submit_authenticate.message], ["portal-sign", ja.pin_submit_sign.message], ["portal-attributes", ja.pin_submit_read.message]] as const)("name what follows the PIN: %s", async (command, label) => {
    await show(info(command), promptState("prompt-pin"));
    expect(find("#pin-submit").textContent).toBe(label);
  });

  const remedy = async (command: PortalOperation["command"], code: string): Promise<string> => {
    await show(info(command), { kind: "error", error: { code: code as "INTERNAL" }, token: "android" });
    return find("#remedy").textContent;
  };

  it.each(all)("say what to do about what Natsuin does not sign, and about a smartphone: %s", async (command) => {
    expect(await remedy(command, "INVALID_REQUEST")).toBe(ja.remedy_portal_request.message);
    expect(await remedy(command, "APPLICATION_ABSENT")).toBe(command === "portal-sign" ? ja.remedy_portal_identifier.message : ja.remedy_APPLICATION_ABSENT.message);
    expect(await remedy(command, "NO_CARD")).toBe(ja.remedy_NO_CARD.message);
  });
});
