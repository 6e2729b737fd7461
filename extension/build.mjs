// Builds the four packages and the page library:
//   build/extension/{chromium,firefox}        production
//   build/extension/{chromium,firefox}-dev    the same, also for http://localhost and http://127.0.0.1
//   build/natsuin.js, build/natsuin.d.ts      what a site serves
// The output is readable (no minification) and the same for the same sources. `node build.mjs DIR` builds into DIR.

import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import ts from "typescript";
import { browsers, manifest } from "./manifest.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const out = resolve(process.argv[2] ?? join(here, "../build"));

const common = { absWorkingDir: here, bundle: true, charset: "utf8", legalComments: "none", logLevel: "warning", target: ["chrome116", "firefox142"] };

// Service workers and content scripts are classic scripts, pages load modules.
const scripts = {
  background: "src/background/main.ts", relay: "src/relay/main.ts", bridge: "src/bridge/main.ts",
  "windows-10": "src/disguise/windows-10.ts", "windows-11": "src/disguise/windows-11.ts",
};
const modules = { prompt: "src/window/main.ts", popup: "src/popup/main.ts", card: "src/card/main.ts", verify: "src/verify/main.ts", options: "src/options/main.ts" };

async function buildPackage(browser, developer) {
  const dir = join(out, "extension", developer ? `${browser}-dev` : browser);
  await rm(dir, { recursive: true, force: true });
  await mkdir(dir, { recursive: true });
  await build({ ...common, entryPoints: scripts, outdir: dir, format: "iife" });
  await build({ ...common, entryPoints: modules, outdir: dir, format: "esm" });
  await cp(join(here, "static"), dir, { recursive: true });
  await cp(join(here, "_locales"), join(dir, "_locales"), { recursive: true });
  await writeFile(join(dir, "manifest.json"), `${JSON.stringify(manifest(browser, developer), null, 2)}\n`);
}

async function buildLibrary() {
  await build({ ...common, entryPoints: ["src/page/natsuin.ts"], outfile: join(out, "natsuin.js"), format: "esm" });
  await writeFile(join(out, "natsuin.d.ts"), declarations(join(here, "src/page/natsuin.ts")));
}

/** The declarations of one file; it is written so that they stand alone. */
function declarations(file) {
  const { config } = ts.readConfigFile(join(here, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [file] }, ts.sys, here);
  const program = ts.createProgram([file], { ...options, noEmit: false, declaration: true, emitDeclarationOnly: true });
  let text = "";
  program.emit(program.getSourceFile(file), (_, content) => (text = content), undefined, true);
  if (text === "" || /^import /m.test(text)) throw new Error("natsuin.d.ts does not stand alone");
  return text;
}

await mkdir(out, { recursive: true });
await Promise.all([buildLibrary(), ...browsers.flatMap((browser) => [buildPackage(browser, false), buildPackage(browser, true)])]);
