/**
 * Guards buttons and fields against clicks and keys that were meant for something else: they work only once the window has been in view, unchanged,
 * for half a second. Coming to the front starts the wait anew, and a key held down since before never presses a button (keys.ts).
 */

export const guardTime = 500;

/** Guards controls until `forget` aborts; `opened` is told whenever they work. */
export function guard(controls: readonly (HTMLButtonElement | HTMLInputElement)[], forget: AbortSignal, opened: () => void): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const enable = (enabled: boolean): void => {
    for (const control of controls) control.disabled = !enabled;
  };
  const wait = (): void => {
    clearTimeout(timer);
    enable(false);
    if (document.visibilityState !== "visible") return;
    timer = setTimeout(() => {
      enable(true);
      opened();
    }, guardTime);
  };
  document.addEventListener("visibilitychange", wait, { signal: forget });
  window.addEventListener("focus", wait, { signal: forget });
  forget.addEventListener("abort", () => {
    clearTimeout(timer);
  });
  wait();
}
