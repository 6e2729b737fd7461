// What the pages that talk to the card have in common.

/** The server said no; `code` names the reason. */
export class Refusal extends Error {
  constructor(code) {
    super(code);
    this.name = "Refusal";
    this.code = code;
  }
}

/** Posts to this site and returns the answer's JSON; rejects with a Refusal. */
export async function post(path, body, type) {
  let response;
  try {
    response = await fetch(path, { method: "POST", body, headers: type ? { "Content-Type": type } : {} });
  } catch {
    throw new Refusal("NETWORK");
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refusal(answer.reason ?? "SERVER");
  return answer;
}

/** Fetches bytes from this site. */
export async function get(path) {
  const response = await fetch(path).catch(() => undefined);
  if (response === undefined) throw new Refusal("NETWORK");
  if (!response.ok) throw new Refusal("SERVER");
  return new Uint8Array(await response.arrayBuffer());
}

/**
 * Runs `operation` at each click on the button, one at a time, and shows how it went beside it. The button is not
 * disabled meanwhile: that would take the focus away from whoever uses a keyboard.
 */
export function onClick(button, operation) {
  button.addEventListener("click", async () => {
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true");
    showFailure(undefined);
    showProgress(button.dataset.progress);
    try {
      await operation();
    } catch (error) {
      showFailure(error.code ?? "UNEXPECTED");
      console.error(error);
    } finally {
      showProgress("");
      button.removeAttribute("aria-disabled");
    }
  });
}

function showProgress(text) {
  document.getElementById("progress").textContent = text;
}

/** Shows the sentence for a code, in the page's language, or nothing. */
function showFailure(code) {
  const alert = document.getElementById("failure");
  if (code === undefined) {
    delete alert.dataset.code;
    alert.replaceChildren();
    return;
  }
  const sentences = document.getElementById("failures").content;
  const sentence = sentences.querySelector(`[data-code="${CSS.escape(code)}"]`) ?? sentences.querySelector('[data-code="UNEXPECTED"]');
  const text = document.createElement("p");
  text.textContent = sentence.textContent;
  const name = document.createElement("code");
  name.textContent = code;
  alert.dataset.code = code;
  alert.replaceChildren(text, name);
}
