/** Days as people in Japan count them. */

import type { MessageKey, Translate } from "./i18n.ts";
import type { Language } from "./messages/host.ts";

/** The day of a moment in Japan: certificates end at the end of a day there. */
export function dayInJapan(moment: Date, lang: Language): string {
  return new Intl.DateTimeFormat(lang, { dateStyle: "long", timeZone: "Asia/Tokyo" }).format(moment);
}

/** A moment to the second, by the clocks of Japan. */
export function momentInJapan(moment: string, lang: Language): string {
  return new Intl.DateTimeFormat(lang, { dateStyle: "long", timeStyle: "long", timeZone: "Asia/Tokyo" }).format(new Date(moment));
}

/** A date of the form YYYY-MM-DD in words; undefined when it is none of the calendar, such as 1990-00-00 or one of a year 0. */
export function dayInWords(date: string, lang: Language): string | undefined {
  return date.startsWith("0000") ? undefined : inWords(date, lang, { dateStyle: "long" });
}

/** The parts of a date that a register may know alone, what stands for the others in it, and what is said of those. */
const partial: { form: RegExp; year: string; rest: string; parts: Intl.DateTimeFormatOptions; key: MessageKey }[] = [
  { form: /^(?!0000)(\d{4})-00-00$/, year: "", rest: "-01-01", parts: { year: "numeric" }, key: "date_year_only" },
  { form: /^(?!0000)(\d{4}-\d{2})-00$/, year: "", rest: "-01", parts: { year: "numeric", month: "long" }, key: "date_no_day" },
  { form: /^0000(-\d{2}-\d{2})$/, year: "2000", rest: "", parts: { month: "long", day: "numeric" }, key: "date_no_year" }, // 2000 has a February 29
];

/** A date of birth in words, as far as the register knows it: zeros stand for what it does not. Undefined when it can only be shown as it is. */
export function birthInWords(date: string, lang: Language, t: Translate): string | undefined {
  if (date === "0000-00-00") return t("date_none");
  for (const { form, year, rest, parts, key } of partial) {
    const known = form.exec(date)?.[1];
    const words = known === undefined ? undefined : inWords(`${year}${known}${rest}`, lang, parts);
    if (words !== undefined) return t(key, words);
  }
  return dayInWords(date, lang);
}

/** What is wanted of a day of the calendar; undefined when there is no such day. */
function inWords(date: string, lang: Language, parts: Intl.DateTimeFormatOptions): string | undefined {
  const day = new Date(`${date}T00:00:00Z`);
  if (Number.isNaN(day.getTime()) || !day.toISOString().startsWith(`${date}T`)) return undefined;
  return new Intl.DateTimeFormat(lang, { ...parts, timeZone: "UTC" }).format(day);
}
