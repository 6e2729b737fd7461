/** What a signature would mean: the documents, what the site learns, and the card. */

import { pinFacts, withCard } from "./facts.ts";
import { elided, readableSize, visible } from "./names.ts";
import type { Scene } from "./panel.ts";
import { element } from "../dom.ts";
import type { Translate } from "../i18n.ts";
import type { HostPrompt } from "../messages/host.ts";
import type { DocumentInfo } from "../messages/page.ts";
import type { OperationInfo } from "../messages/window.ts";

export type ConsentPrompt = Extract<HostPrompt, { kind: "consent"; hidden: number }>;

/** The body of the consent panel. */
export function consentBody(prompt: ConsentPrompt, { info, t, lang }: Scene): HTMLElement[] {
  const { documents, attached } = announced(info);
  return withCard(prompt.card, t, [
    personalData(t), // short, and in view however long the list is
    element("h2", {}, t("documents", documents.length)),
    ...(prompt.hidden > 0 ? [element("p", { class: "warning" }, t("documents_hidden", prompt.hidden))] : []),
    documentTable(documents, t, lang),
    ...(attached ? [element("p", {}, t("attached_note"))] : []),
    ...pinFacts(prompt, t),
    element("section", { class: "digest" },
      element("h2", {}, t("list_digest")),
      element("code", { id: "digest" }, grouped(prompt.digest)),
      element("p", {}, t("list_digest_hint"))),
  ]);
}

/** What the site announced; only sites ask for signatures. */
function announced(info: OperationInfo): { documents: readonly DocumentInfo[]; attached: boolean } {
  return info.command === "sign" ? { documents: info.documents ?? [], attached: info.attached ?? false } : { documents: [], attached: false };
}

/** The body of the second question: the documents that nobody can see, and again what the answer means. */
export function hiddenBody(prompt: ConsentPrompt, { info, t, lang }: Scene): HTMLElement[] {
  const hidden = announced(info).documents.filter((document) => "digest" in document);
  return withCard(prompt.card, t, [element("p", {}, t("hidden_hint")), documentTable(hidden, t, lang), personalData(t)]);
}

/** The four attributes that a signature certificate carries (service-rules.md, "What the service is"). */
export function personalData(t: Translate): HTMLElement {
  return personalDataWith(t("discloses_sign"), t);
}

/** The four attributes, below what is said of them; `more` stands after them. */
export function personalDataWith(sentence: string, t: Translate, more: HTMLElement[] = []): HTMLElement {
  return element("section", { class: "discloses", id: "discloses" },
    element("p", {}, sentence),
    element("ul", {}, ...[t("attribute_name"), t("attribute_address"), t("attribute_birth"), t("attribute_sex")].map((text) => element("li", {}, text))),
    ...more);
}

function documentTable(documents: readonly DocumentInfo[], t: Translate, lang: string): HTMLElement {
  const rows = documents.map((document) => {
    const name = visible(document.name);
    const what = "size" in document ? readableSize(document.size, lang) : element("span", { class: "hidden-content" }, t("content_hidden"));
    return element("tr", {}, element("td", {}, element("bdi", { title: name }, elided(name))), element("td", {}, what));
  });
  const head = element("thead", {}, element("tr", {}, element("th", { scope: "col" }, t("document_name")), element("th", { scope: "col" }, t("document_size"))));
  // A long list scrolls in a region of its own, which the keyboard must reach.
  return element("div", { class: "documents", role: "region", tabindex: "0", "aria-label": t("documents", documents.length) },
    element("table", { id: "documents" }, head, element("tbody", {}, ...rows)));
}

/** Hex in groups that people can compare. */
function grouped(hex: string): string {
  return hex.match(/.{1,8}/g)?.join(" ") ?? "";
}
