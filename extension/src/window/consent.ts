/** What a signature would mean: the documents, what the site learns, and the card. */

import { pinFacts, withCard } from "./facts.ts";
import { formatSection } from "./format.ts";
import { elided, readableSize, visible } from "./names.ts";
import type { Scene } from "./panel.ts";
import { sealPreview } from "./seal.ts";
import { element } from "../dom.ts";
import type { Translate } from "../i18n.ts";
import type { HostPrompt } from "../messages/host.ts";
import { contentsOf } from "../messages/sign.ts";
import type { OperationInfo, PortalOperation, Signing } from "../messages/window.ts";

export type ConsentPrompt = Extract<HostPrompt, { kind: "consent"; hidden: number }>;

/** The body of the consent panel, and what it holds until it is replaced. */
export function consentBody(prompt: ConsentPrompt, { info, t, lang }: Scene): { body: HTMLElement[]; forget: () => void } {
  const signing = signingOf(info);
  const { documents, files = [] } = signing;
  const seal = prompt.seal !== undefined && signing.seal !== undefined ? sealPreview(prompt.seal, signing.seal, t) : undefined;
  const body = withCard(prompt.card, t, [
    personalData(t), // short, and in view however long the list is
    element("h2", {}, t("documents", documents.length)),
    ...(prompt.hidden > 0 ? [element("p", { class: "warning" }, t("documents_hidden", prompt.hidden))] : []),
    documentTable("documents", t("documents", documents.length), documents, t, lang, prompt.pages),
    ...(files.length > 0 ? [element("h2", {}, t("files_along", files.length)), documentTable("files", t("files_along", files.length), files, t, lang)] : []),
    ...(seal ? [seal.section] : []),
    formatSection(signing, t),
    ...pinFacts(prompt, t),
    element("section", { class: "digest" },
      element("h2", {}, t("list_digest")),
      element("code", { id: "digest" }, grouped(prompt.digest)),
      element("p", {}, t("list_digest_hint"))),
  ]);
  return { body, forget: () => seal?.forget() };
}

/** What the site wants signed; only sites ask for signatures. */
export function signingOf(info: OperationInfo): Signing {
  return ("signing" in info ? info.signing : undefined) ?? { format: "cms", documents: [] };
}

/** The body of the second question: the documents that nobody can see, and again what the answer means. */
export function hiddenBody(prompt: ConsentPrompt, { info, t, lang }: Scene): HTMLElement[] {
  const hidden = contentsOf(signingOf(info)).filter((document) => "digest" in document);
  return withCard(prompt.card, t, [element("p", {}, t("hidden_hint")), documentTable("documents", t("documents", hidden.length), hidden, t, lang), personalData(t)]);
}

/** The four attributes that a signature certificate carries (service-rules.md, "What the service is"). */
export function personalData(t: Translate): HTMLElement {
  return personalDataWith(t("discloses_sign"), t);
}

/** The four attributes, below what is said of them; `more` stands after them. */
function personalDataWith(sentence: string, t: Translate, more: HTMLElement[] = []): HTMLElement {
  return element("section", { class: "discloses", id: "discloses" },
    element("p", {}, sentence),
    element("ul", {}, ...[t("attribute_name"), t("attribute_address"), t("attribute_birth"), t("attribute_sex")].map((text) => element("li", {}, text))),
    ...more);
}

/** What the site gets, and the mark that follows citizen and card where they allowed it. */
export function portalDisclosure({ command, identifier }: Pick<PortalOperation, "command" | "identifier">, t: Translate): HTMLElement {
  if (command === "portal-login") return element("p", { id: "discloses" }, t("discloses_authenticate"));
  return personalDataWith(t(command === "portal-sign" ? "discloses_sign" : "discloses_portal_attributes"), t, identifier ? [element("p", { id: "identifier" }, t("discloses_identifier"))] : []);
}

/** A list of documents; `pages` counts those of each, in a PDF. */
function documentTable(id: string, label: string, documents: readonly Signing["documents"][number][], t: Translate, lang: string, pages?: readonly number[]): HTMLElement {
  const rows = documents.map((document, i) => {
    const name = visible(document.name);
    const what = "size" in document ? readableSize(document.size, lang) : element("span", { class: "hidden-content" }, t("content_hidden"));
    return element("tr", {},
      element("td", {}, element("bdi", { title: name }, elided(name)), document.cosigned === true && element("p", { class: "cosigned" }, t("cosigned"))),
      pages && element("td", {}, String(pages[i] ?? "")),
      element("td", {}, what));
  });
  const columns = ["document_name", ...(pages ? ["document_pages" as const] : []), "document_size"] as const;
  const head = element("thead", {}, element("tr", {}, ...columns.map((key) => element("th", { scope: "col" }, t(key)))));
  // A long list scrolls in a region of its own, which the keyboard must reach.
  return element("div", { class: "documents", role: "region", tabindex: "0", "aria-label": label },
    element("table", { id }, head, element("tbody", {}, ...rows)));
}

/** Hex in groups that people can compare. */
function grouped(hex: string): string {
  return hex.match(/.{1,8}/g)?.join(" ") ?? "";
}
