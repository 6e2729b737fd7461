// The first script of every page: what it hears from an extension, unasked or not, and whatever a test has it say.

window.visit = { heard: [] };
document.addEventListener("recvMsg", ({ detail }) => visit.heard.push(detail));

/** Asks an extension; a text goes as it is. */
visit.say = (detail) => document.dispatchEvent(new CustomEvent("launchApp", { detail }));
