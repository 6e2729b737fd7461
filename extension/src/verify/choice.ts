/** What was chosen or dropped: which files can be checked, and under which names the program gets them. */

import { maxVerified, type Verified } from "../messages/verify.ts";
import type { Filing, Named } from "./run.ts";

/** What is wrong with a choice before anything is read. */
export type Trouble = "no-file" | "folder" | "empty" | "too-large" | "too-many";

/** The most files beside the signed one. */
const maxFiles = 256;

/** The files of a drop; a folder among them spoils it. */
export function dropped(transfer: DataTransfer): File[] | Trouble {
  const entries = Array.from(transfer.items, (item) => item.webkitGetAsEntry());
  if (entries.some((entry) => entry?.isDirectory)) return "folder";
  const files = Array.from(transfer.files);
  return files.length === 0 ? "no-file" : files;
}

/** What forbids to check this. */
export function troubleWith({ document, files }: Filing): Trouble | undefined {
  if (files.length > maxFiles) return "too-many";
  if (document.content.size === 0) return "empty";
  const total = [document, ...files].reduce((sum, { content }) => sum + content.size, 0);
  return total > maxVerified ? "too-large" : undefined;
}

/** The endings of files that hold a signature and not its document. */
const signatures = /\.(p7s|p7m|p7b|sig|cms)$/i;

/** Endings of names, from what is most likely signed to what is least. */
const endings = [signatures, /\.xml$/i, /\.pdf$/i];

/** The one of several files that is most likely the signed one; the citizen is asked. */
export function likely(files: readonly File[]): File | undefined {
  return endings.map((ending) => files.find(({ name }) => ending.test(name))).find((file) => file !== undefined) ?? files[0];
}

/** The characters that no name in the protocol holds. */
const controls = /[\p{Cc}\u2028\u2029]/gu;

/** A file as it is announced: with a name that the protocol takes. */
export function named(content: File, name = content.name): Named {
  let fit = name.toWellFormed().replace(controls, "\ufffd");
  while (new TextEncoder().encode(fit).length > 255) fit = Array.from(fit).slice(0, -1).join("");
  return { name: fit === "" ? "-" : fit, content };
}

/** The files that signatures of a document name and that were not given, each once. */
export function missingFiles(verified: Verified): string[] {
  return "document" in verified ? [...new Set(verified.document.signatures.flatMap(({ covers }) => covers.missing ?? []))] : [];
}

/** Whether dropped files are taken for what is missing without a question: one has a missing name; or, where no name is known, none holds a signature itself. */
export function belongs(files: readonly File[], missing: readonly string[]): boolean {
  return missing.length > 0 ? files.some(({ name }) => wantedName(name, missing) !== undefined) : !files.some(({ name }) => signatures.test(name));
}

/** The files with these added under the names by which a document asks for them. One that has the name of another takes its place. */
export function adding(files: readonly Named[], added: readonly File[], missing: readonly string[]): Named[] {
  const all = new Map(files.map((file) => [file.name, file]));
  // One that is asked for and one that is given are the same, whatever its name: if it is another file, its digest will tell.
  const [only] = added.length === 1 && missing.length === 1 ? missing : [];
  for (const file of added) {
    const own = named(file);
    const wanted = wantedName(file.name, missing) ?? (all.has(own.name) ? undefined : only);
    const made = wanted === undefined ? own : named(file, wanted);
    all.set(made.name, made);
  }
  return [...all.values()];
}

/** The missing name that a file has: as it is, in another form of Unicode (as macOS writes names), or without the folders before it. */
function wantedName(name: string, missing: readonly string[]): string | undefined {
  const same = (one: string, other: string): boolean => one.normalize() === other.normalize();
  return missing.find((wanted) => same(wanted, name)) ?? missing.find((wanted) => same(wanted.slice(wanted.lastIndexOf("/") + 1), name));
}
