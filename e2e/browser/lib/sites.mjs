/** The sites that the tests visit: the demo, whose server verifies, and the pages of `pages/`, which only ask. */

import { once } from "node:events";
import { readFile } from "node:fs/promises";
import http from "node:http";
import https from "node:https";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { built } from "./files.mjs";
import { run, start } from "./programs.mjs";

/** Starts the demo, which trusts the CAs in `trust`; `more` are further flags of it. */
export async function startDemo(trust, more = []) {
  const flags = ["--lab", "--trust", trust, "--library", await built("natsuin.js"), ...more];
  const { line, stop } = await start(await built("e2e/demo"), flags, { terminate: true });
  return { origin: line.replace("listening on ", ""), stop };
}

const pages = fileURLToPath(new URL("../pages/", import.meta.url));
const types = { ".html": "text/html; charset=utf-8", ".js": "text/javascript" };

/**
 * Serves `pages/` and the page library on this machine: over http as localhost, or over https under another name.
 * @param {{ host: string, key: Buffer, cert: Buffer }} [tls]
 */
export async function startPages(tls) {
  const library = await readFile(await built("natsuin.js"));
  const answer = async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const name = pathname === "/" ? "/index.html" : pathname;
    const body = name === "/natsuin.js" ? library : await readFile(join(pages, name)).catch(() => undefined);
    response.writeHead(body ? 200 : 404, { "Content-Type": types[extname(name)] ?? "text/plain" }).end(body);
  };
  const server = tls ? https.createServer(tls, answer) : http.createServer(answer);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address();
  return {
    port,
    origin: tls ? `https://${tls.host}:${port}` : `http://localhost:${port}`,
    stop: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/**
 * Starts the demo as a site of the web: over https, under that host's name.
 * @param {{ host: string, key: Buffer, cert: Buffer }} tls
 */
export async function startPublicDemo(trust, tls) {
  let demo;
  const server = https.createServer(tls, (request, response) => {
    const { method, url, headers } = request;
    const onward = http.request(new URL(url, demo.origin), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy()); // the browser has gone
    request.pipe(onward);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const origin = `https://${tls.host}:${server.address().port}`;
  demo = await startDemo(trust, ["--origin", origin]);
  return {
    origin,
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await demo.stop();
    },
  };
}

/** A certificate that nobody trusts, for these host names. */
export async function throwAwayCertificate(folder, ...hosts) {
  const [host] = hosts;
  const [key, cert] = [join(folder, "site.key"), join(folder, "site.pem")];
  await run("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
    "-subj", `/CN=${host}`, "-addext", `subjectAltName=${hosts.map((name) => `DNS:${name}`)}`, "-keyout", key, "-out", cert]);
  return { host, key: await readFile(key), cert: await readFile(cert) };
}
