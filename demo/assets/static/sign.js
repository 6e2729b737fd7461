import { sign } from "/natsuin.js";
import { get, onClick, post } from "./page.js";

const button = document.getElementById("sign");
const { number, name, pdfName, seal } = button.dataset;
const lang = document.documentElement.lang;

// The exact bytes that the server issued. They are fetched ahead, so that the call starts while the click is fresh.
const issued = { data: get(`/drafts/${number}/document`), pdf: get(`/drafts/${number}/pdf`) };
for (const bytes of Object.values(issued)) bytes.catch(() => {}); // told at the click

/** The ways to sign the application. Each sends the server the signature alone, which knows the document. */
const ways = {
  async data() {
    const { signatures } = await sign({ documents: [{ name, bytes: await issued.data }], format: "cms", lang });
    return post(`/filings?draft=${number}`, signatures[0], "application/pkcs7-signature");
  },

  async pdf() {
    const { signatures } = await sign({
      documents: [{ name: pdfName, bytes: await issued.pdf }],
      format: "pdf",
      profile: chosen("profile"),
      ...(chosen("seal") && { seal: JSON.parse(seal) }),
      lang,
    });
    return post(`/filings/pdf?draft=${number}`, signatures[0], "application/octet-stream"); // what the PDF grows by
  },
};

/** The value of the option that is chosen, undefined where none is. */
function chosen(options) {
  return document.querySelector(`input[name="${options}"]:checked`)?.value;
}

onClick(button, async () => {
  const { next } = await ways[chosen("way")]();
  location.assign(next);
});
