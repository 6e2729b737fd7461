import { describe, expect, it } from "vitest";
import { elided, readableSize, visible } from "../src/window/names.ts";

describe("a name", () => {
  it.each([
    ["申請書.xml", "申請書.xml"],
    ["a\u202etxt.exe", "a‹U+202E›txt.exe"],
    ["\u2066x\u2069", "‹U+2066›x‹U+2069›"],
    ["zero\u200bwidth\ufeff", "zero‹U+200B›width‹U+FEFF›"],
    ["\u00ad\u061c\u0085", "‹U+00AD›‹U+061C›‹U+0085›"],
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
