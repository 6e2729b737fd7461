// Signs what the test put into `globalThis.order`: the options of `sign`, in which { bytes: base64 } stands for bytes, { blob: base64 } for a Blob and
// { file: 0 } for the chosen file. What becomes of it stands in body[data-result] and #detail, as on the page of calls.

import { sign } from "/natsuin.js";

const decoded = (base64) => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));

/** The bytes that were handed over, to be overwritten while the citizen reads. */
let lent = [];

function revived(_, value) {
  if (typeof value?.bytes === "string") {
    lent.push(decoded(value.bytes));
    return lent.at(-1);
  }
  if (typeof value?.blob === "string") return new Blob([decoded(value.blob)]);
  if (value?.file === 0) return document.getElementById("file").files[0];
  return value;
}

async function encoded(blob) {
  const url = await new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
  return url.slice(url.indexOf(",") + 1);
}

/** What was signed, as text that a test can take out. */
async function told({ signatures, files, certificate, algorithm, issuer }) {
  return {
    signatures: await Promise.all(signatures.map((signature) => encoded(new Blob([signature])))),
    files: await Promise.all(files.map(async (file) => ({ type: file.type, data: await encoded(file) }))),
    certificate: await encoded(new Blob([certificate])), algorithm, issuer,
  };
}

document.getElementById("sign").addEventListener("click", async () => {
  const detail = document.getElementById("detail");
  document.body.dataset.result = "running";
  detail.textContent = "null";
  lent = [];
  try {
    const signed = sign(JSON.parse(globalThis.order, revived));
    for (const bytes of lent) bytes.fill(0);
    detail.textContent = JSON.stringify(await told(await signed));
    document.body.dataset.result = "ok";
  } catch (error) {
    const { field, reason, message } = error;
    detail.textContent = JSON.stringify({ field, reason, message });
    document.body.dataset.result = error.code ?? String(error);
  }
});
