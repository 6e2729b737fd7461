/** The card page in its tab. */

import { ask } from "../ask.ts";
import { api } from "../browser.ts";
import { connectHost } from "../connect.ts";
import { cardPort } from "../messages/card.ts";
import { chooseDesk, chooseLanguage, chosenDesk, chosenReader, forgetReader, language } from "../settings.ts";
import { loadTexts } from "../texts.ts";
import { run } from "./call.ts";
import { CardPage } from "./page.ts";

const page = new CardPage({
  lang: await language(),
  texts: loadTexts,
  chooseLanguage,
  ask: (question, shape, lang) => ask(connectHost, question, shape, lang),
  run: (request, shape, lang) => run(api.runtime.connect({ name: cardPort }), { lang, request }, shape),
  chosenReader,
  forgetReader,
  chosenDesk,
  chooseDesk,
});

// Personal data goes with the page, also where the browser keeps it to come back to.
window.addEventListener("pagehide", () => {
  page.clear();
});
await page.open(location.hash);
