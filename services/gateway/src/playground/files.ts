import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, extname, join, relative, sep } from "node:path";

/** One file of the page, as it is served. */
export interface PageFile {
  readonly path: string;
  readonly type: string;
  readonly content: Buffer;
  readonly etag: string;
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** The page and all it needs, read once: nothing else can be asked for. */
export function readPage(): readonly PageFile[] {
  const packages = createRequire(import.meta.url);
  const root = dirname(packages.resolve("@adaedl/playground/package.json"));
  return [
    fileAt("/", join(root, "public/index.html")),
    ...filesIn(join(root, "public"), [".css", ".svg"]),
    ...filesIn(join(root, "dist"), [".js"]),
  ];
}

function filesIn(folder: string, extensions: readonly string[]): readonly PageFile[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && extensions.includes(extname(entry.name)))
    .map((entry) => {
      const file = join(entry.parentPath, entry.name);
      return fileAt(`/playground/${relative(folder, file).split(sep).join("/")}`, file);
    });
}

function fileAt(path: string, file: string): PageFile {
  const content = readFileSync(file);
  const digest = createHash("sha256").update(content).digest("base64url").slice(0, 22);
  return {
    path,
    type: types[extname(file)] ?? "application/octet-stream",
    content,
    etag: `"${digest}"`,
  };
}
