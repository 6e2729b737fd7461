/** Days as people in Japan count them. */

import type { Language } from "./messages/host.ts";

/** The day of a moment in Japan: certificates end at the end of a day there. */
export function dayInJapan(moment: Date, lang: Language): string {
  return new Intl.DateTimeFormat(lang, { dateStyle: "long", timeZone: "Asia/Tokyo" }).format(moment);
}

/** A date of the form YYYY-MM-DD in words; undefined when it is none of the calendar, such as 1990-00-00. */
export function dayInWords(date: string, lang: Language): string | undefined {
  const day = new Date(`${date}T00:00:00Z`);
  if (Number.isNaN(day.getTime()) || !day.toISOString().startsWith(`${date}T`)) return undefined;
  return new Intl.DateTimeFormat(lang, { dateStyle: "long", timeZone: "UTC" }).format(day);
}
