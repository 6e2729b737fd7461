// @vitest-environment happy-dom
import { readFileSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import en from "../_locales/en/messages.json";
import ja from "../_locales/ja/messages.json";
import axe from "axe-core";
import { ask as askHost, type Answer } from "../src/ask.ts";
import { Host } from "../src/host.ts";
import { translator } from "../src/i18n.ts";
import type { Question } from "../src/messages/host.ts";
import { cardStatus, type CardStatus } from "../src/messages/results.ts";
import { cardPanel } from "../src/popup/card.ts";
import { deskKeys, desks } from "./card.ts";
import { HostPort, golden, settle, without } from "./fakes.ts";

const { result } = golden("result-status") as { result: unknown };

function ask(question: Question = { command: "status" }) {
  const port = new HostPort();
  const answer = askHost((listener) => new Host(port.port, () => "Specified native messaging host not found.", "0.1.0", listener), question, cardStatus, "ja");
  return { port, answer };
}

function panel(answer: unknown, lang: "ja" | "en" = "ja", desk = desks[0]): HTMLElement {
  const made = document.createElement("div");
  made.append(...cardPanel(answer as Answer<CardStatus>, { t: translator(lang === "ja" ? ja : en), lang, desk, token: undefined, page: "card.html" }));
  return made;
}

function text(answer: unknown, lang: "ja" | "en" = "ja"): string {
  return panel(answer, lang).textContent;
}

/** The links in it, as the document has them. */
const links = (made: HTMLElement): (string | null)[] => Array.from(made.querySelectorAll("a"), (link) => link.getAttribute("href"));

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

const reader = {
  name: "R\u202e", card: true, token: "card", authentication: { triesLeft: 3, maxTries: 3, present: "yes", notBefore: "2025-01-06T01:02:03Z", notAfter: "2030-05-14T14:59:59Z", issuer: "j-lis" }, signature: { triesLeft: 5, maxTries: 5, present: "yes" },
  cardSurface: { triesLeft: 3, maxTries: 3 },
};
const standing = { state: "valid", daysLeft: 900, renewalOpens: "2030-02-14" };
const withStanding = (change: object) => ({ result: { readers: [{ ...reader, authentication: { ...reader.authentication, standing: { ...standing, ...change } } }] } });

describe("what is shown", () => {
  it("tells tries, validity by the day in Japan, and a card that is not J-LIS's", () => {
    const shown = text({ result });
    for (const part of ["Natsuin Test Reader 00 00", "残り3回", "2030年5月14日", "残り5回", ja.issuer_foreign.message, ja.popup_no_card.message, ja.error_NOT_JPKI.message]) {
      expect(shown).toContain(part);
    }
  });

  it("is short when all is well, and harmless", () => {
    const made = panel(withStanding({}));
    expect(Array.from(made.querySelectorAll("dt, dd"), ({ textContent }) => textContent)).toEqual([
      ja.popup_authentication.message, "有効期限：2030年5月14日（あと900日）", "暗証番号は、残り3回です（あと3回間違えるとロックされます）。",
      ja.popup_signature.message, "暗証番号は、残り5回です（あと5回間違えるとロックされます）。",
      ja.card_section_attributes.message, "暗証番号は、残り3回です（あと3回間違えるとロックされます）。",
    ]);
    expect([made.querySelector(".reader-name")?.textContent, made.querySelectorAll(".alarm, .warning, a").length]).toEqual(["R‹U+202E›", 0]);
  });

  it.each([
    [{ state: "expires-soon", daysLeft: 12 }, "あと12日", "card.html#topic-renewal"],
    [{ state: "expires-soon", daysLeft: 0 }, ja.card_standing_today.message, "card.html#topic-renewal"],
    [{ state: "expired", daysLeft: 0 }, ja.card_standing_expired.message, "card.html#topic-expired"],
    [{ state: "not-yet-valid" }, ja.remedy_CERTIFICATE_NOT_YET_VALID.message, undefined],
  ])("tells by the host's own reckoning how a certificate stands, and what to do: %j", (change, sentence, link) => {
    const made = panel(withStanding(change));
    expect(made.textContent).toContain("有効期限：2030年5月14日");
    expect(made.querySelector(".warning")?.textContent).toContain(sentence);
    expect(links(made)).toEqual(link === undefined ? [] : [link]);
    if (link) expect(made.textContent).toContain("093-331-1661");
  });

  it("leads from a signature certificate that is missing to the reasons", () => {
    const made = panel({ result: { readers: [{ ...reader, signature: { ...reader.signature, present: "no" } }] } });
    expect(made.textContent).toContain(ja.card_absent.message);
    expect(made.querySelector(".desk")?.textContent).toContain("093-331-1661");
    expect(links(made)).toEqual(["card.html#topic-signature-missing"]);
  });

  it.each(["authentication", "signature", "cardSurface"] as const)("tells that a PIN is blocked or has lost tries, and what to do: %s", (pin) => {
    const made = panel({ result: { readers: [{ ...reader, [pin]: { ...reader[pin], triesLeft: 0 } }] } });
    expect(made.querySelector(".alarm")?.textContent).toBe(ja.card_blocked.message);
    expect(links(made)).toEqual(["card.html#topic-locked-pin"]);
    expect(made.querySelectorAll(".desk")).toHaveLength(1);
    expect(panel({ result: { readers: [{ ...reader, [pin]: { ...reader[pin], triesLeft: 2 } }] } }, "en").querySelector(".alarm")?.textContent).toBe("PIN tries left: 2 (2 more wrong ones block it).");
  });

  it.each([
    ["absent", { authentication: { triesLeft: 3, maxTries: 3, present: "no" } }, ja.card_absent.message, ["card.html#topic-getting-them"], 1],
    ["damaged", { authentication: { triesLeft: 3, maxTries: 3, present: "unknown" } }, ja.card_unreadable.message, [], 1],
    ["on a phone", { token: "android", authentication: { triesLeft: 3, maxTries: 3, present: "yes" } }, ja.card_needs_pin.message, ["card.html#certificate"], 0],
    ["on an old card", { token: "juki-card", authentication: { ...reader.authentication, standing: { ...standing, state: "expired" } } }, "有効期限：2030年5月14日", ["card.html#topic-juki-card"], 0],
  ])("tells how the authentication certificate is: %s", (_, change, sentence, hrefs, desk) => {
    const made = panel({ result: { readers: [{ ...reader, ...change }] } });
    expect(made.textContent).toContain(sentence);
    expect([links(made), made.querySelectorAll(".desk").length, made.querySelector(".standing")]).toEqual([hrefs, desk, null]);
  });

  it("sends nobody with a smartphone to a counter", () => {
    const made = panel({ result: { readers: [{ ...reader, token: "iphone", authentication: { triesLeft: 0, maxTries: 3, present: "yes" }, signature: { triesLeft: 5, maxTries: 5, present: "no" } }] } });
    expect([made.textContent.includes(ja.remedy_phone.message), made.querySelector(".desk"), made.textContent.includes("窓口")]).toEqual([true, null, false]);
  });

  it("tells that there is no reader, and what to do", () => {
    expect(text({ result: { readers: [] } })).toBe(`${ja.error_NO_READER.message}${ja.remedy_NO_READER.message}`);
  });

  it("tells a failure with its remedy", () => {
    expect(text({ error: { code: "HOST_MISSING" } })).toBe(`${ja.error_HOST_MISSING.message}${ja.remedy_HOST_MISSING.message}`);
    expect(text({ error: { code: "VERSION_MISMATCH", update: "host" } })).toContain(ja.remedy_update_host.message);
  });
});

describe("the popup", () => {
  const html = readFileSync(`${import.meta.dirname}/../static/popup.html`, "utf8");
  let opened: string[];
  let hosts: HostPort[];

  const load = async (status: unknown, desk?: string, managed: object = {}): Promise<void> => {
    opened = [];
    hosts = [];
    vi.stubGlobal("chrome", {
      runtime: { getURL: (path: string) => path, getManifest: () => ({ version: "0.1.0" }), connectNative: () => hosts[hosts.push(new HostPort()) - 1]?.port },
      permissions: { contains: () => Promise.resolve(false) },
      tabs: { query: () => Promise.resolve([{ url: "https://shinsei.example/form" }]), create: ({ url }: { url: string }) => Promise.resolve(opened.push(url)) },
      storage: { local: { get: (key: string) => Promise.resolve(key === "desk" ? { desk } : {}) }, managed: { get: () => Promise.resolve(managed) } },
      i18n: { getUILanguage: () => "ja" },
    });
    vi.stubGlobal("fetch", (path: string) => Promise.resolve({ json: () => Promise.resolve(path.includes("/ja/") ? ja : en) }));
    vi.stubGlobal("close", () => undefined);
    document.title = "Natsuin";
    document.body.innerHTML = /<body>(.*)<\/body>/s.exec(html)?.[1] ?? "";
    vi.resetModules();
    const loaded = import("../src/popup/main.ts");
    await vi.waitFor(() => { expect(hosts).toHaveLength(desk === undefined ? 1 : 2); });
    for (const host of hosts) {
      host.onMessage.emit(golden("hello"));
      const [{ id, command }] = host.sent as [{ id: string; command: string }];
      host.onMessage.emit({ type: "result", id, result: command === "desks" ? { desks } : status });
    }
    await loaded;
  };
  const find = (selector: string): HTMLElement => document.querySelector(selector) ?? document.body;

  it.each([["鍵 & #錠", "card.html#explain=%E9%8D%B5%20%26%20%23%E9%8C%A0"], ["  ", "card.html#topics"]])("searches the explanations on the card page: %j", async (words, address) => {
    await load({ readers: [] });
    (find("#search") as HTMLInputElement).value = words;
    find("#search-form").dispatchEvent(new Event("submit", { cancelable: true }));
    await settle();
    expect(opened).toEqual([address]);
  });

  it("opens what its links and its button lead to beside the site", async () => {
    await load({ readers: [{ ...reader, cardSurface: { triesLeft: 0, maxTries: 3 } }] });
    find("#card a[href='card.html#topic-locked-pin']").click();
    find("#card a[href='card.html#desks']").click();
    find("#card-page").click();
    expect(opened).toEqual(["card.html#topic-locked-pin", "card.html#desks", "card.html"]);
  });

  it("names the desk that was chosen, as the host's directory has it", async () => {
    const blocked = { readers: [{ ...reader, cardSurface: { triesLeft: 0, maxTries: 3 } }] };
    await load(blocked, deskKeys[1]);
    expect(find("#card .desk").textContent).toContain("093-582-3350");
    await load(blocked, "[\"北九州市\",\"詐欺電話\"]");
    expect(find("#card .desk a").getAttribute("href")).toBe("card.html#desks");
  });

  it.each([
    [{}, ja.popup_off.message, false],
    [{ allowedSites: ["shinsei.example"] }, `${ja.popup_off.message} ${ja.popup_vouched.message}`, false],
    [{ blockedSites: ["*"] }, ja.popup_blocked.message, true],
    [{ blockedSites: ["*"], allowedSites: ["shinsei.example"] }, `${ja.popup_off.message} ${ja.popup_vouched.message}`, false],
  ])("tells what an administrator says of the site: %j", async (managed, said, hidden) => {
    await load({ readers: [] }, undefined, managed);
    expect([find("#site-state").textContent, find("#site-switch").hidden]).toEqual([said, hidden]);
  });

  it.each([
    [{ blockedSites: ["a.example"] }, ""],
    [{ allowedSites: ["https://a.example"] }, ""],
    [{ blockedSites: ["a.example", "https://b.example"] }, ja.popup_policy_faults.message],
    [{ blockedSites: { site: "a.example" } }, ja.popup_policy_faults.message],
    [{ allowWindowPin: "no" }, ja.popup_policy_faults.message],
    [{ allowRecordings: "no" }, ja.popup_policy_faults.message],
  ])("tells that what an administrator forbids cannot be read: %j", async (managed, said) => {
    await load({ readers: [] }, undefined, managed);
    expect(find("#policy-faults").textContent).toBe(said);
    if ("blockedSites" in managed && said !== "") expect(find("#site-state").textContent).toBe(ja.popup_blocked.message);
  });

  it("has no fault that axe finds", async () => {
    await load(result);
    const { violations } = await axe.run(document, { rules: { "color-contrast": { enabled: false } } });
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
  });
});
