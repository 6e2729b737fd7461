/** The visible seal of a signature inside a PDF: what it looks like, and where it will be. */

import { visible } from "./names.ts";
import { element } from "../dom.ts";
import type { Translate } from "../i18n.ts";
import type { Signing } from "../messages/window.ts";

type Seal = NonNullable<Signing["seal"]>;

/** The size of the preview, in CSS pixels. */
const side = 96;

/** How much of the seal a picture's diagonal takes inside the ring; without one the picture fills the seal. */
const inRing = 7 / 8;

/** A picture as an address that an `img` can show, until it is forgotten. */
export interface Preview {
  section: HTMLElement;
  forget: () => void;
}

/** The seal as the host draws it (a PNG in base64), and its place on the page. */
export function sealPreview(picture: string, seal: Seal, t: Translate): Preview {
  const bytes = Uint8Array.from(atob(picture), (character) => character.charCodeAt(0));
  const address = URL.createObjectURL(new Blob([bytes], { type: "image/png" }));
  const { ring = false, text } = seal;
  const { width, height } = fitted(bytes, ring);
  const image = element("img", { id: "seal", src: address, width: String(width), height: String(height), alt: text === undefined ? t("seal_alt_picture") : t("seal_alt_text", visible(text)) });
  const section = element("section", { id: "seal-section" },
    element("h2", {}, t("seal")),
    element("div", { class: "seal" },
      element("div", { class: ring ? "ring" : "no-ring" }, image),
      element("p", {}, t("seal_place", seal.page, millimetres(seal.x), millimetres(seal.y), millimetres(seal.size)))));
  return { section, forget: () => { URL.revokeObjectURL(address); } };
}

/** How large a PNG is drawn in the preview; its own size stands in its first chunk (PNG, third edition, §11.2.1). */
function fitted(png: Uint8Array, ring: boolean): { width: number; height: number } {
  const header = new DataView(png.buffer);
  const [width, height] = png.length < 24 ? [1, 1] : [Math.max(1, header.getUint32(16)), Math.max(1, header.getUint32(20))];
  const scale = side * (ring ? inRing / Math.hypot(width, height) : 1 / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** Points of 1/72 inch as people measure on paper. */
function millimetres(points: number): number {
  return Math.round((points * 25.4) / 72);
}
