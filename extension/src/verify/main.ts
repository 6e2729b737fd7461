/** The page that verifies, in its tab. */

import { connectHost } from "../connect.ts";
import { element } from "../dom.ts";
import { chooseLanguage, language } from "../settings.ts";
import { loadTexts } from "../texts.ts";
import { VerifyPage } from "./page.ts";
import { verify } from "./run.ts";

const page = new VerifyPage({
  lang: await language(),
  texts: loadTexts,
  chooseLanguage,
  verify: (filing, wanted, progress) => verify(connectHost, filing, wanted, progress),
  save: ({ name, text }) => {
    const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    element("a", { href: url, download: name }).click();
    setTimeout(() => { URL.revokeObjectURL(url); }, 60_000); // the browser reads it when it wants to
  },
});

// Personal data goes with the page, also where the browser keeps it to come back to.
window.addEventListener("pagehide", () => {
  page.clear();
});
await page.open();
