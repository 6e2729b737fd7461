// A page that does not use the library as it is meant, or speaks to the relay without it. Each button leaves what it heard in #detail, as JSON.

import { authenticate, status } from "/natsuin.js";

const challenge = btoa("a challenge of more than 32 bytes, always the same");
const id = "0123456789abcdef0123456789abcdef";
const authenticateMessage = { type: "authenticate", challenge };
const start = { type: "start", command: "authenticate" };

/** Speaks as the library does, but says what it likes; resolves to all answers up to an error or a result. */
function speak(...messages) {
  const { port1, port2 } = new MessageChannel();
  window.postMessage({ type: "natsuin:connect", id }, location.origin, [port2]);
  return new Promise((resolve) => {
    const heard = [];
    port1.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      heard.push(message);
      if (message.type === "error" || message.type === "result") resolve({ heard, port: port1 });
    };
    for (const message of messages) port1.postMessage(typeof message === "string" ? message : JSON.stringify(message));
  });
}

/** The last thing that was heard: an error with its code and field. */
const refusal = async (...messages) => (await speak(...messages)).heard.at(-1).error;

const code = (promise) => promise.then(() => "ok", (error) => error.code);

const attacks = {
  "another-origin": () => refusal(start, { ...authenticateMessage, origin: "https://bank.example" }),
  "a-pin": () => refusal(start, { type: "pin", prompt: 1, pin: [49, 50, 51, 52] }),
  "its-own-activation": () => refusal({ ...start, activated: true }),
  "no-json": () => refusal("{"),
  "two-starts": () => refusal(start, start),
  "arguments-first": () => refusal(authenticateMessage),

  // What only the extension's card page may say and ask.
  "own-request": () => refusal({ lang: "ja", request: { command: "attributes", compare: false } }),
  "own-command": () => refusal({ type: "start", command: "attributes" }),

  // One click, two calls.
  "two-calls": () => Promise.all([code(authenticate({ challenge })), code(authenticate({ challenge: "short" })), code(authenticate({ challenge }))]),

  // After the end of a call its port is used once more. The relay hears another port's status later than that, and answers it.
  async replay() {
    const { port, heard } = await speak(start, { ...authenticateMessage, origin: "https://bank.example" });
    port.postMessage(JSON.stringify(start));
    port.postMessage(JSON.stringify(authenticateMessage));
    await status();
    return heard.length;
  },

  // A frame from elsewhere knocks at this window's relay in its own name.
  async "from-a-frame"() {
    const frame = document.createElement("iframe");
    frame.src = `http://127.0.0.1:${location.port}/knock.html`;
    document.body.append(frame);
    await new Promise((resolve) => window.addEventListener("message", ({ data }) => data === "knocked" && resolve()));
    await status();
    frame.contentWindow.postMessage("what was heard?", "*");
    return new Promise((resolve) => window.addEventListener("message", ({ data }) => data?.heard && resolve(data.heard)));
  },
};

for (const [name, attack] of Object.entries(attacks)) {
  const button = document.createElement("button");
  button.id = button.textContent = name;
  button.addEventListener("click", async () => {
    const heard = await attack();
    document.getElementById("detail").textContent = JSON.stringify(heard);
    document.body.dataset.result = "over";
  });
  document.body.append(button);
}
