/** The field for a PIN, where no system dialog can start. What is typed leaves as bytes, and the field is emptied. */

import { problemText, triesFact } from "./facts.ts";
import { problemOf, takePin } from "./pin.ts";
import type { Scene } from "./states.ts";
import { element } from "../dom.ts";
import type { HostPrompt } from "../messages/host.ts";

/** The form, with its field and the button that sends it (which stands outside, among the other buttons). */
export function pinForm(prompt: Extract<HostPrompt, { kind: "pin" }>, { info, t, send }: Scene) {
  const digits = prompt.pin === "authentication";
  const field = element("input", {
    id: "pin", type: "password", autocomplete: "off", spellcheck: "false", autocapitalize: "off", required: true,
    inputmode: digits ? "numeric" : "text", pattern: digits ? "[0-9]{4}" : "[0-9A-Za-z]{6,16}", maxlength: "64", // more than any PIN: what is cut off silently would cost a try
    "aria-describedby": "tries pin-problem",
  });
  const problem = element("p", { class: "problem", id: "pin-problem", role: "alert" });
  const submit = element("button", { id: "pin-submit", type: "submit", class: "primary", form: "pin-form" }, t(info.command === "sign" ? "pin_submit_sign" : "pin_submit_authenticate"));
  if (prompt.problem !== undefined) problem.textContent = problemText(prompt.problem, t);

  const label = element("label", { for: "pin" }, t(digits ? "pin_authentication" : "pin_signature"));
  const form = element("form", { id: "pin-form", novalidate: true }, problem, label, field, triesFact(prompt.triesLeft, prompt.maxTries, t));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (submit.disabled) return; // still guarded, or sent already
    const found = problemOf(prompt.pin, field.value);
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
