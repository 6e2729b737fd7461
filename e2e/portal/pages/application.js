// An application: the four attributes (mode 04), and then signatures over what the server made of them (mode 02, §3.4).

import { ask, begin, server, state } from "/talk.js";
import { systemByScript } from "/refusal.js";

let application;

const buttons = {
  async begin() {
    application = await server("application", { count: Number(document.getElementById("count").value) });
    state("begun");
  },
  async attributes() {
    state("waiting");
    conclude("read", await server("application/attributes", { session: application.session, reply: await ask({ mode: "04", service_id: "01" }) }));
  },
  async sign() {
    state("waiting");
    const { session, digests } = application;
    conclude("signed", await server("application/signatures", { session, reply: await ask({ mode: "02", service_id: "01", digest: digests }) }));
  },
};

function conclude(name, verdict) {
  if (verdict.refused === undefined) state(name, JSON.stringify(verdict));
  else state("failed", verdict.refused);
}

addEventListener("load", () => {
  const system = systemByScript();
  if (system === undefined) state("unsupported");
  else begin(system, buttons);
});
