/**
 * Natsuin for one person without any rights, whose home has spaces and Japanese characters in its path: from the archive, by its script; with the
 * extension as those have it who take it from no store.
 *
 * e2e/install runs this in a root of its own, as root, with this machine's pcscd. NATSUIN_PACKAGES is the folder with the packages.
 */

import assert from "node:assert/strict";
import { chown, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { run } from "../lib/programs.mjs";
import { patience } from "../lib/wait.mjs";
import { Scene } from "./scene.mjs";

const packages = process.env.NATSUIN_PACKAGES;
const nobody = 64123;

let scene;
before(async () => {
  scene = await Scene.set();
}, { timeout: 2 * patience });
after(() => scene.strike(), { timeout: patience });

for (const name of ["chromium", "firefox"]) {
  test(`a login and a filing in ${name}`, { timeout: 4 * patience }, async () => {
    const home = `/tmp/ホーム/見本 太郎 (${name})`;
    await mkdir(home, { recursive: true });
    await chown(home, nobody, nobody);
    const person = (command, ...args) => run(command, args, { uid: nobody, gid: nobody, cwd: home, env: { HOME: home, PATH: "/usr/bin:/bin", LANG: "C.UTF-8" } });

    const [archive] = (await readdir(packages)).filter((file) => file.endsWith("-linux-amd64.tar.gz"));
    await person("tar", "-xf", join(packages, archive));
    await person("sh", join(home, archive.replace(/\.tar\.gz$/, ""), "install.sh"));
    const program = join(home, ".local/lib/natsuin/natsuin");

    const loaded = { chromium: "natsuin-chromium", firefox: "natsuin-firefox.xpi" }[name];
    if (name === "chromium") await person("unzip", "-q", join(packages, "natsuin-chromium-unpacked.zip"));
    else await person("cp", join(packages, loaded), home);
    // This browser runs as root, like all of the tests', and Firefox does not do that in somebody else's home.
    await run("chown", ["-R", "0:0", home]);
    await scene.works({ name, home, program, extension: join(home, loaded) });
    await run("chown", ["-R", `${nobody}:${nobody}`, home]);

    await person("sh", join(home, ".local/lib/natsuin/install.sh"), "--uninstall");
    // What browsers leave in their own folders stays.
    const { stdout: left } = await run("find", [home, "-name", "io.github.natsuin.json", "-o", "-path", `${home}/.local/*natsuin*`]);
    assert.equal(left, "");
  });
}
