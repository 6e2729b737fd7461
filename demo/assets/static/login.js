import { authenticate } from "/natsuin.js";
import { onClick, post } from "./page.js";

onClick(document.getElementById("login"), async () => {
  // A promise is handed over, so that the call starts while the click is fresh.
  const challenge = post("/challenge").then((answer) => answer.challenge);
  challenge.catch(() => {}); // handled where it is awaited, which may be too late for the browser's taste
  const token = await authenticate({ challenge, lang: document.documentElement.lang });
  const { next } = await post("/login", JSON.stringify(token), "application/json");
  location.assign(next);
});
