/** What a signature covers, what it leaves out, and what was added later. */

import { element } from "../dom.ts";
import { fact } from "../card/view.ts";
import type { Coverage, DocumentSignature, Later, Reference } from "../messages/verify.ts";
import { readableSize } from "../window/names.ts";
import { foreign, items, wordFor, type Told } from "./told.ts";

/** The facts about it, as terms with what is said of them. Of a signature that failed nothing of it is proven. */
export function coverageFacts({ checks, covers, outcome, documentTimeStamp }: DocumentSignature, told: Told): HTMLElement[] {
  const { t } = told;
  const unproven = outcome === "failed" ? [t("verify_unproven")] : [];
  const covered = documentTimeStamp === true ? [t("verify_time_stamp")] : coveredBy(covers, outcome === "passed", told);
  const unchanged = checks.some((check) => check.rule === "unchanged" && check.outcome === "passed");
  return [...(covered.length > 0 ? fact(t("verify_covers"), ...unproven, ...covered) : []), ...(unchanged && covers.byteRange ? laterFacts(covers, told) : []), ...unsignedFacts(covers, told)];
}

function coveredBy(covers: Coverage, proven: boolean, told: Told): (Node | string)[] {
  const { t, lang } = told;
  const { byteRange, content, detached, references, revision, whole } = covers;
  if (references) return [...(whole && proven ? [t("verify_covers_xml")] : []), items(...references.map((each) => referenceLine(each, told)))];
  if (byteRange) return revision === undefined ? [bytes(byteRange, told)] : [t(whole ? "verify_covers_pdf" : "verify_covers_revision", revision), bytes(byteRange, told)];
  if (detached === true) return [t("verify_covers_file")];
  return content === undefined ? [] : [t("verify_covers_content", readableSize(content, lang))];
}

/** The byte range of a PDF: the first and the last of the signed bytes, before the signature and behind it. */
function bytes([start = 0, length = 0, next = 0, rest = 0]: readonly number[], { t }: Told): HTMLElement {
  return element("span", { class: "quiet" }, t("verify_byte_range", start, last(start, start + length), next, last(next, next + rest)));
}

/** The last byte before an end; where there is none, the first place. */
const last = (start: number, end: number): number => Math.max(start, end - 1);

function referenceLine({ scope, uri, path, file }: Reference, told: Told): HTMLElement {
  const what = wordFor("scope", scope, told);
  const where = file ?? path ?? uri;
  return element("span", {}, what, ...(where === "" ? [] : [" ", foreign(where)]));
}

/** What came after the signature of a PDF in which nothing was changed that must not be. */
function laterFacts({ later, whole }: Coverage, { t }: Told): HTMLElement[] {
  if (later) return fact(t("verify_later"), t("verify_later_allowed"), items(...additions(later, { t })));
  return fact(t("verify_later"), t(whole ? "verify_later_nothing" : "verify_later_unseen"));
}

function additions({ signatures = 0, timeStamps = 0, validationData, metadata, version }: Later, { t }: Pick<Told, "t">): string[] {
  return [
    ...(signatures > 0 ? [t("verify_later_signatures", signatures)] : []),
    ...(timeStamps > 0 ? [t("verify_later_time_stamps", timeStamps)] : []),
    ...(validationData === true ? [t("verify_later_validation")] : []),
    ...(metadata === true ? [t("verify_later_metadata")] : []),
    ...(version === true ? [t("verify_later_version")] : []),
  ];
}

function unsignedFacts({ unsigned = [], moreUnsigned }: Coverage, told: Told): HTMLElement[] {
  if (unsigned.length === 0) return [];
  const { t } = told;
  const lines = unsigned.map(({ kind, path, start, end }) =>
    element("span", {}, `${wordFor("part", kind, told)} `, foreign(path), " ", element("span", { class: "quiet" }, t("verify_bytes", start, last(start, end)))));
  return fact(t("verify_unsigned"), items(...lines), ...(moreUnsigned === true ? [t("verify_unsigned_more")] : []));
}
