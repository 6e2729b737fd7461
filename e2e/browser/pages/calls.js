// One button for each kind of call. What becomes of it stands in body[data-result]: "running", then "ok" or the error's code; the rest in #detail.

import { authenticate, sign, status } from "/natsuin.js";

const lang = document.documentElement.lang;
const challenge = btoa("a challenge of more than 32 bytes, always the same");
const text = new TextEncoder().encode("見本");
const never = new Promise(() => {});

const aborter = new AbortController();
const { signal } = aborter;

/** A document whose second half never arrives. */
function endless() {
  const blob = new Blob([new Uint8Array(4 << 20)]);
  const { slice } = blob;
  blob.slice = (from, to) => (from === 0 ? slice.call(blob, from, to) : { arrayBuffer: () => never });
  return blob;
}

const calls = {
  status: () => status(),
  login: () => authenticate({ challenge, lang, signal }),
  english: () => authenticate({ challenge, lang: "en" }),
  "late-login": () => authenticate({ challenge: never, lang, signal }),
  sign: () => sign({ documents: [{ name: "見本.txt", bytes: text }], format: "cms", lang, signal }),
  "sign-hidden": () => sign({ documents: [{ name: "見本.txt", digest: new Uint8Array(32), hash: "SHA-256" }], format: "cms", lang }),
  "sign-endless": () => sign({ documents: [{ name: "見本.bin", bytes: endless() }], format: "cms", lang }),
  "sign-three": () => sign({ documents: ["一", "二", "三"].map((name) => ({ name, bytes: text })), format: "cms", lang }),
};

async function run(call) {
  const detail = document.getElementById("detail");
  detail.textContent = "null";
  document.body.dataset.result = "running";
  try {
    detail.textContent = JSON.stringify(await call());
    document.body.dataset.result = "ok";
  } catch (error) {
    const { field, triesLeft, update, message } = error;
    detail.textContent = JSON.stringify({ field, triesLeft, update, message });
    document.body.dataset.result = error.code ?? String(error);
  }
}

function button(id, act) {
  const element = document.createElement("button");
  element.id = element.textContent = id;
  element.addEventListener("click", act);
  document.body.append(element);
}

for (const [id, call] of Object.entries(calls)) button(id, () => run(call));
button("abort", () => aborter.abort());
if (location.hash === "#unasked") {
  await run(calls.login);
  location.hash = "over";
}
