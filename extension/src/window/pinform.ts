/** The field for a PIN, where no system dialog can start. What is typed leaves as bytes, and the field is emptied. */

import { noPadFact, pinKeys, problemText, purposeKeys, ruleOf, triesFact } from "./facts.ts";
import { isDigits, problemOf, takePin } from "./pin.ts";
import type { Scene } from "./panel.ts";
import { element } from "../dom.ts";
import type { MessageKey } from "../i18n.ts";
import type { HostPrompt } from "../messages/host.ts";

export type PinPrompt = Extract<HostPrompt, { kind: "pin" }>;

/** The form, with its field and the button that sends it (which stands outside, among the other buttons). */
export function pinForm(prompt: PinPrompt, { info, t, send }: Scene) {
  const { pin, purpose } = prompt;
  const digits = isDigits(pin);
  const asksNew = purpose === "new" || purpose === "repeat";
  const field = element("input", {
    id: "pin", type: "password", autocomplete: "off", spellcheck: "false", autocapitalize: "off", required: true,
    inputmode: digits ? "numeric" : "text", pattern: digits ? "[0-9]{4}" : "[0-9A-Za-z]{6,16}", maxlength: "64", // more than any PIN: what is cut off silently would cost a try
    "aria-describedby": `${asksNew ? "rule" : "tries"} pin-problem`,
  });
  const problem = element("p", { class: "problem", id: "pin-problem", role: "alert" });
  const submit = element("button", { id: "pin-submit", type: "submit", class: "primary", form: "pin-form" }, t(submitKey(prompt, info.command)));
  if (prompt.problem !== undefined) problem.textContent = problemText(prompt.problem, t);

  const name = t(pinKeys[pin]);
  const label = element("label", { for: "pin" }, purpose === undefined ? name : t(purposeKeys[purpose]));
  const form = element("form", { id: "pin-form", novalidate: true },
    problem,
    purpose !== undefined && element("p", { class: "pin-name" }, name),
    label, field,
    asksNew ? ruleOf(pin, t) : triesFact(prompt.triesLeft, prompt.maxTries, t),
    ...noPadFact(prompt, t));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (submit.disabled) return; // still guarded, or sent already
    const found = problemOf(pin, field.value, purpose);
    if (found !== undefined) {
      field.value = "";
      problem.textContent = problemText(found, t);
      field.focus();
      return;
    }
    const bytes = takePin(field);
    submit.disabled = true;
    send({ type: "pin", prompt: prompt.prompt, pin: bytes });
    bytes.fill(0);
  });
  return { form, field, submit };
}

/** What follows when the PIN is right. */
function submitKey({ purpose }: PinPrompt, command: Scene["info"]["command"]): MessageKey {
  switch (command) {
    case "authenticate":
    case "portal-login":
      return "pin_submit_authenticate";
    case "sign":
    case "portal-sign":
      return "pin_submit_sign";
    case "certificate":
    case "attributes":
    case "portal-attributes":
      return "pin_submit_read";
    case "change-pin":
      return purpose === "repeat" ? "pin_submit_change" : "pin_submit_next";
  }
}
