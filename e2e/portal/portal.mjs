/**
 * Stand-ins for マイナポータル and for e-Tax's log-in, written from what is known of them (efiling-pages.md §1, §2.3 and §3.4) and from nothing of theirs. One
 * server on this machine answers for all their names; the browsers of the tests are told to find it there. What is known is that pages look for an extension by two
 * hidden inputs, refuse Linux, by script and at e-Tax by headers too, and speak by two events; how the servers check what comes back is our reading of what they
 * can check.
 */

import { randomBytes, randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import https from "node:https";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { digestInfo, hashes } from "./digests.mjs";
import { checkAttributes, checkLogin, checkSignatures, readTrust, Refusal } from "./replies.mjs";
import { systemOf } from "./systems.mjs";

/** Which pages each name serves first. */
const homes = {
  "myna.go.jp": "portal.html",
  "app.oss.myna.go.jp": "application.html",
  "login.e-tax.nta.go.jp": "etax.html",
  // None of the sites that a profile lists.
  "www.mihon.go.jp": "quiet.html",
};

/** All names that the stand-in answers for. */
export const hosts = Object.keys(homes);

const pages = fileURLToPath(new URL("pages/", import.meta.url));
const types = { ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml" };

/** Pages with a policy as strict as theirs may be; and the hints that a curious server asks for. */
const headers = {
  "Content-Security-Policy": "default-src 'self'; frame-src https:; object-src 'none'; base-uri 'none'",
  "Accept-CH": "Sec-CH-UA-Platform-Version, Sec-CH-UA-Arch, Sec-CH-UA-Bitness",
  "Cache-Control": "no-store",
};

const maxBody = 1 << 20;

export class Portal {
  /** Every request so far: host, path and headers. */
  requests = [];
  /** Whether applications need attributes and signatures of the same card and installation. */
  binds = false;
  /** The least versions that the pages take, as the government can raise them any day: of the extension, and of the app by the system that the page sees. */
  floors = { extension: 24, app: { Windows: 29, Mac: 40 } };
  #sessions = new Map();
  #server;
  #trust;

  /**
   * Starts it on a free port of this machine.
   * @param {{ key: Buffer, cert: Buffer }} tls  for all of {@link hosts}
   * @param {string} trust  a folder with the CAs of cards: auth-*.pem and sign-*.pem
   */
  static async start(tls, trust) {
    const portal = new Portal();
    portal.#trust = readTrust(trust);
    portal.#server = https.createServer(tls, (request, response) => {
      portal.#answer(request, response).catch((error) => {
        response.writeHead(500).end(String(error));
      });
    });
    await once(portal.#server.listen(0, "127.0.0.1"), "listening");
    return portal;
  }

  get port() {
    return this.#server.address().port;
  }

  async stop() {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #answer(request, response) {
    const { host } = request.headers;
    const { pathname: path } = new URL(request.url, `https://${host}`);
    this.requests.push({ host, path, headers: request.headers });
    if (!(host in homes)) {
      response.writeHead(421).end(); // Misdirected Request
      return;
    }
    const send = (type, body) => response.writeHead(200, { ...headers, "Content-Type": type }).end(body);
    if (path.startsWith("/api/")) {
      const verdict = this.#api(path.slice("/api/".length), JSON.parse(await bodyOf(request)));
      send("application/json", JSON.stringify(verdict));
      return;
    }
    if (path === "/system.js") {
      send(types[".js"], systemScript(systemOf(request.headers)));
      return;
    }
    if (path === "/floors.js") {
      send(types[".js"], `export const floors = ${JSON.stringify(this.floors)};\n`);
      return;
    }
    const name = path === "/" ? homes[host] : path.slice(1);
    const body = /^[a-z-]+\.(?:html|js|svg)$/.test(name) ? await readFile(join(pages, name)).catch(() => undefined) : undefined;
    if (body === undefined) response.writeHead(404).end();
    else send(types[extname(name)], body);
  }

  /** What the pages ask their server: the answer, or `{ refused }` and why. */
  #api(name, question) {
    try {
      switch (name) {
        case "login":
          return this.#begin([this.#document("sha256")]);
        case "login/reply":
          return this.#loggedIn(question);
        case "application":
          return this.#begin(Array.from({ length: question.count }, (_, i) => this.#document(hashes[i % hashes.length])));
        case "application/attributes":
          return this.#attributes(question);
        case "application/signatures":
          return this.#signatures(question);
        default:
          throw new Refusal("no such question");
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { refused: error.message };
    }
  }

  /** A document that this server made and nobody else sees. */
  #document(hash) {
    const document = randomBytes(100);
    return { document, hash, digest: digestInfo(hash, document) };
  }

  #begin(asked) {
    const session = randomUUID();
    this.#sessions.set(session, { asked });
    return { session, digests: asked.map(({ digest }) => digest.toString("base64")) };
  }

  #session(name) {
    const session = this.#sessions.get(name);
    if (session === undefined) throw new Refusal("no such session");
    return session;
  }

  #loggedIn({ session: name, reply }) {
    const { certificate } = checkLogin(reply, this.#session(name).asked[0], this.#trust);
    this.#sessions.delete(name); // a reply is good for one login
    return { serial: certificate.serialNumber };
  }

  #attributes({ session: name, reply }) {
    const session = this.#session(name);
    const { attributes, combination } = checkAttributes(reply);
    if (this.binds && combination === undefined) throw new Refusal("no combination_code");
    session.combination = combination;
    return { attributes };
  }

  #signatures({ session: name, reply }) {
    const session = this.#session(name);
    const { certificate, combination } = checkSignatures(reply, session.asked, this.#trust);
    if (JSON.stringify(combination) !== JSON.stringify(session.combination)) throw new Refusal("attributes and signatures of different cards");
    this.#sessions.delete(name);
    return { signed: session.asked.length, serial: certificate.serialNumber };
  }
}

/** The script whose body the server chooses by the headers (§2.3). */
function systemScript(system) {
  return `function getClientOS() {\n  const os = ${JSON.stringify(system)};\n  return os;\n}\n`;
}

async function bodyOf(request) {
  let body = "";
  for await (const chunk of request.setEncoding("utf8")) {
    body += chunk;
    if (body.length > maxBody) throw new Error("too long");
  }
  return body;
}
