// The first script of every page: what it says to an extension, and what it hears, asked for or not.

window.visit = { said: [], heard: [] };
document.addEventListener("launchApp", ({ detail }) => visit.said.push(detail));
document.addEventListener("recvMsg", ({ detail }) => visit.heard.push(detail));

/** Asks an extension; a text goes as it is. */
visit.say = (detail) => document.dispatchEvent(new CustomEvent("launchApp", { detail }));

// The official extension, as far as a page sees it: it puts its inputs there when the document is complete.
if (location.search === "?official") {
  addEventListener("DOMContentLoaded", () => {
    for (const id of ["extension-is-installed", "app-is-installed"]) document.body.append(Object.assign(document.createElement("input"), { type: "hidden", id, value: "99" }));
  });
}
