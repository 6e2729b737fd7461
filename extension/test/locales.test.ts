import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import en from "../_locales/en/messages.json";
import ja from "../_locales/ja/messages.json";
import { translator } from "../src/i18n.ts";
import { goldenText } from "./fakes.ts";

const placeholders = (text: string): string[] => [...new Set(text.match(/\$\d/g))].sort();

describe("the two languages", () => {
  it("have the same keys, in the same order", () => {
    expect(Object.keys(ja)).toEqual(Object.keys(en));
  });

  it.each(Object.keys(en) as (keyof typeof en)[])("%s has a text and the same values in both", (key) => {
    expect(ja[key].message).not.toBe("");
    expect(en[key].message).not.toBe("");
    expect(placeholders(ja[key].message)).toEqual(placeholders(en[key].message));
  });

  it.each((JSON.parse(goldenText("codes")) as { code: string }[]).map(({ code }) => code))("%s has a sentence and a remedy", (code) => {
    for (const texts of [ja, en]) expect(Object.keys(texts)).toEqual(expect.arrayContaining([`error_${code}`, `remedy_${code}`]));
  });

  it("call the PINs by their official names", () => {
    expect(ja.pin_authentication.message).toBe("利用者証明用電子証明書の暗証番号（数字4桁）");
    expect(ja.pin_signature.message).toBe("署名用電子証明書の暗証番号（英数字6〜16桁）");
  });

  it("have one word for one thing", () => {
    const texts = JSON.stringify(ja);
    for (const other of ["ウインドウ", "入力画面", "照合番号", "要約値", "コンピュータ", "住所地", "今の暗証番号", "券面の4情報"]) expect(texts).not.toContain(other);
    for (const key of ["state_dialog", "dialog_hint", "dialog_compare", "list_digest_hint", "pin_why", "error_PROMPT_UNAVAILABLE"] as const) {
      expect(ja[key].message).toContain("システムの入力ダイアログ");
      expect(en[key].message).toMatch(/system dialog|dialog/i);
    }
    expect([ja.list_digest.message, en.list_digest.message]).toEqual(["文書の確認用ダイジェスト（SHA-256）", "Digest of the documents (SHA-256)"]);
  });

  it("say of a program that is not found what to do where it is installed, on the first page as everywhere", () => {
    const last = (text: string): string | undefined => /[^.。]+[.。]$/.exec(text)?.[0].trim();
    for (const texts of [ja, en]) expect(last(texts.options_program_missing.message)).toBe(last(texts.remedy_HOST_MISSING.message));
  });

  it.each(["options_install_win", "options_install_linux"] as const)("%s says where the file is to be had", (key) => {
    expect(ja[key].message).toContain(`「${ja.options_step_program_how.message}」のページ`);
    expect(en[key].message).toContain("The page that is linked here says where to get the file.");
  });

  it("say what the system dialog says, word by word: who sees another purpose there is to stop", () => {
    const dialog = readFileSync(`${import.meta.dirname}/../../internal/prompt/text.go`, "utf8");
    const says = (text: string): void => { expect(dialog).toContain(`"${text}`); };
    says(`要求元：${ja.own_page.message}"`);
    says(`Requested by: ${en.own_page.message}"`);
    const purposes = ({ purpose_certificate_signature: certificate, purpose_attributes: attributes, purpose_change: change }: typeof en, slot: string): string[] =>
      [certificate.message.replace(slot, "%s"), attributes.message, change.message.replace(/(：|: )\$1/, "")];
    for (const purpose of purposes(ja, "署名用電子証明書")) says(`操作：${purpose}"`);
    for (const purpose of purposes(en, "signature certificate")) says(`${purpose.replace(/^to /, "To: ")}"`);
    const portal = ({ purpose_portal_login: login, purpose_portal_sign: sign, purpose_portal_attributes: attributes }: typeof en): string[] => [login.message, sign.message.replace("$1", "%d"), attributes.message];
    for (const purpose of portal(ja)) says(`操作：${purpose}"`);
    for (const purpose of portal(en)) says(`${purpose.replace(/^to /, "To: ").replace(/^for /, "For: ")}"`);
    for (const { pin_current, pin_new, tries } of [ja, en]) {
      says(pin_current.message);
      says(pin_new.message);
      says(tries.message.replaceAll("$1", "%d"));
    }
    for (const form of ["利用者証明用, 4 digits", "署名用, 6 to 16 letters and digits", "券面事項入力補助用, 4 digits"]) {
      says(form);
      expect([en.pin_authentication, en.pin_signature, en.pin_card_surface].filter(({ message }) => message.endsWith(` (${form})`))).toHaveLength(1);
    }
  });

  it("fit the stores", () => {
    for (const texts of [ja, en]) {
      expect(texts.extensionName.message.length).toBeLessThanOrEqual(45);
      expect(texts.extensionDescription.message.length).toBeLessThanOrEqual(132);
    }
  });
});

it("no text is left that nothing uses", () => {
  const source = readdirSync(`${import.meta.dirname}/../src`, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(`${import.meta.dirname}/../src/${file}`, "utf8"))
    .join("\n");
  const page = ["card", "verify"].map((name) => readFileSync(`${import.meta.dirname}/../static/${name}.html`, "utf8")).join("\n");
  const manifest = readFileSync(`${import.meta.dirname}/../manifest.mjs`, "utf8");
  const unused = Object.keys(en).filter((key) => !/^(error|remedy)_|_remedy$/.test(key) && !source.includes(`"${key}"`) && !page.includes(`"${key}"`) && !manifest.includes(`__MSG_${key}__`));
  expect(unused).toEqual([]);
});

it("the seconds that a pad waits are the host's to say", () => {
  for (const texts of [ja, en]) expect(texts.pad_hint.message).not.toMatch(/\d/);
});

it("values are put where their numbers stand, as they are", () => {
  expect(translator(en)("tries", 2)).toBe("Tries left: 2 (2 more wrong ones block it).");
});
