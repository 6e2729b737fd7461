/** Building pages: elements from data. Text is only ever set as text. */

type Attributes = Record<string, string | boolean | undefined>;
type Child = Node | string | undefined | false;

/** Makes an element; `false` and `undefined` leave an attribute or a child out, `true` sets it empty. */
export function element<K extends keyof HTMLElementTagNameMap>(name: K, attributes: Attributes = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== undefined && child !== false));
  return made;
}

/** A button that acts on a click. */
export function button(attributes: Attributes, label: string, act: () => void): HTMLButtonElement {
  const made = element("button", { type: "button", ...attributes }, label);
  made.addEventListener("click", act);
  return made;
}

/** The element of that id, which the page is known to have. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found;
}

/** That drawing, each turn of it after the one before has ended: what was read earlier never stands over what was read later. */
export function inTurn<Args extends unknown[]>(draw: (...args: Args) => Promise<void>): (...args: Args) => Promise<void> {
  let last = Promise.resolve();
  return async (...args) => (last = last.catch(() => undefined).then(() => draw(...args)));
}
