/** The choice of a help desk. What is kept of it is a key: names and number come from the host's directory every time. */

import { element } from "../dom.ts";
import type { Desk } from "../messages/results.ts";
import type { View } from "./view.ts";

/** The options of the list, by municipality. */
export function deskOptions(desks: readonly Desk[], { t, lang, desk: chosen }: View): HTMLElement[] {
  const option = (desk: Desk): HTMLElement =>
    element("option", { value: deskKey(desk), selected: desk === chosen }, `${desk.office[lang]} ${desk.telephone}`);
  const municipalities = [...new Set(desks.map(({ municipality }) => municipality[lang]))];
  return [
    element("option", { value: "" }, t("card_desk_none")),
    ...municipalities.map((label) => element("optgroup", { label }, ...desks.filter(({ municipality }) => municipality[lang] === label).map(option))),
  ];
}

/** What tells a desk from all others in the directory: its official names. */
export function deskKey({ municipality, office }: Desk): string {
  return JSON.stringify([municipality.ja, office.ja]);
}

/** The desk of a key; undefined for none, and for one that the directory has no more. */
export function deskOf(key: string | undefined, desks: readonly Desk[]): Desk | undefined {
  return desks.find((desk) => deskKey(desk) === key);
}
