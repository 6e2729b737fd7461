/**
 * Finds explanations and help desks by what people type: in the way of the command line's search (internal/rules/find.go), held against the same queries
 * (internal/rules/testdata/queries.json).
 */

import topics from "../../../internal/rules/topics.json";
import type { Desk } from "../messages/results.ts";

type Topic = (typeof topics)[number];

/** The most explanations that are shown as near ones. */
const mostNear = 3;

/** Below this, likeness is chance. */
const alike = 0.4;

/** The fewest digits that are taken for a telephone number. */
const enoughDigits = 6;

/**
 * The ids of the explanations that hold every word, in either language, best first; where there is none, of those whose title or search word stands in what was
 * typed, the longest first. Width and case of letters make no difference.
 */
export function findTopics(typed: string): string[] {
  const words = wordsOf(typed);
  const query = words.join(" ");
  if (query === "") return [];
  const named = topics.find(({ id }) => id === query);
  if (named) return [named.id];
  const found = best((topic) => match(topic, words));
  return found.length > 0 ? found : best((topic) => Math.max(0, ...namesOf(topic).filter((name) => stands(name, query)).map((name) => Array.from(name).length)));
}

/** The ids of the explanations whose names look most like what was typed, best first: for when nothing was found. */
export function nearTopics(typed: string): string[] {
  const query = wordsOf(typed).join(" ");
  const likest = (topic: Topic): number => Math.max(...namesOf(topic).map((name) => likeness(query, name)));
  return best((topic) => (likest(topic) < alike ? 0 : likest(topic))).slice(0, mostNear);
}

/** The desks in whose names every word stands, or whose number it is; where there is none, those whose place stands in what was typed. */
export function findDesks(desks: readonly Desk[], typed: string): Desk[] {
  const words = wordsOf(typed);
  const query = words.join(" ");
  if (query === "") return [];
  const found = desks.filter((desk) => {
    const names = folded([desk.municipality.ja, desk.municipality.en, desk.office.ja, desk.office.en].join("\n"));
    return isNumberOf(desk, query) || words.every((word) => names.includes(word));
  });
  return found.length > 0 ? found : desks.filter(({ office }) => stands(placeOf(office.ja), query) || stands(placeOf(office.en), query));
}

/** The ids of those with a score above nothing, the highest first; equals keep their order. */
function best(scoreOf: (topic: Topic) => number): string[] {
  return topics
    .map((topic) => ({ id: topic.id, score: scoreOf(topic) }))
    .filter(({ score }) => score > 0)
    .sort((one, other) => other.score - one.score)
    .map(({ id }) => id);
}

/** How well each word is met, added up; 0 where one is not met at all. A title counts more than a search word, that more than the text, and all of it being a name the most. */
function match(topic: Topic, words: readonly string[]): number {
  const names = namesOf(topic);
  const [title, all, text] = [names.slice(0, 3).join("\n"), names.join("\n"), folded([...topic.text.ja, ...topic.text.en].join("\n"))];
  const scores = words.map((word) => (title.includes(word) ? 9 : all.includes(word) ? 3 : text.includes(word) ? 1 : 0));
  if (scores.includes(0)) return 0;
  return scores.reduce<number>((sum, score) => sum + score, names.includes(words.join(" ")) ? 100 : 0);
}

/** What an explanation is called; its id and titles come first. */
function namesOf({ id, title, words }: Topic): string[] {
  return [id, title.ja, title.en, ...words].map(folded);
}

/** Whether a name stands in what was typed: one in Latin letters as whole words, another one anywhere, because Japanese puts no spaces between words. One character is too little to tell. */
function stands(name: string, query: string): boolean {
  if (Array.from(name).length < 2) return false;
  if (!/^[ -~]*$/.test(name)) return query.includes(name);
  const spaced = (text: string): string => ` ${text.replace(/[^\p{L}\p{N}]+/gu, " ").trim()} `;
  return spaced(query).includes(spaced(name));
}

/** The beginning of an office's name that tells it from others: 戸畑区 of 戸畑区役所 市民課, tobata of Tobata Ward Office. */
function placeOf(office: string): string {
  return (wordsOf(office)[0] ?? "").replace(/役所$/, "");
}

/** Whether it is the desk's telephone number, or a good part of it, with or without hyphens. */
function isNumberOf({ telephone }: Desk, query: string): boolean {
  const digits = query.replace(/\D/g, "");
  return digits.length >= enoughDigits && /^[-0-9() ]*$/.test(query) && telephone.replace(/\D/g, "").includes(digits);
}

/** The share of pairs of neighbouring characters that two words have in common (Dice's coefficient): it needs no notion of where a Japanese word ends. */
function likeness(one: string, other: string): number {
  const pairs = (text: string): Set<string> => new Set(Array.from(text).flatMap((character, i, all) => (i === 0 ? [] : [`${all[i - 1] ?? ""}${character}`])));
  const [inOne, inOther] = [pairs(one), pairs(other)];
  const common = Array.from(inOne).filter((pair) => inOther.has(pair)).length;
  return inOne.size + inOther.size === 0 ? 0 : (2 * common) / (inOne.size + inOther.size);
}

function wordsOf(text: string): string[] {
  return folded(text).split(/\s+/).filter((word) => word !== "");
}

/** Makes words comparable: lower case, full width as half width and half-width kana as full, both wave dashes as one. */
function folded(text: string): string {
  return text.normalize("NFKC").replaceAll("〜", "~").toLowerCase();
}
