import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import ids from "../../manifests/ids.json";
import en from "../_locales/en/messages.json";

type Manifest = Record<string, unknown> & {
  permissions: string[];
  key?: string;
  content_security_policy: { extension_pages: string };
  browser_specific_settings?: { gecko: { id: string; data_collection_permissions: unknown } };
};

const project = join(import.meta.dirname, "..");
let out: string;

beforeAll(() => {
  out = mkdtempSync(join(tmpdir(), "natsuin-build-"));
  for (const folder of ["first", "second"]) execFileSync(process.execPath, ["build.mjs", join(out, folder)], { cwd: project });
}, 60_000);

afterAll(() => {
  rmSync(out, { recursive: true, force: true });
});

/** The files of a folder by their paths. */
function files(folder: string): Map<string, string> {
  const root = join(out, folder);
  const paths = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((path) => statSync(join(root, path)).isFile());
  return new Map(paths.sort().map((path) => [path, readFileSync(join(root, path), "base64")]));
}

function manifest(name: string): Manifest {
  return JSON.parse(readFileSync(join(out, "first/extension", name, "manifest.json"), "utf8")) as Manifest;
}

it("the same sources make the same bytes", () => {
  expect(files("second")).toEqual(files("first"));
});

describe.each(["chromium", "firefox"])("the package for %s", (browser) => {
  it("differs from the developer's by two hosts of this machine, and by nothing else", () => {
    const [production, developer] = [files(`first/extension/${browser}`), files(`first/extension/${browser}-dev`)];
    production.delete("manifest.json");
    developer.delete("manifest.json");
    expect(production.size).toBeGreaterThan(10);
    expect(developer).toEqual(production);
    expect(manifest(`${browser}-dev`)).toEqual({ ...manifest(browser), host_permissions: ["http://localhost/*", "http://127.0.0.1/*"] });
  });

  it("has no site switched on, and asks for nothing more than it uses", () => {
    const made = manifest(browser);
    expect(made.host_permissions).toBeUndefined();
    expect(made.content_scripts).toBeUndefined();
    expect(made.web_accessible_resources).toBeUndefined();
    expect(made.externally_connectable).toBeUndefined();
    expect(made.optional_host_permissions).toEqual(["https://*/*"]);
    expect(made.permissions).toEqual(["activeTab", "declarativeNetRequestWithHostAccess", "nativeMessaging", "scripting", "storage"]);
  });

  it("runs nothing but its own files", () => {
    const policy = new Map(manifest(browser).content_security_policy.extension_pages.split("; ").map((rule) => rule.split(" ") as [string, string]));
    expect(policy.get("default-src")).toBe("'none'");
    expect(policy.get("script-src")).toBe("'self'");
    expect(manifest(browser).content_security_policy.extension_pages).toContain("img-src 'self' blob:;"); // a seal's picture
    for (const [path, content] of files(`first/extension/${browser}`)) {
      const text = Buffer.from(content, "base64").toString();
      if (path.endsWith(".html")) expect(text).not.toMatch(/<script(?![^>]* src="[a-z]+\.js")|\son[a-z]+=|style=|(src|href)="[a-z]*:/);
      if (path.endsWith(".js")) expect(text).not.toMatch(/\beval\(|new Function\(|innerHTML|XMLHttpRequest|WebSocket\(/);
    }
  });

  it("holds every file that it names", () => {
    const names = new Set(files(`first/extension/${browser}`).keys());
    const made = JSON.stringify(manifest(browser));
    const named = [...made.matchAll(/"([a-z_/0-9]+\.(?:js|html|png|json))"/g)].map(([, name]) => name);
    expect(named.length).toBeGreaterThan(5);
    for (const name of [...named, "relay.js", "bridge.js", "windows-10.js", "windows-11.js", "prompt.html", "card.html", "card.js", "verify.html", "verify.js"]) expect(names).toContain(name);
    for (const [, key] of made.matchAll(/__MSG_(\w+)__/g)) expect(Object.keys(en)).toContain(key);
  });
});

it("the ids are those that the host lets in", () => {
  const digest = createHash("sha256").update(Buffer.from(manifest("chromium").key ?? "", "base64")).digest("hex").slice(0, 32);
  const id = Array.from(digest, (digit) => String.fromCharCode("a".charCodeAt(0) + parseInt(digit, 16))).join("");
  expect(ids.chromium.developer).toBe(id);
  expect(ids.firefox.store).toBe(manifest("firefox").browser_specific_settings?.gecko.id);
});

describe("the page library", () => {
  it("is one module without imports", () => {
    const source = readFileSync(join(out, "first/natsuin.js"), "utf8");
    expect(source).not.toMatch(/^import |require\(/m);
    const [, exported] = /^export \{([^}]*)\};?$/m.exec(source) ?? [];
    expect(exported?.split(",").map((name) => name.trim().replace(/^.* as /, "")).sort()).toEqual(["NatsuinError", "authenticate", "sign", "status", "version"]);
  });

  it("has the version of the extension", () => {
    expect(readFileSync(join(out, "first/natsuin.js"), "utf8")).toContain(`var version = "${String(manifest("chromium").version)}"`);
  });

  it("has declarations that serve a site by themselves", () => {
    const site = join(out, "first/site.ts");
    writeFileSync(site, `
      import { authenticate, NatsuinError, sign, status, type Document, type ErrorCode, type Signed, type Status, type Token } from "./natsuin.js";
      export const token: Promise<Token> = authenticate({ challenge: Promise.resolve("c"), signal: new AbortController().signal });
      export const versions: Promise<Status> = status();
      const documents: Document[] = [{ name: "a", bytes: new Blob([]) }, { name: "b", digest: new Uint8Array(32), hash: "SHA-256" }];
      export const signed: Promise<Signed> = sign({ documents, format: "cms", onprogress: ({ phase, done, total }) => [phase, done, total] });
      export const code = (error: unknown): ErrorCode | undefined => error instanceof NatsuinError ? error.code : undefined;
      export const sealed = sign({ documents: [{ name: "a.pdf", bytes: new Blob([]) }], format: "pdf", profile: "moj", seal: { page: 1, x: 400, y: 700, size: 60, ring: true, text: "見本" } });
      export const filed = sign({ documents: [{ name: "kousei.xml", bytes: new ArrayBuffer(1) }], format: "xml", profile: "egov", hash: "SHA-384", files: documents, elements: ["a"] });
      export const joined: Promise<Blob[]> = sign({ documents: [{ name: "a", bytes: new Uint8Array(1), message: new Uint8Array(1) }], format: "cms" }).then(({ files }) => files);
      export const chosen = (format: "cms" | "raw"): Promise<Signed> => sign({ documents, format });
      // @ts-expect-error a PDF is not signed by its digest
      void sign({ documents, format: "pdf" });
      // @ts-expect-error a seal is a text or a picture
      void sign({ documents: [], format: "pdf", seal: { page: 1, x: 0, y: 0, size: 60 } });
      // @ts-expect-error a profile of another format
      void sign({ documents: [], format: "xml", profile: "moj" });
      // @ts-expect-error a document has bytes or a digest
      void sign({ documents: [{ name: "c" }], format: "cms" });
    `);
    const program = ts.createProgram([site], { strict: true, noEmit: true, types: [], target: ts.ScriptTarget.ES2022, moduleResolution: ts.ModuleResolutionKind.Bundler, module: ts.ModuleKind.ESNext, lib: ["lib.es2022.d.ts", "lib.dom.d.ts"] });
    expect(ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"))).toEqual([]);
  });
});
