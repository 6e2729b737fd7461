/** The page that verifies: what it says of files that are as they were signed, and of others; what it takes, and how it is used. */

import assert from "node:assert/strict";
import { mkdir, readFile, rename, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { names } from "../lib/browsers.mjs";
import { kousei, pdf, xtx } from "../lib/documents.mjs";
import { scratchFolder, screenshots } from "../lib/files.mjs";
import { signaturePIN, Stage } from "../lib/stage.mjs";
import { eventually, patience } from "../lib/wait.mjs";
import { texts } from "../lib/window.mjs";

await mkdir(screenshots, { recursive: true });
const [ja, en] = [await texts("ja"), await texts("en")];
/** What of a signature by the simulated card is right: all that does not depend on its CA, which is nobody's. */
const intact = { message: "passed", document: "passed", signature: "passed", issuer: "failed" };

for (const name of names) {
  describe(`the page that verifies in ${name}`, () => {
    const stage = Stage.set(name, { own: true });
    const attachments = { "図面.pdf": pdf(1), "別紙 1.txt": Buffer.from("別紙") };
    let scratch;
    /** What the card has signed, by name. */
    const signed = {};

    before(async () => {
      scratch = await scratchFolder();
      const path = (file) => join(scratch.path, file);
      for (const [file, content] of Object.entries({ "申請書.pdf": pdf(2), "申告.xtx": xtx, "kousei.xml": kousei, ...attachments })) await writeFile(path(file), content);
      const sign = async (out, ...args) => {
        await stage.natsuin(["sign", ...args, "--out", path(out), "--pin-fd", "0"], `${signaturePIN}\n`);
        signed[out] = await readFile(path(out));
      };
      const files = Object.keys(attachments).flatMap((file) => ["--file", path(file)]);
      await sign("once.pdf", "--format", "pdf", "--in", path("申請書.pdf"));
      await sign("twice.pdf", "--format", "pdf", "--in", path("once.pdf"));
      await sign("申請書.pdf.p7s", "--format", "cms", "--in", path("申請書.pdf"));
      await sign("etax.xml", "--format", "xml", "--profile", "etax", "--in", path("申告.xtx"));
      await sign("egov.xml", "--format", "xml", "--profile", "egov", "--in", path("kousei.xml"), ...files);
      await sign("egov.zip", "--format", "xml", "--profile", "egov", "--in", path("kousei.xml"), ...files);
    }, { timeout: 2 * patience });
    after(() => scratch.remove());

    /** A file of so many bytes of nothing. */
    async function large(size) {
      const path = join(scratch.path, "large.pdf");
      await writeFile(path, "");
      await truncate(path, size);
      return path;
    }

    /** Drops files and waits for what is said of them. */
    async function verify(files) {
      const page = await stage.verifyPage();
      await page.drop(files);
      return { page, result: await page.result() };
    }
    const isIntact = (signature) => assert.deepEqual({ ...signature, ...intact }, signature);

    test("a signed PDF, by the keyboard; in both languages; saved", async () => {
      const page = await stage.verifyPageFromPopup();
      await page.chooseByKey(join(scratch.path, "once.pdf"));
      const { verdict, reasons, signatures, text } = await page.result();
      assert.deepEqual([verdict, reasons, signatures.length], ["stranger", ["ISSUER_FOREIGN"], 1]);
      isIntact(signatures[0]);
      for (const key of ["verify_no_revocation", "verify_later_nothing", "verify_unproven"]) assert.ok(text.includes(ja[key].message), key);
      await page.screenshot(join(screenshots, `${name}-verify-ja.png`));

      await page.click("#language");
      await eventually("the other language", async () => (await page.shown()).sentence === en.verify_stranger.message);
      assert.match((await page.result()).text, /Whether the certificate was revoked was not checked/);
      await page.screenshot(join(screenshots, `${name}-verify-en.png`));
      await page.screenshot(join(screenshots, `${name}-verify-narrow.png`), 320);
      await page.click("#language");
      await eventually("the first language", async () => (await page.shown()).sentence === ja.verify_stranger.message);

      await page.click("#save");
      const saved = join(stage.home.path, "Downloads", "once.pdf.verification.json");
      const { file, document } = await eventually("the saved result", () => readFile(saved, "utf8").then(JSON.parse).catch(() => undefined)); // it may be written just now
      assert.deepEqual([file, document.signatures[0].reason], [{ name: "once.pdf", size: signed["once.pdf"].length }, "ISSUER_FOREIGN"]);
      await stage.idle(0);
    });

    test("a PDF that another signature was added to", async () => {
      const { result } = await verify({ "twice.pdf": signed["twice.pdf"] });
      assert.equal(result.verdict, "stranger");
      result.signatures.forEach(isIntact);
      assert.equal(result.signatures.length, 2);
      assert.ok(result.text.includes(ja.verify_later_signatures.message.replace("$1", "1")));
    });

    test("a PDF that was changed, inside and behind", async () => {
      const inside = Buffer.from(signed["once.pdf"]);
      inside[inside.indexOf("842")] = "9".charCodeAt(0);
      const { page, result } = await verify({ "a.pdf": inside });
      assert.deepEqual([result.verdict, result.reasons], ["bad", ["DOCUMENT_CHANGED"]]);
      await page.screenshot(join(screenshots, `${name}-verify-changed.png`));
      const start = signed["once.pdf"].lastIndexOf("startxref") + "startxref\n".length;
      const last = parseInt(signed["once.pdf"].toString("latin1", start), 10);
      const at = signed["once.pdf"].length;
      const object = "\n3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]/Resources<<>>>>\nendobj\n";
      const table = `xref\n3 1\n${String(at + 1).padStart(10, "0")} 00000 n \ntrailer\n<</Size 20/Root 1 0 R/Prev ${last}>>\nstartxref\n${at + object.length}\n%%EOF\n`;
      await page.drop({ "b.pdf": Buffer.concat([signed["once.pdf"], Buffer.from(object + table)]) });
      await eventually("the other file's result", async () => (await page.result()).reasons[0] === "CHANGED_AFTER_SIGNING");
      assert.equal((await page.result()).verdict, "bad");
    });

    test("a signature by itself: the document is asked for, and another one is told", async () => {
      const { page, result } = await verify({ "申請書.pdf.p7s": signed["申請書.pdf.p7s"] });
      assert.deepEqual([result.verdict, await page.text("#missing p")], ["incomplete", ja.verify_missing_content.message]);
      await page.screenshot(join(screenshots, `${name}-verify-missing.png`));
      await page.drop({ "申請書.pdf": pdf(3) }, "#missing");
      await eventually("the wrong document", async () => (await page.result()).reasons[0] === "DOCUMENT_CHANGED");
      await page.click("#added button");
      await eventually("the question again", async () => (await page.result()).verdict === "incomplete");
      await page.choose(join(scratch.path, "申請書.pdf"), "#missing-file");
      const right = await eventually("the right document", async () => {
        const { verdict, signatures } = await page.result();
        return verdict === "stranger" && signatures;
      });
      isIntact(right[0]);
    });

    test("XML with files: those that are missing are named and can be added", async () => {
      const { page, result } = await verify({ "kousei.xml": signed["egov.xml"] });
      assert.deepEqual([result.verdict, result.missing], ["incomplete", Object.keys(attachments)]);
      await page.drop({ "図面.pdf": attachments["図面.pdf"] }, "nav"); // anywhere on the page
      await eventually("one of them", async () => (await page.result()).missing.length === 1);
      await page.drop({ "other name.txt": attachments["別紙 1.txt"] }, "#missing");
      await eventually("all of them", async () => (await page.result()).verdict === "stranger");
      const { signatures, text } = await page.result();
      isIntact(signatures[0]);
      assert.match(text, /ファイル 図面\.pdf/);
    });

    test("XML with files, all at once", async () => {
      const page = await stage.verifyPage();
      await page.drop({ ...attachments, "kousei.xml": signed["egov.xml"] });
      await page.state("asking");
      assert.equal(await page.focus(), "outcome-title");
      assert.equal(await page.tab.$eval("[name=signed]:checked + label", ({ innerText }) => innerText.split(" ")[0]), "kousei.xml");
      await page.screenshot(join(screenshots, `${name}-verify-which.png`));
      await page.click("#start");
      const { verdict, missing, signatures } = await page.result();
      assert.deepEqual([verdict, missing], ["stranger", []]);
      isIntact(signatures[0]);
    });

    test("a zip archive, as natsuin sign writes it for e-Gov", async () => {
      const { page, result } = await verify({ "egov.zip": signed["egov.zip"] });
      assert.deepEqual([result.verdict, result.missing], ["stranger", []]);
      isIntact(result.signatures[0]);
      assert.ok(result.text.includes(ja.verify_entry.message), result.text);
      assert.equal(await page.tab.$eval(".service", ({ dataset }) => dataset.conforms), "true");
      await page.screenshot(join(screenshots, `${name}-verify-zip.png`));
    });

    test("XML of which a part is signed", async () => {
      const { page, result } = await verify({ "etax.xml": signed["etax.xml"] });
      isIntact(result.signatures[0]);
      assert.match(result.text, /要素 \/DATA/);
      await page.click("#attributes");
      await eventually("why there are no attributes", async () => (await page.result()).text.includes(ja.verify_holder_unknown.message));
    });

    test("files that cannot be judged", async () => {
      const { page, result } = await verify({ "申請書.pdf": pdf(1) });
      assert.deepEqual([result.verdict, result.reasons], ["refused", ["SIGNATURE_ABSENT"]]);
      await page.drop({ "a\u202efdp.txt": Buffer.from("text") });
      const other = await eventually("another file", async () => {
        const result = await page.result();
        return result.reasons[0] === "FORMAT_UNKNOWN" && result;
      });
      assert.ok(other.text.includes("a‹U+202E›fdp.txt"), other.text);
      for (const [content, key] of [[{ empty: Buffer.alloc(0) }, "verify_empty"], [{}, "verify_no_file"]]) {
        await page.drop(content);
        assert.deepEqual(await page.shown(), { state: "troubled", sentence: ja[key].message, code: null, text: ja[`${key}_remedy`].message });
      }
      await page.choose(await large(256 * 2 ** 20 + 1));
      await eventually("the remedy", async () => (await page.shown()).text === ja.verify_too_large_remedy.message);
    });

    test("a large file, cancelled and started again", async () => {
      const page = await stage.verifyPage();
      await page.choose(await large(256 * 2 ** 20));
      await eventually("the first bytes", () => page.tab.evaluate(() => document.getElementById("progress")?.value > 0));
      await page.screenshot(join(screenshots, `${name}-verify-running.png`));
      await page.click("#cancel");
      assert.deepEqual(await page.state("ended"), { state: "ended", sentence: ja.error_CANCELLED.message, code: "CANCELLED", text: ja.verify_again.message });
      await stage.idle(0);
      await page.click("#again");
      await page.state("running");
      await page.tab.close();
      await stage.idle(0);
    });

    test("no program", async () => {
      await rename(stage.home.manifest, `${stage.home.manifest}.away`);
      const { page, result } = await verify({ "once.pdf": signed["once.pdf"] });
      assert.equal((await page.shown()).code, "HOST_MISSING");
      assert.ok(result.text.includes(ja.remedy_HOST_MISSING.message));
      await rename(`${stage.home.manifest}.away`, stage.home.manifest);
      await page.click("#again");
      await eventually("the program again", async () => (await page.result()).verdict === "stranger");
    });
  });
}
