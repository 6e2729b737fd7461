import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const css = ["base", "prompt", "popup", "options", "card", "verify"].map((name) => readFileSync(`${import.meta.dirname}/../static/${name}.css`, "utf8")).join("\n");
const [light = "", dark = ""] = Array.from(css.matchAll(/:root \{([^}]*)\}/g), ([, block]) => block);

function colours(block: string): Map<string, string> {
  return new Map(Array.from(block.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g), ([, name = "", value = ""]) => [name, value]));
}

/** Relative luminance, WCAG 2.2. */
function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [dim = 0, bright = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (bright + 0.05) / (dim + 0.05);
}

describe.each([["light", colours(light)], ["dark", colours(dark)]])("in the %s theme", (theme, palette) => {
  const of = (name: string): string => palette.get(name) ?? name;
  // Red text has a lighter tone of its own on dark paper.
  const alarm = theme === "dark" ? "#ff8a80" : "seal";

  it.each([
    ["ink", "paper"], ["ink", "card"], ["quiet", "paper"], ["quiet", "card"], ["calm", "paper"], ["calm", "card"],
    ["warn-ink", "warn-paper"], ["calm", "warn-paper"], ["on-seal", "seal"], [alarm, "paper"], [alarm, "card"],
  ])("%s on %s can be read", (text, ground) => {
    expect(contrast(of(text), of(ground))).toBeGreaterThanOrEqual(4.5);
  });

  it.each([["focus", "paper"], ["focus", "card"], ["seal", "paper"]])("%s on %s can be seen", (mark, ground) => {
    expect(contrast(of(mark), of(ground))).toBeGreaterThanOrEqual(3);
  });
});

it("both themes have the same colours to fill, and no rule uses another one", () => {
  expect([...colours(dark).keys()]).toEqual([...colours(light).keys()]);
  for (const [, name] of css.matchAll(/var\(--([a-z-]+)\)/g)) expect(colours(light).has(name ?? "")).toBe(true);
});
