// @vitest-environment happy-dom
/** The page that verifies: what it takes, what it says of it, and what it forgets. */

import axe from "axe-core";
import { describe, expect, it } from "vitest";
import en from "../_locales/en/messages.json";
import ja from "../_locales/ja/messages.json";
import type { DocumentSignature, Judged, VerifiedDocument } from "../src/messages/verify.ts";
import { find, press, text } from "./card.ts";
import { settle } from "./fakes.ts";
import { checks, drop, ends, file, finds, found, html, run, signature, sized, world } from "./verify.ts";

const failed = (reason: string, change: Partial<DocumentSignature> = {}): DocumentSignature =>
  signature({ outcome: "failed", reason, checks: [{ rule: "message", outcome: "passed" }, { rule: "document", outcome: "failed", detail: reason }], ...change });

/** Everything that a result can hold. */
const full: VerifiedDocument = found({
  format: "pdf", revisions: 3, pages: 2, accepted: false,
  signatures: [
    signature({
      place: 'field "署名1", object 7 0',
      covers: { whole: false, byteRange: [0, 100, 200, 50], revision: 1, later: { signatures: 1, timeStamps: 2, validationData: true, metadata: true, version: true } },
      claims: { signingTime: "2025-01-06T01:02:03Z", time: "2025-01-06T01:02:03Z", name: "見本\u202e太郎", reason: "申請", location: "東京" }, marks: [{ page: 2, rect: [10, 10.5, 50, 50] }, { page: 2, rect: [60, 10, 90, 50] }, { page: 3, rect: [-10, 10, 50, 50] }],
      signer: {
        serial: "705D990", sha256: "AB".repeat(32), notBefore: "2024-05-01T00:00:00+09:00", notAfter: "2029-01-31T23:59:59+09:00", policies: ["1.2.392.200149.8.5.1.1.10"],
        anchor: { origin: "j-lis", name: "署名用 03", hierarchy: "signature", sha256: "CD".repeat(32), obtained: "one-repository" },
      },
      attributes: { name: "見本　太郎", birthDate: "319800505", sex: "1", address: "東京都千代田区見本一丁目２番３号", nameSubstitutes: "0100", addressSubstitutes: "" },
    }),
    failed("CHANGED_AFTER_SIGNING", { detail: "object 3 changed", signer: { serial: "1", sha256: "EF".repeat(32), notBefore: "2024-05-01T00:00:00Z", notAfter: "2029-01-31T00:00:00Z", policies: [] } }),
    signature({ documentTimeStamp: true, outcome: "not-checked", checks: [{ rule: "time-stamp", outcome: "not-checked" }] }),
  ],
  missingRoots: [{ hierarchy: "authentication", generation: "02", serial: "133C349", from: "2019-09-14", to: "2029-09-14", obtained: "not-shipped" }],
});
const words = {
  "format/pdf": "PDF", "signature/passed": "確認した規則はすべて満たしています。", "outcome/passed": "満たしています", "rule/revocation": "電子証明書が失効していない",
  "place/field \"署名1\", object 7 0": "署名フィールド「署名1」", "reason/CHANGED_AFTER_SIGNING": "署名の後に、許されない変更が加えられています。", "remedy/CHANGED_AFTER_SIGNING": "受け取り直してください。", "origin/j-lis": "J-LIS", "obtained/one-repository": "1つの公開リポジトリ",
};

async function faults(): Promise<unknown[]> {
  const { violations } = await axe.run(document, { rules: { "color-contrast": { enabled: false } } });
  return violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
}

describe("the page", () => {
  it("has a text for each of its keys", () => {
    const keys = [...html.matchAll(/data-(?:text|label)="(\w+)"/g)].map(([, key]) => key);
    expect(keys.length).toBeGreaterThan(8);
    for (const key of keys) expect(Object.keys(en)).toContain(key);
  });

  it("has no fault that axe finds, in any of its states, in both languages", async () => {
    for (const lang of ["ja", "en"]) {
      expect(document.documentElement.lang).toBe(lang);
      world.page.clear();
      expect(await faults()).toEqual([]);
      await drop([file("a.xml"), file("b.pdf")]);
      expect(await faults()).toEqual([]);
      await finds(found({ format: "xml", accepted: false, signatures: [failed("CONTENT_MISSING", { covers: { whole: false, missing: ["c.pdf"] } })] }));
      expect(await faults()).toEqual([]);
      await drop([file("d.pdf")]);
      expect(await faults()).toEqual([]);
      await press("#other");
      await drop([file("a.pdf")]);
      expect(await faults()).toEqual([]);
      await ends({ result: { document: full, words } });
      find<HTMLDetailsElement>("details").open = true;
      expect(await faults()).toEqual([]);
      await finds(found({ format: "xml", accepted: false, signatures: [failed("CONTENT_MISSING", { covers: { whole: false, missing: ["図面.pdf"] } })] }));
      expect(await faults()).toEqual([]);
      await press("#language");
    }
  });
});

describe("what is taken", () => {
  it("a file is checked at once, without its holder's attributes", async () => {
    const signed = file("申請書.pdf");
    expect(await drop([signed])).toBe(true);
    expect([run().filing, run().wanted]).toEqual([{ document: { name: "申請書.pdf", content: signed }, files: [] }, { lang: "ja", attributes: false }]);
    expect(text("#status")).toBe(ja.verify_running.message);
  });

  it("by the button, which opens the browser's own picker", async () => {
    const picker = find<HTMLInputElement>("#file");
    let opened = 0;
    picker.click = () => { opened++; };
    await press("#choose");
    expect(opened).toBe(1);
    Object.defineProperty(picker, "files", { value: [file("a.p7s")] });
    picker.dispatchEvent(new Event("change"));
    expect(run().filing.document.name).toBe("a.p7s");
  });

  it.each([
    ["nothing but text", [], ja.verify_no_file, ja.verify_no_file_remedy],
    ["an empty file", [file("a.pdf", "")], ja.verify_empty, ja.verify_empty_remedy],
    ["a file too large", [sized("a.pdf", 256 * 2 ** 20 + 1)], ja.verify_too_large, ja.verify_too_large_remedy],
  ])("%s is refused, with what to do", async (_, files, sentence, remedy) => {
    await drop(files);
    expect([text("#status"), text("#outcome"), world.runs]).toEqual([sentence.message, remedy.message, []]);
  });

  it("a folder is refused", async () => {
    await drop([file("folder")], document.body, true);
    expect([text("#status"), world.runs]).toEqual([ja.verify_folder.message, []]);
  });

  it("256 MiB are taken", async () => {
    await drop([sized("a.pdf", 256 * 2 ** 20)]);
    expect(world.runs).toHaveLength(1);
  });

  it.each([
    [["図面.pdf", "kousei.xml", "別紙.pdf"], 1],
    [["契約.pdf", "契約.pdf.P7S"], 1],
    [["a.txt", "b.txt"], 0],
  ])("of several files the citizen says which is signed: %j", async (names, guess) => {
    await drop(names.map((name) => file(name)));
    expect([world.runs, text("#status"), document.activeElement?.id]).toEqual([[], ja.verify_which.message, "outcome-title"]);
    expect(find<HTMLInputElement>("[name=signed]:checked").value).toBe(String(guess));
    find<HTMLInputElement>("#signed-0").click();
    find("form").dispatchEvent(new Event("submit", { cancelable: true }));
    await settle();
    expect([run().filing.document.name, run().filing.files.map(({ name }) => name)]).toEqual([names[0], names.slice(1)]);
  });

  it("more files than the program takes are refused", async () => {
    await drop(Array.from({ length: 258 }, (_, i) => file(`${i}.txt`)));
    find("form").dispatchEvent(new Event("submit", { cancelable: true }));
    expect([text("#status"), world.runs]).toEqual([ja.verify_too_many.message, []]);
  });

  it("a file in place of another ends the run of that", async () => {
    await drop([file("a.pdf")]);
    await drop([file("b.pdf")]);
    expect(world.runs.map(({ cancelled }) => cancelled)).toEqual([true, false]);
    world.runs[0]?.end({ result: { document: found(), words: {} } });
    await settle();
    expect(text("#status")).toBe(ja.verify_running.message);
  });
});

describe("while it runs", () => {
  it("shows how far it is, and keeps its button", async () => {
    await drop([sized("a.pdf", 4_000_000)]);
    const cancel = find("#cancel");
    run().progress(1_000_000);
    expect([find<HTMLProgressElement>("#progress").value, text("#progress-text")]).toEqual([0.25, "ファイルを読み込んでいます：4 MBのうち1 MB"]);
    run().progress(4_000_000);
    expect([find("#progress").hasAttribute("value"), text("#progress-text"), find("#cancel")]).toEqual([false, ja.verify_judging.message, cancel]);
  });

  it("can be cancelled, and started again", async () => {
    await drop([file("a.pdf")]);
    find("#cancel").focus();
    await press("#cancel");
    expect([run().cancelled, text("#status"), find("#status").dataset.code, document.activeElement?.id]).toEqual([true, ja.error_CANCELLED.message, "CANCELLED", "outcome-title"]);
    await press("#again");
    expect([world.runs.length, run().filing.document.name]).toEqual([2, "a.pdf"]);
  });
});

describe("a failure", () => {
  it.each([
    [{ code: "HOST_MISSING" }, ja.error_HOST_MISSING, ja.remedy_HOST_MISSING],
    [{ code: "VERSION_MISMATCH", update: "host" }, ja.error_VERSION_MISMATCH, ja.remedy_update_host],
    [{ code: "FILE_FAILED" }, ja.verify_unreadable, ja.verify_unreadable_remedy],
    [{ code: "INVALID_REQUEST", field: "files" }, ja.error_INTERNAL, ja.remedy_INTERNAL],
  ] as const)("is told with what to do: %j", async (error, sentence, remedy) => {
    await drop([file("a.pdf")]);
    await ends({ error });
    expect([text("#status"), text("#outcome p")]).toEqual([sentence.message, remedy.message]);
  });
});

describe("the verdict", () => {
  const partly = { whole: false, references: [], unsigned: [{ kind: "element", start: 1, end: 9, path: "/a/b" }] };
  it.each([
    ["good", found()],
    ["good", found({ signatures: [signature({ covers: partly }), signature()] })],
    ["later", found({ format: "pdf", signatures: [signature({ covers: { whole: false, byteRange: [0, 1, 2, 3], revision: 1 } })] })],
    ["part", found({ format: "xml", signatures: [signature({ covers: partly })] })],
    ["incomplete", found({ accepted: false, signatures: [signature(), failed("CONTENT_MISSING")] })],
    ["stranger", found({ accepted: false, signatures: [failed("ISSUER_FOREIGN"), failed("ISSUER_NOT_SHIPPED")] })],
    ["bad", found({ accepted: false, signatures: [signature(), failed("ISSUER_FOREIGN"), failed("DOCUMENT_CHANGED")] })],
    ["none", found({ accepted: false, signatures: [signature({ outcome: "not-checked", documentTimeStamp: true })] })],
  ])("is %s, in words, and says that revocation was not checked: case %#", async (verdict, document) => {
    await finds(document);
    const box = find(".verdict");
    expect(box.dataset.verdict).toBe(verdict);
    expect(text(".verdict .sentence")).toBe(ja[`verify_${verdict === "later" ? "good_later" : (verdict as "good")}`].message);
    expect([text("#status"), box.textContent.includes(ja.verify_no_revocation.message)]).toEqual([text(".verdict .sentence"), verdict !== "incomplete"]);
    expect(find(".verdict .mark").getAttribute("aria-hidden")).toBe("true");
  });

  it("of a file that cannot be judged is its reason, with what to do", async () => {
    await drop([file("a.bin")]);
    await ends({ result: { refusal: { reason: "FORMAT_UNKNOWN", detail: "FORMAT_UNKNOWN: begins like nothing" }, words: { "reason/FORMAT_UNKNOWN": "どれでもありません。", "remedy/FORMAT_UNKNOWN": "選び直してください。" } } });
    expect([find(".verdict").dataset.verdict, text("[data-reason]"), text(".why")]).toEqual(["refused", "どれでもありません。", expect.stringContaining("選び直してください。")]);
  });

  it("never calls anything valid", async () => {
    for (const lang of ["ja", "en"]) {
      await finds(found());
      expect(document.body.textContent).not.toMatch(/\bvalid\b|有効です/i);
      expect(document.documentElement.lang).toBe(lang);
      await press("#language");
    }
  });
});

describe("of a signature", () => {
  it("all that is known is shown, in the page's words, and what strangers wrote cannot hide", async () => {
    find<HTMLInputElement>("#attributes").click();
    await finds(full, words);
    const [first = "", second = "", third = ""] = Array.from(document.querySelectorAll("article"), ({ textContent }) => textContent);
    for (const part of [
      "確認した規則はすべて満たしています。", "署名フィールド「署名1」", "PDFの改訂1まで", "バイト 0〜99、200〜249", "署名：1件", "タイムスタンプ：2件", ja.verify_later_validation.message, ja.verify_later_metadata.message,
      "見本‹U+202E›太郎", "理由： 申請", "署名の表示があるページ2、3", ja.verify_later_version.message, "705D990", "2029年1月31日", "1.2.392.200149.8.5.1.1.10", "J-LIS 署名用 03", "1つの公開リポジトリ",
      "見本　太郎", "1980年5月5日", "男", "東京都千代田区見本一丁目２番３号", "氏名には、電子証明書で使えない文字の代わりの文字が入っています。",
    ]) expect(first).toContain(part);
    for (const part of ["署名の後に、許されない変更が加えられています。", "受け取り直してください。", "object 3 changed", ja.verify_not_reached.message, ja.verify_no_revocation.message, ja.verify_no_root.message, ja.verify_holder_unknown.message]) expect(second).toContain(part);
    expect(third).toContain(ja.verify_time_stamp.message);
    expect(text(".missing-roots")).toContain("利用者証明用 02");
    expect(Array.from(document.querySelectorAll("article:nth-of-type(1) .rules li"), ({ textContent }) => textContent)).toEqual(["○ signature：満たしています", "○ unchanged：満たしています", "－ 電子証明書が失効していない：not-checked"]);
  });

  it.each([
    [{ whole: true, content: 1500 }, "passed", "署名のファイルに入っている文書の全体（1.5 KB）"],
    [{ whole: true, detached: true }, "passed", ja.verify_covers_file.message],
    [{ whole: true, byteRange: [0, 1, 2, 3], revision: 2 }, "passed", "PDFの全体（改訂2まで）"],
    [{ whole: false, byteRange: [0, 1, 2, 3], revision: 2 }, "passed", ja.verify_later_unseen.message],
    [{ whole: false, byteRange: [0, 1, 2, 3] }, "failed", ja.verify_unproven.message],
    [{ whole: true, byteRange: [0, 1, 2, 3], revision: 2 }, "failed", ja.verify_later_nothing.message],
    [{ whole: true, references: [{ uri: "", scope: "document" }] }, "passed", ja.verify_covers_xml.message],
    [{ whole: true, references: [{ uri: "a%20b", scope: "file", file: "a\u2067b" }] }, "passed", "file a‹U+2067›b"],
    [{ whole: false, references: [{ uri: "#x", scope: "element", path: "/a/x" }], unsigned: [{ kind: "tag", start: 0, end: 9, path: "/a" }], moreUnsigned: true }, "passed", ja.verify_unsigned_more.message],
    [{ whole: false, references: [], unsigned: [{ kind: "tag", start: 0, end: 9, path: "/a" }] }, "passed", "/a バイト 0〜8"],
  ] as const)("what it covers is told: case %#", async (covers, outcome, sentence) => {
    await finds(found({ signatures: [signature({ covers: structuredClone(covers) as DocumentSignature["covers"], outcome })] }));
    expect(text("article")).toContain(sentence);
  });

  it("what a rule found is told in the page's words where there are some", async () => {
    const details = [{ rule: "signature", outcome: "passed", detail: "SHA-256" }, { rule: "coverage", outcome: "passed", detail: "revision 1 of 2" }] as const;
    await finds(found({ signatures: [signature({ checks: [...details] })] }), { "detail/revision 1 of 2": "2つの改訂のうち1" });
    expect(Array.from(document.querySelectorAll(".rules p"), ({ innerHTML }) => innerHTML)).toEqual(['<bdi lang="en">SHA-256</bdi>', "2つの改訂のうち1"]);
  });

  it("what came later is not told where something was changed", async () => {
    await finds(found({ format: "pdf", accepted: false, signatures: [failed("DOCUMENT_CHANGED", { covers: { whole: true, byteRange: [0, 1, 2, 3], revision: 1 } })] }));
    expect(text("article")).not.toContain(ja.verify_later.message);
  });

  it("what is not in the program's words is shown as it is", async () => {
    await finds(found());
    expect(text(".rules")).toContain("revocation");
    expect(text("article")).toContain(checks[0].rule);
  });
});

describe("files that go along", () => {
  const xml = (missing: string[]): VerifiedDocument => found({ format: "xml", accepted: false, signatures: [failed("CONTENT_MISSING", { covers: { whole: false, missing } })] });

  it.each([
    [["図面.pdf", "別\u202e紙.pdf"], "図面.pdf別‹U+202E›紙.pdf"],
    [[], ja.verify_missing_content.message],
  ])("that are missing are named, and can be added: %j", async (missing, shown) => {
    await finds(xml(missing));
    expect(text("#missing").replace(ja.verify_missing.message, "").replace(ja.verify_add.message, "").replace(ja.verify_missing_drop.message, "")).toBe(shown);
    let opened = 0;
    find("#missing-file").click = () => { opened++; };
    await press("#add");
    expect(opened).toBe(1);
    Object.defineProperty(find("#missing-file"), "files", { value: [file("図面.pdf")] });
    find("#missing-file").dispatchEvent(new Event("change"));
    expect([run().filing.document.name, run().filing.files.map(({ name }) => name)]).toEqual(["申請書.pdf", ["図面.pdf"]]);
  });

  it.each([
    ["its own name", ["a.pdf"], ["a.pdf"], ["a.pdf"]],
    ["a name in another form of Unicode", ["が.pdf"], ["か\u3099.pdf"], ["が.pdf"]],
    ["a name behind folders", ["b.pdf", "x/a.pdf"], ["a.pdf"], ["x/a.pdf"]],
    ["the one name that is missing", ["x.pdf"], ["y.pdf"], ["x.pdf"]],
    ["no name of them", ["x.pdf", "z.pdf"], ["y.pdf"], ["y.pdf"]],
    ["a name that the protocol does not take", [], ["a\nb\u2028.pdf"], ["a\ufffdb\ufffd.pdf"]],
    ["a name too long", [], ["長".repeat(100)], ["長".repeat(85)]],
  ])("are sent under %s", async (_, missing, added, sent) => {
    await finds(xml(missing));
    await drop(added.map((name) => file(name)), find("#missing p, #missing li"));
    expect(run().filing.files.map(({ name }) => name)).toEqual(sent);
  });

  it("the document of a signature by itself is asked for", async () => {
    await drop([file("a.p7s")]);
    await ends({ result: { refusal: { reason: "CONTENT_MISSING" }, words: {} } });
    expect([find(".verdict").dataset.verdict, text("#missing p")]).toEqual(["incomplete", ja.verify_missing_content.message]);
    await drop([file("a.txt")], find("#missing p"));
    expect([run().filing.document.name, run().filing.files.map(({ name }) => name)]).toEqual(["a.p7s", ["a.txt"]]);
  });

  it("stay for the next run, take the place of one by that name, and can be taken back", async () => {
    await finds(xml(["a.pdf", "b.pdf"]));
    const second = file("a.pdf", "new");
    for (const each of [file("a.pdf"), second]) {
      await drop([each], find("#missing"));
      await ends({ result: { document: xml(["b.pdf"]), words: {} } });
    }
    expect(run().filing.files).toEqual([{ name: "a.pdf", content: second }]);
    expect(find("#added button").getAttribute("aria-label")).toBe("外す – a.pdf");
    find("#added button").focus();
    await press("#added button");
    expect([run().filing.files, document.activeElement?.id]).toEqual([[], "outcome-title"]);
  });

  it.each([
    ["has a missing name", xml(["a.pdf", "b.pdf"]), ["a.pdf"], ["a.pdf"]],
    ["has a missing name, among others", xml(["a.pdf", "b.pdf"]), ["a.pdf", "c.pdf"], ["a.pdf", "c.pdf"]],
    ["can be what has no name", xml([]), ["a.txt"], ["a.txt"]],
  ])("are added wherever they are dropped when one %s, and the page says so", async (_, document, added, sent) => {
    await finds(document);
    expect(text("#missing")).toContain(ja.verify_missing_drop.message);
    await drop(added.map((name) => file(name)));
    expect([run().filing.document.name, run().filing.files.map(({ name }) => name), text("#status")]).toEqual(["申請書.pdf", sent, ja.verify_adding.message]);
  });

  it("are added one drop after the other, whatever is under way", async () => {
    await finds(xml(["a.pdf", "b.pdf"]));
    for (const name of ["a.pdf", "b.pdf"]) await drop([file(name)]);
    expect([run().filing.document.name, run().filing.files.map(({ name }) => name)]).toEqual(["申請書.pdf", ["a.pdf", "b.pdf"]]);
  });

  it.each([
    ["whose names do not tell", xml(["a.pdf"]), "c.pdf", "a.pdf"],
    ["that hold a signature", xml([]), "c.p7s", "c.p7s"],
  ])("are asked about, %s", async (_, document, name, sent) => {
    for (const [choice, signed, along] of [["#add", "申請書.pdf", [sent]], ["#other", name, []]] as const) {
      await finds(document);
      const runs = world.runs.length;
      await drop([file(name)]);
      expect([world.runs.length, text("#status"), text("#outcome"), window.document.activeElement?.id]).toEqual([runs, ja.verify_doubt.message, expect.stringContaining(name), "outcome-title"]);
      await press(choice);
      expect([run().filing.document.name, run().filing.files.map(({ name }) => name)]).toEqual([signed, along]);
      world.page.clear();
    }
  });

  it("are no longer missing: a drop is another document", async () => {
    await finds(xml(["a.pdf"]));
    await drop([file("a.pdf")]);
    await ends({ result: { document: found({ format: "xml" }), words: {} } });
    await drop([file("a.pdf")]);
    expect([run().filing.document.name, run().filing.files, text("#status")]).toEqual(["a.pdf", [], ja.verify_running.message]);
  });

  it("that an archive lacks cannot be added to it", async () => {
    await drop([file("filing.zip")]);
    await ends({ result: { document: xml(["a.pdf"]), entry: "申請/kousei\u202e.xml", unsignedFiles: ["b\u202e.txt"], words: {} } });
    expect(text("#missing")).toBe(`${ja.verify_missing.message}a.pdf${ja.verify_missing_entry.message}`);
    expect(text("#outcome")).toContain(`${ja.verify_entry.message}申請/kousei‹U+202E›.xml${ja.verify_unsigned_files.message}b‹U+202E›.txt`);
    await drop([file("a.pdf")]);
    expect([run().filing.document.name, run().filing.files]).toEqual(["a.pdf", []]);
  });
});

describe("what the service wants", () => {
  const words = { "profile/egov": "e-Govの署名の形式", "service-rule/files-signed": "あるファイルがすべて署名されている", "service-remedy/sign": "署名しなおしてください。", "detail/file \"x\" is not signed": "ファイル「x」に署名されていません" };
  const service = (conforms: boolean) => ({
    profile: "egov", conforms,
    checks: [{ rule: "target", outcome: "passed", start: 0, end: 0 }, ...(conforms ? [] : [{ rule: "files-signed", outcome: "failed", start: 0, end: 9, cause: "file-unsigned", values: ["x"], detail: 'file "x" is not signed', remedy: "sign" }])],
  }) as NonNullable<Judged["service"]>;

  it.each([[true, ja.verify_service_conforms.message, []], [false, ja.verify_service_broken.message, ["× あるファイルがすべて署名されているファイル「x」に署名されていません署名しなおしてください。"]]])("is told: conforms %s", async (conforms, sentence, rules) => {
    await drop([file("kousei.xml")]);
    await ends({ result: { document: found({ format: "xml" }), service: service(conforms), words } });
    expect(text(".service p")).toBe(sentence.replace("$1", "e-Govの署名の形式"));
    expect(Array.from(document.querySelectorAll(".service li"), ({ textContent }) => textContent)).toEqual(rules);
    expect(find(".verdict").dataset.verdict).toBe("good");
    expect(await faults()).toEqual([]);
  });

  it("is nothing where the file is made for none", async () => {
    await finds(found());
    expect(document.querySelector(".service")).toBeNull();
  });
});

describe("a result", () => {
  it("is asked for again with the attributes, or in the other language", async () => {
    await finds(found());
    find<HTMLInputElement>("#attributes").click();
    expect(run().wanted).toEqual({ lang: "ja", attributes: true });
    await ends({ result: { document: found(), words: {} } });
    await press("#language");
    expect([world.runs.length, run().wanted, text("#status")]).toEqual([3, { lang: "en", attributes: true }, en.verify_running.message]);
  });

  it("is saved as the program gave it, under the file's name", async () => {
    await drop([file("a/b\u202e.pdf")]);
    await ends({ result: { document: found(), entry: "kousei.xml", words: {} } });
    await press("#save");
    const [saved] = world.saved;
    expect(saved?.name).toBe("a_b‹U+202E›.pdf.verification.json");
    expect(JSON.parse(saved?.text ?? "")).toEqual({ file: { name: "a/b\u202e.pdf", size: 8 }, files: [], document: found(), entry: "kousei.xml" });
    expect(text(".save")).not.toContain(ja.verify_save_personal.message);
    find<HTMLInputElement>("#attributes").click();
    await ends({ result: { refusal: { reason: "SIGNATURE_ABSENT" }, words: {} } });
    await press("#save");
    expect(JSON.parse(world.saved[1]?.text ?? "")).toMatchObject({ refusal: { reason: "SIGNATURE_ABSENT" } });
    expect(text(".save")).toContain(ja.verify_save_personal.message);
  });

  it("goes with the page", async () => {
    find<HTMLInputElement>("#attributes").click();
    await finds(full, words);
    expect(document.body.textContent).toContain("1980年5月5日");
    world.page.clear();
    expect([text("#outcome"), text("#status")]).toEqual(["", ja.verify_nothing.message]);
    await press("#language");
    expect(world.runs).toHaveLength(1);
  });
});
