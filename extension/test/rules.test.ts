// @vitest-environment happy-dom
/** The parts of the card page that need no card: explanations, until when, help desks. */

import { describe, expect, it } from "vitest";
import en from "../_locales/en/messages.json";
import ja from "../_locales/ja/messages.json";
import topics from "../../internal/rules/topics.json";
import queries from "../../internal/rules/testdata/queries.json";
import { findDesks } from "../src/card/search.ts";
import { longestSearch, openingOf, searchFragment } from "../src/card/opening.ts";
import { deskKeys, desks, find, open, press, reader, standing, text, world } from "./card.ts";
import { settle } from "./fakes.ts";

describe("explanations", () => {
  const shown = () => Array.from(document.querySelectorAll<HTMLElement>("#topic-list details"), ({ id, hidden }) => (hidden ? [] : [id])).flat();
  const search = (words: string): void => {
    find<HTMLInputElement>("#search").value = words;
    find("#search").dispatchEvent(new Event("input"));
  };

  it("are all there, with all their paragraphs, in both languages", async () => {
    await open();
    for (const lang of ["ja", "en"] as const) {
      for (const { id, title, text } of topics) {
        expect(find(`#topic-${id} summary`).textContent).toBe(title[lang]);
        for (const paragraph of text[lang]) expect(find(`#topic-${id}`).textContent).toContain(paragraph);
      }
      await press("#language");
    }
  });

  it.each(topics.map(({ id, title }) => [id, title.ja, title.en] as const))("%s is found by its titles", async (id, ...titles) => {
    await open();
    for (const title of titles) {
      search(title);
      expect(shown()).toContain(`topic-${id}`);
    }
  });

  it("are found by several words, whatever their width and case", async () => {
    await open();
    search("　ＰＩＮ　locked ");
    expect(shown()).toContain("topic-locked-pin");
    expect(shown().length).toBeLessThan(topics.length);
    expect(text("#found")).toBe(`${shown().length}件`);
    search("xyzzy");
    expect([shown(), text("#found")]).toEqual([[], ja.card_none_found.message]);
    search(" ");
    expect([shown().length, text("#found")]).toEqual([topics.length, ""]);
  });

  it.each(queries.topics)("what people ask is found, best first: $query", async ({ query, first }) => {
    await open();
    search(query);
    expect(shown()[0]).toBe(first === null ? undefined : `topic-${first}`);
    search("");
    expect(shown()).toEqual(topics.map(({ id }) => `topic-${id}`));
  });

  it.each(queries.desks)("a help desk is found among them: $query", async ({ query, only }) => {
    await open();
    search(query);
    expect(Array.from(document.querySelectorAll("#found-desks li"), ({ textContent }) => textContent)).toEqual([expect.stringContaining(only)]);
    search("");
    expect(text("#found-desks")).toBe("");
  });

  it.each(["", "　", "引っ越し", "093", "xyzzy"])("no help desk is found by %j", (query) => {
    expect(findDesks(desks, query)).toEqual([]);
  });

  it.each([["renewel", "renewal"], ["forgoten", "forgotten-pin"], ["smartfone", "smartphone"], ["継続の利用", "continued-use"], ["lockedpin", "locked-pin"]])("near ones are shown instead of nothing: %s", async (query, near) => {
    await open();
    search(query);
    expect(shown()).toContain(`topic-${near}`);
    expect([shown().length <= 3, text("#found")]).toEqual([true, ja.card_near.message]);
  });

  it("are counted with the help desks", async () => {
    await open();
    search("北九州市");
    expect(text("#found")).toBe(`${shown().length + desks.length}件`);
  });

  it("lead to each other, also out of a search", async () => {
    await open();
    search("ロックされたとき");
    find("#topic-locked-pin a[href='#topic-kiosk-reset']").click();
    expect(find<HTMLDetailsElement>("#topic-kiosk-reset").open).toBe(true);
    expect(find("#topic-kiosk-reset").hidden).toBe(false);
    await press("#language");
    expect(find<HTMLDetailsElement>("#topic-kiosk-reset").open).toBe(true);
  });

  it("are there under the names that this page links to", async () => {
    await open({ ...reader, authentication: { ...reader.authentication, triesLeft: 0, standing: { ...standing, state: "expired" } }, signature: { triesLeft: 5, maxTries: 5, present: "no" } });
    const links = Array.from(document.querySelectorAll<HTMLAnchorElement>("a[href^='#']"), ({ hash }) => hash);
    expect(new Set(links)).toContain("#topic-expired");
    for (const hash of links) find(hash);
    for (const id of ["renewal", "expired", "locked-pin", "signature-missing", "change-of-details", "revocation-check", "forgotten-pin"]) expect(topics.map((topic) => topic.id)).toContain(id);
  });
});

describe("the address of the page", () => {
  it.each([["ロック PIN", "ロック PIN"], ["  100% #1\t&\u0000x ", "100% #1 & x"], ["\ud800", "\ufffd"], ["あ".repeat(longestSearch + 1), "あ".repeat(longestSearch)], [`${"a".repeat(longestSearch - 1)} b`, "a".repeat(longestSearch - 1)], ["😀".repeat(longestSearch + 1), "😀".repeat(longestSearch)]])("brings words to search for: case %#", (typed, words) => {
    expect(openingOf(searchFragment(typed))).toEqual({ words });
  });

  it("of no words leads to the explanations", () => {
    expect([searchFragment(" \u0000 "), openingOf("#topics")]).toEqual(["#topics", undefined]);
  });

  it.each(topics.map(({ id }) => id))("brings the explanation %s", (id) => {
    expect(openingOf(`#topic-${id}`)).toEqual({ topic: id });
  });

  it.each([
    "", "#", "#desks", "#topic-", "#topic-list", "#topic-nothing", "#topic-locked-pin ", "topic-locked-pin", "#explain=", "#explain", "#explain=%", "#explain=%E3", "#explain=%00", "#explain=%20a", "#explain=a%20", "#explain=a b",
    "#explain=%61", "#explain=%e3%81%82", "#explain=%0A", "#explain=%C2%85a", "#explain=<b>", `#explain=${"a".repeat(longestSearch + 1)}`, "#EXPLAIN=a", "#explain=a#topic-locked-pin",
  ])("brings nothing else: %j", (fragment) => {
    expect(openingOf(fragment)).toBeUndefined();
  });

  it.each([["#explain=locked", "locked", "search"], ["#topic-locked-pin", "", undefined], ["#explain=%", "", ""]])("is followed while the host is still asked: %s", async (fragment, words, focus) => {
    const opened = world.page.open(fragment);
    await settle();
    expect(find<HTMLInputElement>("#search").value).toBe(words);
    expect(find<HTMLDetailsElement>("#topic-locked-pin").open).toBe(fragment.startsWith("#topic"));
    if (focus === undefined) expect(document.activeElement?.tagName).toBe("SUMMARY");
    else expect(document.activeElement?.id).toBe(focus);
    await opened;
  });
});

describe("until when", () => {
  const type = (fields: Record<string, string>): void => {
    for (const [id, value] of Object.entries(fields)) find<HTMLInputElement>(`#${id}`).value = value;
  };
  const submit = async (): Promise<void> => {
    find("#holder").dispatchEvent(new Event("submit", { cancelable: true }));
    await settle();
  };
  const asked = () => world.asked.filter(({ command }) => command === "validity");

  it("is asked of the rules, and answered with what explains it", async () => {
    await open();
    world.answers.validity = { result: { card: { until: "2034-01-31", topic: "validity-adult" }, authentication: { byResidence: true, topic: "foreign-residents" }, signature: { never: true, topic: "under-15" } } };
    type({ birth: "1990-01-31", issued: "2024-05-01" });
    await submit();
    expect(asked()).toEqual([{ command: "validity", birth: "1990-01-31", issued: "2024-05-01", foreign: false }]);
    for (const part of ["2034年1月31日まで", ja.card_by_residence.message, ja.card_never.message]) expect(text("#validity-outcome")).toContain(part);
    find("#validity-outcome a[href='#topic-under-15']");
    expect(text("#validity-outcome")).not.toContain(ja.card_privacy.message);
    await press("#validity-outcome .clear");
    expect(find<HTMLInputElement>("#birth").value).toBe("");
  });

  it("asks foreign residents, and nobody else, for the end of their stay", async () => {
    await open();
    type({ birth: "1990-01-31", issued: "2024-05-01", applied: "2024-04-01", stayUntil: "2026-01-01" });
    expect([find("#stayUntil").hidden, find("#stay-label").hidden]).toEqual([true, true]);
    await submit();
    find<HTMLInputElement>("#foreign").click();
    expect(find("#stayUntil").hidden).toBe(false);
    await submit();
    expect(asked()).toEqual([
      { command: "validity", birth: "1990-01-31", issued: "2024-05-01", foreign: false, applied: "2024-04-01" },
      { command: "validity", birth: "1990-01-31", issued: "2024-05-01", foreign: true, applied: "2024-04-01", stayUntil: "2026-01-01" },
    ]);
  });

  it("names a date that is missing or cannot be", async () => {
    await open();
    type({ birth: "1990-01-31" });
    await submit();
    expect([asked(), text("#validity-status"), document.activeElement?.id, find("#issued").getAttribute("aria-invalid")]).toEqual([[], "「カードの発行日」の日付を入力してください。", "issued", "true"]);
    type({ issued: "1980-01-01" });
    world.answers.validity = { error: { code: "INVALID_REQUEST", field: "birth" } };
    await submit();
    expect([text("#validity-status"), find("#issued").getAttribute("aria-invalid"), find("#birth").getAttribute("aria-invalid")]).toEqual([ja.card_birth_refused.message, null, "true"]);
    await press("#language");
    expect(text("#validity-status")).toBe(en.card_birth_refused.message);
  });

  it.each([["issued", ja.card_issued_refused.message], ["applied", ja.card_applied_refused.message], ["stayUntil", ja.card_stay_refused.message]])("says why the host refuses %s", async (field, sentence) => {
    await open();
    find<HTMLInputElement>("#foreign").click();
    type({ birth: "1990-01-31", issued: "2014-01-01", applied: "2014-01-01", stayUntil: "2013-01-01" });
    world.answers.validity = { error: { code: "INVALID_REQUEST", field } };
    await submit();
    expect([text("#validity-status"), document.activeElement?.id]).toEqual([sentence, field]);
  });

  it("fails like anything else", async () => {
    await open();
    type({ birth: "1990-01-31", issued: "2024-05-01" });
    world.answers.validity = { error: { code: "HOST_MISSING" } };
    await submit();
    expect([text("#validity-status"), text("#validity-outcome")]).toEqual([ja.error_HOST_MISSING.message, ja.remedy_HOST_MISSING.message]);
  });
});

describe("help desks", () => {
  const choose = async (value: string): Promise<void> => {
    find<HTMLSelectElement>("#desk").value = value;
    find("#desk").dispatchEvent(new Event("change"));
    await settle();
  };
  const options = () => Array.from(document.querySelectorAll<HTMLOptionElement>("#desk option"), ({ value }) => value);

  it("are chosen by the citizen and by nobody else", async () => {
    await open();
    expect(find<HTMLSelectElement>("#desk").value).toBe("");
    expect(document.querySelector("#desk optgroup")?.getAttribute("label")).toBe("北九州市");
    expect(options()).toHaveLength(desks.length + 1);
    await choose(options()[2] ?? "");
    expect(world.desk).toBe(deskKeys[1]);
    expect(text("#change-help")).toContain("093-582-3350");
    await press("#language");
    expect(text("#change-help")).toContain("Kokura Kita");
    await choose("");
    expect(world.desk).toBeUndefined();
    expect(text("#change-help")).not.toContain("093");
  });

  it("that were chosen stay, and are shown with the names and the number of the directory alone", async () => {
    world.desk = deskKeys[0];
    await open();
    expect([find<HTMLSelectElement>("#desk").value, text("#change-help").includes(desks[0]?.telephone ?? "?")]).toEqual([world.desk, true]);
    world.answers.desks = { result: { desks: [{ ...desks[0], telephone: "000-000-0000" }] } };
    await open();
    expect(text("#change-help")).toContain("000-000-0000");
  });

  it.each([[{ error: { code: "HOST_MISSING" } }, ja.error_HOST_MISSING.message], [{ result: { desks: desks.slice(1) } }, ""]])("that the directory does not have are not shown, and not forgotten: case %#", async (answer, sentence) => {
    world.desk = deskKeys[0];
    world.answers.desks = answer;
    await open();
    expect([find<HTMLSelectElement>("#desk").value, text("#desks-status"), text("#change-help").includes("093"), world.desk]).toEqual(["", sentence, false, deskKeys[0]]);
    find("#change-help a[href='#desks']");
  });
});
