/**
 * Natsuin for everybody on a machine, set up as docs/administrators.md has it: the host from its package, and the packages of the stores, which policies
 * make the browsers install from a server of the administrator's.
 *
 * e2e/install runs this in a root of its own, as root: it writes to the places of the system, and takes away again what it wrote.
 * NATSUIN_PACKAGES is the folder with the packages.
 */

import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import { foreignHost } from "../lib/browsers.mjs";
import { run } from "../lib/programs.mjs";
import { patience } from "../lib/wait.mjs";
import { packed, serve, updateManifest } from "./crx.mjs";
import { Scene } from "./scene.mjs";

const program = "/usr/bin/natsuin";
const settings = "/etc/natsuin/settings.json";
const policies = { chromium: "/etc/chromium/policies/managed/natsuin.json", firefox: "/etc/firefox/policies/policies.json" };

let scene;
let server;
const made = [];

/** Writes a file of the administrator's, and the folders on the way to it. */
async function write(file, content) {
  const first = await mkdir(dirname(file), { recursive: true });
  made.push(first ?? file);
  await writeFile(file, JSON.stringify(content));
}

/** One of the templates that administrators get, filled in. */
async function template(name, id, placeholder, address) {
  const text = await readFile(new URL(`../../../manifests/policy/${name}.json`, import.meta.url), "utf8");
  return JSON.parse(text.replaceAll("EXTENSION_ID", id).replaceAll(placeholder, address).replaceAll('"allowedSites": []', `"allowedSites": ["${foreignHost}"]`));
}

before(async () => {
  scene = await Scene.set();
  const [archive, xpi] = await Promise.all(["natsuin-chromium.zip", "natsuin-firefox.xpi"].map((name) => readFile(join(process.env.NATSUIN_PACKAGES, name))));
  const { stdout } = await run("unzip", ["-p", join(process.env.NATSUIN_PACKAGES, "natsuin-chromium.zip"), "manifest.json"]);
  const { id, crx } = packed(archive);
  server = await serve((origin) => ({
    "updates.xml": updateManifest(id, JSON.parse(stdout).version, `${origin}/natsuin.crx`),
    "natsuin.crx": crx,
    "natsuin.xpi": xpi,
  }));

  await write(settings, { extensionIds: { chromium: [id] } });
  await run(program, ["install", "--system"]);
  await write(policies.chromium, {
    ...(await template("chromium", id, "UPDATE_URL", `${server.origin}/updates.xml`)),
    DeveloperToolsAvailability: 1, // without it, no test sees the pages of an extension that a policy installed
  });
  const firefox = await template("firefox", "natsuin@natsuin.github.io", "INSTALL_URL", `${server.origin}/natsuin.xpi`);
  // Mozilla has not signed this package; Debian's Firefox, other than Mozilla's own, can do without.
  firefox.policies.Preferences = { "xpinstall.signatures.required": { Value: false, Status: "locked" } };
  await write(policies.firefox, firefox);
}, { timeout: 2 * patience });

after(async () => {
  for (const path of made.reverse()) await rm(path, { recursive: true });
  await server.stop();
  await scene.strike();
}, { timeout: patience });

for (const name of ["chromium", "firefox"]) {
  test(`a login and a filing in ${name}`, { timeout: 4 * patience }, () => scene.works({ name, home: `/tmp/${name}`, program }));
}
