/** The questions that are neither a consent nor a PIN: which reader, a weak PIN, the reader's own pad. */

import { noPadFact, pinFacts, pinKeys, tokenKeys, withCard } from "./facts.ts";
import { elided, visible } from "./names.ts";
import { cancelButton, disclosure, paragraph, type Panel, type Scene } from "./panel.ts";
import { button, element } from "../dom.ts";
import type { MessageKey } from "../i18n.ts";
import type { HostPrompt, Weakness } from "../messages/host.ts";
import type { WindowState } from "../messages/window.ts";

type PromptOf<K extends HostPrompt["kind"]> = Extract<HostPrompt, { kind: K }>;

const weaknesses: Record<Weakness, MessageKey> = {
  repeated: "weak_repeated", sequence: "weak_sequence", common: "weak_common", "birth-date": "weak_birth_date",
};

/** Several readers hold a card that would do. None is chosen beforehand. */
export function readerPanel(prompt: PromptOf<"choose-reader">, { t, send }: Scene): Panel {
  const radios = prompt.readers.map((_, i) => element("input", { type: "radio", name: "reader", id: `reader-${i}`, value: String(i) }));
  const choices = prompt.readers.map(({ name, token }, i) =>
    element("label", { class: "choice", for: `reader-${i}` }, radios[i], element("span", {}, element("bdi", {}, elided(visible(name))), element("span", { class: "token" }, t(tokenKeys[token])))));
  const problem = element("p", { class: "problem", id: "reader-problem", role: "alert" });
  const form = element("form", { id: "reader-form", novalidate: true },
    element("fieldset", { "aria-describedby": "reader-problem" }, element("legend", {}, t("reader_legend")), ...choices), problem);
  const accept = element("button", { id: "accept", type: "submit", class: "primary", form: "reader-form" }, t("reader_accept"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (accept.disabled) return; // still guarded
    const chosen = prompt.readers[radios.findIndex((radio) => radio.checked)];
    if (chosen) send({ type: "answer", prompt: prompt.prompt, accept: true, reader: chosen.name });
    else problem.textContent = t("reader_none");
  });
  return {
    name: "choose-reader",
    title: t("state_reader"),
    body: [paragraph(t("reader_hint")), form],
    buttons: [refuseButton(prompt, t("refuse"), send), accept],
    guarded: [...radios, accept],
    ...(radios[0] && { focus: radios[0] }),
  };
}

/** A new PIN that others would try first. Another one is the better answer, and what Escape means. */
export function weakPanel(prompt: PromptOf<"weak-pin">, { t, send }: Scene): Panel {
  const accept = button({ id: "accept", class: "danger" }, t("weak_accept"), () => {
    send({ type: "answer", prompt: prompt.prompt, accept: true });
  });
  const reasons = prompt.reasons.map((reason) => element("li", {}, t(weaknesses[reason])));
  return {
    name: "weak-pin",
    title: t("state_weak"),
    body: [element("p", { class: "pin-name" }, t(pinKeys[prompt.pin])), element("ul", { id: "reasons", class: "warning" }, ...reasons), paragraph(t("weak_advice")), ...noPadFact(prompt, t)],
    buttons: [refuseButton(prompt, t("weak_other"), send, "primary"), accept],
    guarded: [accept],
  };
}

/** The yes before the reader's own pad asks. */
export function padConsentPanel(prompt: PromptOf<"pad">, scene: Scene): Panel {
  const { t, send, info } = scene;
  const accept = button({ id: "accept", class: "primary" }, t("pad_accept"), () => {
    send({ type: "answer", prompt: prompt.prompt, accept: true });
  });
  const body = [...pinFacts(prompt, t), paragraph(t("pad_hint")), ...(info.command === "change-pin" ? [paragraph(t("pad_order"))] : []), disclosure(scene)];
  return { name: "pad-consent", title: t("state_pad_consent"), body: withCard(prompt.card, t, body), buttons: [refuseButton(prompt, t("refuse"), send), accept], guarded: [accept] };
}

/** How many seconds before the end ears are told of it. */
const told = [30, 10];

/** The reader's pad waits. The seconds are for eyes; ears hear of them twice. */
export function padPanel({ pad, until }: Extract<WindowState, { kind: "pad" }>, scene: Scene): Panel {
  const { t, info } = scene;
  const secondsLeft = (): number => Math.min(pad.seconds, Math.max(0, Math.ceil((until - Date.now()) / 1000)));
  const seconds = element("p", { id: "seconds", role: "timer" }, t("pad_seconds", secondsLeft()));
  const body = [...pinFacts(pad, t), ...(info.command === "change-pin" ? [paragraph(t("pad_order"))] : []), seconds, disclosure(scene)];
  return {
    name: "pad",
    title: t("state_pad"),
    body: withCard(pad.card, t, body),
    buttons: [cancelButton(scene)],
    live: (forget, announce) => {
      const tick = (): void => {
        const left = secondsLeft();
        seconds.textContent = t("pad_seconds", left);
        if (told.includes(left)) announce(t("pad_seconds", left));
        if (left > 0) timer = setTimeout(tick, 1000);
      };
      let timer = setTimeout(tick, 1000);
      forget.addEventListener("abort", () => {
        clearTimeout(timer);
      });
    },
  };
}

function refuseButton({ prompt }: HostPrompt, label: string, send: Scene["send"], look: "primary" | "secondary" = "secondary"): HTMLButtonElement {
  return button({ id: "refuse", class: look }, label, () => {
    send({ type: "answer", prompt, accept: false });
  });
}
