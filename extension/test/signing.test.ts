// @vitest-environment happy-dom
/** What Natsuin's window shows of a signature: its format, its documents, its seal, and why a document is not signed. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import en from "../_locales/en/messages.json";
import ja from "../_locales/ja/messages.json";
import { refusals } from "../src/errors.ts";
import type { Signing } from "../src/messages/window.ts";
import { goldenText } from "./fakes.ts";
import { accept, consent, cosigning, filing, find, picture, prompt, promptState, sealing, show, signature, signs } from "./window.ts";

const rows = (table: string) => Array.from(document.querySelectorAll(`${table} tbody tr`), (row) => Array.from(row.children, (cell) => cell.textContent));
const heads = (table: string) => Array.from(document.querySelectorAll(`${table} th`), ({ textContent }) => textContent);

describe("the format", () => {
  const documents = [{ name: "a", size: 1 }];
  const cases: [Signing, keyof typeof ja][] = [
    [{ format: "cms", documents }, "format_cms"],
    [{ format: "cms", attached: false, documents }, "format_cms"],
    [{ format: "cms", attached: true, documents }, "format_cms_attached"],
    [{ format: "pdf", documents }, "format_pdf_pades"],
    [{ format: "pdf", profile: "pades", documents }, "format_pdf_pades"],
    [{ format: "pdf", profile: "moj", documents }, "format_pdf_moj"],
    [{ format: "xml", documents }, "format_xml_enveloped"],
    [{ format: "xml", profile: "enveloped", documents }, "format_xml_enveloped"],
    [{ format: "xml", profile: "etax", documents }, "format_xml_etax"],
    [{ format: "xml", profile: "egov", documents }, "format_xml_egov"],
    [{ format: "xml", profile: "detached", documents }, "format_xml_detached"],
    [{ format: "raw", documents }, "format_raw"],
  ];
  it.each(cases)("is said in words: case %#", async (signing, key) => {
    await show(signs(signing), consent);
    expect(find("#format p").textContent).toBe(ja[key].message);
    expect(document.querySelectorAll("#format p")).toHaveLength(1);
  });

  it("says what else is signed, and that the rest of a document is not", async () => {
    await show(filing, consent);
    expect(find("#format .warning").textContent).toBe(ja.elements_note.message);
    expect(Array.from(document.querySelectorAll("#elements bdi"), ({ textContent }) => textContent)).toEqual(["構成‹U+202E›情報"]);
    await show(signs({ format: "xml", xades: true, documents }), consent);
    expect(find("#format").textContent).toContain(ja.xades_note.message);
    expect(document.querySelector("#elements")).toBeNull();
  });
});

describe("the documents", () => {
  it("of a PDF have their pages", async () => {
    await show(sealing, promptState("prompt-consent", { hidden: 0, pages: [3, 1] }));
    expect(heads("#documents")).toEqual([ja.document_name.message, ja.document_pages.message, ja.document_size.message]);
    expect(rows("#documents")).toEqual([["申請書.pdf", "3", expect.stringContaining("48.2")], ["委任状.pdf", "1", expect.stringContaining("1.5")]]);
  });

  it("stand apart from the files that are signed along", async () => {
    await show(filing, consent);
    expect(rows("#documents")).toEqual([["kousei.xml", "912 バイト"]]);
    expect(heads("#documents")).toHaveLength(2);
    expect(rows("#files")).toEqual([["申請書.xml", expect.stringContaining("1.5")], ["図面.pdf", ja.content_hidden.message]]);
    expect(Array.from(document.querySelectorAll("[role=region]"), (region) => region.getAttribute("aria-label"))).toEqual(["文書（1件）", "一緒に署名するファイル（2件）"]);
  });

  it("that nobody can see are asked about twice, files as well", async () => {
    await show(filing, consent);
    accept();
    expect(document.body.dataset.state).toBe("hidden");
    expect(rows("#documents")).toEqual([["図面.pdf", ja.content_hidden.message]]);
  });

  it("that others have signed say so", async () => {
    await show(cosigning, promptState("prompt-consent", { hidden: 0 }));
    expect(find("#documents .cosigned").textContent).toBe(ja.cosigned.message);
    await show(signature, consent);
    expect(document.querySelector(".cosigned")).toBeNull();
  });
});

describe("the seal", () => {
  const base64Of = async (blob?: Blob) => blob && Buffer.from(new Uint8Array(await blob.arrayBuffer())).toString("base64");
  const sealed = promptState("prompt-consent", { hidden: 0, pages: [3, 1], seal: picture });
  let shown: Map<string, Blob>;
  beforeEach(() => {
    shown = new Map();
    vi.spyOn(URL, "createObjectURL").mockImplementation((blob) => {
      const address = `blob:${shown.size}`;
      shown.set(address, blob as Blob);
      return address;
    });
    vi.spyOn(URL, "revokeObjectURL").mockImplementation((address) => void shown.delete(address));
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it("is the host's picture, with its text read out and its place on the page", async () => {
    await show(sealing, sealed);
    const image = find<HTMLImageElement>("#seal");
    const blob = shown.get(image.getAttribute("src") ?? "");
    expect([blob?.type, await base64Of(blob)]).toEqual(["image/png", picture]);
    expect(image.alt).toBe("「見‹U+202E›本」と書かれた印影");
    expect(find("#seal-section p").textContent).toBe("文書の2ページ目に、21mm四方で表示されます（左端から141mm、下端から247mm）。");
  });

  it("looks as it will on the page: in the ring its diagonal is 7/8 of it", async () => {
    await show(sealing, sealed);
    const size = (): number[] => ["width", "height"].map((side) => Number(find("#seal").getAttribute(side)));
    expect([find("#seal").parentElement?.className, size()]).toEqual(["ring", [38, 75]]);
    await show(signs({ format: "pdf", documents: [{ name: "a.pdf", size: 1 }], seal: { page: 1, x: 0, y: 0, size: 72 } }), sealed);
    expect([find("#seal").parentElement?.className, size(), find<HTMLImageElement>("#seal").alt]).toEqual(["no-ring", [48, 96], ja.seal_alt_picture.message]);
  });

  it.each(["AAAA", Buffer.alloc(24).toString("base64"), Buffer.alloc(24, 255).toString("base64")])("does no harm when the picture is none: case %#", async (seal) => {
    await show(sealing, promptState("prompt-consent", { seal }));
    for (const side of ["width", "height"]) expect(Number(find("#seal").getAttribute(side))).toSatisfy((pixels: number) => pixels >= 1 && pixels <= 96);
  });

  it("is forgotten with the question, in whichever language it was asked", async () => {
    await show(sealing, sealed);
    find("#language").click();
    await prompt.settled;
    expect(shown.size).toBe(1);
    await show(sealing, { kind: "progress", phase: "card" });
    expect(shown.size).toBe(0);
  });

  it("is none where none is drawn", async () => {
    await show(sealing, promptState("prompt-consent", { hidden: 0, pages: [3, 1] }));
    await show(signature, sealed);
    expect([document.querySelector("#seal"), shown.size]).toEqual([null, 0]);
  });
});

describe("a document that is not signed", () => {
  it("has the reasons of the shared list", () => {
    expect(Object.keys(refusals)).toEqual(JSON.parse(goldenText("codes-refused")));
  });

  it.each(Object.entries(refusals))("is named with the reason %s and its remedy, in both languages", async (reason, key = "refused_empty") => {
    await show(sealing, { kind: "error", error: { code: "DOCUMENT_REFUSED", reason, field: "documents[1]" } });
    for (const texts of [ja, en]) {
      expect(find("#refused-document bdi").textContent).toBe("委任状.pdf");
      expect(find("#refused").textContent).toBe(texts[key].message);
      expect(find("#remedy").textContent).toBe(texts[`${key}_remedy`].message);
      expect(find("#panel").textContent).toContain(texts.refused_by_site.message);
      find("#language").click();
      await prompt.settled;
    }
  });

  it.each([
    ["files[0]", "申請書.xml"],
    ["documents[0]", "kousei.xml"],
    ["documents[7]", undefined],
    ["files", undefined],
    [undefined, undefined],
  ])("is found by %s", async (field, name) => {
    await show(filing, { kind: "error", error: { code: "DOCUMENT_REFUSED", reason: "doctype", ...(field !== undefined && { field }) } });
    expect(document.querySelector("#refused-document bdi")?.textContent).toBe(name);
  });

  it("for a reason that nobody has heard of still has a remedy", async () => {
    await show(sealing, { kind: "error", error: { code: "DOCUMENT_REFUSED", reason: "constructor" } });
    expect([document.querySelector("#refused"), find("#remedy").textContent]).toEqual([null, ja.remedy_DOCUMENT_REFUSED.message]);
  });

  it("is no matter of other errors", async () => {
    await show(sealing, { kind: "error", error: { code: "INVALID_REQUEST", reason: "encrypted", field: "documents[0]" } });
    expect([document.querySelector("#refused-document"), find("#remedy").textContent]).toEqual([null, ja.remedy_INVALID_REQUEST.message]);
  });
});
