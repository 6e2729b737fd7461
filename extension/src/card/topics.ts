/** The explanations (internal/rules/topics.json), as a list that opens. */

import topics from "../../../internal/rules/topics.json";
import { element } from "../dom.ts";
import type { Translate } from "../i18n.ts";
import type { Language } from "../messages/host.ts";

type Topic = (typeof topics)[number];

/** The ids of all explanations. */
export const topicIds: readonly string[] = topics.map(({ id }) => id);

/** The title of an explanation. */
export function titleOf(id: string, lang: Language): string {
  return topics.find((topic) => topic.id === id)?.title[lang] ?? id;
}

/** The whole list, closed. */
export function topicList(t: Translate, lang: Language): HTMLElement[] {
  return topics.map((topic) => element("details", { id: `topic-${topic.id}` }, element("summary", {}, topic.title[lang]), topicBody(topic, t, lang)));
}

function topicBody(topic: Topic, t: Translate, lang: Language): HTMLElement {
  const links = topic.see.map((id) => element("a", { href: `#topic-${id}` }, titleOf(id, lang)));
  return element("div", {}, ...topic.text[lang].map((text) => element("p", {}, text)), links.length > 0 && element("p", { class: "see" }, t("card_see"), ...links));
}
