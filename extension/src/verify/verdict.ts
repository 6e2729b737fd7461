/** What is to be said of a file as a whole. */

import { element } from "../dom.ts";
import type { MessageKey } from "../i18n.ts";
import type { DocumentSignature, VerifiedDocument } from "../messages/verify.ts";
import { mark, type Told } from "./told.ts";

/**
 * Nothing wrong; nothing wrong, and something was added to a PDF that may be added; nothing wrong, and parts of an XML document are left out; files are missing;
 * nobody knows whose it is; not to be relied on; nothing that can be checked; and, of a file that cannot be judged, refused.
 */
export type Verdict = "good" | "later" | "part" | "incomplete" | "stranger" | "bad" | "none" | "refused";

const sentences: Record<Verdict, MessageKey> = {
  good: "verify_good", later: "verify_good_later", part: "verify_part", incomplete: "verify_incomplete", stranger: "verify_stranger", bad: "verify_bad", none: "verify_none", refused: "verify_refused",
};
const signs: Record<Verdict, string> = { good: "○", later: "○", part: "△", incomplete: "…", stranger: "？", bad: "×", none: "－", refused: "×" };

/** The reasons for which a signature is right in itself, and nobody here can say whose. */
const strangers: ReadonlySet<string | undefined> = new Set(["ISSUER_FOREIGN", "ISSUER_NOT_SHIPPED"]);

/** The verdicts after which nobody takes a certificate for good. */
const silent: ReadonlySet<Verdict> = new Set(["incomplete", "refused"]);

/** Judges a file. Where one signature covers all of it, others may cover less: they were there before. */
export function verdictOf({ accepted, format, signatures }: VerifiedDocument): Verdict {
  const failed = signatures.filter(({ outcome }) => outcome === "failed");
  if (failed.length > 0) {
    const allFor = (test: (signature: DocumentSignature) => boolean): boolean => failed.every(test);
    if (allFor(({ reason }) => reason === "CONTENT_MISSING")) return "incomplete";
    return allFor(({ reason }) => strangers.has(reason)) ? "stranger" : "bad";
  }
  if (!accepted) return "none";
  if (signatures.some(({ outcome, covers }) => outcome === "passed" && covers.whole)) return "good";
  return format === "pdf" ? "later" : "part";
}

/** The verdict's sentence. */
export function sentenceOf(verdict: Verdict, { t }: Pick<Told, "t">): string {
  return t(sentences[verdict]);
}

/** The verdict for eyes: sign and sentence, and at once what no result of ours says. */
export function verdictBox(verdict: Verdict, told: Told): HTMLElement {
  return element("div", { class: `verdict ${verdict}`, "data-verdict": verdict },
    mark(signs[verdict]),
    element("div", {},
      element("p", { class: "sentence" }, sentenceOf(verdict, told)),
      !silent.has(verdict) && element("p", {}, told.t("verify_no_revocation"))));
}
