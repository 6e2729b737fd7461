import { describe, expect, it } from "vitest";
import { elided, readableSize, visible } from "../src/window/names.ts";

describe("a name", () => {
  it.each([
    ["申請書.xml", "申請書.xml"],
    ["a\u202etxt.exe", "a‹U+202E›txt.exe"],
    ["\u2066x\u2069", "‹U+2066›x‹U+2069›"],
    ["zero\u200bwidth\ufeff", "zero‹U+200B›width‹U+FEFF›"],
    ["\u00ad\u061c\u0085", "‹U+00AD›‹U+061C›‹U+0085›"],
    ["\u3164\u115f\u1160\uffa0", "‹U+3164›‹U+115F›‹U+1160›‹U+FFA0›"],
    ["a\ufe00b\ufe0fc\u{e0100}d\u180b", "a‹U+FE00›b‹U+FE0F›c‹U+E0100›d‹U+180B›"],
    ["a\u{e0001}b\u{e0041}c\u{e007f}", "a‹U+E0001›b‹U+E0041›c‹U+E007F›"],
    ["\u0600\u{110bd}\u2028\u2029\u202f\u034f\ufff9", "‹U+0600›‹U+110BD›‹U+2028›‹U+2029›‹U+202F›‹U+034F›‹U+FFF9›"],
    ["a\u2800\u2801.pdf", "a‹U+2800›\u2801.pdf"],
    ["葛\u{e0100}城 御中　（2）.pdf", "葛‹U+E0100›城 御中　（2）.pdf"],
    ["👩‍👧.png", "👩‹U+200D›👧.png"],
  ])("%j is shown as %j", (name, shown) => {
    expect(visible(name)).toBe(shown);
  });

  it("keeps its beginning and its ending when it is long", () => {
    const name = `${"長".repeat(70)}.pdf`;
    expect(elided(name)).toBe(`${"長".repeat(40)}…${"長".repeat(16)}.pdf`);
    expect(elided("短い.pdf")).toBe("短い.pdf");
  });
});

it.each([
  [0, "0 bytes"], [1, "1 byte"], [999, "999 bytes"], [1532, "1.5 kB"], [50_000_000, "50 MB"], [268_435_456, "268.4 MB"],
])("%i bytes are read as %s", (bytes, text) => {
  expect(readableSize(bytes, "en")).toBe(text);
});
