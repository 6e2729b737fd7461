/** Names that strangers chose, made harmless to look at. */

/**
 * Controls, formats, line separators, the narrow space and the Braille cell without dots, and whatever Unicode tells fonts to draw as nothing (Hangul fillers, variation selectors, tags).
 * A variation selector may be part of an honest name; two names that look the same are worse than one that looks odd.
 */
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u202f\u2800\p{Default_Ignorable_Code_Point}]/gu;

/** The longest name that is shown in full, in characters; of a longer one the middle is left out, because endings tell kinds of files. */
const longest = 64;

/** Shows characters that would hide or turn around others as their code points. */
export function visible(name: string): string {
  return name.replace(invisible, (character) => `‹U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}›`);
}

/** A name short enough for a line. */
export function elided(name: string): string {
  const characters = Array.from(name);
  if (characters.length <= longest) return name;
  return `${characters.slice(0, 40).join("")}…${characters.slice(-20).join("")}`;
}

/** A size as people read it. */
export function readableSize(bytes: number, lang: string): string {
  const unit = bytes < 1000 ? "byte" : bytes < 1e6 ? "kilobyte" : "megabyte";
  const value = unit === "byte" ? bytes : unit === "kilobyte" ? bytes / 1e3 : bytes / 1e6;
  return new Intl.NumberFormat(lang, { style: "unit", unit, unitDisplay: unit === "byte" ? "long" : "short", maximumFractionDigits: 1 }).format(value);
}
