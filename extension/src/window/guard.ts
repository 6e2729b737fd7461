/**
 * Guards a button against clicks that were meant for something else: it works only once the window has been in view, unchanged, for half a second.
 * Coming to the front starts the wait anew, and a key held down since before never presses it (keys.ts).
 */

export const guardTime = 500;

/** Guards a button until `forget` aborts. */
export function guard(button: HTMLButtonElement, forget: AbortSignal): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const wait = (): void => {
    clearTimeout(timer);
    button.disabled = true;
    if (document.visibilityState === "visible" && !forget.aborted) timer = setTimeout(() => { button.disabled = false; }, guardTime);
  };
  document.addEventListener("visibilitychange", wait, { signal: forget });
  window.addEventListener("focus", wait, { signal: forget });
  forget.addEventListener("abort", () => {
    clearTimeout(timer);
  });
  wait();
}
