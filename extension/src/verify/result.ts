/** What came of a file, drawn: the verdict, what is missing, each signature, what else must be known. */

import { element } from "../dom.ts";
import { dayInWords, momentInJapan } from "../dates.ts";
import { fact } from "../card/view.ts";
import type { Judged, Refusal, Root, Service, Verified } from "../messages/verify.ts";
import { elided, readableSize, visible } from "../window/names.ts";
import type { Filing, Named } from "./run.ts";
import { signatureCard, technicalReason, whyFacts } from "./signature.ts";
import { detailOf, foreign, items, listed, mark, marks, technical, wordFor, type Told } from "./told.ts";
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

/** Whether files can be added to what was checked: an archive has its own. */
export function takesFiles(verified: Verified): boolean {
  return lacksFiles(verified) && !("entry" in verified);
}

/** Draws all of it; `attributes` tells that the holders' were asked for. */
export function resultFacts(verified: Verified, filing: Filing, attributes: boolean, told: Told): HTMLElement[] {
  const box = verdictBox(verdictFor(verified), told);
  if ("refusal" in verified) return [box, fileFacts(filing.document, told), ...refusalFacts(verified.refusal, told)];
  const { document, service } = verified;
  const of = document.signatures.length;
  return [
    box,
    documentFacts(verified, filing.document, told),
    ...document.signatures.map((signature, i) => signatureCard(signature, { number: i + 1, of, attributes }, told)),
    ...serviceFacts(service, told),
    ...missingRoots(document.missingRoots, told),
  ];
}

/** A file's name and size. */
export function fileLine({ name, content }: Named, { lang }: Pick<Told, "lang">): HTMLElement {
  return element("span", {}, element("bdi", { class: "name" }, elided(visible(name))), ` ${readableSize(content.size, lang)}`);
}

function fileFacts(file: Named, told: Told, ...more: HTMLElement[]): HTMLElement {
  return element("dl", {}, ...fact(told.t("verify_file"), fileLine(file, told)), ...more);
}

function documentFacts({ document: { format, revisions, pages, at, signatures }, entry, unsignedFiles = [] }: Judged, file: Named, told: Told): HTMLElement {
  const { t, lang } = told;
  const counts = counted.flatMap(({ outcome, key }) => {
    const { length } = signatures.filter((each) => each.outcome === outcome);
    return length === 0 ? [] : [t(key, length)];
  });
  return fileFacts(file, told,
    ...(entry === undefined ? [] : fact(t("verify_entry"), foreign(entry))),
    ...(unsignedFiles.length === 0 ? [] : fact(t("verify_unsigned_files"), items(...unsignedFiles.map(foreign)))),
    ...fact(t("verify_format"), wordFor("format", format, told), ...(revisions === undefined || pages === undefined ? [] : [t("verify_revisions", pages, revisions)])),
    ...fact(t("verify_signatures"), t("verify_counts", signatures.length, listed(counts, told))),
    ...fact(t("verify_at"), momentInJapan(at, lang)));
}

const counted = [
  { outcome: "passed", key: "verify_counted_passed" }, { outcome: "failed", key: "verify_counted_failed" }, { outcome: "not-checked", key: "verify_counted_not_checked" },
] as const;

/** Why a file cannot be judged, and what to do; of one that lacks another that is said already. */
function refusalFacts({ reason, detail }: Refusal, told: Told): HTMLElement[] {
  if (reason === lacking) return [technical(technicalReason(reason, detail))];
  return [element("div", { class: "why" }, ...whyFacts(reason, detail, told))];
}

/** What the service wants that the file is made for: whether it keeps all rules, or which it breaks. It says nothing of the signatures. */
function serviceFacts(service: Service | undefined, told: Told): HTMLElement[] {
  if (service === undefined) return [];
  const { t } = told;
  const broken = service.checks.filter(({ outcome }) => outcome === "failed").map(({ rule, detail, remedy }) =>
    element("li", { "data-service-rule": rule, "data-outcome": "failed" },
      mark(marks.failed), " ", wordFor("service-rule", rule, told),
      detail !== undefined && detailOf(detail, told),
      remedy !== undefined && element("p", {}, wordFor("service-remedy", remedy, told))));
  return [element("section", { class: "service", "aria-labelledby": "service-title", "data-conforms": String(service.conforms) },
    element("h3", { id: "service-title" }, t("verify_service")),
    element("p", {}, t(service.conforms ? "verify_service_conforms" : "verify_service_broken", wordFor("profile", service.profile, told))),
    broken.length > 0 && element("ul", { class: "rules" }, ...broken))];
}

/** The roots of J-LIS that are not here: certificates by them cannot be confirmed, whoever has one. */
function missingRoots(roots: readonly Root[], told: Told): HTMLElement[] {
  if (roots.length === 0) return [];
  return [element("section", { class: "missing-roots", "aria-labelledby": "roots-title" }, element("h3", { id: "roots-title" }, told.t("verify_roots")), ...roots.map((root) => missingRoot(root, told)))];
}

function missingRoot({ hierarchy, generation, from, to, obtained }: Root, told: Told): HTMLElement {
  const { t, lang } = told;
  const day = (date: string): string => dayInWords(date, lang) ?? date;
  const name = t(hierarchy === "signature" ? "verify_root_signature" : "verify_root_authentication", generation);
  return element("div", { class: "missing-root" },
    element("p", {}, t("verify_missing_root", name, day(from), day(to))),
    ...(hierarchy === "authentication" ? [element("p", {}, t("verify_missing_root_login"))] : []),
    element("p", { class: "quiet" }, foreign(wordFor("obtained", obtained, told))));
}
