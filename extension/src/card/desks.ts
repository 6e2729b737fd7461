/** The choice of a help desk. */

import { element } from "../dom.ts";
import type { Desk } from "../messages/results.ts";
import type { View } from "./view.ts";

/** The options of the list, by municipality; a desk that was chosen from another list stays among them. */
export function deskOptions(desks: readonly Desk[], { t, lang, desk: chosen }: View): HTMLElement[] {
  const known = chosen === undefined || desks.some((desk) => same(desk, chosen)) ? desks : [...desks, chosen];
  const option = (desk: Desk): HTMLElement =>
    element("option", { value: keyOf(desk), selected: chosen !== undefined && same(desk, chosen) }, `${desk.office[lang]} ${desk.telephone}`);
  const municipalities = [...new Set(known.map(({ municipality }) => municipality[lang]))];
  return [
    element("option", { value: "" }, t("card_desk_none")),
    ...municipalities.map((label) => element("optgroup", { label }, ...known.filter(({ municipality }) => municipality[lang] === label).map(option))),
  ];
}

/** The desk of an option's value; undefined for none. */
export function deskOf(value: string, desks: readonly Desk[], chosen: Desk | undefined): Desk | undefined {
  return [...desks, ...(chosen ? [chosen] : [])].find((desk) => keyOf(desk) === value);
}

function keyOf({ municipality, office, telephone }: Desk): string {
  return JSON.stringify([municipality.ja, office.ja, telephone]);
}

function same(one: Desk, other: Desk): boolean {
  return keyOf(one) === keyOf(other);
}
