import { sign } from "/natsuin.js";
import { get, onClick, post } from "./page.js";

const button = document.getElementById("sign");

// The exact bytes that the server issued. They are fetched ahead, so that the call starts while the click is fresh.
const issued = get(button.dataset.document);
issued.catch(() => {}); // told at the click

onClick(button, async () => {
  const { signatures } = await sign({
    documents: [{ name: button.dataset.name, bytes: await issued }],
    format: "cms",
    lang: document.documentElement.lang,
  });
  const { next } = await post(button.dataset.filing, signatures[0], "application/pkcs7-signature");
  location.assign(next);
});
