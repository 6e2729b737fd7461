/** The questions for a government page that speaks to an extension by events: it chose what is signed, and nobody here can see what that is. */

import { portalDisclosure } from "./consent.ts";
import { pinFacts, withCard } from "./facts.ts";
import { visible } from "./names.ts";
import { paragraph, type Panel, type Scene } from "./panel.ts";
import { button, element } from "../dom.ts";
import type { MessageKey, Translate } from "../i18n.ts";
import type { ChosenDigest, HostPrompt } from "../messages/host.ts";
import type { PortalOperation } from "../messages/window.ts";

type PortalPrompt = Extract<HostPrompt, { kind: "consent"; digests: unknown }>;
type Command = PortalOperation["command"];

const titles: Record<Command, MessageKey> = { "portal-login": "state_portal_login", "portal-sign": "state_portal_sign", "portal-attributes": "state_portal_attributes" };
const accepts: Record<Command, MessageKey> = { "portal-login": "accept_portal_login", "portal-sign": "accept", "portal-attributes": "accept_portal_attributes" };

/** The consent before the PIN. A signature takes a second question, because it binds. */
export function portalConsentPanel(prompt: PortalPrompt, scene: Scene): Panel {
  const { t } = scene;
  const info = scene.info as PortalOperation;
  const answer = (accept: boolean) => () => {
    scene.send({ type: "answer", prompt: prompt.prompt, accept });
  };
  const yes = info.command === "portal-sign" ? () => { scene.show(secondPanel(prompt, answer, info, scene)); } : answer(true);
  const accept = button({ id: "accept", class: "primary" }, t(accepts[info.command]), yes);
  const body = withCard(prompt.card, t, [...warnings(info, t), portalDisclosure(info, t), ...digestFacts(prompt, t), ...pinFacts(prompt, t), serviceFact(info, t)]);
  return { name: "consent", title: t(titles[info.command]), body, buttons: [refuseButton(answer, t), accept], guarded: [accept] };
}

/** The second question: how many signatures, and that nobody saw what they are for. */
function secondPanel(prompt: PortalPrompt, answer: (accept: boolean) => () => void, info: PortalOperation, { t }: Scene): Panel {
  const accept = button({ id: "accept", class: "danger" }, t("accept_hidden"), answer(true));
  const body = withCard(prompt.card, t, [paragraph(t("portal_sign_second", prompt.digests.length)), ...digestFacts(prompt, t), portalDisclosure(info, t)]);
  return { name: "hidden", title: t("state_portal_second", prompt.digests.length), body, buttons: [refuseButton(answer, t), accept], guarded: [accept] };
}

function refuseButton(answer: (accept: boolean) => () => void, t: Translate): HTMLButtonElement {
  return button({ id: "refuse", class: "secondary" }, t("refuse"), answer(false));
}

/** What nobody but the site can know of this request. */
function warnings({ command }: PortalOperation, t: Translate): HTMLElement[] {
  switch (command) {
    case "portal-login":
      return [element("p", { class: "warning" }, t("portal_login_warning"))];
    case "portal-sign":
      return [element("p", { class: "warning" }, t("portal_sign_warning"))];
    case "portal-attributes":
      return [];
  }
}

/** The digests as far as people can compare them. */
function digestFacts({ digests }: PortalPrompt, t: Translate): HTMLElement[] {
  if (digests.length === 0) return [];
  const columns = [t("digest_number"), t("digest_hash"), t("digest_ends")].map((name) => element("th", { scope: "col" }, name));
  const rows = digests.map((digest, i) => element("tr", {}, element("td", {}, String(i + 1)), element("td", {}, digest.hash === "bare" ? t("digest_bare") : digest.hash), element("td", {}, ends(digest))));
  return [
    element("h2", {}, t("portal_digests", digests.length)),
    element("div", { class: "documents", role: "region", tabindex: "0", "aria-label": t("portal_digests", digests.length) },
      element("table", { id: "digests" }, element("thead", {}, element("tr", {}, ...columns)), element("tbody", {}, ...rows))),
  ];
}

function ends({ first, last }: ChosenDigest): HTMLElement {
  return element("code", {}, `${first} … ${last}`);
}

/** The page's own word for its service, which means nothing to us. */
function serviceFact({ serviceId }: PortalOperation, t: Translate): HTMLElement {
  return element("p", { class: "code", id: "service" }, t("portal_service", visible(serviceId)));
}
