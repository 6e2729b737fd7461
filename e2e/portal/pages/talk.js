// How a page finds an extension, and asks it (efiling-pages.md §1.1 to §1.4).

import { floors } from "/floors.js";

/** Puts the page into a state that people, and tests, can see. */
export function state(name, text = name) {
  document.body.dataset.state = name;
  document.getElementById("status").textContent = text;
}

/** What is wrong with the extension: "none", "old", or undefined. Its hidden inputs hold versions; `system` is the one that the page sees. */
export function wrongWithExtension(system) {
  const [extension, app] = ["extension-is-installed", "app-is-installed"].map((id) => document.querySelector(`input[type=hidden][id=${id}]`)?.value);
  if (extension === undefined || app === undefined) return "none";
  return Number(extension) >= floors.extension && Number(app) >= floors.app[system] ? undefined : "old";
}

/** Asks for something, and waits for the next reply: there is no number by which to tell replies apart. */
export function ask(request) {
  return new Promise((resolve) => {
    document.addEventListener("recvMsg", ({ detail }) => resolve(detail), { once: true });
    visit.say(JSON.stringify(request));
  });
}

/** Asks the page's own server. */
export async function server(path, question = {}) {
  const response = await fetch(`/api/${path}`, { method: "POST", body: JSON.stringify(question) });
  return response.json();
}

/** Logs in (mode 01): both the portal and e-Tax do it so. */
export async function logIn() {
  state("waiting");
  const { session, digests: [digest] } = await server("login");
  const reply = await ask({ mode: "01", service_id: "01", digest });
  const verdict = await server("login/reply", { session, reply });
  if (verdict.refused === undefined) state("logged-in", verdict.serial);
  else state("failed", verdict.refused);
}

/** Takes the page into use, once it is loaded and nothing is wrong. */
export function begin(system, buttons) {
  const wrong = wrongWithExtension(system);
  if (wrong !== undefined) {
    state(`extension-${wrong}`);
    return;
  }
  for (const [id, act] of Object.entries(buttons)) {
    const button = document.getElementById(id);
    button.disabled = false;
    button.addEventListener("click", act);
  }
  state("ready");
}
