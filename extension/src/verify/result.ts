/** What came of a file, drawn: the verdict, what is missing, each signature, what else must be known. */

import { element } from "../dom.ts";
import { dayInWords, momentInJapan } from "../dates.ts";
import { fact } from "../card/view.ts";
import type { Refusal, Root, VerifiedDocument, Verified } from "../messages/verify.ts";
import { elided, readableSize, visible } from "../window/names.ts";
import type { Filing, Named } from "./run.ts";
import { signatureCard, whyFacts } from "./signature.ts";
import { foreign, wordFor, type Told } from "./told.ts";
import { verdictBox, verdictOf, type Verdict } from "./verdict.ts";

/** The verdict of a result. A CMS message whose document is a file of its own is refused without it, and is nothing bad. */
export function verdictFor(verified: Verified): Verdict {
  if ("document" in verified) return verdictOf(verified.document);
  return verified.refusal.reason === lacking ? "incomplete" : "refused";
}

/** The reason of whatever lacks a file that was signed. */
const lacking = "CONTENT_MISSING";

/** Whether a file that was signed is not here. */
export function lacksFiles(verified: Verified): boolean {
  return "document" in verified ? verified.document.signatures.some(({ reason }) => reason === lacking) : verified.refusal.reason === lacking;
}

/** Draws all of it; `attributes` tells that the holders' were asked for. */
export function resultFacts(verified: Verified, filing: Filing, attributes: boolean, told: Told): HTMLElement[] {
  const box = verdictBox(verdictFor(verified), told);
  if ("refusal" in verified) return [box, fileFacts(filing.document, told), ...refusalFacts(verified.refusal, told)];
  const { document } = verified;
  const of = document.signatures.length;
  return [
    box,
    documentFacts(document, filing.document, told),
    ...document.missingRoots.map((root) => missingRoot(root, told)),
    ...document.signatures.map((signature, i) => signatureCard(signature, { number: i + 1, of, attributes }, told)),
  ];
}

/** A file's name and size. */
export function fileLine({ name, content }: Named, { lang }: Pick<Told, "lang">): HTMLElement {
  return element("span", {}, element("bdi", { class: "name" }, elided(visible(name))), ` ${readableSize(content.size, lang)}`);
}

function fileFacts(file: Named, told: Told, ...more: HTMLElement[]): HTMLElement {
  return element("dl", {}, ...fact(told.t("verify_file"), fileLine(file, told)), ...more);
}

function documentFacts({ format, revisions, pages, at, signatures }: VerifiedDocument, file: Named, told: Told): HTMLElement {
  const { t, lang } = told;
  const counted = (outcome: string): number => signatures.filter((each) => each.outcome === outcome).length;
  return fileFacts(file, told,
    ...fact(t("verify_format"), wordFor("format", format, told), ...(revisions === undefined || pages === undefined ? [] : [t("verify_revisions", pages, revisions)])),
    ...fact(t("verify_signatures"), t("verify_counts", signatures.length, counted("passed"), counted("failed"), counted("not-checked"))),
    ...fact(t("verify_at"), momentInJapan(at, lang)));
}

/** Why a file cannot be judged, and what to do. */
function refusalFacts({ reason, detail }: Refusal, told: Told): HTMLElement[] {
  return [element("div", { class: "why" }, ...whyFacts(reason, detail, told))];
}

/** A root of J-LIS that is not here: certificates by it cannot be confirmed, whoever has one. */
function missingRoot({ hierarchy, generation, from, to, obtained }: Root, told: Told): HTMLElement {
  const { t, lang } = told;
  const day = (date: string): string => dayInWords(date, lang) ?? date;
  const name = t(hierarchy === "signature" ? "verify_root_signature" : "verify_root_authentication", generation);
  return element("div", { class: "missing-root" },
    element("p", {}, t("verify_missing_root", name, day(from), day(to))),
    ...(hierarchy === "authentication" ? [element("p", {}, t("verify_missing_root_login"))] : []),
    element("p", { class: "quiet" }, foreign(wordFor("obtained", obtained, told))));
}
