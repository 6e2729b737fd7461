// Tries to open a call in the window above, which belongs to another origin.

const heard = [];
const { port1, port2 } = new MessageChannel();
port1.onmessage = ({ data }) => heard.push(data);
port1.postMessage(JSON.stringify({ type: "start", command: "authenticate" }));
parent.postMessage({ type: "natsuin:connect", id: "0123456789abcdef0123456789abcdef" }, "*", [port2]);
parent.postMessage("knocked", "*");
window.addEventListener("message", () => parent.postMessage({ heard }, "*"));
