/** Overriding a profile: the keys that differ from what was shipped, as JSON. Only what can be used is kept. */

import { faultOf, type Profile } from "../bridge/profile.ts";
import { bridgeFaults, overrides, policy, settleOverride } from "../bridge/settings.ts";
import { shipped } from "../bridge/shipped.ts";
import { button, byId, element, inTurn } from "../dom.ts";
import type { Translate } from "../i18n.ts";
import type { Language } from "../messages/host.ts";

/** Draws a form for each profile, with what is settled now; whoever stands on one of their controls stays there. */
export const drawProfiles = inTurn(async ({ t, lang }: { t: Translate; lang: Language }): Promise<void> => {
  const [own, administrators] = await Promise.all([overrides(), policy()]);
  const faults = bridgeFaults(administrators);
  const forms = shipped.flatMap((profile) => {
    const theirs = administrators.bridges[profile.name];
    const fault = theirs === undefined ? undefined : faultOf(profile, theirs);
    return [
      ...(fault === undefined ? [] : [element("p", { class: "fault" }, t("bridge_profile_policy", fault))]),
      profileForm(profile, own[profile.name], fault === undefined && theirs !== undefined ? [theirs] : [], t, lang),
    ];
  });
  const focused = document.activeElement?.id ?? "";
  // What an administrator settled and cannot be used is told here: nobody else would ever know.
  byId("bridge-profiles").replaceChildren(...(faults.length === 0 ? [] : [element("p", { class: "fault" }, t("bridge_sites_policy", faults.join(", ")))]), ...forms);
  if (focused !== "" && document.activeElement === document.body) document.getElementById(focused)?.focus();
});

/** The form of one profile. `theirs`: the administrator's override, which holds over the citizen's. */
function profileForm(profile: Profile, own: unknown, theirs: readonly unknown[], t: Translate, lang: Language): HTMLElement {
  const { name, title } = profile;
  const id = `override-${name}`;
  const field = element("textarea", { id, spellcheck: "false", autocomplete: "off", dir: "ltr", "aria-describedby": "bridge-profile-status" });
  field.value = own === undefined ? "" : JSON.stringify(own, null, 2);
  const form = element("form", {},
    element("label", { for: id }, t("bridge_profile_label", title[lang])),
    field,
    element("button", { type: "submit", id: `${id}-save` }, t("bridge_profile_save")),
    button({ id: `${id}-shipped` }, t("bridge_profile_reset"), () => {
      field.value = "";
      void keep(undefined);
    }));
  const keep = async (override: unknown): Promise<void> => {
    await settleOverride(name, override);
    say(t("bridge_profile_saved"));
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const override = parse(field.value);
    const fault = override?.value === undefined ? undefined : faultOf(profile, override.value, ...theirs);
    if (override === undefined) say(t("bridge_profile_bad_json"), true);
    else if (fault !== undefined) say(t("bridge_profile_fault", fault), true);
    else void keep(override.value);
  });
  return form;
}

/** Says what came of it, where a new drawing of the forms does not wipe it out. */
function say(text: string, fault = false): void {
  const status = byId("bridge-profile-status");
  status.textContent = text;
  status.className = fault ? "fault" : "";
}

/** What a text holds as JSON; an empty one is no override. */
function parse(text: string): { value: unknown } | undefined {
  try {
    return { value: text.trim() === "" ? undefined : (JSON.parse(text) as unknown) };
  } catch {
    return undefined;
  }
}
