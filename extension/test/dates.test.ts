import { describe, expect, it } from "vitest";
import en from "../_locales/en/messages.json";
import ja from "../_locales/ja/messages.json";
import { birthInWords, dayInJapan, dayInWords } from "../src/dates.ts";
import { translator } from "../src/i18n.ts";

describe("a day in words", () => {
  it.each([
    ["1990-01-31", "1990年1月31日", "January 31, 1990"],
    ["2000-02-29", "2000年2月29日", "February 29, 2000"],
    ["0001-01-01", "1年1月1日", "January 1, 1"],
  ])("%s", (date, japanese, english) => {
    expect([dayInWords(date, "ja"), dayInWords(date, "en")]).toEqual([japanese, english]);
  });

  it.each(["0000-01-31", "0000-02-29", "1990-00-00", "1990-02-30", "1900-02-29", "1990-13-01", "1990-1-1", "+01990-01-01", "", "garbage"])("is none of the calendar: %s", (date) => {
    expect([dayInWords(date, "ja"), dayInWords(date, "en")]).toEqual([undefined, undefined]);
  });
});

describe("a date of birth", () => {
  it.each([
    ["1990-01-31", "1990年1月31日", "January 31, 1990"],
    ["1980-00-00", "1980年（月日不明）", "1980 (month and day unknown)"],
    ["1980-05-00", "1980年5月（日不明）", "May 1980 (day unknown)"],
    ["0000-01-31", "1月31日（年不明）", "January 31 (year unknown)"],
    ["0000-02-29", "2月29日（年不明）", "February 29 (year unknown)"],
    ["0000-00-00", "不明", "Unknown"],
    ["0000-00-31", undefined, undefined],
    ["0000-05-00", undefined, undefined],
    ["1980-00-31", undefined, undefined],
    ["1980-13-00", undefined, undefined],
    ["0000-02-30", undefined, undefined],
    ["1980-02-30", undefined, undefined],
    ["garbage", undefined, undefined],
  ])("is told as far as it is known: %s", (date, japanese, english) => {
    expect([birthInWords(date, "ja", translator(ja)), birthInWords(date, "en", translator(en))]).toEqual([japanese, english]);
  });
});

it("a certificate's last day is the day in Japan", () => {
  expect([dayInJapan(new Date("2030-05-14T14:59:59Z"), "ja"), dayInJapan(new Date("2030-05-14T15:00:00Z"), "en")]).toEqual(["2030年5月14日", "May 15, 2030"]);
});
