/** The keys of the whole window. */

/** Escape leaves; the repetitions of a key that is held down press nothing. */
export function listenToKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.repeat) document.querySelector<HTMLButtonElement>("#refuse, #close")?.click();
    if (event.repeat && (event.key === "Enter" || event.key === " ")) event.preventDefault();
  }, { capture: true });
}
