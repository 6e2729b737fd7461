// e-Tax's log-in: looks at the system in two layers (efiling-pages.md §2.3).

import { begin, logIn, state } from "/talk.js";

/** The layer of the page: both of these must name a system that it serves. */
function systemByScript() {
  const { platform, userAgent } = navigator;
  if (platform.startsWith("Win32") && userAgent.includes("Windows")) return "Windows";
  return platform.startsWith("MacIntel") && userAgent.includes("Macintosh") ? "Mac" : undefined;
}

/** The layer of the server: the code for phones, which nobody draws for a system without a number. */
function displayQrcode() {
  const number = { Windows: "3", Mac: "4" }[getClientOS()];
  if (number !== undefined) document.getElementById("qr").textContent = number;
  return number !== undefined;
}

addEventListener("load", () => {
  const system = systemByScript();
  if (system === undefined) state("unsupported", "script");
  else if (!displayQrcode()) state("unsupported", `server: ${getClientOS()}`);
  else begin(system, { login: logIn });
});
