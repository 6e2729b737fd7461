/** Names that strangers chose, made harmless to look at. */

const invisible = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

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
