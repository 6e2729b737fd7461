/** What the address of the card page asks to be shown: an explanation, or what is found by words that were typed elsewhere. */

import { topicIds } from "./topics.ts";

/** The most characters to be searched for. */
export const longestSearch = 100;

const topicMark = "#topic-";
const searchMark = "#explain=";

/** The fragment that opens the page at what these words find; without a word, at the explanations. */
export function searchFragment(typed: string): string {
  const clean = typed.toWellFormed().replace(/\p{Cc}+/gu, " ").trim();
  const words = Array.from(clean).slice(0, longestSearch).join("").trimEnd();
  return words === "" ? "#topics" : `${searchMark}${encodeURIComponent(words)}`;
}

/** What a fragment asks for. Anything but what we write ourselves is nothing. */
export function openingOf(fragment: string): { topic: string } | { words: string } | undefined {
  if (fragment.startsWith(topicMark)) {
    const topic = fragment.slice(topicMark.length);
    return topicIds.includes(topic) ? { topic } : undefined;
  }
  if (!fragment.startsWith(searchMark)) return undefined;
  const words = decoded(fragment.slice(searchMark.length));
  return words !== undefined && searchFragment(words) === fragment ? { words } : undefined;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
