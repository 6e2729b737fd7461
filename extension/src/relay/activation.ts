/**
 * Recent user activation, used once: a click or key press lets one call through, so that a page cannot open window after window. It is a guard
 * against nuisance, not a proof of will; consent is asked for in Natsuin's own window.
 */

/** The events that browsers count as activation (HTML standard, "activation triggering input event"). */
const triggers = ["keydown", "mousedown", "pointerdown", "pointerup", "touchend"] as const;

/** Returns a function that says whether a call comes from a human act that no earlier call has used. */
export function watchActivation(window: Window): () => boolean {
  let used = false;
  for (const trigger of triggers) {
    window.addEventListener(trigger, (event) => { if (event.isTrusted) used = false; }, { capture: true, passive: true });
  }
  return () => {
    if (used || !window.navigator.userActivation.isActive) return false;
    used = true;
    return true;
  };
}
