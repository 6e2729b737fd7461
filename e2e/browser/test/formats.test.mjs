/** Every format that a site can ask for, from its page to a judge that is not ours; and documents that are not signed. */

import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, test } from "node:test";
import { names } from "../lib/browsers.mjs";
import { contract, doctype, kousei, pdf, picture, xtx } from "../lib/documents.mjs";
import { screenshots, scratchFolder } from "../lib/files.mjs";
import { encrypted, judgeCMS, judgeEGov, judgePDF, judgeRaw, judgeXML } from "../lib/judges.mjs";
import { signaturePIN, Stage } from "../lib/stage.mjs";
import { texts } from "../lib/window.mjs";

await mkdir(screenshots, { recursive: true });

const bytes = (data) => ({ bytes: data.toString("base64") });
const blob = (data) => ({ blob: data.toString("base64") });
const decoded = (base64) => Buffer.from(base64, "base64");

for (const name of names) {
  describe(`formats in ${name}`, () => {
    const stage = Stage.set(name);
    let signed = 0;
    beforeEach(() => { signed = 0; });

    /** Asks for a signature, and returns the page and Natsuin's window. */
    async function ask(order, prepare = async () => {}) {
      await stage.pinentry.answers(`pin ${signaturePIN}`);
      const page = await stage.open("/formats.html");
      await page.evaluate((order) => { globalThis.order = order; }, JSON.stringify({ lang: "ja", ...order }));
      await prepare(page);
      await page.click("#sign");
      return { page, window: await stage.window() };
    }

    /** Signs, and returns what the page got; `look` sees the consent before it is given. */
    async function sign(order, look = async () => {}, prepare = undefined) {
      const { page, window } = await ask(order, prepare);
      await look(await window.state("consent"), window);
      await window.click("accept");
      const [{ result, detail }] = await Promise.all([stage.outcome(page), window.state("done")]);
      assert.equal(result, "ok", JSON.stringify(detail));
      signed++;
      await stage.idle(signed);
      return {
        ...detail,
        certificate: decoded(detail.certificate),
        signatures: detail.signatures.map(decoded),
        files: detail.files.map(({ type, data }) => ({ type, data: decoded(data) })),
      };
    }

    const shows = (what) => async (consent) => {
      const known = await texts("ja");
      for (const text of what.map((each) => known[each]?.message ?? each)) assert.ok(consent.text.includes(text), `${text} in ${consent.text}`);
    };
    const pictured = (what, ...words) => async (consent, window) => {
      await shows(words)(consent);
      await window.sees("#accept:not([disabled])");
      await window.screenshot(join(screenshots, `${name}-consent-${what}.png`));
    };

    test("PDFs with a seal of text, as the registry wants them", async () => {
      const originals = [pdf(3), pdf(12)];
      const look = async (consent, window) => {
        await pictured("pdf", "format_pdf_moj", "定款.pdf", "議事録.pdf", "12")(consent, window);
        assert.ok(await window.draws("#seal"), "the picture is let in by the page's policy");
        await window.scrollTo("#seal");
        await window.screenshot(join(screenshots, `${name}-consent-seal.png`));
        await window.click("language");
        await window.reads((await texts("en")).state_consent.message);
        await window.sees("#accept:not([disabled])");
        await window.screenshot(join(screenshots, `${name}-consent-pdf-en.png`));
        await window.click("language");
        await window.reads((await texts("ja")).state_consent.message);
      };
      const { files, signatures } = await sign({
        format: "pdf", profile: "moj", documents: [{ name: "定款.pdf", bytes: bytes(originals[0]) }, { name: "議事録.pdf", bytes: blob(originals[1]) }],
        seal: { page: 1, x: 450, y: 700, size: 60, ring: true, text: "見本" },
      }, look);
      for (const [i, { type, data }] of files.entries()) {
        assert.equal(type, "application/pdf");
        assert.ok(data.equals(Buffer.concat([originals[i], signatures[i]])), "the signed file is the original and what was appended");
        await judgePDF(data, 1);
      }
    });

    test("a PDF with a seal of a picture, and one more signature on top of it", async () => {
      const order = { format: "pdf", hash: "SHA-512", seal: { page: 2, x: 0, y: 0, size: 100, picture: blob(picture) } };
      const { files: [first], algorithm } = await sign({ ...order, documents: [{ name: "契約書.pdf", bytes: blob(pdf(2)) }] }, pictured("pdf-picture", "format_pdf_pades"));
      assert.equal(algorithm, "RS512");
      await judgePDF(first.data, 1);
      const { files: [second] } = await sign({ format: "pdf", profile: "pades", documents: [{ name: "契約書.pdf", bytes: bytes(first.data) }] });
      assert.ok(second.data.subarray(0, first.data.length).equals(first.data));
      await judgePDF(second.data, 2);
    });

    test("a PDF from the user's disk", async () => {
      const folder = await scratchFolder();
      try {
        const path = join(folder.path, "申請書.pdf");
        await writeFile(path, pdf(1));
        const choose = async (page) => (await page.$("#file")).uploadFile(path);
        const { files: [{ data }] } = await sign({ format: "pdf", documents: [{ name: "申請書.pdf", bytes: { file: 0 } }] }, undefined, choose);
        await judgePDF(data, 1);
      } finally {
        await folder.remove();
      }
    });

    test("an XML document, whole, with XAdES, and parts of it", async () => {
      const documents = [{ name: "契約.xml", bytes: bytes(contract) }];
      const whole = await sign({ format: "xml", xades: true, hash: "SHA-384", documents }, shows(["format_xml_enveloped", "xades_note"]));
      assert.deepEqual([whole.files[0].type, whole.algorithm], ["application/xml", "RS384"]);
      assert.ok(whole.files[0].data.equals(whole.signatures[0]));
      await judgeXML(whole.files[0].data, whole.certificate, { ids: [["Id", "SignedProperties"]] });
      const parts = await sign({ format: "xml", elements: ["A1"], documents }, shows(["elements_note", "A1"]));
      await judgeXML(parts.files[0].data, parts.certificate, { ids: [["id", "甲"]] });
    });

    test("an XML document for e-Tax", async () => {
      const { files: [{ data }], certificate } = await sign({ format: "xml", profile: "etax", documents: [{ name: "申告.xtx", bytes: bytes(xtx) }] }, shows(["format_xml_etax"]));
      await judgeXML(data, certificate, { ids: [["id", "PTE0010"]] });
    });

    test("an XML document for e-Gov, with files", async () => {
      const attachments = { "添付書類.pdf": pdf(1), "様式.xml": contract };
      const files = [{ name: "添付書類.pdf", bytes: blob(attachments["添付書類.pdf"]) }, { name: "様式.xml", bytes: bytes(contract) }];
      const { files: [{ data }], certificate } = await sign({ format: "xml", profile: "egov", documents: [{ name: "kousei.xml", bytes: bytes(kousei) }], files }, pictured("egov", "format_xml_egov", ...Object.keys(attachments)));
      await judgeEGov(data, certificate, Object.values(attachments));
    });

    test("a file of any kind, by its name in an XML signature", async () => {
      const { files: [{ data }], certificate } = await sign({ format: "xml", profile: "detached", documents: [{ name: "drawing.bin", bytes: bytes(picture) }] }, shows(["format_xml_detached"]));
      await judgeXML(data, certificate, { files: { "drawing.bin": picture } });
    });

    test("a CMS message that gets a second signer, and one with its content", async () => {
      const document = { name: "契約.xml", bytes: bytes(contract) };
      const first = await sign({ format: "cms", hash: "SHA-512", documents: [document] }, shows(["format_cms"]));
      assert.deepEqual([first.files[0].type, first.algorithm], ["application/pkcs7-signature", "RS512"]);
      await judgeCMS(first.files[0].data, stage.bench.trust, contract);
      const second = await sign({ format: "cms", hash: "SHA-512", documents: [{ ...document, message: bytes(first.signatures[0]) }] }, pictured("cosign", "cosigned"));
      const printed = await judgeCMS(second.files[0].data, stage.bench.trust, contract);
      assert.equal(printed.match(/^ *signedAttrs:/gm)?.length, 2, "two signers");
      const attached = await sign({ format: "cms", attached: true, documents: [document] }, shows(["format_cms_attached"]));
      assert.equal(attached.files[0].type, "application/pkcs7-mime");
      await judgeCMS(attached.files[0].data, stage.bench.trust);
    });

    test("a bare value with SHA-384", async () => {
      const { files: [{ data }], certificate } = await sign({ format: "raw", hash: "SHA-384", documents: [{ name: "見本.bin", bytes: bytes(picture) }] }, shows(["format_raw"]));
      await judgeRaw(data, certificate, picture, "sha384");
    });

    const refused = {
      encrypted: ["encrypted", async () => ({ format: "pdf", documents: [{ name: "よい.pdf", bytes: blob(pdf(1)) }, { name: "制限付き.pdf", bytes: blob(await encrypted(pdf(1))) }] }), 1],
      "not a PDF": ["not-pdf", async () => ({ format: "pdf", profile: "moj", documents: [{ name: "写真.pdf", bytes: blob(picture) }] }), 0],
      "a DOCTYPE": ["doctype", async () => ({ format: "xml", documents: [{ name: "申請.xml", bytes: blob(doctype) }] }), 0],
      "a page that is not there": ["no-page", async () => ({ format: "pdf", documents: [{ name: "一枚.pdf", bytes: blob(pdf(1)) }], seal: { page: 2, x: 0, y: 0, size: 60, text: "見本" } }), 0],
      "a message about something else": ["other-document", async () => {
        const { signatures: [message] } = await sign({ format: "cms", documents: [{ name: "a", bytes: bytes(contract) }] });
        return { format: "cms", documents: [{ name: "別.xml", bytes: bytes(xtx), message: bytes(message) }] };
      }, 0],
    };
    for (const [what, [reason, make, index]] of Object.entries(refused)) {
      test(`a document that is not signed: ${what}`, async () => {
        const order = await make();
        const { page, window } = await ask(order);
        const { result, detail } = await stage.outcome(page);
        assert.deepEqual([result, detail.field, detail.reason], ["DOCUMENT_REFUSED", `documents[${index}]`, reason]);
        const shown = await window.state("error");
        const known = await texts("ja");
        const key = `refused_${reason.replaceAll("-", "_")}`;
        for (const text of [order.documents[index].name, known[key].message, known[`${key}_remedy`].message]) assert.ok(shown.text.includes(text), shown.text);
        assert.equal(shown.sentence, known.error_DOCUMENT_REFUSED.message);
        if (reason === "encrypted") await window.screenshot(join(screenshots, `${name}-refused.png`));
        await stage.idle(signed); // no PIN was asked for
      });
    }
  });
}
