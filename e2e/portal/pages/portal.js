// The portal: refuses by the user agent that scripts see (efiling-pages.md §1.9).

import { begin, logIn, state } from "/talk.js";
import { systemByScript } from "/refusal.js";

addEventListener("load", () => {
  const system = systemByScript();
  if (system === undefined) state("unsupported");
  else begin(system, { login: logIn });
});
