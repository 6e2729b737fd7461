/** What kind of signature it will be, in words. */

import { elided, visible } from "./names.ts";
import { element } from "../dom.ts";
import type { MessageKey, Translate } from "../i18n.ts";
import type { Signing } from "../messages/window.ts";

const pdfKeys: Partial<Record<string, MessageKey>> = { pades: "format_pdf_pades", moj: "format_pdf_moj" };
const xmlKeys: Partial<Record<string, MessageKey>> = { enveloped: "format_xml_enveloped", etax: "format_xml_etax", egov: "format_xml_egov", detached: "format_xml_detached" };

/** Format and profile, what else is signed, and what is not. */
export function formatSection(signing: Signing, t: Translate): HTMLElement {
  const { xades = false, elements = [] } = signing;
  return element("section", { id: "format" },
    element("h2", {}, t("format")),
    element("p", {}, t(formatKey(signing))),
    xades && element("p", {}, t("xades_note")),
    elements.length > 0 && element("p", { class: "warning" }, t("elements_note")),
    elements.length > 0 && element("ul", { id: "elements" }, ...elements.map((id) => element("li", {}, element("bdi", {}, elided(visible(id)))))));
}

function formatKey({ format, profile = "", attached = false }: Signing): MessageKey {
  switch (format) {
    case "cms":
      return attached ? "format_cms_attached" : "format_cms";
    case "pdf":
      return pdfKeys[profile] ?? "format_pdf_pades";
    case "xml":
      return xmlKeys[profile] ?? "format_xml_enveloped";
    case "raw":
      return "format_raw";
  }
}
