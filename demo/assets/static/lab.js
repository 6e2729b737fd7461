import { sign, status } from "/natsuin.js";
import { post } from "./page.js";

/** The document of the rule that lab.go gives. */
function pattern(seed, size) {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i++) bytes[i] = 31 * i + 17 * (i >>> 8) + seed;
  return bytes;
}

const small = 1 << 10;
const large = 50 << 20;
const lang = document.documentElement.lang;

let aborter = new AbortController();

/** Has the server verify one detached CMS; rejects with the reason for which it is refused. */
const verified = (name, cms) => post(`/lab/verify?document=${name}`, cms, "application/pkcs7-signature");

const operations = {
  status: () => status(),

  async batch() {
    const names = Array.from({ length: 100 }, (_, n) => `batch-${n}`);
    const documents = names.map((name, n) => ({ name: `${name}.bin`, bytes: pattern(n, small) }));
    const { signatures, issuer } = await sign({ documents, format: "cms", lang, signal: aborter.signal });
    for (const [n, name] of names.entries()) await verified(name, signatures[n]);
    return { verified: signatures.length, issuer };
  },

  async large() {
    const documents = [{ name: "large.bin", bytes: pattern(201, large) }];
    const { signatures, issuer } = await sign({ documents, format: "cms", lang, signal: aborter.signal });
    await verified("large", signatures[0]);
    return { verified: 1, bytes: large, issuer };
  },

  async hidden() {
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", pattern(202, small)));
    const documents = [{ name: "hidden.bin", digest, hash: "SHA-256" }];
    const { signatures, issuer } = await sign({ documents, format: "cms", lang, signal: aborter.signal });
    await verified("hidden", signatures[0]);
    return { verified: 1, issuer };
  },

  async raw() {
    const documents = [{ name: "raw.bin", bytes: pattern(203, small) }];
    const { signatures, certificate, algorithm, issuer } = await sign({ documents, format: "raw", lang, signal: aborter.signal });
    const body = JSON.stringify({ certificate: base64(certificate), signature: base64(signatures[0]) });
    await post("/lab/verify-raw", body, "application/json");
    return { verified: 1, algorithm, issuer };
  },
};

function base64(bytes) {
  return btoa(String.fromCharCode(...bytes));
}

/** Leaves in the result's element "running", then "ok" or the error's code, with what else is known as JSON. */
async function run(name) {
  const result = document.getElementById(`${name}-result`);
  const show = (outcome, detail) => {
    result.textContent = detail === undefined ? "" : JSON.stringify(detail, undefined, 2);
    result.dataset.result = outcome;
  };
  show("running");
  aborter = new AbortController();
  try {
    show("ok", await operations[name]());
  } catch (error) {
    show(error.code ?? "UNEXPECTED", { message: error.message, field: error.field, triesLeft: error.triesLeft });
  }
}

for (const name of Object.keys(operations)) document.getElementById(name).addEventListener("click", () => run(name));
document.getElementById("abort").addEventListener("click", () => aborter.abort());
